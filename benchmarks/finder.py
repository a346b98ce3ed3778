"""How large, how fast and how right the search of the site's pages is, for a long-lived magazine.

python benchmarks/finder.py STORE.db [PAPERS]

Lists the newest PAPERS (10,000) embedded papers of a store in issues by month, 200 held back, builds the search's
files, serves them on loopback and searches with the 200 held-back titles in a real Chromium (DIGEST_CHROMIUM, or the
one on the path). Prints the sizes that travel, compressed as GitHub Pages compresses, the time from asking to the
painted answer, and the overlap@10 with what the encoder itself finds among the same papers by meaning, and with what
`digest search` answers over a store of these papers alone.
"""

import gzip
import math
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Page

from digest.edition import Entry, Issue, Quality
from digest.paper import Month
from digest.pipeline.lookup import Searcher
from digest.pipeline.models import word_table
from digest.pipeline.provenance import small_vector
from digest.pipeline.workshop import open_workshop
from digest.places import STATIC, TEMPLATES
from digest.publish.draft import rendered
from digest.publish.finder import WordTable, finder_drafts
from digest.publish.languages import languages_of
from digest.publish.layout import Layout
from digest.publish.output import write_site
from digest.publish.shelf import SiteFrame, shelve
from digest.search.encoder import find_encoder, load_encoder
from digest.search.query import parse_query
from digest.settings import load_settings
from digest.store.database import open_store
from digest.store.papers import Held, papers_by_id, papers_by_version, save_papers
from digest.store.vectors import save_vectors, vectors
from digest.write.extract.sentences import extract_tldr
from tests.web import chromium, serving

_QUERIES, _NEAREST = 200, 10
_ASK = """async ([query, byMeaning]) => {
  const form = document.querySelector("[data-finder] form");
  form.elements.q.value = query;
  form.elements.meaning.checked = byMeaning;
  const painted = new Promise((done) => {
    const told = (_, watcher) => {
      watcher.disconnect();
      requestAnimationFrame(() => done(performance.now()));
    };
    new MutationObserver(told).observe(document.querySelector(".finder-hits"), { childList: true });
  });
  const begun = performance.now();
  form.requestSubmit();
  const milliseconds = (await Promise.race([painted, new Promise((done) => setTimeout(done, 2000))]) ?? NaN) - begun;
  const found = [...document.querySelectorAll(".finder-hits a")].slice(0, 10).map((link) => link.getAttribute("href"));
  return [milliseconds, found];
}"""


def issue_of(month: Month, papers: list[Held], vector_by_id: dict[int, str], encoder: str) -> Issue:
    """List papers in an issue, each with its extracted sentence."""
    entries = []
    for held in papers:
        tldr = extract_tldr(held.paper.title, held.paper.abstract)
        entries.append(
            Entry(
                paper=held.paper, title=held.paper.title, summary=tldr, tldr=tldr, topics=(), reason="",
                vector=vector_by_id[held.version_id],
            )
        )  # fmt: skip
    quality = Quality(
        considered=len(papers), listed=len(papers), passed=0, retried=0, fell_back=0, extracted=len(papers),
        writer="none", writer_hash="", encoder=encoder, pinned=0, starred=0, hidden=0, retitled=0, noted=0,
    )  # fmt: skip
    return Issue(
        month=month, title=str(month), subtitle="", editor="", published=date(month.year, month.month, 1), opening="",
        features=(), entries=tuple(entries), quality=quality,
    )  # fmt: skip


def travels(name: str, content: bytes) -> int:
    """Return how many bytes of a file travel: GitHub Pages compresses text, and nothing else."""
    return len(content) if name.endswith(".bin") else len(gzip.compress(content, 6))


def ask(page: Page, queries: list[str], *, by_meaning: bool) -> tuple[list[float], list[list[str]]]:
    """Search for each; returns the milliseconds to the painted answer, and the addresses found."""
    answers = [page.evaluate(_ASK, [query, by_meaning]) for query in queries]
    return [answer[0] for answer in answers], [answer[1] for answer in answers]


def measure_sizes(files: dict[str, bytes]) -> None:
    """Print what the files weigh on their way to a reader."""
    sizes = {name: travels(name, content) for name, content in files.items()}
    terms = [size for name, size in sizes.items() if "/terms/" in name]
    meaning = sum(size for name, size in sizes.items() if name.endswith((".bin", "/words.json")))
    print(f"terms: {len(terms)} files, {sum(terms):,} bytes in all, {max(terms):,} the largest")
    print(f"the half by meaning: {meaning:,} bytes; everything: {sum(sizes.values()):,}")


