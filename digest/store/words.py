"""Papers' words ↔ SQLite's FTS5: the index follows the list of changes, and ranks papers by BM25."""

import hashlib
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from functools import cache
from itertools import islice

import orjson
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from digest.paper import Month
from digest.store.database import Store
from digest.store.filters import Filters, match_any, phrase, word_conditions
from digest.text import fold_title, plain_text

_BATCH = 10_000  # versions in one transaction: FTS5 writes few large pieces three times as fast as many small ones
# Names stand so far apart in the index that a search for two words of one name never joins two people.
_BETWEEN_NAMES = " 0 0 0 "
_TITLE_WEIGHT, _ABSTRACT_WEIGHT = 3.0, 1.0  # by custom: other weights were not tried
_RANKED = 4_000  # papers scored for one query: BM25 costs about a microsecond for each and word
_COMMON = 0.2  # of all papers: a word that more of them hold tells nothing, and counting it costs milliseconds


def title_key(title: str) -> str:
    """Return what a title is recognised by: a hash of its letters and digits."""
    return hashlib.sha256(fold_title(title).encode("utf-8", "replace")).hexdigest()[:16]


# --- following the store -----------------------------------------------------------------------------------


def follow_words(store: Store, on_batch: Callable[[int], None] = lambda _done: None) -> int:
    """Bring the index of words up to the store's last change; return how many versions that took."""
    done = 0
    while True:
        with store.writing() as session:
            connection = session.connection()
            changed = connection.exec_driver_sql(
                "SELECT seq, version_id FROM search_change WHERE seq > "
                "(SELECT CAST(value AS INTEGER) FROM search_state WHERE name = 'words') ORDER BY seq LIMIT ?",
                (_BATCH,),
            ).all()
            if not changed:
                return done
            _follow(connection, [int(row[1]) for row in changed])
            connection.exec_driver_sql("UPDATE search_state SET value = ? WHERE name = 'words'", (str(changed[-1][0]),))
        done += len(changed)
        on_batch(done)


def are_words_behind(store: Store) -> bool:
    """Tell whether the index of words has changes to follow."""
    with store.reading() as session:
        behind = session.connection().exec_driver_sql(
            "SELECT (SELECT coalesce(max(seq), 0) FROM search_change) > "
            "(SELECT CAST(value AS INTEGER) FROM search_state WHERE name = 'words')"
        )
        return bool(behind.scalar())


def rebuild_words(store: Store) -> None:
    """Empty the index of words and make it anew."""
    with store.writing() as session:
        connection = session.connection()
        for statement in (
            "DELETE FROM searchable",
            "DELETE FROM paper_names",
            "INSERT INTO paper_words(paper_words) VALUES ('rebuild')",  # of a view that is empty now
            "UPDATE search_state SET value = '0' WHERE name = 'words'",
            "INSERT OR IGNORE INTO search_change (version_id) SELECT id FROM paper_version WHERE latest ORDER BY id",
        ):
            connection.exec_driver_sql(statement)
    follow_words(store)


def are_words_whole(store: Store) -> bool:
    """Hold the whole index of words against the texts; it takes seconds for a large archive."""
    with store.writing() as session:
        connection = session.connection()
        latest, held = connection.exec_driver_sql(
            "SELECT (SELECT count(*) FROM paper_version WHERE latest), (SELECT count(*) FROM searchable)"
        ).one()
        return latest == held and _passes(connection, "paper_words") and _passes(connection, "paper_names")


def _passes(connection: Connection, table: str) -> bool:
    try:  # sqlite.org/fts5.html, "The 'integrity-check' Command": rank 1 compares with the content too
        connection.exec_driver_sql(f"INSERT INTO {table}({table}, rank) VALUES ('integrity-check', 1)")  # noqa: S608
    except DatabaseError:
        return False
    return True


