"""Values as a source gave them → the parts of a paper, or a reason why they cannot be."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from digest.text import normalise, plain_text

_LONGEST_TITLE = 2_000  # characters; far above any real one, far below what would choke a later stage
_LONGEST_ABSTRACT = 20_000  # arXiv allows 1,920 (info.arxiv.org/help/prep.html)
_FIRST_YEAR, _LAST_YEAR = 1986, 2999  # arXiv holds papers older than itself
_WITHDRAWN = re.compile(
    r"^\W*withdrawn\b"
    r"|\b(?:paper|article|submission|manuscript|work|preprint|report|it) (?:has been|have been|is|was)"
    r"(?: temporarily| being)? withdrawn\b"
    r"|\bwithdrawn (?:by|from|at|due|because|for)\b",
    re.IGNORECASE,
)
_NAMES_NO_ONE = re.compile(r"\bet al\b|^\W*$", re.IGNORECASE)


def read_text(record: Mapping[str, Any], key: str, longest: int = _LONGEST_ABSTRACT) -> str:
    """Return a text of the record, normalised; "" where it is not there.

    Raises:
        ValueError: it is no text, or longer than any real one.
    """
    value = record.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{key} is not text")  # noqa: TRY004  every fault of a record is a ValueError
    if len(value) > longest:
        raise ValueError(f"{key} has {len(value):,} characters (at most {longest:,} are plausible)")
    return normalise(value)


def read_title(record: Mapping[str, Any]) -> str:
    """Return the title.

    Raises:
        ValueError: there is none, or it is not plausible.
    """
    title = read_text(record, "title", _LONGEST_TITLE)
    if not title:
        raise ValueError("title is empty")
    return title


def read_abstract(record: Mapping[str, Any]) -> str:
    """Return the abstract.

    Raises:
        ValueError: there is none, or it is not plausible.
    """
    abstract = read_text(record, "abstract")
    if not abstract:
        raise ValueError("abstract is empty")
    return abstract


def read_authors(names: Iterable[object]) -> tuple[str, ...]:
    """Return the authors in Unicode; () where the list is cut short ("et al."): a part would look like all.

    Raises:
        ValueError: a name is no text.
    """
    authors = []
    for name in names:
        if not isinstance(name, str):
            raise ValueError("an author is not text")  # noqa: TRY004  as above
        author = _plain_name(name)
        if _NAMES_NO_ONE.search(author):
            return ()
        authors.append(author)
    return tuple(authors)


@lru_cache(maxsize=65_536)
def _plain_name(name: str) -> str:
    return plain_text(normalise(name))


def read_date(text: str, key: str) -> date:
    """Read "2024-04-10", or the day of a time such as "2024-04-10T16:18:42Z".

    Raises:
        ValueError: it is no day, or not one on which a paper can have been submitted.
    """
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        raise ValueError(f"{key} is not a day: {text[:40]!r}") from None
    return check_year(day, key)


def check_year(day: date, key: str) -> date:
    """Return the day.

    Raises:
        ValueError: no paper can have been submitted then.
    """
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"{key} is not plausible: {day}")
    return day


def is_withdrawn(comment: str, abstract: str) -> bool:
    """Tell whether comment or abstract says that the paper was withdrawn: arXiv marks it nowhere else."""
    return any("withdrawn" in text.lower() and _WITHDRAWN.search(text) for text in (comment, abstract[:120]))
