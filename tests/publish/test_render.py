"""The pages, as a browser's parser reads them."""

import gzip
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as ET

import orjson
import pytest
from PIL import Image

from digest.edition import Issue
from digest.errors import UsageError
from digest.paper import Evidence, Summary, Verdict
from digest.places import STATIC, TEMPLATES
from digest.publish.render import SiteFrame, render_site
from tests.site_checks import count_links, page_of

Files = dict[PurePosixPath, bytes]
_H = "{http://www.w3.org/1999/xhtml}"
ISSUE, PAPER = PurePosixPath("2024-04/index.html"), PurePosixPath("papers/2404.07143/index.html")


def _pages(files: Files) -> dict[PurePosixPath, ET.Element]:
    return {path: page_of(files, path) for path in files if path.suffix == ".html"}


def _words(element: ET.Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _of_class(tree: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in tree.iter() if name in element.get("class", "").split()]


def test_the_site_has_the_pages_a_reader_expects(site: Files) -> None:
    expected = {
        "index.html", "2024-04/index.html", "2024-03/index.html", "papers/2404.07143/index.html",
        "papers/2404.07143/cite.bib", "papers/hep-th-9901001/index.html", "tags/index.html", "tags/agents/index.html",
        "archive/index.html", "atom.xml", "404.html", "robots.txt", "sitemap.xml", ".nojekyll", "static/style.css",
        "static/favicon.svg", "about/index.html", "search/index.html", "authors/index.html",
        "authors/ann-one/index.html",
        "rss.xml", "feed.json", "papers/atom.xml", "tags/agents/atom.xml", "llms.txt", "opensearch.xml",
        "site.webmanifest", "2024-04/papers.bib", "2024-04/issue.md", "papers/2404.07143/cite.ris",
        "papers/2404.07143/cite.json", "papers/2404.07143/paper.md",
    }  # fmt: skip
    assert expected <= {str(path) for path in site}


def test_the_icons_that_the_pages_and_the_manifest_name_are_there_in_the_sizes_they_say(site: Files) -> None:
    icons = {icon["src"]: icon for icon in orjson.loads(site[PurePosixPath("site.webmanifest")])["icons"]}
    links = {link.get("rel"): link.get("href") for link in page_of(site, ISSUE).iter(f"{_H}link")}
    assert [links["icon"], links["apple-touch-icon"]] == [f"../{source}" for source in icons]
    picture = Image.open(BytesIO(site[PurePosixPath("static/apple-touch-icon.png")]))
    assert icons["static/apple-touch-icon.png"]["sizes"] == "{}x{}".format(*picture.size)


def test_every_page_is_strict_html_with_one_h1_a_language_and_a_title(site: Files) -> None:
    for path, tree in _pages(site).items():
        assert len(list(tree.iter(f"{_H}h1"))) == 1, path
        assert tree.get("lang") == "en"
        assert _words(tree.find(f".//{_H}title")), path


def test_headings_skip_no_level(site: Files) -> None:
    for path, tree in _pages(site).items():
        levels = [int(element.tag[-1]) for element in tree.iter() if element.tag in {f"{_H}h{n}" for n in range(1, 7)}]
        assert all(after - before <= 1 for before, after in pairwise(levels)), (path, levels)


def test_every_link_within_the_site_leads_to_a_file_and_an_anchor_that_exist(site: Files) -> None:
    assert count_links(site, "/digest/") > 100


def test_ids_are_unique_on_everypage_of(site: Files) -> None:
    for path, tree in _pages(site).items():
        ids = [element.get("id") for element in tree.iter() if element.get("id")]
        assert len(ids) == len(set(ids)), path


def test_nothing_is_fetched_from_elsewhere_and_nothing_is_inline(site: Files) -> None:
    for path, tree in _pages(site).items():
        for element in tree.iter():
            assert element.tag not in {f"{_H}iframe", f"{_H}img", f"{_H}style", f"{_H}object"}, path
            assert not [name for name in element.attrib if name.startswith("on") or name == "style"], path
            if element.tag == f"{_H}script" and element.get("type") == "application/ld+json":
                assert orjson.loads(element.text or "")["@context"] == "https://schema.org"
            elif element.tag == f"{_H}script":
                assert "//" not in element.get("src", "//"), path
                assert not element.text, path
        loaded = [link for link in tree.iter(f"{_H}link") if link.get("rel") in {"stylesheet", "icon"}]
        assert loaded
        assert not [link for link in loaded if "//" in link.get("href", "")]
        assert "default-src 'none'" in site[path].decode()


def test_the_issue_is_laid_out_like_a_magazine(site: Files) -> None:
    tree = page_of(site, ISSUE)
    assert _words(tree.find(f".//{_H}h1")) == "How good are they?"
    assert _words(_of_class(tree, "byline")[0]) == "Edited by Ed 12 May 2024 4 papers"
    contents = [_words(line) for line in _of_class(tree, "contents")[0].iter(f"{_H}li")]
    last = "Other interesting research papers in April 2024"
    assert contents == ["Larger is better", "PPO or DPO", last]
    headings = [_words(element) for element in tree.iter(f"{_H}h2")]
    assert headings == [
        "Contents", "1 Larger is better", "2 PPO or DPO", f"3 {last}", "Late arrivals", "How this issue was made",
        "Take it with you",
    ]  # fmt: skip
    assert [_words(line.find(f"{_H}h3")) for line in _of_class(tree, "entry")] == [
        "Paper 2405.00732", "★Editor’s favourite: Paper 2404.07143", "Paper 2404.00001", "Paper hep-th/9901001"
    ]  # fmt: skip


def test_an_entry_says_who_when_where_and_by_whom_it_was_written(site: Files) -> None:
    late, known, _, old = _of_class(page_of(site, ISSUE), "entry")
    assert _words(_of_class(known, "source")[0]) == "Ann One, Bob Two, Cy Three et al. 10 Apr 2024 arXiv:2404.07143"
    assert _words(_of_class(known, "summary")[0]) == "We introduce Étoile for x1. machine-written"
    assert _words(_of_class(known, "back")[0]) == "Treated in section 1"
    assert "Read this one, and another." in _words(_of_class(known, "note")[0])
    assert _words(_of_class(late, "source")[0]) == "announced May 2024 arXiv:2405.00732 late arrival"
    assert _words(_of_class(late, "label")[0]) == "extracted"
    assert [link.get("href") for link in _of_class(old, "source")[0].iter(f"{_H}a")] == [
        "https://arxiv.org/abs/hep-th/9901001"
    ]


def test_the_issue_says_how_it_was_made(site: Files) -> None:
    made = _words(_of_class(page_of(site, ISSUE), "made")[0])
    for words in (
        "2,187 papers",
        "abcdef012345",
        "starred 1, hid 2",
        "submitted in April 2024 (UTC)",
        "Report an error",
    ):
        assert words in made
    assert "Thank you to arXiv for use of its open access interoperability." in site[ISSUE].decode()


def test_papers_that_the_editor_wanted_and_nobody_holds_are_named(issue: Issue, frame: SiteFrame) -> None:
    lacking = replace(issue, quality=replace(issue.quality, missing=("2404.99999", "hep-th/9901002")))
    made = _of_class(page_of(render_site([lacking], frame, [TEMPLATES], STATIC), ISSUE), "made")[0]
    assert "not held or withdrawn: 2404.99999, hep-th/9901002" in _words(made)


def test_without_a_place_to_report_errors_no_page_offers_one(issue: Issue, frame: SiteFrame) -> None:
    files = render_site([issue], replace(frame, report_url=""), [TEMPLATES], STATIC)
    assert b"Report an error" not in b"".join(files.values())


def test_a_paper_page_marks_the_words_its_summary_rests_on(site: Files) -> None:
    tree = page_of(site, PAPER)
    (mark,) = tree.iter(f"{_H}mark")
    assert _words(mark) == "We introduce Étoile for x1."
    assert _words(_of_class(tree, "abstract")[0]) == "We introduce Étoile for x1. It scores 77.8 points on MMLU."
    assert f'href="#{mark.get("id")}"' in site[PAPER].decode()


@pytest.mark.parametrize(("verdict", "told"), [(Verdict.FELL_BACK, 1), (Verdict.RETRIED, 0)])
def test_what_a_model_says_of_a_papers_method_names_its_words_and_its_model(
    issue: Issue, frame: SiteFrame, verdict: Verdict, told: int
) -> None:
    entry = issue.entries[1]
    start = entry.paper.abstract.index("It scores")
    result = Summary(
        kind="result", text="Scores 77.8 points.", evidence=(Evidence(1, start, len(entry.paper.abstract)),),
        verdict=Verdict.PASSED, model="Loom-7B",
    )  # fmt: skip
    method = replace(entry.summary, kind="method", model="Loom-7B")
    entry = replace(entry, summary=replace(entry.summary, verdict=verdict), aspects=(method, result))
    tree = page_of(render_site([replace(issue, entries=(entry,), features=())], frame, [TEMPLATES], STATIC), PAPER)
    assert [_words(one) for one in tree.iter(f"{_H}mark")] == [
        "We introduce Étoile for x1.",
        "It scores 77.8 points on MMLU.",
    ]
    told_of = _of_class(tree, "aspects")[0]
    said = [_words(one) for one in told_of.iter(f"{_H}dd")]
    assert said == ["We introduce Étoile for x1. [1]", "Scores 77.8 points. [2]"]
    ways = [_words(one) for one in _of_class(tree, "how")]
    assert sum(way.startswith("Written by Loom-7B") for way in ways) == told
    assert "It rests on these words of the abstract: [1]." in ways[0]


def test_evidence_outside_the_abstract_or_in_the_title_marks_nothing(issue: Issue, frame: SiteFrame) -> None:
    entry = issue.entries[1]
    evidence = (Evidence(-1, 0, 5), Evidence(9, 9000, 9001))
    entry = replace(entry, summary=replace(entry.summary, evidence=evidence))
    files = render_site([replace(issue, entries=(entry,), features=())], frame, [TEMPLATES], STATIC)
    assert b"<mark" not in files[PAPER]


def test_a_paper_page_tells_scholars_only_what_is_known(site: Files) -> None:
    def meta(path: PurePosixPath) -> list[tuple[str, str]]:
        tree = page_of(site, path)
        found = [(one.get("name", ""), one.get("content", "")) for one in tree.iter(f"{_H}meta")]
        return [(name, content) for name, content in found if name.startswith("citation_")]

    assert meta(PAPER) == [
        ("citation_title", "Paper 2404.07143"),
        *(("citation_author", author) for author in ("Ann One", "Bob Two", "Cy Three", "Dee Four")),
        ("citation_publication_date", "2024/04/10"),
        ("citation_arxiv_id", "2404.07143"),
        ("citation_abstract_html_url", "https://arxiv.org/abs/2404.07143"),
        ("citation_pdf_url", "https://arxiv.org/pdf/2404.07143"),
    ]
    names = [name for name, _ in meta(PurePosixPath("papers/2404.00001/index.html"))]
    assert names == ["citation_title", "citation_arxiv_id", "citation_abstract_html_url", "citation_pdf_url"]


def test_similar_papers_lead_to_our_page_where_we_have_one_and_else_to_arxiv(site: Files) -> None:
    tree = page_of(site, PurePosixPath("papers/2404.00001/index.html"))
    links = [link.get("href") for link in _of_class(tree, "similar")[0].iter(f"{_H}a")]
    assert links == ["../../papers/2404.07143/", "https://arxiv.org/abs/1706.03762"]


def test_hostile_words_are_printed_and_never_obeyed(site: Files) -> None:
    for path, content in site.items():
        if path.suffix not in {".html", ".xml", ".bib"}:
            continue
        text = content.decode()
        assert not set(text) & {"\x00", "\x1b", "\u202e", "\ud800"}, path
        if path.suffix == ".html":
            scripts = [tag.split(">")[0] for tag in text.split("<script")[1:]]
            assert all(tag.startswith((" src=", ' type="application/ld+json"')) for tag in scripts), path
            assert text.count("</script") == len(scripts)
            assert "<img" not in text
            assert "javascript:" not in text.replace("[a](javascript:alert(1))", "")
    attacked = site[PurePosixPath("papers/2403.00001/index.html")].decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in attacked
    assert "{{7*7}}" in attacked
    assert "{% raw %}" in attacked


def test_two_renders_are_the_same_bytes_whatever_the_order_of_the_issues(
    site: Files, issue: Issue, hostile_issue: Issue, frame: SiteFrame
) -> None:
    assert render_site([issue, hostile_issue], frame, [TEMPLATES], STATIC) == site


def test_a_site_without_issues_is_whole(frame: SiteFrame) -> None:
    files = render_site([], frame, [TEMPLATES], STATIC)
    assert "No issue has been published yet." in _words(page_of(files, PurePosixPath("index.html")))


def test_neighbouring_issues_link_to_each_other(site: Files) -> None:
    forward = [link.get("href") for link in page_of(site, PurePosixPath("2024-03/index.html")).iter(f"{_H}link")]
    back = [link.get("href") for link in page_of(site, ISSUE).iter(f"{_H}link")]
    assert "../2024-04/" in forward
    assert "../2024-03/" in back


def test_pages_and_styles_are_small(site: Files) -> None:
    assert len(gzip.compress(site[ISSUE])) <= 100_000
    assert len(site[PurePosixPath("static/style.css")]) <= 20_000


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("{% if %}", r"the template 404\.html, line 1: "),
        ("{{ nobody }}", r"'nobody' is undefined"),
        ("{% extends 'gone.html' %}", r"the template gone\.html is missing"),
    ],
)
def test_a_broken_template_is_named(tmp_path: Path, frame: SiteFrame, template: str, complaint: str) -> None:
    (tmp_path / "404.html").write_text(template)
    with pytest.raises(UsageError, match=complaint):
        render_site([], frame, [tmp_path, TEMPLATES], STATIC)


def test_a_folder_of_ones_own_templates_wins(tmp_path: Path, frame: SiteFrame) -> None:
    (tmp_path / "404.html").write_text("mine: {{ root }}")
    files = render_site([], frame, [tmp_path, TEMPLATES], STATIC)
    assert files[PurePosixPath("404.html")] == b"mine: /digest/"
