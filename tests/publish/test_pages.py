"""The site in a real browser, served under a sub-path as GitHub Pages does."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from playwright.sync_api import Browser

from digest.publish.output import write_site
from tests.page_checks import Look, Scheme, check_accessibility, check_pages_open
from tests.web import serving

pytestmark = pytest.mark.page
Files = dict[PurePosixPath, bytes]
PAGES = [
    "",
    "2024-04/",
    "2024-03/",
    "papers/2404.07143/",
    "papers/2403.00001/",
    "tags/",
    "tags/agents/",
    "archive/",
    "authors/",
    "authors/ann-one/",
    "about/",
    "errata/",
    "search/",
    "404.html",
]
_GROUND = "getComputedStyle(document.body).backgroundColor"
_SIZE = "e => parseFloat(getComputedStyle(e).fontSize)"
_WATCH_SHIFTS = """window.shifted = 0;
new PerformanceObserver(list => { for (const one of list.getEntries()) window.shifted += one.value; })
  .observe({type: "layout-shift", buffered: true});"""


@pytest.fixture
def address(site: Files, tmp_path: Path) -> Iterator[str]:
    write_site(site, tmp_path / "digest")
    with serving(tmp_path) as root:
        yield f"{root}digest/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "scripts"), [(390, False), (1280, True)])
def test_pages_open_without_errors_strangers_or_overflow(
    address: str, browser: Browser, width: int, scheme: Scheme, *, scripts: bool
) -> None:
    look = Look(scheme, width, scripts=scripts)
    grounds = check_pages_open(browser, address, PAGES, look)
    assert grounds == {"rgb(22, 21, 19)" if scheme == "dark" else "rgb(251, 250, 246)"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_a_rule_of_accessibility(address: str, browser: Browser, scheme: Scheme) -> None:
    check_accessibility(browser, address, PAGES, scheme)


def test_the_reader_chooses_the_colours_and_the_site_remembers(address: str, browser: Browser) -> None:
    page = browser.new_page(color_scheme="light")
    page.goto(address)
    page.get_by_role("button", name="Dark page").press("Enter")
    assert page.evaluate(_GROUND) == "rgb(22, 21, 19)"
    page.goto(address + "2024-04/")
    assert page.evaluate(_GROUND) == "rgb(22, 21, 19)"
    page.get_by_role("button", name="Light page").click()
    assert page.evaluate(_GROUND) == "rgb(251, 250, 246)"
    page.close()


def test_pages_read_well_at_twice_the_size_and_on_paper(address: str, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 640, "height": 400})  # what 1280 pixels show at 200 %
    for path in PAGES:
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(address + "2024-04/")
    assert page.evaluate(_GROUND) == "rgb(255, 255, 255)"
    assert page.locator("h1").is_visible()
    assert not page.locator(".masthead nav").is_visible()
    assert not page.locator("button").first.is_visible()
    for name in ("figcaption", ".note-by"):
        assert page.locator(name).first.evaluate("e => getComputedStyle(e).breakAfter") == "avoid", name
    notes, text = (page.locator(name).first.evaluate(_SIZE) for name in (".figure-note", ".opening p"))
    assert notes < text
    name, main = (
        page.locator(place).evaluate("e => e.getBoundingClientRect().x") for place in (".masthead-name", "main")
    )
    assert name == main
    page.close()


def test_nothing_on_a_page_moves_while_it_loads(address: str, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.add_init_script(_WATCH_SHIFTS)
    for path in PAGES:
        page.goto(address + path, wait_until="load")
        page.wait_for_timeout(50)
        assert page.evaluate("window.shifted") == 0, path
    page.close()


def test_the_keyboard_reaches_the_text_first_and_shows_where_it_is(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(address + "2024-04/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the text"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
    page.keyboard.press("Enter")
    page.wait_for_url("**/2024-04/#main")
    page.close()


def test_a_reader_walks_from_the_home_page_to_a_paper_and_back(address: str, browser: Browser) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(address)
    page.get_by_role("link", name="Read the issue").click()
    page.locator(".entry-starred h3 a").click()
    assert page.url == address + "papers/2404.07143/"
    assert page.locator("mark").inner_text().startswith("We introduce Étoile for ")
    assert page.locator("mark math msub").count() == 1
    page.get_by_role("link", name="marked below").click()
    assert page.locator("mark").evaluate("e => getComputedStyle(e).textDecorationLine") == "underline"
    page.get_by_role("link", name="Larger is better").click()
    assert page.url == address + "2024-04/#experts"
    page.close()


def test_a_chart_takes_the_colours_of_the_scheme_that_the_reader_chose(address: str, browser: Browser) -> None:
    page = browser.new_page(color_scheme="light", viewport={"width": 390, "height": 844})
    page.goto(address + "2024-04/")
    ink = "getComputedStyle(document.querySelector('.chart text.fill-ink')).fill"
    hue = "getComputedStyle(document.querySelector('.chart path.fill-hue-0')).fill"
    light = page.evaluate(f"[{ink}, {hue}]")
    page.evaluate("document.documentElement.dataset.scheme = 'dark'")
    dark = page.evaluate(f"[{ink}, {hue}]")
    assert light == ["rgb(33, 31, 27)", "rgb(122, 106, 79)"]
    assert dark == ["rgb(232, 228, 218)", "rgb(179, 162, 131)"]
    shown = "document.querySelector('.chart text').getBoundingClientRect().height"
    assert page.evaluate(shown) >= 9, "words of a chart can be read on a phone"
    page.close()


def test_the_names_of_rows_stay_where_a_wide_table_is_pulled_aside(address: str, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(address + "2024-04/")
    shifts = page.locator(".figure .table-scroll").last.evaluate(
        """table => {
          for (let e = table; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
          table.firstElementChild.style.width = "900px";
          table.scrollLeft = 200;
          const left = table.getBoundingClientRect().x;
          return [...table.querySelectorAll("tr > :first-child")].map(cell => cell.getBoundingClientRect().x - left);
        }"""
    )
    assert len(shifts) > 1
    assert set(shifts) == {0}
    page.close()
