"""A month of nights at which something goes wrong, told night by night."""

import fcntl
import random
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from itertools import islice
from pathlib import Path

from digest.harvest.snapshot import read_snapshot
from digest.paper import Paper
from digest.places import BUNDLED
from tests.arxiv_stand_in import ArxivStandIn, Fault, Stored, send, stored
from tests.faults.harness import Trap, end, fail, kill
from tests.faults.magazine import Magazine

NIGHTS, SEED = 30, 1
_A_DAY = 4  # papers, on each of 29 days
_FIRST = date(2024, 4, 1)


def papers_of_the_month() -> list[Stored]:
    """Return some papers for each of 29 days of April, announced on the day after."""
    records = islice(read_snapshot(BUNDLED / "april-2024.jsonl.gz"), 300)
    found = [record for record in records if isinstance(record, Paper) and record.arxiv_id.startswith("2404.")]
    return [
        stored(replace(paper, categories=("cs.CL",), submitted=date(2024, 4, 1 + n // _A_DAY), comment=None), 0)
        for n, paper in enumerate(found[: 29 * _A_DAY])
    ]


@dataclass(frozen=True, slots=True)
class NightTold:
    """What a night met and what it did."""

    number: int
    day: date
    announced: int  # papers that arXiv added on this day
    trouble: str  # "" for none
    status: int | None  # None: no night was run
    held: int  # papers in the store after it
    published: bool  # the branch changed


def spend_month(magazine: Magazine, papers: list[Stored], seed: int) -> Iterator[NightTold]:
    """Spend thirty nights, with a trouble on about two of three that the seed chooses; the last one has none."""
    dice = random.Random(seed)  # noqa: S311
    for number in range(1, NIGHTS + 1):
        day = _FIRST + timedelta(days=number - 1)
        arxiv = magazine.arxiv
        arxiv.today = day
        arxiv.papers[:] = [one for one in papers if one.changed <= day]
        arxiv.faults.clear()
        before = magazine.published()
        name, spend = dice.choice(_TROUBLES) if number < NIGHTS and dice.random() < 2 / 3 else ("", _quiet)
        status = spend(magazine, datetime(day.year, day.month, day.day, 7, 17, tzinfo=UTC), dice)
        announced = sum(one.changed == day for one in papers)
        held = _held(magazine.folder / "data" / "digest.db")
        yield NightTold(number, day, announced, name, status, held, magazine.published() != before)


def _held(store: Path) -> int:
    if not store.exists():
        return 0
    with closing(sqlite3.connect(store)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'paper'").fetchall()
        return int(connection.execute("SELECT count(*) FROM paper").fetchone()[0]) if tables else 0


def _quiet(magazine: Magazine, now: datetime, _dice: random.Random) -> int | None:
    return magazine.night(now=now)


def _missed(_magazine: Magazine, _now: datetime, _dice: random.Random) -> int | None:
    return None


def _trapped(spring: Callable[[str], object]) -> "Spend":
    def spend(magazine: Magazine, now: datetime, dice: random.Random) -> int | None:
        return magazine.night(Trap(dice.randrange(1, 300), spring, magazine.folder.parent), now=now)

    return spend


def _drop(request: BaseHTTPRequestHandler, body: bytes) -> None:
    send(request, body[: len(body) // 2], Content_Length=str(len(body)))


_PASSING: tuple[Fault, ...] = (
    lambda request, _: send(request, b"Rate exceeded.", 429),
    lambda request, _: send(request, b"", 503, Retry_After="0"),
    lambda request, _: send(request, b"<html>are you a robot?</html>", kind="text/html"),
    lambda request, body: send(request, body[: len(body) // 2]),
    _drop,
)


def _stammering(magazine: Magazine, now: datetime, dice: random.Random) -> int | None:
    """Let arXiv answer with faults that pass, up to three in a row."""
    for _ in range(6):
        magazine.arxiv.faults += [*dice.choices(_PASSING, k=dice.randrange(4)), None]
    return magazine.night(now=now)


def _down(magazine: Magazine, now: datetime, _dice: random.Random) -> int | None:
    magazine.arxiv.faults += [lambda request, _: send(request, b"", 500)] * 60
    return magazine.night(now=now)


def _breaking_off(magazine: Magazine, now: datetime, dice: random.Random) -> int | None:
    """Let arXiv answer some requests and then no more."""
    magazine.arxiv.faults += [None] * dice.randrange(1, 4) + [lambda request, _: send(request, b"", 503)] * 60
    return magazine.night(now=now)


def _flipped_bit(magazine: Magazine, now: datetime, dice: random.Random) -> int | None:
    for file in (magazine.folder / "data" / "index").glob("*.f32"):
        content = bytearray(file.read_bytes())
        content[dice.randrange(len(content))] ^= 1
        file.write_bytes(content)
    return magazine.night(now=now)


def _defaced(magazine: Magazine, now: datetime, _dice: random.Random) -> int | None:
    for page in (magazine.folder / "site" / "public").glob("index.html"):
        page.write_text("defaced")
    return magazine.night(now=now)


def _lost_caches(magazine: Magazine, now: datetime, _dice: random.Random) -> int | None:
    for place in ("data/index", "data/publish.git", "site/public"):
        shutil.rmtree(magazine.folder / place, ignore_errors=True)
    return magazine.night(now=now)


@contextmanager
def _held_lock(folder: Path) -> Iterator[None]:
    (folder / "data").mkdir(exist_ok=True)
    with (folder / "data" / "digest.db.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _second(magazine: Magazine, now: datetime, _dice: random.Random) -> int | None:
    with _held_lock(magazine.folder):
        return magazine.night(now=now)


def _no_remote(magazine: Magazine, now: datetime, _dice: random.Random) -> int | None:
    remote = magazine.folder / "pages.git"
    remote.rename(remote.with_name("away.git"))
    try:
        return magazine.night(now=now)
    finally:
        remote.with_name("away.git").rename(remote)


def _back(magazine: Magazine, now: datetime, _dice: random.Random) -> int | None:
    return magazine.night(now=now - timedelta(hours=1))


def _twice(magazine: Magazine, now: datetime, _dice: random.Random) -> int | None:
    magazine.night(now=now)
    return magazine.night(now=now + timedelta(minutes=1))


Spend = Callable[[Magazine, datetime, random.Random], int | None]
_TROUBLES: list[tuple[str, Spend]] = [
    ("the machine was off", _missed),
    ("killed (SIGKILL)", _trapped(kill)),
    ("killed (SIGKILL)", _trapped(kill)),
    ("stopped (SIGTERM)", _trapped(end(signal.SIGTERM))),
    ("an operation failed (disk full, I/O, line)", _trapped(fail)),
    ("an operation failed (disk full, I/O, line)", _trapped(fail)),
    ("arXiv stammered (429, 503, HTML, cut XML)", _stammering),
    ("arXiv was down", _down),
    ("arXiv broke off half-way", _breaking_off),
    ("a bit of the index flipped", _flipped_bit),
    ("the site was defaced", _defaced),
    ("index, site and publishing cache lost", _lost_caches),
    ("another digest was at work", _second),
    ("the Git remote was gone", _no_remote),
    ("the clock stood an hour back", _back),
    ("run twice", _twice),
]


def whole_month(papers: list[Stored], arxiv: ArxivStandIn) -> None:
    """Let the stand-in have the month's papers on its last day."""
    arxiv.faults.clear()
    arxiv.today = _FIRST + timedelta(days=NIGHTS - 1)
    arxiv.papers[:] = [one for one in papers if one.changed <= arxiv.today]


def last_night() -> datetime:
    """Return when the last night is."""
    day = _FIRST + timedelta(days=NIGHTS - 1)
    return datetime(day.year, day.month, day.day, 7, 17, tzinfo=UTC)
