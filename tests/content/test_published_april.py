"""The whole April 2024 issue, built, published to a bare repository and served from it under a sub-path, in Chromium.

Its papers, editor's words and figures are the real ones. Vectors are of random words and texts are extracted, which
takes seconds. With APRIL_DATA=data it is the store that `make demo` left there, with real vectors and summaries.
"""

import gzip
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from digest.paper import Month
from digest.pipeline import night, printing, publishing
from digest.pipeline.starting import DEMO_PAPERS, prepare_demo
from digest.pipeline.workshop import open_workshop
from digest.places import BUNDLED
from digest.settings import load_settings
from tests.page_checks import Look, Scheme, check_accessibility, check_pages_open, watched
from tests.site_checks import count_links
from tests.tiny_encoder import write_tiny_encoder
from tests.web import QuietHandler, chromium, serving

pytestmark = pytest.mark.page
APRIL = Month(2024, 4)
SUB_PATH = "/magazine/"
_INTRUDE = """spy => {
  const script = document.createElement("script");
  script.textContent = "window.intruded = 1";
  document.body.append(script);
  new Image().src = spy + "card.png";
}"""
_KINDS = ("papers", "tags", "authors")


@dataclass(frozen=True)
class Published:
    """What lies on the branch, where it is served, and a page of each type."""

    folder: Path
    address: str
    pages: Sequence[str]


class AsPages(QuietHandler):
    """Serves as GitHub Pages does: what is not there is the site's 404.html."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        body = (Path(self.directory) / "magazine" / "404.html").read_bytes()
        self.send_response(code, message)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        assert explain is None


def make_magazine(folder: Path) -> Path:
    """Lay out the demo's publication with an address under a sub-path and a bare repository to publish to."""
    file = prepare_demo(folder)
    text = file.read_text(encoding="utf-8")
    changes = {
        'base_url = "http://localhost:8000/"': f'base_url = "https://you.example{SUB_PATH}"',
        '# [publish]\n# remote = "git@github.com:you/magazine.git"': '[publish]\nremote = "pages.git"',
    }
    subprocess.run(["git", "init", "--quiet", "--bare", str(folder / "pages.git")], check=True)  # noqa: S603, S607
    if data := os.environ.get("APRIL_DATA"):
        shutil.copytree(data, folder / "data")
    else:
        changes |= {'encoder = "embedded"': 'encoder = "encoder"', 'writer = "embedded"': 'writer = "none"'}
        with gzip.open(DEMO_PAPERS, "rt") as papers, gzip.open(BUNDLED / "picks.jsonl.gz", "rt") as picks:
            write_tiny_encoder(folder / "encoder", [*papers, *picks])
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    folder = tmp_path_factory.mktemp("april")
    settings = load_settings(make_magazine(folder))
    with open_workshop(settings, lambda: datetime(2024, 5, 12, tzinfo=UTC), lambda *_: None) as workshop:
        if os.environ.get("APRIL_DATA"):
            printing.build(workshop)
            publishing.publish(workshop)
        else:
            reports = night.run_month(workshop, APRIL, from_file=DEMO_PAPERS)
            assert [one.failure for one in reports if one.failure] == []
            assert reports[-1].stage == "publish"
    archive = ["git", "-C", str(folder / "pages.git"), "archive", "gh-pages"]
    branch = subprocess.run(archive, check=True, capture_output=True).stdout  # noqa: S603
    web = folder / "web"
    with tarfile.open(fileobj=BytesIO(branch)) as tar:
        tar.extractall(web / "magazine", filter="data")
    with serving(web, AsPages) as root:
        yield Published(web / "magazine", f"{root}magazine/", pages_of(web / "magazine"))