def _follow(connection: Connection, version_ids: Sequence[int]) -> None:
    """Take out the versions that are no longer the latest, put in those that are, and renew what is filtered by.

    A version's title and abstract never change, so what stands in the index of words stays there.
    """
    connection.exec_driver_sql("CREATE TEMP TABLE IF NOT EXISTS followed (id INTEGER PRIMARY KEY, is_in BOOLEAN)")
    connection.exec_driver_sql("DELETE FROM temp.followed")
    connection.exec_driver_sql(
        "INSERT INTO temp.followed VALUES (?, EXISTS (SELECT 1 FROM searchable WHERE version_id = ?))",
        [(version_id, version_id) for version_id in version_ids],
    )
    _take_out(connection)
    rows = connection.exec_driver_sql(
        "SELECT version.id, version.title, version.authors, version.authors_line, version.categories, "
        "paper.submitted, paper.month, paper.withdrawn FROM paper_version AS version "
        "JOIN paper USING (arxiv_id) WHERE latest AND version.id IN (SELECT id FROM temp.followed)"
    ).all()
    if not rows:
        return
    connection.exec_driver_sql(
        "INSERT OR REPLACE INTO searchable VALUES (?, ?, ?, ?, ?)",
        [(row[0], *_days(row[5], row[6]), row[7], title_key(row[1])) for row in rows],
    )
    connection.exec_driver_sql(
        "INSERT INTO paper_words(rowid, title, abstract) SELECT id, title, abstract FROM searchable_text "
        "WHERE id IN (SELECT id FROM temp.followed WHERE NOT is_in)"
    )
    held = connection.exec_driver_sql(
        "SELECT rowid, authors, categories FROM paper_names WHERE rowid IN (SELECT id FROM temp.followed WHERE is_in)"
    )
    known = {tuple(row) for row in held}
    names = [(row[0], _names(row[2], row[3]), " 0 ".join(orjson.loads(row[4]))) for row in rows]
    renewed = [row for row in names if row not in known]
    if renewed:
        connection.exec_driver_sql(
            "INSERT OR REPLACE INTO paper_names(rowid, authors, categories) VALUES (?, ?, ?)", renewed
        )


def _take_out(connection: Connection) -> None:
    """Take out of the index what stands in it and is no longer the latest version of its paper."""
    connection.exec_driver_sql("CREATE TEMP TABLE IF NOT EXISTS outdated AS SELECT id FROM temp.followed WHERE FALSE")
    connection.exec_driver_sql("DELETE FROM temp.outdated")
    connection.exec_driver_sql(
        "INSERT INTO temp.outdated SELECT id FROM temp.followed WHERE is_in AND NOT EXISTS "
        "(SELECT 1 FROM paper_version AS version WHERE version.id = temp.followed.id AND latest)"
    )
    gone = "(SELECT id FROM temp.outdated)"
    connection.exec_driver_sql(
        "INSERT INTO paper_words(paper_words, rowid, title, abstract) SELECT 'delete', id, title, abstract "  # noqa: S608
        f"FROM searchable_text WHERE id IN {gone}"
    )
    connection.exec_driver_sql(f"DELETE FROM paper_names WHERE rowid IN {gone}")  # noqa: S608
    connection.exec_driver_sql(f"DELETE FROM searchable WHERE version_id IN {gone}")  # noqa: S608


@cache
def _days(submitted: str | None, month: str) -> tuple[str, str]:
    """Return the days between which a paper was submitted."""
    if submitted:
        return submitted, submitted
    whole = Month.parse(month)
    return whole.first_day.isoformat(), whole.last_day.isoformat()


def _names(authors: str, authors_line: str | None) -> str:
    return _BETWEEN_NAMES.join(map(plain_text, orjson.loads(authors))) or plain_text(authors_line or "")


# --- ranking -----------------------------------------------------------------------------------------------


