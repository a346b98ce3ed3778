"""A night whose time is spent writes no more; what is left is counted, and written the next night."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from digest.paper import Month
from digest.pipeline import night
from digest.pipeline.making import unwritten
from digest.pipeline.workshop import open_workshop
from digest.settings import load_settings
from tests.small_publication import make_publication

APRIL = Month(2024, 4)


def test_what_was_not_written_is_written_the_next_night(tmp_path: Path) -> None:
    folder = make_publication(tmp_path / "magazine")
    settings = load_settings(folder / "digest.toml")
    with open_workshop(settings, lambda: datetime(2024, 5, 1, tzinfo=UTC), lambda *_: None) as workshop:
        spent = replace(workshop, deadline=0.0)
        late = {report.stage: report for report in night.run_month(spent, APRIL, from_file=folder / "papers.jsonl")}
        waiting = len(unwritten(workshop, APRIL))
        assert late["write"].outcome.counts["left for another night"] == waiting > 0
        assert late["write"].outcome.counts["written"] == 0
        assert (folder / "site" / "public" / "2024-04" / "index.html").is_file()
        stages = {report.stage: report for report in night.run_month(workshop, APRIL, offline=True)}
        assert stages["write"].outcome.counts["written"] == waiting
        assert "left for another night" not in stages["write"].outcome.counts
        assert unwritten(workshop, APRIL) == []