def pages_of(site: Path) -> list[str]:
    """Return every page that is alone in its kind, and two of each of the others, the largest one and the smallest."""
    by_size = sorted(site.rglob("index.html"), key=lambda file: file.stat().st_size)
    pages = [file.parent.relative_to(site) for file in by_size]
    found = [f"{page}/" if page.name else "" for page in pages if page.parent.name not in _KINDS]
    for kind in _KINDS:
        these = [f"{page}/" for page in pages if page.parent.name == kind]
        found += [these[0], these[-1]]
    return [*sorted(found), "404.html"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that must not complain."""
    with watched(browser, Look()) as (opened, seen):
        yield opened
    assert seen.complaints == []


def test_the_branch_holds_the_whole_issue(published: Published) -> None:
    papers = [path for path in (published.folder / "papers").iterdir() if path.is_dir()]
    assert len(papers) >= 59
    assert len(published.pages) >= 14
    assert (published.folder / ".nojekyll").is_file()
    page = (published.folder / "2024-04" / "index.html").read_text(encoding="utf-8")
    assert page.count('class="chart"') >= 4
    for slug in ("model-releases", "openelm", "dpo-or-ppo"):
        assert f'id="{slug}"' in page


def test_every_link_of_every_page_leads_somewhere_and_every_page_is_valid(published: Published) -> None:
    site = published.folder
    files = {PurePosixPath(file.relative_to(site)): file.read_bytes() for file in site.rglob("*") if file.is_file()}
    assert count_links(files, SUB_PATH) > 5_000


@pytest.mark.parametrize(
    ("scheme", "width", "scripts"), [("light", 390, False), ("dark", 768, True), ("light", 1280, True)]
)
def test_pages_open_without_errors_strangers_or_overflow(
    published: Published, browser: Browser, scheme: Scheme, width: int, *, scripts: bool
) -> None:
    check_pages_open(browser, published.address, published.pages, Look(scheme, width, scripts=scripts))


def test_no_page_breaks_a_rule_of_accessibility(published: Published, browser: Browser) -> None:
    check_accessibility(browser, published.address, published.pages, "light")


def test_none_of_the_short_pages_does_in_the_dark(published: Published, browser: Browser) -> None:
    """The issue's own page takes axe twenty seconds; the contrast of its colours is measured above in both schemes."""
    short = [page for page in published.pages if page != "2024-04/"]
    check_accessibility(browser, published.address, short, "dark")


def test_the_policy_of_each_page_refuses_what_is_put_into_it(published: Published, browser: Browser) -> None:
    asked: list[str] = []

    class Spy(QuietHandler):
        def do_GET(self) -> None:  # noqa: N802  the library's name
            asked.append(self.path)
            super().do_GET()

    with serving(published.folder, Spy) as spy, watched(browser, Look()) as (page, seen):
        for path in published.pages:
            page.goto(published.address + path)
            seen.complaints.clear()
            page.evaluate(_INTRUDE, spy)
            page.wait_for_timeout(50)
            assert page.evaluate("window.intruded") is None, path
            assert sum("Content Security Policy" in told for told in seen.complaints) >= 2, path
    assert asked == []


def test_an_address_that_is_not_there_is_a_page_of_the_site(published: Published, browser: Browser) -> None:
    with watched(browser, Look()) as (page, seen):
        reply = page.goto(published.address + "papers/none/of/these/")
        assert reply is not None
        assert reply.status == 404
        assert page.evaluate("document.styleSheets[0].cssRules.length") > 50
        page.get_by_role("link", name="digest").first.click()
        assert page.url == published.address
    assert [urlsplit(url).path for url in seen.complaints if url.startswith("http")] == [
        f"{SUB_PATH}papers/none/of/these/"
    ]


def test_without_scripts_the_issue_is_read_from_its_title_to_a_paper_and_its_citation(
    published: Published, browser: Browser
) -> None:
    with watched(browser, Look(scripts=False)) as (page, seen):
        page.goto(published.address)
        page.get_by_role("link", name="Read the issue").click()
        assert page.url == published.address + "2024-04/"
        assert page.locator(".entry h3").count() >= 59
        assert page.locator(".chart").first.is_visible()
        page.locator(".entry-starred h3 a").first.click()
        assert urlsplit(page.url).path.startswith(f"{SUB_PATH}papers/24")
        assert page.locator("h1").is_visible()
        assert page.locator("button:visible").count() == 0, "no button that does nothing"
    assert seen.complaints == []


def test_on_paper_the_widest_table_keeps_to_the_page_and_no_cell_spells_out_its_link(
    published: Published, page: Page
) -> None:
    page.set_viewport_size({"width": 700, "height": 1000})  # A4 between Chromium's margins
    page.goto(published.address + "2024-04/")
    page.emulate_media(media="print")
    over = "[...document.querySelectorAll('table')].map(one => one.scrollWidth - document.body.clientWidth)"
    assert max(page.evaluate(over)) <= 0
    spelt = "[...document.querySelectorAll('td a')].filter(one => getComputedStyle(one, '::after').content !== 'none')"
    assert page.evaluate(f"{spelt}.length") == 0
    assert page.evaluate("getComputedStyle(document.querySelector('.opening a'), '::after').content").startswith(
        '" (http'
    )


def test_by_keyboard_alone_a_reader_gets_to_the_text_and_to_a_paper(published: Published, page: Page) -> None:
    page.goto(published.address + "2024-04/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the text"
    page.keyboard.press("Enter")
    page.wait_for_url("**/2024-04/#main")
    hidden = []
    for _ in range(40):
        page.keyboard.press("Tab")
        hidden += page.evaluate(
            "(() => { const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();"
            " return s.outlineStyle !== 'none' && box.width > 0 ? [] : [e.outerHTML.slice(0, 200)]; })()"
        )
    assert hidden == [], "what has the focus shows it"
    page.goto(published.address + "search/")
    page.keyboard.type("2404.07143")
    expect(page.locator(".finder-hits li").first).to_contain_text("Infini-attention")
    page.keyboard.press("Tab")
    for _ in range(20):
        if page.evaluate("document.activeElement.closest('.finder-hits') !== null"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{SUB_PATH}papers/2404.07143/")
