"""What must hold of every page of a site in a real Chromium: no error, no stranger, no overflow, no barrier."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

Scheme = Literal["dark", "light"]
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


@dataclass(frozen=True, slots=True)
class Look:
    """How a reader looks at a site."""

    scheme: Scheme = "light"
    width: int = 1280
    scripts: bool = field(default=True, kw_only=True)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a browser had to say, and what it asked for."""

    complaints: list[str] = field(default_factory=list)  # of the console, of the network, errors and dialogs
    requests: list[str] = field(default_factory=list)


@contextmanager
def watched(browser: Browser, look: Look, *, bypass_csp: bool = False) -> Iterator[tuple[Page, Seen]]:
    """Open a page of which all that goes wrong is noted; a breach of the page's own policy is a line of the console."""
    context = browser.new_context(
        viewport={"width": look.width, "height": 844},
        color_scheme=look.scheme,
        java_script_enabled=look.scripts,
        bypass_csp=bypass_csp,
    )
    page, seen = context.new_page(), Seen()
    told = seen.complaints
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    # An icon still on its way when the test moves on is dropped by the browser: no fault of the page.
    page.on("requestfailed", lambda one: None if one.failure == "net::ERR_ABORTED" else told.append(one.url))
    page.on("response", lambda reply: told.append(reply.url) if reply.status >= 400 else None)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("dialog", lambda dialog: told.append(dialog.message))
    yield page, seen
    context.close()


def check_pages_open(browser: Browser, address: str, paths: Iterable[str], look: Look) -> set[str]:
    """Open pages and hold that nothing goes wrong and nothing is fetched from elsewhere; returns their grounds."""
    grounds = set()
    with watched(browser, look) as (page, seen):
        for path in paths:
            reply = page.goto(address + path)
            assert reply is not None
            assert reply.status == 200, path
            assert page.locator("h1").is_visible()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            assert page.evaluate(_LOW_CONTRAST) == [], path
            grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert seen.complaints == []
    assert [url for url in seen.requests if not url.startswith(address)] == []
    return grounds


def check_accessibility(browser: Browser, address: str, paths: Iterable[str], scheme: Scheme) -> None:
    """Hold pages against the rules of axe-core; it is put into them, which their own policy would refuse."""
    with watched(browser, Look(scheme, 390), bypass_csp=True) as (page, _):
        for path in paths:
            page.goto(address + path)
            found = Axe().run(page, options=_AXE)
            assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
