"""How far each source was read, what it announced and how many papers it says there are ↔ rows."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy import delete, func, insert, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlmodel import col, select

from digest.paper import Month
from digest.store.database import Store
from digest.store.tables import AnnouncementRow, CursorRow, ExpectationRow, PaperRow, PaperVersionRow


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a list of changes was read."""

    since: date | None = None  # all changes from this day on were read
    finished: date | None = None  # the source's day when the last list that was read to its end was begun
    resume_since: date | None = None  # the first day of a list that is being read
    resume_from: date | None = None  # how far it came


@dataclass(frozen=True, slots=True)
class Expectation:
    """How many papers a source says there are, in a month or on one of its days."""

    source: str
    day: str  # "2024-04-03"; "" for the whole month
    category: str  # or several, joined by a blank
    papers: int | None  # None: it could not be asked
    reason: str = ""  # why some are missing, where known


@dataclass(frozen=True, slots=True)
class Announced:
    """The papers on a category's list of a day, and how many of them are held."""

    day: date
    category: str
    papers: int
    held: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What the ledger needs of a held paper."""

    submitted: date | None
    categories: tuple[str, ...]
    announced: date | None = None


def cursor(store: Store, source: str, scope: str) -> Cursor:
    """Return how far a list was read; nowhere for one that was never begun."""
    with store.reading() as session:
        row = session.get(CursorRow, (source, scope))
        return Cursor(row.since, row.finished, row.resume_since, row.resume_from) if row else Cursor()


def save_cursor(store: Store, source: str, scope: str, moved: Cursor) -> None:
    """Keep how far a list was read."""
    statement = upsert(CursorRow).values(source=source, scope=scope, **asdict(moved))
    with store.writing() as session:
        session.execute(statement.on_conflict_do_update(index_elements=["source", "scope"], set_=asdict(moved)))


def save_announcements(store: Store, announced: Iterable[tuple[str, str, date, str]]) -> int:
    """Keep (arXiv id, category, day, kind), each once, and the first day on which a paper was new; count the new."""
    rows = [{"arxiv_id": a, "category": c, "day": d, "kind": k} for a, c, d, k in announced]
    if not rows:
        return 0
    count = select(func.count()).select_from(AnnouncementRow)
    with store.writing() as session:
        before = session.exec(count).one()
        session.execute(insert(AnnouncementRow).prefix_with("OR IGNORE"), rows)
        first_days = (
            select(func.min(AnnouncementRow.day))
            .where(AnnouncementRow.arxiv_id == PaperRow.arxiv_id, col(AnnouncementRow.kind) == "new")
            .scalar_subquery()
        )
        unknown = col(PaperRow.announced).is_(None) & first_days.is_not(None)
        session.execute(update(PaperRow).where(unknown).values(announced=first_days))
        return session.exec(count).one() - before


def missing_papers(store: Store) -> list[str]:
    """Return the ids that were announced and are not held, oldest first."""
    statement = (
        select(AnnouncementRow.arxiv_id)
        .outerjoin(PaperRow, col(PaperRow.arxiv_id) == col(AnnouncementRow.arxiv_id))
        .where(col(PaperRow.arxiv_id).is_(None))
        .distinct()
        .order_by(AnnouncementRow.arxiv_id)
    )
    with store.reading() as session:
        return list(session.exec(statement))


def announced_in(store: Store, month: Month) -> list[Announced]:
    """Count what was announced as new or cross-listed in a month, by day and category, and what is held of it."""
    held = func.count(col(PaperRow.arxiv_id))
    statement = (
        sa.select(col(AnnouncementRow.day), col(AnnouncementRow.category), func.count(), held)
        .outerjoin(PaperRow, col(PaperRow.arxiv_id) == col(AnnouncementRow.arxiv_id))
        .where(col(AnnouncementRow.day).between(month.first_day, month.last_day))
        .where(col(AnnouncementRow.kind).in_(("new", "cross")))
        .group_by(col(AnnouncementRow.day), col(AnnouncementRow.category))
        .order_by(col(AnnouncementRow.day), col(AnnouncementRow.category))
    )
    with store.reading() as session:
        return [Announced(*row) for row in session.execute(statement)]


def save_expectations(store: Store, source: str, month: Month, expected: Iterable[Expectation]) -> None:
    """Put what a source says of a month in the place of what it said before."""
    rows = [
        {"source": source, "month": str(month), "day": e.day, "category": e.category, "papers": e.papers}
        | {"reason": e.reason}
        for e in expected
    ]
    with store.writing() as session:
        session.execute(
            delete(ExpectationRow).where(col(ExpectationRow.source) == source, col(ExpectationRow.month) == str(month))
        )
        if rows:
            session.execute(insert(ExpectationRow), rows)


def expectations(store: Store, month: Month) -> list[Expectation]:
    """Return what the sources say of a month, whole month first, then by day."""
    statement = select(ExpectationRow).where(ExpectationRow.month == str(month))
    order = (ExpectationRow.source, ExpectationRow.day, ExpectationRow.category)
    with store.reading() as session:
        return [
            Expectation(row.source, row.day, row.category, row.papers, row.reason)
            for row in session.exec(statement.order_by(*order))
        ]


def listings(store: Store, month: Month) -> Mapping[str, Listing]:
    """Return day and categories of a month's papers, by arXiv id."""
    statement = (
        sa.select(
            col(PaperRow.arxiv_id), col(PaperRow.submitted), col(PaperVersionRow.categories), col(PaperRow.announced)
        )
        .join(PaperVersionRow, col(PaperVersionRow.arxiv_id) == col(PaperRow.arxiv_id))
        .where(col(PaperVersionRow.latest), col(PaperRow.month) == str(month))
    )
    with store.reading() as session:
        return {row[0]: Listing(row[1], tuple(row[2]), row[3]) for row in session.execute(statement)}
