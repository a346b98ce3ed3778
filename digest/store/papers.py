"""Papers → rows → papers: versions are added, never overwritten."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, bindparam, column, func, insert, update
from sqlalchemy import table as sa_table
from sqlmodel import Session, SQLModel, col, select

from digest.paper import Month, Paper
from digest.store.database import Store, in_batches
from digest.store.merge import Standing, compare, fill, inherit
from digest.store.tables import PaperRow, PaperVersionRow

_PAPER_COLUMNS = ("submitted", "announced", "withdrawn")  # the rest of a Paper lies in its version's row
_VERSION_COLUMNS = tuple(field.name for field in fields(Paper) if field.name not in (*_PAPER_COLUMNS, "arxiv_id"))
_PAPER_ATTRIBUTES = ("arxiv_id", "month", "primary_category", *_PAPER_COLUMNS)
_VERSION_ATTRIBUTES = ("arxiv_id", "content_hash", *_VERSION_COLUMNS)


@dataclass(frozen=True, slots=True)
class Held:
    """A paper version in the store."""

    version_id: int
    paper: Paper


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving papers changed, in papers."""

    new: int = 0
    changed: int = 0  # a new version, or something now known that was not
    same: int = 0

    def __add__(self, other: "Saved") -> "Saved":
        """Add up the counts."""
        return Saved(self.new + other.new, self.changed + other.changed, self.same + other.same)


def save_papers(store: Store, papers: Iterable[Paper]) -> Saved:
    """Add papers and versions in one transaction; saving the same papers again changes nothing."""
    saved = Saved()
    with store.writing() as session:
        for batch in in_batches(papers):
            for wave in _waves(batch):
                saved += _save_wave(session, wave)
    return saved


def mark_withdrawn(store: Store, arxiv_ids: Iterable[str]) -> int:
    """Mark held papers as withdrawn, as where their source deleted them; count those that were not marked before."""
    marked = 0
    with store.writing() as session:
        for batch in in_batches(dict.fromkeys(arxiv_ids)):
            statement = update(PaperRow).where(col(PaperRow.arxiv_id).in_(batch), ~col(PaperRow.withdrawn))
            marked += int(session.connection().execute(statement.values(withdrawn=True)).rowcount)
    return marked


def _waves(batch: Sequence[Paper]) -> list[dict[str, Paper]]:
    """Split a batch so that no wave holds an id twice, in the order of arrival."""
    waves: list[dict[str, Paper]] = [{}]
    for paper in batch:
        wave = next((wave for wave in waves if paper.arxiv_id not in wave), None)
        if wave is None:
            wave = {}
            waves.append(wave)
        wave[paper.arxiv_id] = paper
    return waves


def _save_wave(session: Session, wave: Mapping[str, Paper]) -> Saved:
    held = _latest(session, wave)
    new = [paper for arxiv_id, paper in wave.items() if arxiv_id not in held]
    if new:
        _insert(session, PaperRow, _PAPER_ATTRIBUTES, new)
        _insert(session, PaperVersionRow, _VERSION_ATTRIBUTES, new, latest=True)
    changed = sum(_save_known(session, held[arxiv_id], paper) for arxiv_id, paper in wave.items() if arxiv_id in held)
    return Saved(len(new), changed, len(wave) - len(new) - changed)


def _insert(
    session: Session, table: type[SQLModel], names: tuple[str, ...], papers: Sequence[Paper], **same: object
) -> None:
    """Insert a row for each paper: its attributes of these names, and what is the same for all.

    One prepared statement, its values turned column by column: five times as fast as through the ORM.
    """
    connection = session.connection()
    columns = SQLModel.metadata.tables[str(table.__tablename__)].c
    values = [*zip(*map(attrgetter(*names), papers), strict=True), *([value] * len(papers) for value in same.values())]
    stored = []
    for name, column_values in zip((*names, *same), values, strict=True):
        kind = columns[name].type.dialect_impl(connection.dialect)
        process = str if name == "month" else kind.bind_processor(connection.dialect)
        stored.append(column_values if process is None else list(map(cache(process), column_values)))
    statement = insert(sa_table(str(table.__tablename__), *map(column, (*names, *same))))
    compiled = statement.compile(dialect=connection.dialect, column_keys=[*names, *same])
    connection.exec_driver_sql(str(compiled), list(zip(*stored, strict=True)))


def _save_known(session: Session, held: Held, arriving: Paper) -> bool:
    """Save a paper whose id is known; tell whether anything changed."""
    standing = compare(held.paper, arriving)
    if standing in (Standing.SAME, Standing.POORER):
        filled = fill(held.paper, arriving)
        if filled == held.paper:
            return False
        _update(session, held.version_id, filled)
        return True
    paper = inherit(arriving, held.paper)
    if standing is Standing.NEWER:
        _unset_latest(session, held.version_id)
        _update_paper(session, paper)
    return _add_version(session, paper, latest=standing is Standing.NEWER)


def _add_version(session: Session, paper: Paper, *, latest: bool) -> bool:
    """Add a version, or make the stored one of the same content the latest; tell whether anything changed."""
    row = session.exec(
        select(PaperVersionRow).where(
            PaperVersionRow.arxiv_id == paper.arxiv_id,
            PaperVersionRow.version == paper.version,
            PaperVersionRow.content_hash == paper.content_hash,
        )
    ).first()
    if row is None:
        _insert(session, PaperVersionRow, _VERSION_ATTRIBUTES, [paper], latest=latest)
        return True
    changed = row.latest != latest
    row.latest = latest
    session.add(row)
    session.flush()
    return changed


