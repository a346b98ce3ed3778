"""What hits must be → conditions over the searchable versions; every value is bound, none is written into SQL."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from digest.store.database import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What hits must be; what is empty does not matter. Of a group of alternatives one must hold, of groups all."""

    since: str = ""  # ISO days; a paper of which only the month is known passes where it may lie between them
    until: str = ""
    categories: tuple[tuple[str, ...], ...] = ()  # groups of alternatives: cs.CL, or cs for all below it
    not_categories: tuple[str, ...] = ()
    authors: tuple[tuple[tuple[str, ...], ...], ...] = ()  # groups of alternative names, each in words
    not_authors: tuple[tuple[str, ...], ...] = ()  # names, each in words
    tags: tuple[tuple[str, ...], ...] = ()  # groups of alternative topics
    not_tags: tuple[str, ...] = ()
    scheme: str = ""  # the taxonomy and encoder that the tags were given by
    issues: tuple[tuple[str, ...], ...] = ()  # groups of alternative months; "any" for any issue
    withdrawn: bool | None = False  # None: withdrawn or not
    phrases: tuple[str, ...] = ()
    not_terms: tuple[str, ...] = ()

    @property
    def are_narrow(self) -> bool:
        """Whether they ask for more than that a paper is not withdrawn."""
        return self != Filters() and self != Filters(scheme=self.scheme)


def phrase(term: str) -> str:
    """Write a term as FTS5 has it: a string in which nothing is an operator; a * at its end asks for beginnings."""
    bare = term.rstrip("*")
    quoted = '"' + bare.replace('"', '""') + '"'
    return f"{quoted} *" if bare != term else quoted


def match_any(terms: Sequence[str]) -> str:
    """Write "one of these terms" as FTS5 has it."""
    return " OR ".join(map(phrase, terms))


def _name(words: Sequence[str]) -> str:
    """Write a person's name as FTS5 has it: its words near each other in any order; one letter is a beginning."""
    written = [phrase(f"{word}*" if len(word) == 1 else word) for word in words]
    return f"NEAR({' '.join(written)}, 2)" if len(written) > 1 else written[0]


_NAMED = "version_id {} (SELECT rowid FROM paper_names WHERE paper_names MATCH ?)"
_WORDED = "version_id {} (SELECT rowid FROM paper_words WHERE paper_words MATCH ?)"
_TAGGED = "version_id {} (SELECT version_id FROM tagging WHERE scheme = ? AND topic IN ({}))"


def word_conditions(filters: Filters) -> tuple[str, tuple[object, ...]]:
    """Return the filters as the WHERE clause of a query of `paper_words`, and its values.

    The plus keeps SQLite from looking each row up in the index of words: matching first is faster.
    """
    if not filters.are_narrow:
        return "+rowid NOT IN (SELECT version_id FROM searchable WHERE withdrawn = 1)", ()
    where, values = conditions(filters)
    return f"+rowid IN (SELECT version_id FROM searchable WHERE {where})", values  # noqa: S608  values are bound


def conditions(filters: Filters) -> tuple[str, tuple[object, ...]]:
    """Return the filters as the WHERE clause of a query of `searchable`, and its values."""
    parts: list[tuple[str, tuple[object, ...]]] = []
    if filters.since:
        parts.append(("last_day >= ?", (filters.since,)))
    if filters.until:
        parts.append(("first_day <= ?", (filters.until,)))
    if filters.withdrawn is not None:  # few are withdrawn, and their index is short
        negation = "" if filters.withdrawn else "NOT "
        parts.append((f"version_id {negation}IN (SELECT version_id FROM searchable WHERE withdrawn = 1)", ()))  # noqa: S608
    parts += [(_NAMED.format("IN"), (f"categories : ({match_any(group)})",)) for group in filters.categories]
    parts += [(_NAMED.format("IN"), (f"authors : ({' OR '.join(map(_name, group))})",)) for group in filters.authors]
    parts += [(_NAMED.format("NOT IN"), (f"categories : {phrase(one)}",)) for one in filters.not_categories]
    parts += [(_NAMED.format("NOT IN"), (f"authors : {_name(one)}",)) for one in filters.not_authors]
    parts += [(_TAGGED.format("IN", _marks(group)), (filters.scheme, *group)) for group in filters.tags]
    parts += [(_TAGGED.format("NOT IN", "?"), (filters.scheme, one)) for one in filters.not_tags]
    parts += [_issue(group) for group in filters.issues]
    parts += [(_WORDED.format("IN"), (phrase(one),)) for one in filters.phrases]
    parts += [(_WORDED.format("NOT IN"), (phrase(one),)) for one in filters.not_terms]
    return " AND ".join(part for part, _ in parts) or "TRUE", tuple(value for _, values in parts for value in values)


def _marks(values: Sequence[str]) -> str:
    return ",".join("?" * len(values))


def _issue(months: Sequence[str]) -> tuple[str, tuple[object, ...]]:
    if "any" in months:
        return "version_id IN (SELECT version_id FROM issue_entry)", ()
    return f"version_id IN (SELECT version_id FROM issue_entry WHERE month IN ({_marks(months)}))", tuple(months)  # noqa: S608


def passing(store: Store, filters: Filters) -> npt.NDArray[np.int64]:
    """Return the versions that pass the filters, shape (versions,), ascending."""
    where, values = conditions(filters)
    with store.reading() as session:
        rows = session.connection().exec_driver_sql(
            f"SELECT version_id FROM searchable WHERE {where} ORDER BY version_id",  # noqa: S608  values are bound
            values,
        )
        return np.fromiter((row[0] for row in rows), np.int64)


def newest_passing(store: Store, filters: Filters, count: int) -> list[int]:
    """Return the newest versions that pass the filters, newest first."""
    where, values = conditions(filters)
    with store.reading() as session:
        rows = session.connection().exec_driver_sql(
            f"SELECT version_id FROM searchable WHERE {where} "  # noqa: S608  as above
            "ORDER BY last_day DESC, version_id DESC LIMIT ?",
            (*values, count),
        )
        return [int(row[0]) for row in rows]


def withdrawn_versions(store: Store) -> npt.NDArray[np.int64]:
    """Return the searchable versions of withdrawn papers, shape (versions,)."""
    return passing(store, Filters(withdrawn=True))


def known_name_words(store: Store, words: Sequence[str]) -> set[str]:
    """Return those of the words that stand in some author's name."""
    with store.reading() as session:
        connection = session.connection()
        statement = "SELECT 1 FROM paper_names_seen WHERE term = ? AND col = 'authors'"
        return {word for word in words if connection.exec_driver_sql(statement, (word,)).first()}


def name_words(store: Store) -> list[str]:
    """Return every word of the authors' names, folded; a tenth of a second for a large archive."""
    with store.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT term FROM paper_names_seen WHERE col = 'authors'")
        return [str(row[0]) for row in rows]
