"""An editor's file is begun from the ranking, taken up by the next run, and added to without losing a byte."""

from pathlib import Path

import pytest

from digest.errors import NothingToDo, UsageError
from digest.issue.draft import MARKER
from digest.paper import Month
from digest.pipeline import choosing, drafting, gathering, harvesting
from digest.pipeline.workshop import Workshop
from digest.store import issues

pytestmark = pytest.mark.model
APRIL = Month(2024, 4)


def _embed(workshop: Workshop) -> None:
    harvesting.harvest_file(workshop, workshop.settings.root / "papers.jsonl")
    gathering.import_picks(workshop)
    gathering.embed(workshop)
    choosing.tag(workshop, APRIL)


def test_a_draft_offers_what_the_ranking_would_list_and_some_more(workshop: Workshop, publication: Path) -> None:
    _embed(workshop)
    file = publication / "site" / "content" / "2024-04" / "issue.toml"
    mine = file.read_bytes()
    assert drafting.draft_issue(workshop, APRIL, 5).outcome.counts["added"] == 12  # 8 + 5, one of them pinned
    drafted = file.read_bytes()
    assert drafted.startswith(mine)
    text = drafted.decode()
    assert (text.count("listed by the ranking"), text.count("not listed")) == (7, 5)
    again = drafting.draft_issue(workshop, APRIL, 5)
    assert (again.outcome.changed, file.read_bytes()) == (False, drafted)

    line = text.splitlines()[-1]
    file.write_text(
        text.replace("[[papers]]", f"hides = [\n{line.removeprefix('#')}\n]\n[[papers]]", 1), encoding="utf-8"
    )
    choosing.select(workshop, APRIL)
    hidden = line.split('"')[1]
    assert len(issues.choices(workshop.store, APRIL)) == 8
    assert hidden not in [choice.arxiv_id for _, choice in issues.choices(workshop.store, APRIL)]
    edited = file.read_bytes()
    drafting.draft_issue(workshop, APRIL, 9)
    assert file.read_bytes().startswith(edited)
    assert file.read_text(encoding="utf-8").count(MARKER) == 1


def test_a_month_without_papers_and_a_broken_file_get_no_draft(workshop: Workshop, publication: Path) -> None:
    with pytest.raises(NothingToDo, match="digest run --month 2024-04"):
        drafting.draft_issue(workshop, APRIL, 5)
    file = publication / "site" / "content" / "2024-04" / "issue.toml"
    file.write_bytes(b"papers = [")
    with pytest.raises(UsageError, match=r"issue\.toml, line 1: not TOML"):
        drafting.draft_issue(workshop, APRIL, 5)
    assert file.read_bytes() == b"papers = ["


def test_an_id_that_is_not_held_stops_the_selection_with_its_line(workshop: Workshop, publication: Path) -> None:
    _embed(workshop)
    file = publication / "site" / "content" / "2024-04" / "issue.toml"
    file.write_text('papers = [\n{ id = "2404.99999", title = "No paper has this title" },\n]\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r"issue\.toml, line 2: 2404\.99999 is not in the store"):
        choosing.select(workshop, APRIL)


def test_the_editors_caps_win_over_the_settings(workshop: Workshop, publication: Path) -> None:
    _embed(workshop)
    file = publication / "site" / "content" / "2024-04" / "issue.toml"
    file.write_text("caps = { entries = 3 }\n", encoding="utf-8")
    assert choosing.select(workshop, APRIL).outcome.counts["chosen"] == 3
