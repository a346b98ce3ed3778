"""What every stage works with, and how a stage is timed and recorded."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from digest.errors import DigestError
from digest.settings import Settings
from digest.store.database import Store, open_store
from digest.store.runs import StageRun, save_run

Progress = Callable[[str, int, int], None]  # stage, done, of how many


@dataclass(frozen=True, slots=True)
class Workshop:
    """The settings, the open store, the clock, and where progress and results are told."""

    settings: Settings
    store: Store
    clock: Callable[[], datetime]  # UTC
    progress: Progress
    tell: "Callable[[StageReport], None]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a stage did."""

    counts: dict[str, int]
    changed: bool  # False: there was nothing to do
    warnings: tuple[str, ...] = ()  # what a person should look at


@dataclass(frozen=True, slots=True)
class StageReport:
    """What a stage did, and in how many seconds."""

    stage: str
    seconds: float
    outcome: Outcome = field(default_factory=lambda: Outcome(counts={}, changed=False))
    failure: str = ""  # "" when the stage was done


@contextmanager
def open_workshop(
    settings: Settings,
    clock: Callable[[], datetime],
    progress: Progress,
    tell: Callable[[StageReport], None] = lambda _report: None,
) -> Iterator[Workshop]:
    """Open the store for the stages, and close it after.

    Raises:
        StoreError: see `open_store`.
    """
    store = open_store(settings.path(settings.store))
    try:
        yield Workshop(settings, store, clock, progress, tell)
    finally:
        store.close()


def perform(workshop: Workshop, month: str, stage: str, work: Callable[[], Outcome]) -> StageReport:
    """Do one stage and keep a record of it, also when it fails.

    Raises:
        DigestError: the stage failed; the record says why.
    """
    started, begin = workshop.clock(), time.monotonic()
    try:
        outcome = work()
    except DigestError as error:
        _record(workshop, StageRun(month, stage, started, time.monotonic() - begin, {}, str(error)))
        raise
    seconds = time.monotonic() - begin
    if outcome.changed:
        _record(workshop, StageRun(month, stage, started, seconds, outcome.counts))
    report = StageReport(stage, seconds, outcome)
    workshop.tell(report)
    return report


def _record(workshop: Workshop, run: StageRun) -> None:
    save_run(workshop.store, run)
