"""The April 2024 issue as it is printed: docs/issue-checklist.md, line by line, on its page."""

import re
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

import pytest

from digest.edition import Issue
from digest.harvest.snapshot import read_snapshot
from digest.issue.compose import Listed, Making, Material, compose
from digest.issue.editor import load_editor_file
from digest.paper import Choice, Month, Paper
from digest.places import BUNDLED, CONTENT, STATIC, TEMPLATES
from digest.publish.render import SiteFrame, render_site
from digest.write.extract.sentences import extract_summary
from tests.site_checks import page_of

Files = dict[PurePosixPath, bytes]
APRIL = Month(2024, 4)
_H = "{http://www.w3.org/1999/xhtml}"
_SVG = "{http://www.w3.org/2000/svg}"
# Title, up to three authors and et al., the day or month, the id; then what marks it.
_SOURCE = re.compile(
    r"((?:[^,]+, ){0,2}[^,]+?(?: et al\.)? )?(announced )?(\d{1,2} )?(Apr|May) 2024 arXiv:240[45]\.\d{5}"
    r"( late arrival)?( title: editor)?"
)


def _words(element: ET.Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _of_class(tree: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in tree.iter() if name in element.get("class", "").split()]


def _links(element: ET.Element) -> list[str]:
    return [link.get("href", "") for link in element.iter(f"{_H}a")]


@pytest.fixture(scope="module")
def issue() -> Issue:
    """The issue of the editor's file and the bundled papers; whatever needs a model is left out."""
    editor = load_editor_file(CONTENT / str(APRIL))
    papers = {one.arxiv_id: one for one in read_snapshot(BUNDLED / "april-2024.jsonl.gz") if isinstance(one, Paper)}
    listed = []
    for pin in editor.pins:
        paper = papers[pin.arxiv_id]
        choice = Choice(
            arxiv_id=pin.arxiv_id, score=0.5, reason="Chosen by the editor", pinned=True, starred=pin.starred,
            note=pin.note, title=pin.retitle,
        )  # fmt: skip
        summary = extract_summary(paper.title, paper.abstract)
        listed.append(Listed(choice=choice, paper=paper, summary=summary, tldr=summary, topics=(), similar=()))
    making = Making(considered=len(papers), writer="none", writer_hash="", encoder="MiniLM")
    return compose(APRIL, editor, Material(tuple(listed), making))


@pytest.fixture(scope="module")
def site(issue: Issue) -> Files:
    frame = SiteFrame(
        title="digest",
        description="Papers",
        report_url="https://example.org/report",
        support="Made in spare hours: [a coffee](https://example.org/coffee) helps.",
        cards=False,
    )
    return render_site([issue], frame, [TEMPLATES], STATIC)


@pytest.fixture(scope="module")
def page(site: Files) -> ET.Element:
    return page_of(site, PurePosixPath("2024-04/index.html"))


@pytest.fixture(scope="module")
def features(page: ET.Element) -> list[ET.Element]:
    return [one for one in _of_class(page, "feature") if one.get("aria-labelledby") != "in-figures"]


def test_the_title_asks_and_the_head_says_what_when_and_by_whom(page: ET.Element) -> None:
    assert _words(page.find(f".//{_H}h1")).endswith("?")
    assert "papers of April 2024" in _words(_of_class(page, "subtitle")[0])
    assert _words(_of_class(page, "byline")[0]) == "Edited by the digest developers 12 May 2024 59 papers"


def test_the_opening_says_what_kind_of_month_it_was_and_what_is_left_out_and_why(page: ET.Element) -> None:
    kind, left_out = (_words(one) for one in _of_class(page, "opening")[0].iter(f"{_H}p"))
    assert "four makers put out the weights of new language models" in kind
    for name in ("Mixtral 8x22B", "Llama 3", "Phi-3", "OpenELM", "PPO"):
        assert name in kind
    for name in ("Command R+", "Arctic", "Closed models and products", "because"):
        assert name in left_out


def test_the_contents_are_numbered_lead_to_each_part_and_end_with_the_list(page: ET.Element) -> None:
    contents = _of_class(page, "contents")[0]
    lines = [_words(one) for one in contents.iter(f"{_H}li")]
    assert 3 <= len(lines) <= 5
    assert lines[-1] == "Other interesting research papers in April 2024"
    headings = {one.get("id"): _words(one) for one in page.iter(f"{_H}h2")}
    for number, (line, link) in enumerate(zip(lines, _links(contents), strict=True), start=1):
        assert headings[link.removeprefix("#")] == f"{number} {line}"


def test_each_feature_answers_in_a_line_and_says_why_it_was_chosen_before_its_sections(
    features: list[ET.Element],
) -> None:
    assert len(features) == 3
    for feature in features:
        first = next(_of_class(feature, "prose")[0].iter(f"{_H}p"))
        assert "We chose" in _words(first)
        assert "short answer" in _words(first)
        assert _words(first.find(f"{_H}strong")), "the answer stands out"


def test_each_feature_has_background_before_results_caveats_practice_and_a_conclusion(
    features: list[ET.Element],
) -> None:
    for feature in features:
        text = _words(feature)
        places = [text.index(mark) for mark in ("Background", " not show", "In practice.", "Our conclusion:")]
        assert places == sorted(places), text[:40]
        assert "opinion" in text[places[2] : places[2] + 60].lower()


@pytest.mark.parametrize(
    ("section", "facts"),
    [
        ("1.1 ", ("141 billion", "39 billion active", "64K tokens", "Apache-2.0", "32,000")),
        ("1.2 ", ("8 and 70 billion", "over 15 trillion", "2 trillion", "128,256", "8,192 tokens", "4,096")),
        ("1.3 ", ("3.8 billion", "3.3 trillion", "4.8 trillion", "32,064", "100,352", "4K tokens", "MIT")),
        ("2.1 ", ("270M, 450M, 1.1B and 3B", "RefinedWeb", "about 1.5 trillion", "CoreNet")),
    ],
)
def test_key_facts_are_bullets_and_each_is_a_link_to_its_source(
    features: list[ET.Element], section: str, facts: tuple[str, ...]
) -> None:
    linked = {_words(link) for bullet in _bullets(features, section) for link in bullet.iter(f"{_H}a")}
    for fact in facts:
        assert any(fact in one for one in linked), fact


def _bullets(features: list[ET.Element], section: str) -> list[ET.Element]:
    """Return the bullets below a section's heading and above the next one."""
    found: list[ET.Element] = []
    is_inside = False
    for element in (one for feature in features for one in feature.iter()):
        if element.tag in {f"{_H}h2", f"{_H}h3"}:
            is_inside = _words(element).startswith(section)
        elif is_inside and element.tag == f"{_H}ul":
            found += element.findall(f"{_H}li")
    return found


def test_no_number_of_a_bullet_stands_outside_a_link(features: list[ET.Element]) -> None:
    for section in ("1.1 ", "1.2 ", "1.3 ", "2.1 "):
        assert len(_bullets(features, section)) >= 3
        for bullet in _bullets(features, section):
            unlinked = _words(bullet)
            for link in bullet.iter(f"{_H}a"):
                unlinked = unlinked.replace(_words(link), "")
            assert not re.search(r"\d", unlinked.replace("Llama 2", "")), unlinked  # a name


def test_every_figure_has_a_caption_a_text_a_table_and_a_source_in_sight(features: list[ET.Element]) -> None:
    figures = [one for feature in features for one in feature.iter(f"{_H}figure")]
    assert len(figures) >= 10
    captions = [_words(one.find(f"{_H}figcaption")) for one in figures]
    assert len(set(captions)) == len(captions)
    for figure, caption in zip(figures, captions, strict=True):
        assert len(caption.split()) >= 4
        drawn = next((one for one in figure.iter() if one.tag in {f"{_SVG}svg", f"{_H}svg"}), None)
        if drawn is not None:
            alt = next(one for one in drawn.iter() if one.tag.endswith("}desc"))
            assert len(_words(alt).split()) > 10, caption
        assert next(figure.iter(f"{_H}table"), None) is not None
        source = _of_class(figure, "figure-note")[-1]  # outside what is folded away
        assert _words(source).startswith("Drawn from the numbers of:")
        assert _links(source), caption


def test_the_list_has_50_to_70_entries_each_with_all_that_an_entry_has(page: ET.Element) -> None:
    entries = _of_class(page, "entry")
    assert 50 <= len(entries) <= 70
    own = {pin.arxiv_id for pin in load_editor_file(CONTENT / str(APRIL)).pins if pin.summary}
    assert own
    for entry in entries:
        assert _SOURCE.fullmatch(_words(_of_class(entry, "source")[0])), _words(_of_class(entry, "source")[0])
        assert any(link.startswith("https://arxiv.org/abs/") for link in _links(entry))
        summary = _words(_of_class(entry, "summary")[0])
        text, _, label = summary.rpartition(" ")
        assert label == ("editor" if entry.get("id") in own else "extracted")
        assert 1 <= len(re.findall(r"[.!?](?= |$)", text)) <= 3, summary


def test_the_newest_stand_first_and_no_late_paper_claims_to_be_of_may(page: ET.Element) -> None:
    sources = [_words(_of_class(entry, "source")[0]) for entry in _of_class(page, "entry")]
    ids = [re.findall(r"\d{4}\.\d{5}", one)[0] for one in sources]
    assert ids == sorted(ids, reverse=True)
    for source in sources:
        assert ("May 2024" in source) == ("late arrival" in source)
        assert "May 2024" not in source or "announced May 2024" in source
    late = _of_class(page, "late-arrivals")[0]
    assert set(re.findall(r"2405\.\d{5}", _words(late))) == {one for one in ids if one.startswith("2405")}


def test_favourites_are_starred_and_papers_of_a_feature_point_back_to_it(page: ET.Element) -> None:
    entries = {one.get("id", ""): one for one in _of_class(page, "entry")}
    starred = [one for one in entries.values() if _of_class(one, "star")]
    assert len(starred) == 8
    back = {
        arxiv_id: [(_words(one), one.get("href")) for one in _of_class(entry, "back")]
        for arxiv_id, entry in entries.items()
    }
    assert back["2404.10719"] == [("Treated in section 3", "#dpo-or-ppo")]
    assert back["2404.14219"] == [("Treated in section 1", "#model-releases")]
    assert back["2404.14619"] == [
        ("Mentioned in section 1", "#model-releases"),
        ("Treated in section 2", "#openelm"),
    ]
    assert back["2404.08495"] == [("Mentioned in section 3", "#dpo-or-ppo")]
    assert back["2404.10102"] == [("Mentioned in section 1", "#model-releases")]
    assert back["2404.19756"] == []


def test_the_back_matter_tells_how_to_follow_support_report_and_how_it_was_made(page: ET.Element) -> None:
    take = _of_class(page, "take")[0]
    assert {"../atom.xml", "../rss.xml", "../feed.json"} <= set(_links(take))
    assert "https://example.org/coffee" in _links(take)
    made = _of_class(page, "made")[0]
    assert "https://example.org/report" in _links(made)
    for words in (
        "2,275 papers of April 2024",
        "59, 59 of them put in by the editor",
        "starred 8",
        "retitled 3",
        "summarised 20",
    ):
        assert words in _words(made)
    assert "Thank you to arXiv for use of its open access interoperability." in _words(page)


def test_without_a_note_of_support_there_is_none(issue: Issue) -> None:
    files = render_site([issue], SiteFrame(title="digest", description="Papers", cards=False), [TEMPLATES], STATIC)
    take = _of_class(page_of(files, PurePosixPath("2024-04/index.html")), "take")[0]
    assert [_words(one) for one in take] == ["Take it with you", *(_words(one) for one in take.findall(f"{_H}p"))]
