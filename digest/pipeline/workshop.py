"""What every stage works with, and how a stage is timed and recorded."""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from digest.errors import DigestError, NothingToDo, StoreError
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
    *,
    alone: bool = False,
) -> Iterator[Workshop]:
    """Open the store for the stages, and close it after; `alone` lets no other process change it meanwhile.

    Raises:
        NothingToDo: another process is at work on the store.
        StoreError: see `open_store`.
    """
    file = settings.path(settings.store)
    with _lock(file) if alone else nullcontext():
        store = open_store(file)
        try:
            yield Workshop(settings, store, clock, progress, tell)
        finally:
            store.close()


@contextmanager
def _lock(store: Path) -> Iterator[None]:
    """Hold the store's lock file; the kernel lets go of it when the process ends, however it ends."""
    file = store.with_name(f"{store.name}.lock")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = file.open("a")
    except OSError as error:
        raise StoreError(
            f"{file} cannot be written: {error.strerror}; check the folder's permissions and the disk's space"
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NothingToDo(f"another digest is at work on {store}: it does what there is to do") from error
        yield


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
