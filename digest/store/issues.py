"""The papers chosen for an issue ↔ rows."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlmodel import col, select

from digest.paper import Choice, Month
from digest.store.database import Store
from digest.store.tables import ChoiceMarkRow, IssueEntryRow, PaperVersionRow


def save_choices(store: Store, month: Month, choices: Sequence[tuple[int, Choice]]) -> None:
    """Keep a month's choices, (version id, choice) in rank order, in the place of those it had."""
    rows = [
        IssueEntryRow.model_validate(
            {
                "month": str(month),
                "version_id": version_id,
                "rank": rank,
                "score": choice.score,
                "reason": choice.reason,
                "pinned": choice.pinned,
                "starred": choice.starred,
                "note": choice.note,
                "title": choice.title,
            }
        )
        for rank, (version_id, choice) in enumerate(choices)
    ]
    with store.writing() as session:
        session.execute(delete(IssueEntryRow).where(col(IssueEntryRow.month) == str(month)))
        session.add_all(rows)


def listed(store: Store, month: Month) -> list[int]:
    """Return the version ids of a month's choices, in rank order."""
    return [version_id for version_id, _ in choices(store, month)]


def choices(store: Store, month: Month) -> list[tuple[int, Choice]]:
    """Return a month's choices as (version id, choice), in rank order."""
    statement = (
        select(IssueEntryRow, PaperVersionRow.arxiv_id)
        .join(PaperVersionRow, col(PaperVersionRow.id) == col(IssueEntryRow.version_id))
        .where(IssueEntryRow.month == str(month))
        .order_by(col(IssueEntryRow.rank))
    )
    with store.reading() as session:
        return [
            (
                row.version_id,
                Choice(
                    arxiv_id=arxiv_id,
                    score=row.score,
                    reason=row.reason,
                    pinned=row.pinned,
                    starred=row.starred,
                    note=row.note,
                    title=row.title,
                ),
            )
            for row, arxiv_id in session.exec(statement)
        ]


def months(store: Store) -> list[Month]:
    """Return the months that have an issue, oldest first."""
    with store.reading() as session:
        return sorted(Month.parse(text) for text in session.exec(select(IssueEntryRow.month).distinct()))


def mark(store: Store, month: Month) -> str:
    """Return what a month's choices were made from; "" where that is not known."""
    with store.reading() as session:
        row = session.get(ChoiceMarkRow, str(month))
        return row.mark if row else ""


def save_mark(store: Store, month: Month, mark: str) -> None:
    """Keep what a month's choices were made from."""
    with store.writing() as session:
        session.merge(ChoiceMarkRow.model_validate({"month": str(month), "mark": mark}))
