"""The pages' frame in other languages; papers and summaries stay in English and say so."""

import gzip
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePosixPath

import jinja2
import pytest
from babel.messages.pofile import read_po
from jinja2.ext import extract_from_ast

from digest.edition import Issue
from digest.errors import UsageError
from digest.paper import Month, Verdict
from digest.places import BUNDLED, STATIC, TEMPLATES
from digest.publish.languages import Language, languages_of
from digest.publish.render import SiteFrame, render_site
from digest.publish.wording import CHECKS, how_written, label_of
from digest.write.gate.check import check
from digest.write.gate.form import CHECKS as FORM
from tests.site_checks import count_links, page_of

Files = dict[PurePosixPath, bytes]
_H = "{http://www.w3.org/1999/xhtml}"
_PLACES = re.compile(r"%\(\w+\)s|\{\w+\}")


@pytest.fixture(scope="module")
def site(issue: Issue, hostile_issue: Issue, frame: SiteFrame) -> Files:
    wanted = replace(frame, languages=("en", "zh-Hant", "zh-Hans"), cards=False)
    return render_site([issue, hostile_issue], wanted, [TEMPLATES], STATIC)


def _messages() -> set[str]:
    environment = jinja2.Environment(autoescape=True)
    found = {label_of(verdict) for verdict in Verdict} | {how_written(verdict) for verdict in Verdict} | {"the model"}
    found |= {*CHECKS, " (%(check)s)"}
    for file in TEMPLATES.glob("*.html"):
        for _, _, said in extract_from_ast(environment.parse(file.read_text()), ["_", "ngettext"]):
            found |= {one for one in (said if isinstance(said, tuple) else (said,)) if one is not None}
    return found


def test_every_message_of_the_templates_has_a_translation_with_the_same_places() -> None:
    with (TEMPLATES / "locale" / "zh_Hant.po").open("rb") as file:
        catalogue = {str(entry.id): str(entry.string) for entry in read_po(file, locale="zh_Hant") if entry.id}
    assert _messages() == catalogue.keys()
    for message, said in catalogue.items():
        assert said, message
        assert sorted(_PLACES.findall(message)) == sorted(_PLACES.findall(said)), message


def test_every_page_has_a_twin_in_each_language_and_every_link_holds(site: Files) -> None:
    assert count_links(site, "/digest/") > 300
    pages = {
        path for path in site if path.suffix == ".html" and path.parts[0] not in {"zh-hant", "zh-hans", "404.html"}
    }
    for path in pages:
        for prefix, tag in (("", "en"), ("zh-hant", "zh-Hant"), ("zh-hans", "zh-Hans")):
            tree = page_of(site, PurePosixPath(prefix, path))
            assert tree.get("lang") == tag
            assert len(list(tree.iter(f"{_H}h1"))) == 1
            twins = {link.get("hreflang"): link.get("href") for link in tree.iter(f"{_H}link") if link.get("hreflang")}
            address = "" if path.parent == PurePosixPath() else f"{path.parent}/"
            base = "https://example.org/digest/"
            assert twins == {
                "en": base + address, "zh-Hant": f"{base}zh-hant/{address}", "zh-Hans": f"{base}zh-hans/{address}"
            }  # fmt: skip


def test_the_frame_is_translated_and_the_papers_say_that_they_are_in_english(site: Files) -> None:
    traditional = site[PurePosixPath("zh-hant/papers/2404.07143/index.html")].decode()
    simplified = site[PurePosixPath("zh-hans/papers/2404.07143/index.html")].decode()
    assert '<h2 id="similar">相似的論文</h2>' in traditional
    assert '<h2 id="similar">相似的论文</h2>' in simplified
    assert "2024年4月10日" in traditional
    assert '<p class="standfirst"><span lang="en">' in traditional
    assert '<span class="label">英文</span>' in traditional
    assert '<h1 lang="en">' in simplified
    assert '<html lang="zh-Hans">' in simplified


def test_no_space_follows_a_chinese_mark(site: Files) -> None:
    for path in site:
        if path.suffix == ".html" and path.parts[0].startswith("zh-"):
            assert re.findall(r"[。；：，、] [\u4e00-\u9fff]", site[path].decode()) == [], path


