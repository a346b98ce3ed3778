"""Pages per second of the real site, what one changed paper costs, and both against a bare loop, in the same run.

python benchmarks/build.py [PAPERS] [--cards] [--kinds] [--no-bare] [--max-bytes N]

The papers are the bundled ones under new ids, each title and abstract made its own, so that no cache helps twice.
Seconds are of the processor (one core) and, in brackets, of the clock. --kinds tells the bytes of each kind of file,
--no-bare leaves out the bare loops, which write all again; --max-bytes bounds the site, as site.max_bytes does.
"""

import argparse
import gzip
import json
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import jinja2

from digest.edition import Entry, Feature, Issue, Quality
from digest.paper import Evidence, Hit, Month, Paper, Summary, Topic, Verdict
from digest.places import BUNDLED, STATIC, TEMPLATES
from digest.publish.cards import CARD_FILE
from digest.publish.counts import WordMemory
from digest.publish.draft import Drafts
from digest.publish.output import write_site
from digest.publish.render import SiteFrame, draft_site
from digest.publish.room import NOTHING, LeftOut, Room
from digest.publish.trees import files_of

_PAPERS = 5000
_PER_ISSUE = 60
_TOPICS = tuple(Topic(f"topic-{n}", f"Topic {n}", "Papers of a topic.") for n in range(28))
_PAGES_LIMIT = 1_000_000_000  # bytes of a GitHub Pages site