def rank_words(
    store: Store, terms: Sequence[str], filters: Filters, depth: int, known: MutableMapping[str, int] | None = None
) -> list[int]:
    """Return the versions that hold the terms, best first by BM25 (title above abstract), at most `depth`.

    A term is a word, or the beginning of one with * after it. Papers are ranked by all terms; which papers are
    ranked is decided by the rarer ones, so that a query of common words costs no more than another. `known` keeps
    how many papers hold a term, from one search to the next, as long as the store does not change.
    """
    if not terms:
        return []
    with store.reading() as session:
        connection = session.connection()
        held = connection.exec_driver_sql("SELECT coalesce(max(version_id), 0) FROM searchable").scalar() or 0
        cap = max(_RANKED, int(held * _COMMON)) + 1
        known = {} if known is None else known
        for term in terms:
            if term not in known:
                known[term] = _count(connection, phrase(term), cap)
        counts = {term: known[term] for term in terms}
        where, values = word_conditions(filters)
        for expression in _expressions(counts, cap):
            rows = connection.exec_driver_sql(_RANKING.format(where=where), (expression, *values, _RANKED, depth))
            found = [int(row[0]) for row in rows]
            if found:
                return found
    return []


_RANKING = (
    "SELECT id FROM (SELECT rowid AS id, "  # noqa: S608  our own weights
    f"bm25(paper_words, {_TITLE_WEIGHT}, {_ABSTRACT_WEIGHT}) AS score "
    "FROM paper_words WHERE paper_words MATCH ? AND {where} "
    "ORDER BY rowid DESC LIMIT ?) ORDER BY score, id LIMIT ?"
)


def _count(connection: Connection, expression: str, cap: int) -> int:
    """Count the papers that match, up to a cap."""
    statement = "SELECT count(*) FROM (SELECT 1 FROM paper_words WHERE paper_words MATCH ? LIMIT ?)"
    return int(connection.exec_driver_sql(statement, (expression, cap)).scalar() or 0)


def _expressions(counts: dict[str, int], cap: int) -> Iterator[str]:
    """Yield what to ask for, the most telling first: the first that finds anything is the answer."""
    found = sorted((term for term, count in counts.items() if count), key=lambda term: counts[term])
    telling = [term for term in found if counts[term] < cap] or found
    chosen: list[str] = []
    for term in telling:
        if sum(counts[one] for one in chosen) + counts[term] > _RANKED:
            break
        chosen.append(term)
    rest = [term for term in telling if term not in chosen]
    if chosen and rest:
        yield f"({match_any(chosen)}) AND ({match_any(chosen + rest)})"
    elif chosen:
        yield match_any(chosen)
    elif telling:
        everywhere = " AND ".join(map(phrase, telling))
        yield f"title : ({everywhere})"
        yield everywhere
        yield match_any(telling)


# --- what was found ----------------------------------------------------------------------------------------

_MARK, _END = "\x02", "\x03"  # controls are not stored (text.normalise)


def matched_words(store: Store, terms: Sequence[str], version_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the words of each version that answer to the terms, as they are written there, in their order."""
    if not terms or not version_ids:
        return {}
    marks = ",".join("?" * len(version_ids))
    statement = (
        "SELECT rowid, highlight(paper_words, 0, ?, ?) || ' ' || highlight(paper_words, 1, ?, ?) "  # noqa: S608
        f"FROM paper_words WHERE paper_words MATCH ? AND rowid IN ({marks})"  # question marks alone
    )
    with store.reading() as session:
        rows = session.connection().exec_driver_sql(
            statement, (_MARK, _END, _MARK, _END, match_any(terms), *version_ids)
        )
        return {int(row[0]): tuple(_marked(row[1])) for row in rows}


def _marked(text: str) -> Iterator[str]:
    seen = set()
    for piece in islice(text.split(_MARK), 1, None):
        word = piece.split(_END)[0]
        if word.casefold() not in seen:
            seen.add(word.casefold())
            yield word


def versions_titled(store: Store, title: str) -> list[int]:
    """Return the latest versions with this title, whatever its capitals, accents and punctuation."""
    with store.reading() as session:
        rows = session.connection().exec_driver_sql(
            "SELECT version_id FROM searchable WHERE title_key = ? ORDER BY version_id LIMIT 10", (title_key(title),)
        )
        return [int(row[0]) for row in rows]
