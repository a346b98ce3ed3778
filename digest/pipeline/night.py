"""A month, from harvest to site, and the night that does every month that is due: what cron calls."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from digest.errors import SourceError
from digest.paper import Month
from digest.pipeline import amending, choosing, coverage, figures, gathering, harvesting, making, printing
from digest.pipeline.starting import DEMO_MONTH, DEMO_PAPERS
from digest.pipeline.workshop import StageReport, Workshop

_OPEN_AFTER_ITS_END = 5  # days: papers submitted on a month's last days are announced until then


def due_months(today: date) -> tuple[Month, ...]:
    """Return the months whose issue may still change: this one, and the last one in its first days (pure)."""
    this = Month(today.year, today.month)
    before = Month(today.year - (today.month == 1), (today.month - 2) % 12 + 1)
    return (before, this) if today.day <= _OPEN_AFTER_ITS_END else (this,)


def run_night(workshop: Workshop, *, offline: bool = False) -> list[StageReport]:
    """Read what changed at arXiv since the last night, and make the issues of the months that are due.

    A source that is down does not end the night: the site is built from what is held, and the report says so.

    Raises:
        DigestError: a stage other than the harvest failed.
        GateRefused: an issue was refused; the site stays as it was.
    """
    months = due_months(workshop.clock().date())
    reports = [] if offline else harvest_night(workshop)
    return reports + _make(workshop, months)


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
    return reports + _make(workshop, (month,))


def run_demo(workshop: Workshop) -> list[StageReport]:
    """Build the April 2024 issue from the papers that come with digest."""
    return run_month(workshop, Month.parse(DEMO_MONTH), from_file=DEMO_PAPERS)


def _make(workshop: Workshop, months: tuple[Month, ...]) -> list[StageReport]:
    reports = [gathering.import_picks(workshop), gathering.embed(workshop)]
    stale = [month for month in amending.stale_months(workshop) if month not in months]
    reports += [amending.amend(workshop)] if stale else []
    for month in stale:
        reports += [choosing.tag(workshop, month), making.write(workshop, month)]
    for month in months:
        reports += figures.tag_months(workshop, month)
        reports += [stage(workshop, month) for stage in (choosing.select, making.write)]
    for month in months:
        coverage.check_coverage(workshop, month)
        making.check_gate(workshop, month)
    reports.append(printing.build(workshop))
    return reports


def _try(workshop: Workshop, stage: str, work: Callable[[], StageReport]) -> StageReport:
    try:
        return work()
    except SourceError as error:
        report = StageReport(stage, 0.0, failure=str(error))
        workshop.tell(report)
        return report