def _papers() -> Iterator[Paper]:
    with gzip.open(BUNDLED / "april-2024.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    known = [record["authors"] for record in records if record.get("authors")]
    number = 0
    while True:
        for record in records:
            month = Month(2000 + number // _PER_ISSUE // 12 % 90, number // _PER_ISSUE % 12 + 1)
            names = record.get("authors") or known[number % len(known)]
            yield Paper(
                arxiv_id=f"{month.year % 100:02d}{month.month:02d}.{number % 100_000:05d}",
                title=f"{record['title']} {number}",
                abstract=f"{record['abstract']} This is number {number}.",
                authors=tuple(names[:12]),
                categories=("cs.CL", "cs.LG"),
                submitted=date(month.year, month.month, 1 + number % 28),
            )
            number += 1


def _entry(number: int, paper: Paper) -> Entry:
    end = min(len(paper.abstract), 200)
    text = paper.abstract[:end]
    summary = Summary(kind="summary", text=text, evidence=(Evidence(0, 0, end),), verdict=Verdict.PASSED, model="none")
    return Entry(
        paper=paper,
        title=paper.title,
        summary=summary,
        tldr=summary,
        topics=(_TOPICS[number % 28], _TOPICS[number % 11]),
        reason="Close to earlier picks",
        similar=tuple(Hit(paper.arxiv_id[:-1] + str(n), f"A neighbour {number}", 0.8) for n in range(6)),
    )


def _issues(papers: int) -> list[Issue]:
    entries = [_entry(number, paper) for number, paper in enumerate(islice(_papers(), papers))]
    quality = Quality(
        considered=papers, listed=_PER_ISSUE, passed=_PER_ISSUE, retried=0, fell_back=0, extracted=0, writer="none",
        writer_hash="", encoder="none", pinned=0, starred=0, hidden=0, retitled=0, noted=0,
    )  # fmt: skip
    return [
        Issue(
            month=Month(2000 + place // 12, place % 12 + 1), title=f"Issue {place}", subtitle="", editor="",
            published=date(2024, 5, 1), opening="Words. " * 100,
            features=(Feature(slug="feature", title="Feature", markdown=f"Words, *many* of {place}. " * 50),),
            entries=tuple(entries[start : start + _PER_ISSUE]), quality=quality,
        )
        for place, start in enumerate(range(0, papers, _PER_ISSUE))
    ]  # fmt: skip


def _one_changed(issues: list[Issue], version: int) -> list[Issue]:
    """Return the issues after one paper of the newest got a new version."""
    first, *others = issues[-1].entries
    paper = replace(first.paper, version=version, title=f"A new title {version}", updated=date(2030, 1, version))
    return [*issues[:-1], replace(issues[-1], entries=(replace(first, paper=paper, title=paper.title), *others))]


def _bare(sizes: list[int], folder: Path) -> None:
    template = jinja2.Environment(autoescape=True).from_string("<h1>{{ title }}</h1><p>{{ text }}</p>")
    folder.mkdir()
    for number, size in enumerate(sizes):
        text = template.render(title=number, text="x" * size)
        (folder / f"{number}.html").write_bytes(text.encode())


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    cpu, clock = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - clock


def _told(seconds: tuple[float, float]) -> str:
    return f"{seconds[0]:.2f} s ({seconds[1]:.2f} s)"


def _kind(path: str) -> str:
    """Return what a file of the site is, by its path: "papers *.html", "issues papers.ris"."""
    folder, _, name = path.rpartition("/")
    top = path.partition("/")[0] if folder else "root"
    if top[:4].isdigit():
        return f"issues {name}"
    return f"{top} *{Path(name).suffix}" if name != CARD_FILE else f"{top} {name}"


def _print_kinds(size_by_path: Mapping[str, int]) -> None:
    sizes, counts = Counter[str](), Counter[str]()
    for path, size in size_by_path.items():
        sizes[_kind(path)] += size
        counts[_kind(path)] += 1
    for kind, size in sizes.most_common():
        print(f"{kind:22}{counts[kind]:>9,} files {size / 1e6:>9,.1f} MB {size / counts[kind] / 1e3:>8,.1f} KB each")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("papers", nargs="?", type=int, default=_PAPERS)
    for flag in ("--cards", "--kinds", "--no-bare"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--max-bytes", type=int, default=0)
    return parser.parse_args()


def main() -> None:
    """Print the rates, the cost of a change, the ratio to the bare loop, and the site's size."""
    asked = _arguments()
    issues = _issues(asked.papers)
    frame = SiteFrame(title="digest", description="A benchmark", cards=asked.cards, author_papers=2)
    changed, changed_again = _one_changed(issues, 2), _one_changed(issues, 3)
    with TemporaryDirectory() as name:
        folder = Path(name) / "site"

        def build(some: list[Issue]) -> LeftOut:
            def drafts(left_out: LeftOut) -> Drafts:
                memory = WordMemory.beside(folder)
                return draft_site(some, frame, [TEMPLATES], STATIC, left_out=left_out, word_memory=memory)

            return write_site(drafts(NOTHING), folder, Room(asked.max_bytes, drafts)).left_out

        whole = _seconds(lambda: build(issues))
        size_by_path = {path: there.st_size for path, there in files_of(folder).items()}
        pages = [size for path, size in size_by_path.items() if path.endswith(".html")]
        again = _seconds(lambda: build(issues))
        once = _seconds(lambda: build(changed))
        later = _seconds(lambda: build(changed_again))
        left_out = build(changed_again)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # bytes; Linux counts in KiB
        bare, bare_all = [
            (0.0, 0.0) if asked.no_bare else _seconds(lambda: _bare(sizes, Path(name) / kind))  # noqa: B023
            for kind, sizes in (("bare", pages), ("bare-all", list(size_by_path.values())))
        ]
    total = sum(size_by_path.values())
    print(f"{asked.papers:,} papers: {len(pages):,} pages, {len(size_by_path):,} files, {total / 1e6:,.0f} MB")
    rates = f"{len(pages) / whole[0]:,.0f} pages, {len(size_by_path) / whole[0]:,.0f} files a second"
    print(f"whole site     {_told(whole)}: {rates}")
    print(f"nothing new    {_told(again)}")
    print(f"one new paper  {_told(once)} the first time, {_told(later)} later, when the site before last is there too")
    print(f"peak memory    {memory / 1e6:,.0f} MB, the issues themselves among them")
    if not asked.no_bare:
        print(f"bare loop      {_told(bare)} for the pages, {_told(bare_all)} for all files")
        print(f"ratio          {whole[0] / bare[0]:.1f} to the pages alone, {whole[0] / bare_all[0]:.1f} to all files")
    print(f"GitHub Pages   {total / _PAGES_LIMIT:.0%} of its 1 GB")
    if left_out:
        print(f"left out       {left_out.cards:,} papers' pictures, {left_out.papers:,} papers' own files")
    if asked.kinds:
        _print_kinds(size_by_path)


if __name__ == "__main__":
    main()
