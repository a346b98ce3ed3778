"""A month, from harvest to site: what cron calls."""

from pathlib import Path

from digest.errors import SourceError
from digest.paper import Month
from digest.pipeline import choosing, gathering, making
from digest.pipeline.starting import DEMO_MONTH, DEMO_PAPERS
from digest.pipeline.workshop import StageReport, Workshop


def run_month(
    workshop: Workshop, month: Month, *, from_file: Path | None = None, offline: bool = False
) -> list[StageReport]:
    """Do all stages in order; each picks up where it was left.

    A source that is down does not end the night: the site is built from what is held, and the report says so.

    Raises:
        DigestError: a stage other than the harvest failed.
        GateRefused: too many summaries were refused; the site stays as it was.
    """
    reports = [] if offline else [_harvest(workshop, month, from_file)]
    reports.append(gathering.import_picks(workshop))
    reports.append(gathering.embed(workshop))
    reports += [stage(workshop, month) for stage in (choosing.tag, choosing.select, making.write)]
    making.check_gate(workshop, month)
    reports.append(making.build(workshop))
    return reports


def run_demo(workshop: Workshop) -> list[StageReport]:
    """Build the April 2024 issue from the papers that come with digest."""
    return run_month(workshop, Month.parse(DEMO_MONTH), from_file=DEMO_PAPERS)


def _harvest(workshop: Workshop, month: Month, from_file: Path | None) -> StageReport:
    if from_file is not None:
        return gathering.harvest_file(workshop, from_file)
    try:
        return gathering.harvest_month(workshop, month, ())
    except SourceError as error:
        report = StageReport("harvest", 0.0, failure=str(error))
        workshop.tell(report)
        return report
