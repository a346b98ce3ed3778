"""A printed paper that changes or is withdrawn is printed anew, marked, and listed among the errata."""

import json
from pathlib import Path

import feedparser
import pytest

from digest.paper import Month
from digest.pipeline import night, printing
from digest.pipeline.workshop import StageReport, Workshop
from digest.store import issues
from digest.store.papers import papers_by_id, papers_by_version

pytestmark = pytest.mark.model
APRIL, MAY = Month(2024, 4), Month(2024, 5)
PINNED = "2404.07143"
VERSIONS = [
    {"version": "v1", "created": "Wed, 10 Apr 2024 16:18:42 GMT"},
    {"version": "v2", "created": "Fri, 9 Aug 2024 16:54:48 GMT"},
]
ABSTRACT = "We propose a memory of fixed size. It reads 1M tokens."


def _run(workshop: Workshop, month: Month, *records: dict[str, object]) -> list[StageReport]:
    file = workshop.settings.root / "papers.jsonl"
    if records:
        file = workshop.settings.root / "changed.jsonl"
        file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return night.run_month(workshop, month, from_file=file)


def test_a_changed_and_a_withdrawn_paper_become_errata_of_the_issue(workshop: Workshop, publication: Path) -> None:
    _run(workshop, APRIL)
    site = publication / "site" / "public"
    before = dict(issues.choices(workshop.store, APRIL))
    old = next(version_id for version_id, choice in before.items() if choice.arxiv_id == PINNED)
    gone = next(choice.arxiv_id for choice in before.values() if choice.arxiv_id != PINNED)
    title = papers_by_id(workshop.store, [gone])[gone].paper.title
    reports = _run(
        workshop,
        MAY,  # another month's night, which finds the new versions on its way
        {"id": PINNED, "title": "Bounded Memory", "abstract": ABSTRACT, "versions": VERSIONS},
        {"id": f"{gone}v2", "title": title, "abstract": "", "comment": "This paper has been withdrawn"},
    )
    assert [report.stage for report in reports if report.outcome.changed][2:] == ["amend", "tag", "write", "build"]
    now = {choice.arxiv_id: version_id for version_id, choice in issues.choices(workshop.store, APRIL)}
    assert now[PINNED] != old
    assert papers_by_version(workshop.store, [old])[old].paper.title.startswith("Leave No Context Behind")

    page = (site / "2024-04" / "index.html").read_text(encoding="utf-8")
    assert "Bounded Memory" in page
    assert "Proposes a memory of fixed size." in page
    assert f'href="../errata/#{PINNED}-2024-08-09-title"' in page
    assert f'href="../errata/#{gone}-2024-05-01-withdrawn"' in page
    assert "withdrawn" in (site / "papers" / gone / "index.html").read_text(encoding="utf-8")
    errata = (site / "errata" / "index.html").read_text(encoding="utf-8")
    assert f'id="{PINNED}-2024-08-09-abstract"' in errata
    assert "<del>Leave No Context Behind" in errata
    feed = feedparser.parse((site / "errata" / "atom.xml").read_bytes())
    assert [entry.title.partition(":")[0] for entry in feed.entries] == ["New title", "New abstract", "Withdrawn"]
    assert not feed.bozo

    again = _run(workshop, MAY)
    assert not any(report.outcome.changed for report in again if report.stage != "picks")
    assert printing.rebuild(workshop, APRIL)[0] == []
    assert (site / "2024-04" / "index.html").read_text(encoding="utf-8") == page
