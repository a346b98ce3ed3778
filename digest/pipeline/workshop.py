"""What every stage works with, and how a stage is timed and recorded."""

import fcntl
import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from digest.errors import DigestError, NothingToDo, StoreError
from digest.settings import Settings
from digest.store.database import Store, open_store
from digest.store.runs import StageRun, save_run

LEFT = "left for another night"  # among a stage's counts: what it had no time for
Progress = Callable[[str, int, int], None]  # stage, done, of how many


@dataclass(frozen=True, slots=True)
class Workshop:
    """The settings, the open store, the clock, and where progress and results are told."""

    settings: Settings
    store: Store
    clock: Callable[[], datetime]  # UTC
    progress: Progress
    tell: "Callable[[StageReport], None]"
    night: str = ""  # names the run that the stages' records belong to; "" for a stage that runs alone
    deadline: float = math.inf  # of the monotonic clock: what is not written by then is written another night

    def is_late(self) -> bool:
        """Tell whether the time that the night may take is spent."""
        return time.monotonic() >= self.deadline


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
    with (
        hold_lock(file, f"another digest is at work on {file}: it does what there is to do") if alone else nullcontext()
    ):
        store = open_store(file)
        try:
            yield Workshop(settings, store, clock, progress, tell)
        finally:
            store.close()


def _lock_file(path: Path) -> Path:
    """Return the lock file of a store."""
    return path.with_name(f"{path.name}.lock")


def is_locked(path: Path) -> bool:
    """Tell whether a process is at work on the store."""
    try:
        with _lock_file(path).open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


@contextmanager
def hold_lock(path: Path, otherwise: str) -> Iterator[None]:
    """Hold a file's lock file; the kernel lets go of it when the process ends, however it ends.

    Raises:
        NothingToDo: another process holds it; the message is `otherwise`.
        StoreError: it cannot be written.
    """
    file = _lock_file(path)
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
            raise NothingToDo(otherwise) from error
        yield


def perform(workshop: Workshop, month: str, stage: str, work: Callable[[], Outcome]) -> StageReport:
    """Do one stage and keep a record of it, also when it fails.

    Raises:
        DigestError: the stage failed; the record says why.
    """
    started, begin = workshop.clock(), time.monotonic()
    try:
        outcome = work()
    except (DigestError, SystemExit) as error:
        failure = str(error) if isinstance(error, DigestError) else "stopped by a signal"
        record_failure(workshop, StageRun(month, stage, started, time.monotonic() - begin, {}, failure))
        raise
    seconds = time.monotonic() - begin
    if outcome.changed or workshop.night:
        save_run(workshop.store, StageRun(month, stage, started, seconds, outcome.counts, night=workshop.night))
    report = StageReport(stage, seconds, outcome)
    workshop.tell(report)
    return report


def check_reports(reports: Iterable[StageReport]) -> None:
    """Say how a run of stages ended.

    Raises:
        DigestError: a stage failed and the others went on without it.
        NothingToDo: none of them changed anything.
    """
    told = list(reports)
    failures = [report.failure for report in told if report.failure]
    if failures:
        raise DigestError(failures[0])
    if not any(report.outcome.changed for report in told):
        raise NothingToDo("nothing to do")


def record_failure(workshop: Workshop, run: StageRun) -> None:
    """Keep the record of a stage that failed, without secrets."""
    with suppress(StoreError):  # a full disk also refuses the record, and the failure itself is what must be told
        failure = workshop.settings.without_secrets(run.failure).encode(errors="backslashreplace").decode()
        save_run(workshop.store, replace(run, failure=failure, night=run.night or workshop.night))
