"""Records parsed and stored a second, by each road, against the loop anyone would write first.

python benchmarks/harvest.py ARCHIVE.jsonl.gz [RECORDS] [PAUSE]

The baseline is `for result in arxiv.Client().results(...)` with `session.add`. Every road works in a process of its own
against a stand-in for arXiv in another one, from the first request to the last commit. Without a PAUSE the working
process's CPU time is counted; with one (arXiv asks for 3 seconds between requests) the time on the wall.
"""

import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import alembic.command  # noqa: F401  ours imports it late; the clock must not count that
import arxiv
from sqlmodel import Field, Session, SQLModel, create_engine  # noqa: TID251  what the store is measured against

import digest.harvest.http  # noqa: F401  as above
from digest.harvest.snapshot import read_snapshot
from digest.paper import Month, Paper
from digest.pipeline import harvesting
from digest.pipeline.workshop import StageReport, Workshop, open_workshop
from digest.sections import Harvest
from digest.settings import Settings
from tests.arxiv_stand_in import ArxivStandIn, serve, stored

Ready = AbstractContextManager[Callable[[], int]]  # opens what a road needs; calling it harvests and counts
Road = Callable[[str, Path, int], Ready]

_RECORDS = 20_000
_APRIL = Month(2024, 4)


def _pause() -> float:
    return float(sys.argv[3]) if len(sys.argv) > 3 else 0.0  # noqa: PLR2004  the third argument


def _clock() -> float:
    return time.monotonic() if _pause() else time.process_time()


def _papers(archive: Path, count: int) -> list[Paper]:
    return list(islice((paper for paper in read_snapshot(archive) if isinstance(paper, Paper)), count))


