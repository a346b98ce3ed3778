"""The Chinese pages in a real browser: translated summaries beside English ones, at every width and in both schemes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from digest.edition import Issue
from digest.paper import Translation
from digest.places import STATIC, TEMPLATES
from digest.publish.output import write_site
from digest.publish.render import SiteFrame, render_site
from tests.web import serving

pytestmark = pytest.mark.page
PAGES = [
    "",
    "2024-04/",
    "papers/2404.07143/",
    "papers/2404.00001/",
    "tags/",
    "archive/",
    "authors/",
    "about/",
    "search/",
]
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_FITS = "document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture(scope="module")
def address(issue: Issue, frame: SiteFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site in three languages, one of whose summaries is translated."""
    said = Translation("zh-Hant", "介紹 Étoile，一種擁有 70 億參數的網路。", "a translator")
    entries = [
        replace(one, summary=replace(one.summary, translations=(said,))) if one.paper.arxiv_id == "2404.07143" else one
        for one in issue.entries
    ]
    wanted = replace(frame, languages=("en", "zh-Hant", "zh-Hans"), cards=False)
    folder = tmp_path_factory.mktemp("chinese")
    files = render_site([replace(issue, entries=tuple(entries))], wanted, [TEMPLATES], STATIC)
    write_site(files, folder / "digest")
    with serving(folder) as root:
        yield f"{root}digest/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_chinese_pages_break_no_rule_of_accessibility_and_fit(address: str, browser: Browser, scheme: str) -> None:
    dark: Literal["dark", "light"] = "dark" if scheme == "dark" else "light"
    context = browser.new_context(color_scheme=dark, bypass_csp=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    for path in PAGES:
        page.goto(f"{address}zh-hant/{path}")
        found = Axe().run(page, options=_RULES)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
        for width in (390, 820, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate(_FITS), f"{path} at {width}"
    context.close()


def test_a_reader_sees_which_summaries_are_translated_and_which_are_not(address: str, browser: Browser) -> None:
    page = browser.new_page()
    for prefix, said, machine, english in (
        ("zh-hant", "擁有 70 億參數的網路", "機器翻譯", "英文"),
        ("zh-hans", "拥有 70 亿参数的网络", "机器翻译", "英文"),
    ):
        page.goto(f"{address}{prefix}/2024-04/")
        translated = page.locator("article.entry", has=page.locator(".summary", has_text=said))
        assert translated.locator(".summary .label").all_inner_texts()[0] == machine
        assert translated.locator(".summary [lang=en]").count() == 0
        others = page.locator("article.entry .summary", has=page.locator("[lang=en]"))
        assert others.count() == 3
        assert {one.locator(".label").first.inner_text() for one in others.all()} == {english}
    page.goto(f"{address}zh-hant/papers/2404.07143/")
    assert "由 a translator 翻譯" in page.locator("section .how").first.inner_text()
    assert page.locator(".abstract[lang=en]").count() == 1
    page.close()


def test_what_is_hidden_in_a_wide_table_does_not_widen_the_page(address: str, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    for prefix in ("", "zh-hant/"):
        page.goto(f"{address}{prefix}2024-04/")
        assert page.locator(".table-scroll table .unseen").count() > 0
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        page.evaluate("document.querySelectorAll('.table-scroll table').forEach(one => one.style.width = '2000px')")
        assert page.evaluate(_FITS)
    page.close()


def test_no_word_of_the_masthead_is_broken_on_a_phone_and_latin_letters_keep_their_type(
    address: str, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 700})
    page.goto(f"{address}zh-hant/about/")
    lines = page.evaluate("[...document.querySelectorAll('.masthead nav a')].map(a => a.getClientRects().length)")
    heights = page.evaluate("[...document.querySelectorAll('.masthead nav a')].map(a => a.offsetHeight)")
    assert set(lines) == {1}
    assert max(heights) < 48  # two lines are higher
    assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith('"Iowan Old Style"')
    page.close()


def test_chinese_words_are_not_slanted_and_english_ones_are(address: str, browser: Browser) -> None:
    page = browser.new_page()
    styles = {}
    for language in ("zh-hant/", ""):
        page.goto(f"{address}{language}2024-04/")
        styles[language] = page.evaluate("getComputedStyle(document.querySelector('.reason')).fontStyle")
    assert styles == {"zh-hant/": "normal", "": "italic"}
    page.close()
