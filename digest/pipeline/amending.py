"""New versions of papers that issues list → the issues' choices, so that they are tagged, written and printed anew."""

from digest.paper import Choice, Month
from digest.pipeline.workshop import Outcome, StageReport, Workshop, perform
from digest.store import issues
from digest.store.papers import papers_by_id


def stale_months(workshop: Workshop) -> dict[Month, list[tuple[int, Choice]]]:
    """Return each month that lists an earlier version of a paper, with the choices it should have."""
    stale = {}
    for month in issues.months(workshop.store):
        before = issues.choices(workshop.store, month)
        latest = papers_by_id(workshop.store, (choice.arxiv_id for _, choice in before))
        # A withdrawn paper keeps the version that was printed: the last one has no abstract to tell of.
        moved = {one: held.version_id for one, held in latest.items() if not held.paper.withdrawn}
        now = [(moved.get(choice.arxiv_id, version_id), choice) for version_id, choice in before]
        if now != before:
            stale[month] = now
    return stale


def amend(workshop: Workshop) -> StageReport:
    """Let every issue list the latest versions of its papers; what was written of earlier ones stays."""
    return perform(workshop, "", "amend", lambda: _amend(workshop))


def _amend(workshop: Workshop) -> Outcome:
    stale = stale_months(workshop)
    for month, choices in stale.items():
        issues.save_choices(workshop.store, month, choices)
    return Outcome(counts={"issues": len(stale)}, changed=bool(stale))
