"""The site in a real browser, served under a sub-path as GitHub Pages does."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from digest.publish.output import write_site
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
# WCAG 2.2, relative luminance and contrast ratio, for the text that stands directly in each element.
_LOW_CONTRAST = """() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = numbers(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const texts = [...document.body.querySelectorAll('*')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
  return texts.map(e => {
    const [a, b] = [light(numbers(getComputedStyle(e).color)), light(behind(e))];
    return [e.tagName + '.' + e.className, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
  }).filter(([, ratio]) => ratio < 4.5);
}"""


_AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_GROUND = "getComputedStyle(document.body).backgroundColor"
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
    address: str, browser: Browser, width: int, scheme: str, *, scripts: bool
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 844},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=scripts,
    )
    page = context.new_page()
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    # An icon still on its way when the test moves on is dropped by the browser: no fault of the page.
    page.on("requestfailed", lambda one: None if one.failure == "net::ERR_ABORTED" else complaints.append(one.url))
    page.on("response", lambda reply: complaints.append(reply.url) if reply.status >= 400 else None)
    page.on("request", lambda request: requests.append(request.url))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    grounds = set()
    for path in PAGES:
        reply = page.goto(address + path)
        assert reply is not None
        assert reply.status == 200, path
        assert page.locator("h1").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.evaluate(_LOW_CONTRAST) == [], path
        grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    context.close()
    assert complaints == []
    assert {request.split("/digest/")[0] + "/digest/" for request in requests} == {address}
    assert grounds == {"rgb(22, 21, 19)" if scheme == "dark" else "rgb(251, 250, 246)"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_a_rule_of_accessibility(address: str, browser: Browser, scheme: str) -> None:
    dark: Literal["dark", "light"] = "dark" if scheme == "dark" else "light"
    # axe is put into the page by the test, which the page's own policy would refuse
    context = browser.new_context(color_scheme=dark, bypass_csp=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    for path in PAGES:
        page.goto(address + path)
        found = Axe().run(page, options=_AXE)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
    context.close()


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