def served(listed: list[Held], rows: npt.NDArray[np.float32], encoder: str, asked: list[str]) -> list[set[str]]:
    """Return what `digest search` finds, by word and by meaning, in a store of the listed papers alone."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name).resolve()
        (root / "digest.toml").touch()
        with open_workshop(load_settings(root / "digest.toml"), lambda: datetime.now(UTC), lambda *_: None) as workshop:  # noqa: TID251
            save_papers(workshop.store, [held.paper for held in listed])
            kept = papers_by_id(workshop.store, [held.paper.arxiv_id for held in listed])
            save_vectors(workshop.store, encoder, [kept[held.paper.arxiv_id].version_id for held in listed], rows)
            searcher = Searcher(workshop)
            return [
                {found.arxiv_id for found in searcher.search(parse_query(text.replace('"', " ")), _NEAREST).papers}
                for text in asked
            ]


def measure_answers(files: dict[str, bytes], asked: list[str], right: dict[str, list[set[str]]]) -> None:
    """Serve the files with the search page, ask, and print how fast and how right the answers are."""
    languages = languages_of(("en",), [TEMPLATES])
    layout = Layout(SiteFrame(title="t", description="d"), [TEMPLATES], languages[0], languages)
    pages = {"search/index.html": layout.page("search.html", "search/").encode()}
    pages |= {f"static/{file.name}": file.read_bytes() for file in STATIC.iterdir() if file.is_file()}
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        write_site({PurePosixPath(name): content for name, content in (files | pages).items()}, Path(folder) / "s")
        with serving(Path(folder) / "s") as root:
            page = browser.new_page()
            page.goto(f"{root}search/?q=attention")
            page.wait_for_selector("[data-ready=yes]", timeout=60_000)
            ask(page, asked, by_meaning=True)  # every file is there after this
            for name, by_meaning in (("words", False), ("words and meaning", True)):
                spent, found = ask(page, asked, by_meaning=by_meaning)
                spent = sorted(
                    one for one in spent if not math.isnan(one)
                )  # a search that found nothing paints nothing
                ids = [{address.rstrip("/").rpartition("papers/")[2] for address in some} for some in found]
                overlaps = [
                    f"{whose} {statistics.mean(len(a & b) / _NEAREST for a, b in zip(ids, those, strict=True)):.2f}"
                    for whose, those in right.items()
                ]
                median, late = statistics.median(spent), spent[int(len(spent) * 0.95)]
                print(f"{name:18} p50 {median:5.1f} ms  p95 {late:5.1f} ms  overlap@10: {', '.join(overlaps)}")


def main() -> None:
    """Build, weigh, search and print."""
    store = open_store(Path(sys.argv[1]))
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000  # noqa: PLR2004  the second argument
    encoder = load_encoder(find_encoder("embedded", Path()), 0)
    ids, matrix = vectors(store, encoder.name)
    ids, matrix = ids[-count - _QUERIES :], matrix[-count - _QUERIES :]
    row_by_id = {int(version_id): row for row, version_id in enumerate(ids)}
    held = sorted(papers_by_version(store, row_by_id).values(), key=lambda one: (one.paper.month, one.paper.arxiv_id))
    order = np.random.default_rng(0).permutation(len(held))
    asked = [held[n].paper.title for n in order[:_QUERIES]]
    listed = [held[n] for n in sorted(order[_QUERIES:])]
    small = {one.version_id: small_vector(matrix[row_by_id[one.version_id]]) for one in listed}
    months = groupby(listed, key=lambda one: one.paper.month)
    issues = [issue_of(month, list(group), small, encoder.name) for month, group in months]
    known = word_table()
    table = WordTable(known.encoder, known.words, known.rows, known.scales, known.projection)
    begun = time.process_time()
    files = dict(rendered(dict(finder_drafts(shelve(issues), table, ""))))
    print(f"{len(listed):,} papers in {len(issues)} issues; built in {time.process_time() - begun:.1f} s of CPU time")
    measure_sizes(files)
    near = matrix[[row_by_id[one.version_id] for one in listed]]
    ranked = [np.argsort(-(near @ vector), kind="stable")[:_NEAREST] for vector in encoder.encode(asked)]
    right = {"encoder's": [{listed[n].paper.arxiv_id for n in rows} for rows in ranked]}
    right["`digest search`'s"] = served(listed, near, encoder.name, asked)
    measure_answers(files, asked, right)


if __name__ == "__main__":
    main()