def _unset_latest(session: Session, version_id: int) -> None:
    session.execute(update(PaperVersionRow).where(col(PaperVersionRow.id) == version_id).values(latest=False))


def _update(session: Session, version_id: int, paper: Paper) -> None:
    values = {name: value for name, value in _version_row(paper).items() if name != "arxiv_id"}
    session.execute(update(PaperVersionRow).where(col(PaperVersionRow.id) == version_id).values(**values))
    _update_paper(session, paper)


def _update_paper(session: Session, paper: Paper) -> None:
    statement = update(PaperRow).where(col(PaperRow.arxiv_id) == bindparam("key"))
    values = _paper_row(paper)
    session.connection().execute(statement, {"key": values.pop("arxiv_id"), **values})


def _paper_row(paper: Paper) -> dict[str, Any]:
    return {name: getattr(paper, name) for name in _PAPER_ATTRIBUTES} | {"month": str(paper.month)}


def _version_row(paper: Paper) -> dict[str, Any]:
    return {name: getattr(paper, name) for name in _VERSION_ATTRIBUTES}


_COLUMNS = (
    PaperVersionRow.id,
    PaperRow.arxiv_id,
    *(getattr(PaperRow, name) for name in _PAPER_COLUMNS),
    *(getattr(PaperVersionRow, name) for name in _VERSION_COLUMNS),
)


def _held(row: Row[Any]) -> Held:
    values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it
    version_id = values.pop("id")
    values |= {"authors": tuple(values["authors"]), "categories": tuple(values["categories"])}
    return Held(version_id, Paper(**values))


def _select() -> Any:  # noqa: ANN401  a select over that many columns has no writable type
    return select(*_COLUMNS).join(PaperRow, col(PaperVersionRow.arxiv_id) == col(PaperRow.arxiv_id))


def _latest(session: Session, arxiv_ids: Iterable[str]) -> dict[str, Held]:
    statement = _select().where(col(PaperVersionRow.latest), col(PaperRow.arxiv_id).in_(list(arxiv_ids)))
    return {held.paper.arxiv_id: held for held in map(_held, session.execute(statement))}


def papers_by_id(store: Store, arxiv_ids: Iterable[str]) -> dict[str, Held]:
    """Return the latest version of each paper that is held, by arXiv id."""
    found: dict[str, Held] = {}
    with store.reading() as session:
        for batch in in_batches(dict.fromkeys(arxiv_ids)):
            found |= _latest(session, batch)
    return found


# Written once: SQLAlchemy then knows it again, and a search does not wait for it to be compiled.
_BY_VERSION = _select().where(col(PaperVersionRow.id).in_(bindparam("version_ids", expanding=True)))


def papers_by_version(store: Store, version_ids: Iterable[int]) -> dict[int, Held]:
    """Return the versions that are held, by their number in the store."""
    found: dict[int, Held] = {}
    with store.reading() as session:
        for batch in in_batches(dict.fromkeys(version_ids)):
            rows = session.execute(_BY_VERSION, {"version_ids": batch})
            found |= {held.version_id: held for held in map(_held, rows)}
    return found


def papers_of_month(store: Store, month: Month) -> list[Held]:
    """Return the latest versions of a month's papers, by arXiv id; withdrawn ones among them."""
    statement = _select().where(col(PaperVersionRow.latest), PaperRow.month == str(month))
    with store.reading() as session:
        return [_held(row) for row in session.execute(statement.order_by(PaperRow.arxiv_id))]


def earlier_versions(store: Store, month: Month) -> list[tuple[int, str]]:
    """Return (version id, arXiv id) of the latest versions of earlier months' papers, oldest month first."""
    statement = (
        select(PaperVersionRow.id, PaperVersionRow.arxiv_id)
        .join(PaperRow, col(PaperVersionRow.arxiv_id) == col(PaperRow.arxiv_id))
        .where(col(PaperVersionRow.latest), ~col(PaperRow.withdrawn), PaperRow.month < str(month))
        .order_by(PaperRow.month, PaperRow.arxiv_id)
    )
    with store.reading() as session:
        return [(row[0] or 0, row[1]) for row in session.exec(statement)]


def titles(store: Store) -> dict[str, str]:
    """Return the latest title of every paper, by arXiv id."""
    statement = select(PaperVersionRow.arxiv_id, PaperVersionRow.title).where(col(PaperVersionRow.latest))
    with store.reading() as session:
        return {row[0]: row[1] for row in session.exec(statement)}


def earlier_titles(store: Store, arxiv_ids: Iterable[str]) -> dict[str, list[str]]:
    """Return the titles of the versions that are not the latest, by arXiv id."""
    found: dict[str, list[str]] = {}
    with store.reading() as session:
        for batch in in_batches(dict.fromkeys(arxiv_ids)):
            statement = select(PaperVersionRow.arxiv_id, PaperVersionRow.title)
            earlier = statement.where(~col(PaperVersionRow.latest), col(PaperVersionRow.arxiv_id).in_(batch))
            for arxiv_id, title in session.exec(earlier):
                found.setdefault(arxiv_id, []).append(title)
    return found


def count_papers(store: Store) -> int:
    """Count the papers held."""
    with store.reading() as session:
        return session.exec(select(func.count()).select_from(PaperRow)).one()
