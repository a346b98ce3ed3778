"""Pages per second of the real site against a bare loop of trivial templates and writes, in the same run.

python benchmarks/build.py [PAPERS]
"""

import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import jinja2

from digest.edition import Entry, Feature, Issue, Quality
from digest.paper import Evidence, Hit, Month, Paper, Summary, Topic, Verdict
from digest.places import STATIC, TEMPLATES
from digest.publish.output import write_site
from digest.publish.render import SiteFrame, render_site

_PAPERS = 1000
_PER_ISSUE = 60
_ABSTRACT = "We introduce a method with $O(n^2)$ steps. It scores 77.8 points on MMLU, 3.1 above the best before. " * 7
_TOPICS = tuple(Topic(f"topic-{n}", f"Topic {n}", "Papers of a topic.") for n in range(20))


def _entry(number: int) -> Entry:
    arxiv_id = f"2404.{number:05d}"
    summary = Summary(
        kind="summary", text=_ABSTRACT[:43], evidence=(Evidence(0, 0, 43),), verdict=Verdict.PASSED, model="none"
    )
    paper = Paper(
        arxiv_id=arxiv_id,
        title=f"A paper about {number} things",
        abstract=_ABSTRACT,
        authors=tuple(f"Author Number {n}" for n in range(6)),
        categories=("cs.CL",),
        submitted=date(2024, 4, 1 + number % 30),
    )
    return Entry(
        paper=paper,
        title=paper.title,
        summary=summary,
        tldr=summary,
        topics=(_TOPICS[number % 20], _TOPICS[number % 7]),
        reason="Close to earlier picks",
        similar=tuple(Hit(f"2404.{number + n:05d}", "A neighbour", 0.8) for n in range(6)),
    )


def _issues(papers: int) -> list[Issue]:
    entries = [_entry(number) for number in range(papers)]
    quality = Quality(
        considered=papers, listed=_PER_ISSUE, passed=_PER_ISSUE, retried=0, fell_back=0, extracted=0, writer="none",
        writer_hash="", encoder="none", pinned=0, starred=0, hidden=0, retitled=0, noted=0,
    )  # fmt: skip
    return [
        Issue(
            month=Month(2000 + place // 12, place % 12 + 1), title=f"Issue {place}", subtitle="", editor="",
            published=date(2024, 5, 1), opening="Words. " * 100,
            features=(Feature(slug="feature", title="Feature", markdown="Words, *many* of them. " * 500),),
            entries=tuple(entries[start : start + _PER_ISSUE]), quality=quality,
        )
        for place, start in enumerate(range(0, papers, _PER_ISSUE))
    ]  # fmt: skip


def _bare(pages: int, folder: Path) -> None:
    template = jinja2.Environment(autoescape=True).from_string("<h1>{{ title }}</h1><p>{{ text }}</p>")
    folder.mkdir()
    for number in range(pages):
        (folder / f"{number}.html").write_bytes(template.render(title=number, text=_ABSTRACT).encode())


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Print both rates and their ratio."""
    papers = int(sys.argv[1]) if len(sys.argv) > 1 else _PAPERS
    issues, frame = _issues(papers), SiteFrame(title="digest", description="A benchmark")
    with TemporaryDirectory() as name:
        folder = Path(name)
        files = {}
        render = _seconds(lambda: files.update(render_site(issues, frame, [TEMPLATES], STATIC)))
        pages = sum(path.suffix == ".html" for path in files)
        write = _seconds(lambda: write_site(files, folder / "site"))
        again = _seconds(lambda: write_site(files, folder / "site"))
        bare = _seconds(lambda: _bare(pages, folder / "bare"))
    print(f"{papers} papers, {pages} pages, {len(files)} files")
    print(f"render {pages / render:,.0f} pages/s ({render:.2f} s), write {write:.2f} s, write unchanged {again:.2f} s")
    print(f"bare   {pages / bare:,.0f} pages/s ({bare:.2f} s)")
    print(f"ratio  {(render + write) / bare:.1f} times the bare loop")


if __name__ == "__main__":
    main()