def _stand_in(archive: Path, count: int) -> ArxivStandIn:
    """Return arXiv with so many papers, all submitted in one month to one category."""
    whole = []
    for n, paper in enumerate(_papers(archive, count)):
        one = stored(paper, n).paper
        day = date(2024, 4, 1 + n * 30 // count)
        moved = {"submitted": day, "updated": day, "categories": ("cs.CL", "cs.LG"), "version": 1}
        whole.append(stored(type(one)(**{name: getattr(one, name) for name in one.__slots__} | moved), 0))
    return ArxivStandIn(whole, oai_page=2_500)


def _serve(archive: Path, count: int, told: Any) -> None:  # noqa: ANN401  a queue
    with serve(_stand_in(archive, count)) as stand_in:
        told.put(stand_in.url)
        time.sleep(3_600)


class PlainPaper(SQLModel, table=True):
    """The table anyone would write first."""

    id: str = Field(primary_key=True)
    title: str
    abstract: str
    authors: str
    categories: str
    primary_category: str
    published: datetime
    updated: datetime
    comment: str | None
    journal_ref: str | None
    doi: str | None


@contextmanager
def _plain_loop(url: str, folder: Path, count: int) -> Iterator[Callable[[], int]]:
    engine = create_engine(f"sqlite:///{folder / 'plain.db'}")
    SQLModel.metadata.create_all(engine, tables=[SQLModel.metadata.tables["plainpaper"]])
    client = arxiv.Client(delay_seconds=_pause())
    client.query_url_format = f"{url}/api/query?{{}}"
    query = "(cat:cs.CL) AND submittedDate:[202404010000 TO 202404302359]"
    with Session(engine) as session:
        yield lambda: _keep_all(session, client.results(arxiv.Search(query, max_results=count)))


def _keep_all(session: Session, results: Iterator[arxiv.Result]) -> int:
    kept = 0
    for result in results:
        session.add(
            PlainPaper(
                id=result.get_short_id(),
                title=result.title,
                abstract=result.summary,
                authors=", ".join(author.name for author in result.authors),
                categories=" ".join(result.categories),
                primary_category=result.primary_category,
                published=result.published,
                updated=result.updated,
                comment=result.comment,
                journal_ref=result.journal_ref,
                doi=result.doi,
            )
        )
        kept += 1
    session.commit()
    return kept


@contextmanager
def _ours(url: str, folder: Path, work: Callable[[Workshop], StageReport]) -> Iterator[Callable[[], int]]:
    harvest = Harvest(
        categories=("cs.CL",), api_url=f"{url}/api/query", oai_url=f"{url}/oai", feed_url=f"{url}/atom", pause=_pause()
    )
    settings = Settings(root=folder, harvest=harvest)
    with open_workshop(settings, lambda: datetime(2024, 5, 2, tzinfo=UTC), lambda *_: None) as workshop:
        yield lambda: int(work(workshop).outcome.counts["new"])


def _by_atom(url: str, folder: Path, _count: int) -> Ready:
    return _ours(url, folder, lambda workshop: harvesting.harvest_month(workshop, _APRIL, ()))


def _by_oai(url: str, folder: Path, _count: int) -> Ready:
    return _ours(url, folder, lambda workshop: harvesting.harvest_changes(workshop, _APRIL.first_day))


def _by_snapshot(url: str, folder: Path, _count: int) -> Ready:
    return _ours(url, folder, lambda workshop: harvesting.harvest_file(workshop, folder / "snapshot.jsonl"))


def _kaggle_lines(archive: Path, count: int) -> Iterator[str]:
    """Yield the papers in the shape of Kaggle's snapshot."""
    for n, paper in enumerate(_papers(archive, count)):
        one = stored(paper, n).paper
        yield json.dumps(
            {
                "id": one.arxiv_id,
                "submitter": "A Person",
                "authors": ", ".join(one.authors),
                "title": one.title,
                "comments": one.comment,
                "journal-ref": one.journal_ref,
                "doi": one.doi,
                "report-no": None,
                "categories": " ".join(one.categories),
                "license": "http://creativecommons.org/licenses/by/4.0/",
                "abstract": one.abstract,
                "versions": [{"version": "v1", "created": "Mon, 1 Apr 2024 17:00:00 GMT"}],
                "update_date": "2024-04-01",
                "authors_parsed": [[*name.rpartition(" ")[::-2], ""] for name in one.authors],
            }
        )


def _measure(road: Road, url: str, folder: Path, count: int) -> tuple[int, float, float]:
    """Return records, seconds and peak megabytes of a road, in a process of its own, its database open already."""
    queue = multiprocessing.get_context("spawn").Queue()
    worker = multiprocessing.get_context("spawn").Process(target=_work, args=(road, url, folder, count, queue))
    worker.start()
    result: tuple[int, float, float] = queue.get()
    worker.join()
    return result


def _work(road: Road, url: str, folder: Path, count: int, queue: Any) -> None:  # noqa: ANN401
    with road(url, folder, count) as harvest:
        began = _clock()
        records = harvest()
        seconds = _clock() - began
    queue.put((records, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def main() -> None:
    """Measure every road and print the rates, their ratios and the memory."""
    if len(sys.argv) < 2:  # noqa: PLR2004
        sys.exit(__doc__)
    archive, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else _RECORDS  # noqa: PLR2004
    spawn = multiprocessing.get_context("spawn")
    told = spawn.Queue()
    server = spawn.Process(target=_serve, args=(archive, count, told), daemon=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"], os.environ["NO_PROXY"] = folder, "*"
        server.start()
        url = told.get()
        with (Path(folder) / "snapshot.jsonl").open("w", encoding="utf-8") as snapshot:
            snapshot.writelines(f"{line}\n" for line in _kaggle_lines(archive, count))
        roads = (("plain loop", _plain_loop), ("Atom API", _by_atom), ("OAI-PMH", _by_oai), ("snapshot", _by_snapshot))
        baseline, unit = 0.0, "on the wall" if _pause() else "of CPU time"
        for name, road in roads:
            (Path(folder) / "data").mkdir(exist_ok=True)
            records, seconds, peak = _measure(road, url, Path(folder), count)
            baseline = baseline or records / seconds
            rate = records / seconds
            print(
                f"{name:<12}{records:>8,} records {rate:>7,.0f} a second {unit} {rate / baseline:6.1f} x {peak:5.0f} MB"
            )
            for file in (Path(folder) / "data").glob("*"):
                file.unlink()
    server.terminate()


if __name__ == "__main__":
    main()
