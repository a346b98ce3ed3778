"""A night whose time is spent writes no more; what is left is counted, and written the next night."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.paper import Month
from digest.pipeline import amending, gathering, harvesting, making, night
from digest.pipeline.making import unwritten
from digest.pipeline.status import look
from digest.pipeline.workshop import StageReport, Workshop, open_workshop
from digest.settings import load_settings
from digest.store import issues
from tests.small_publication import PINNED, make_publication

APRIL, MAY = Month(2024, 4), Month(2024, 5)
Open = Callable[..., AbstractContextManager[Workshop]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_publication(tmp_path / "magazine")


@pytest.fixture
def on(folder: Path) -> Open:
    """Open the publication on a day of May."""

    @contextmanager
    def opened(day: int) -> Iterator[Workshop]:
        moment = datetime(2024, 5, day, 7, 17, tzinfo=UTC)
        with open_workshop(load_settings(folder / "digest.toml"), lambda: moment, lambda *_: None) as workshop:
            yield workshop

    return opened


def counts_of(reports: list[StageReport]) -> dict[str, dict[str, int]]:
    return {report.stage: report.outcome.counts for report in reports}


def write_some(workshop: Workshop, month: Month) -> int:
    """Write until three papers are done and the time is spent; return how many wait."""
    clock = iter([False, False, False, False])

    class Short(Workshop):
        def is_late(self) -> bool:
            return next(clock, True)

    short = Short(**{name: getattr(workshop, name) for name in Workshop.__slots__})
    assert making.write(short, month).outcome.counts["written"] == 4
    return len(unwritten(workshop, month))


def test_what_was_not_written_is_written_the_next_night(on: Open, folder: Path) -> None:
    with on(1) as workshop:
        spent = replace(workshop, deadline=0.0)
        late = counts_of(night.run_month(spent, APRIL, from_file=folder / "papers.jsonl"))
        waiting = len(unwritten(workshop, APRIL))
        assert late["write"]["left for another night"] == waiting > 0
        assert late["write"]["written"] == 0
        assert look(workshop, 1).waiting["summaries to write"] == waiting
        assert (folder / "site" / "public" / "2024-04" / "index.html").is_file()
        stages = counts_of(night.run_month(workshop, APRIL, offline=True))
        assert stages["write"]["written"] == waiting
        assert "left for another night" not in stages["write"]
        assert unwritten(workshop, APRIL) == []
        assert "summaries to write" not in look(workshop, 1).waiting


def test_what_a_months_last_night_did_not_write_is_written_though_the_month_is_closed(on: Open, folder: Path) -> None:
    with on(5) as workshop:
        night.run_month(replace(workshop, deadline=0.0), APRIL, from_file=folder / "papers.jsonl")
        waiting = write_some(workshop, APRIL)
    assert waiting > 0
    with on(6) as workshop:
        assert look(workshop, 1).waiting["summaries to write"] == waiting
        assert APRIL not in night.due_months(workshop.clock().date())
        night.run_night(workshop, offline=True)
        assert unwritten(workshop, APRIL) == []
        assert look(workshop, 1).waiting == {}


def test_a_new_version_whose_night_was_killed_before_it_was_written_is_written(on: Open, folder: Path) -> None:
    changed = {"id": f"{PINNED}v2", "title": "Bounded Memory", "abstract": "We propose a memory. It is bounded."}
    (folder / "changed.jsonl").write_text(json.dumps(changed) + "\n")
    with on(2) as workshop:
        night.run_month(workshop, APRIL, from_file=folder / "papers.jsonl")
    with on(20) as workshop:
        harvesting.harvest_file(workshop, folder / "changed.jsonl")
        assert look(workshop, 1).waiting["issues with newer versions to print"] == 1
        gathering.embed(workshop)
        assert amending.amend(workshop).outcome.changed  # and here it is killed
        assert len(unwritten(workshop, APRIL)) == 1
    with on(21) as workshop:
        night.run_night(workshop, offline=True)
        assert unwritten(workshop, APRIL) == []
        assert amending.stale_months(workshop) == {}
        listed = {choice.arxiv_id for _, choice in issues.choices(workshop.store, APRIL)}
    assert PINNED in listed
    assert "Bounded Memory" in (folder / "site" / "public" / "papers" / PINNED / "index.html").read_text()


def test_months_that_nothing_is_owed_to_are_left_as_they_are(on: Open, folder: Path) -> None:
    with on(2) as workshop:
        night.run_month(replace(workshop, deadline=0.0), APRIL, from_file=folder / "papers.jsonl")
    with on(20) as workshop:  # another model may have written none of it: a closed month is not begun anew
        assert night.owed_months(workshop, (MAY,)) == []
