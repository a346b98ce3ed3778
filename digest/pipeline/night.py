"""A month, from harvest to site, and the night that does every month that is due: what cron calls."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

from digest.errors import DigestError, GateRefused, ModelError, NothingToDo, PublishError, SourceError
from digest.paper import Month
from digest.pipeline import (
    amending,
    choosing,
    coverage,
    figures,
    gathering,
    harvesting,
    making,
    notifying,
    printing,
    publishing,
    topics,
    translating,
)
from digest.pipeline.starting import DEMO_MONTH, DEMO_PAPERS
from digest.pipeline.workshop import StageReport, Workshop, check_reports, record_failure
from digest.store.runs import StageRun, save_run

NIGHT = "night"  # the stage that stands for a whole night in the record

_OPEN_AFTER_ITS_END = 5  # days: papers submitted on a month's last days are announced until then


def due_months(today: date) -> tuple[Month, ...]:
    """Return the months whose issue may still change: this one, and the last one in its first days (pure)."""
    this = Month(today.year, today.month)
    before = Month(today.year - (today.month == 1), (today.month - 2) % 12 + 1)
    return (before, this) if today.day <= _OPEN_AFTER_ITS_END else (this,)


def run_night(workshop: Workshop, *, offline: bool = False) -> list[StageReport]:
    """Read what changed at arXiv since the last night, make the issues of the months that are due, and publish.

    A source that is down does not end the night: the site is built from what is held, and the report says so.
    Nor does a remote: the site lies complete here, and the next night sends it.

    Raises:
        DigestError: a stage other than the harvest failed.
        GateRefused: an issue was refused; the site stays as it was.
    """
    months = due_months(workshop.clock().date())
    reports = [] if offline else harvest_night(workshop)
    return reports + _make(workshop, months) + ([] if offline else _send(workshop))


def harvest_night(workshop: Workshop) -> list[StageReport]:
    """Read what changed at arXiv since the last night, then what it announced; one may fail without the other."""
    since = due_months(workshop.clock().date())[0].first_day
    return [
        _try(workshop, "harvest", lambda: harvesting.harvest_changes(workshop, since)),
        _try(workshop, "announced", lambda: harvesting.harvest_announcements(workshop)),
    ]


def run_month(
    workshop: Workshop, month: Month, *, from_file: Path | None = None, offline: bool = False
) -> list[StageReport]:
    """Do all stages of one month in order; each picks up where it was left.

    A source that is down does not end it, as in `run_night`.

    Raises:
        DigestError: a stage other than the harvest failed.
        GateRefused: the issue was refused; the site stays as it was.
    """
    reports = []
    if from_file is not None:
        reports.append(harvesting.harvest_file(workshop, from_file))
    elif not offline:
        reports.append(_try(workshop, "harvest", lambda: harvesting.harvest_month(workshop, month, ())))
    return reports + _make(workshop, (month,)) + ([] if offline else _send(workshop))


@contextmanager
def recorded(workshop: Workshop, *, budget: float | None = None) -> Iterator[Workshop]:
    """Give the workshop of a night: its stages are kept together, and at the end how the whole of it went.

    After `budget` seconds nothing more is written. A night that is killed leaves its stages without that end.

    Raises:
        DigestError: a stage failed, also where the others went on without it.
        NothingToDo: none of them changed anything.
    """
    began, begin, reports = workshop.clock(), time.monotonic(), list[StageReport]()

    def tell(report: StageReport) -> None:
        reports.append(report)
        workshop.tell(report)

    def record(status: int, failure: str = "") -> StageRun:
        return StageRun("", NIGHT, began, time.monotonic() - begin, {"status": status}, failure, name)

    name = began.isoformat(timespec="microseconds")
    deadline = workshop.deadline if budget is None else begin + budget
    try:
        yield replace(workshop, night=name, tell=tell, deadline=deadline)
        check_reports(reports)
    except DigestError as error:
        is_quiet = isinstance(error, NothingToDo)
        record_failure(workshop, record(error.status, "" if is_quiet else str(error)))
        if not is_quiet:
            notifying.tell_failure(workshop, str(error))
        raise
    except SystemExit as ended:
        record_failure(workshop, record(ended.code if isinstance(ended.code, int) else 1, "stopped by a signal"))
        raise
    save_run(workshop.store, record(0))


def run_demo(workshop: Workshop) -> list[StageReport]:
    """Build the April 2024 issue from the papers that come with digest."""
    return run_month(workshop, Month.parse(DEMO_MONTH), from_file=DEMO_PAPERS)


def _make(workshop: Workshop, months: tuple[Month, ...]) -> list[StageReport]:
    reports = [gathering.import_picks(workshop), gathering.embed(workshop)]
    stale = [month for month in amending.stale_months(workshop) if month not in months]
    reports += [amending.amend(workshop)] if stale else []
    for month in sorted({*stale, *owed_months(workshop, months)}):
        reports += [
            choosing.tag(workshop, month),
            *choosing.choose_topics(workshop, month),
            making.write(workshop, month),
            *translating.translate(workshop, month),
        ]
    for month in months:
        reports += figures.tag_months(workshop, month)
        reports += [
            choosing.select(workshop, month),
            *choosing.choose_topics(workshop, month),
            making.write(workshop, month),
            *translating.translate(workshop, month),
        ]
    for month in months:
        _check_gates(workshop, month)
    reports.append(printing.build(workshop))
    return reports


def owed_months(workshop: Workshop, due: tuple[Month, ...]) -> list[Month]:
    """Return the months that are not due, and to which an earlier night that was cut short owes texts."""
    owed = set[Month]()
    for half in (topics.half_chosen, making.half_written, translating.half_translated):
        with suppress(ModelError):  # the stage that needs the model tells that it is missing
            owed.update(half(workshop))
    return sorted(owed.difference(due))


def _check_gates(workshop: Workshop, month: Month) -> None:
    begin = workshop.clock()
    try:
        coverage.check_coverage(workshop, month)
        making.check_gate(workshop, month)
    except GateRefused as refused:
        record_failure(workshop, StageRun(str(month), "gate", begin, 0.0, {}, str(refused)))
        raise


def _send(workshop: Workshop) -> list[StageReport]:
    """Publish the site and tell those who wait for a finished issue, where the settings say whither and whom."""
    sent = []
    if workshop.settings.publish.remote:
        sent.append(_try(workshop, "publish", lambda: publishing.publish(workshop)))
    closed = notifying.newest_closed(workshop, due_months(workshop.clock().date()))
    is_out = not any(report.failure for report in sent)  # nobody is led to a page that is not there yet
    if closed and is_out and notifying.is_set(workshop):
        sent.append(_try(workshop, "notify", lambda: notifying.send(workshop, closed)))
    return sent


def _try(workshop: Workshop, stage: str, work: Callable[[], StageReport]) -> StageReport:
    try:
        return work()
    except (SourceError, PublishError) as error:
        report = StageReport(stage, 0.0, failure=str(error))
        workshop.tell(report)
        return report