def test_english_pages_are_the_same_with_and_without_others(site: Files, issue: Issue, frame: SiteFrame) -> None:
    alone = render_site([issue], replace(frame, cards=False), [TEMPLATES], STATIC)
    feed = PurePosixPath("papers/atom.xml")
    assert set(alone) < set(site)
    assert alone[PurePosixPath("2024-04/papers.bib")] == site[PurePosixPath("2024-04/papers.bib")]
    assert b"zh-" not in alone[feed]


def test_days_and_counts_are_said_as_the_language_says_them() -> None:
    (english, chinese) = languages_of(("en", "zh-Hant"), [TEMPLATES])
    assert (english.day(date(2024, 5, 12)), chinese.day(date(2024, 5, 12))) == ("12 May 2024", "2024年5月12日")
    assert (english.month(Month(2024, 4)), chinese.short_month(Month(2024, 4))) == ("April 2024", "2024年4月")
    assert english.count("%(n)s paper", "%(n)s papers", 1) == "1 paper"
    assert chinese.count("%(n)s paper", "%(n)s papers", 2200) == "2,200 篇論文"


def test_what_is_filled_into_a_sentence_is_escaped_and_printable() -> None:
    assert Language().say("By %(name)s", name="<b>\x00\u202eE") == "By &lt;b&gt;E"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, r"locale/zh_Hant\.po is missing"),
        ('msgid "a', r"zh_Hant\.po is no catalogue"),
        (b"\xff\xfe", "is no catalogue"),
    ],
)
def test_a_catalogue_that_is_missing_or_broken_is_named(
    tmp_path: Path, content: str | bytes | None, complaint: str
) -> None:
    (tmp_path / "locale").mkdir()
    if content is not None:
        file = tmp_path / "locale" / "zh_Hant.po"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageError, match=complaint):
        languages_of(("en", "zh-Hant"), [tmp_path])


def test_every_check_that_refuses_a_bundled_sentence_is_named_in_the_catalogue() -> None:
    with gzip.open(BUNDLED / "april-2024.jsonl.gz", "rt", encoding="utf-8") as lines:
        papers = {row["id"]: row for row in map(json.loads, lines)}
    labelled = [json.loads(line) for line in (BUNDLED / "gate-pairs.jsonl").read_text(encoding="utf-8").splitlines()]
    tried = [(one["text"], papers[one["id"]]) for one in labelled if one["id"] in papers]
    refused = {check(text, paper["title"], paper["abstract"]).failed for text, paper in tried[::2]} - {""}
    assert len(refused) > 12
    assert refused | {name for name, _ in FORM} <= set(CHECKS)


def test_why_a_text_was_refused_is_said_in_the_pages_language(issue: Issue, frame: SiteFrame) -> None:
    first, *rest = issue.entries
    refused = replace(first, summary=replace(first.summary, failed_check="words the abstract does not use"))
    quality = replace(issue.quality, refusals=(("words the abstract does not use", 2), ("", 1), ("<b>odd", 1)))
    told = replace(issue, entries=(refused, *rest), quality=quality)
    pages = render_site([told], replace(frame, languages=("en", "zh-Hant"), cards=False), [TEMPLATES], STATIC)
    month, paper = PurePosixPath("2024-04/index.html"), PurePosixPath("papers/2405.00732/index.html")
    english, chinese = pages[month].decode(), pages["zh-hant" / month].decode()
    assert "<dd>words the abstract does not use (2), a reason not kept (1), &lt;b&gt;odd (1)</dd>" in english
    assert '<dd>摘要沒有用的字詞 (2)、原因沒有留存 (1)、<span lang="en">&lt;b&gt;odd</span> (1)</dd>' in chinese
    assert "what SmolLM2 wrote (words the abstract does not use)." in pages[paper].decode()
    assert "檢查未通過 SmolLM2 所寫的（摘要沒有用的字詞）。" in pages["zh-hant" / paper].decode()


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(UsageError, match="'tlh' is none of en, zh-Hant, zh-Hans"):
        languages_of(("tlh",), [TEMPLATES])
