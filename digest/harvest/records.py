"""Values as a source gave them → the parts of a paper, or a reason why they cannot be."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from digest.text import normalise, plain_text

_LONGEST_TITLE = _LONGEST_NAME = 2_000  # characters; far above any real one, far below what would choke a later stage
LONGEST_AUTHORS = 1_000_000  # characters of one line
_LONGEST_ABSTRACT = 20_000  # arXiv allows 1,920 (info.arxiv.org/help/prep.html)
_FIRST_YEAR, _LAST_YEAR = 1986, 2999  # arXiv holds papers older than itself
OAI_PREFIX = "oai:arXiv.org:"  # before an id, in lists and in feeds
VERSION = re.compile(r"v([1-9]\d{0,2})", re.ASCII)
_WITHDRAWN = re.compile(
    r"^\W*withdrawn\b"
    r"|\b(?:paper|article|submission|manuscript|work|preprint|report|it) (?:has been|have been|is|was)"
    r"(?: temporarily| being)? withdrawn\b"
    r"|\bwithdrawn (?:by|from|at|due|because|for)\b",
    re.IGNORECASE,
)
_MOMENT = re.compile(r"[A-Z][a-z]{2}, (\d\d?) ([A-Z][a-z]{2}) (\d{4}) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d GMT", re.ASCII)
_MONTHS = {name: n for n, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)}
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


def read_state(record: Mapping[str, Any], comment_key: str, *, is_empty: bool = False) -> tuple[str, str, bool]:
    """Return comment, abstract, and whether the paper was withdrawn: by either of them, or for want of a source.

    Raises:
        ValueError: one is not plausible, or a paper that was not withdrawn has no abstract.
    """
    comment, abstract = read_text(record, comment_key), read_text(record, "abstract")
    withdrawn = is_empty or _is_withdrawn(comment, abstract)
    if not abstract and not withdrawn:
        raise ValueError("abstract is empty")
    return comment, abstract, withdrawn


def read_authors(names: Iterable[object]) -> tuple[str, ...]:
    """Return the authors in Unicode; () where the list is cut short ("et al."): a part would look like all.

    Raises:
        ValueError: a name is no text, or longer than any real one.
    """
    authors = []
    for name in names:
        if not isinstance(name, str):
            raise ValueError("an author is not text")  # noqa: TRY004  as above
        if len(name) > _LONGEST_NAME:
            raise ValueError(f"an author has {len(name):,} characters (at most {_LONGEST_NAME:,} are plausible)")
        author = _plain_name(name)
        if not author:
            return ()
        authors.append(author)
    return tuple(authors)


@lru_cache(maxsize=65_536)
def _plain_name(name: str) -> str:
    """Return a name in Unicode; "" where it is none."""
    plain = plain_text(normalise(name))
    return "" if _NAMES_NO_ONE.search(plain) else plain


_BETWEEN_NAMES = re.compile(r",\s*(?:and\s+)?|;|\s+and\s+|\s+&\s+")
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?d)\.?", re.IGNORECASE)


def split_author_line(line: str) -> list[str]:
    """Split "A. Ada, B. Bo (MIT, USA) and C. Cy, Jr." into names, leaving out affiliations.

    The form: info.arxiv.org/help/prep.html, "Author(s)".
    """
    names: list[str] = []
    for part in _BETWEEN_NAMES.split(_outside_parentheses(line) if "(" in line or ")" in line else line):
        name = " ".join(part.split())
        if _SUFFIX.fullmatch(name) and names:
            names[-1] += f" {name}"
        elif name:
            names.append(name)
    return names


def _outside_parentheses(line: str) -> str:
    outside, depth = [], 0
    for char in line:
        depth += (char == "(") - (char == ")" and depth > 0)
        if not depth and char != ")":
            outside.append(char)
    return "".join(outside)


def read_categories(names: Sequence[object]) -> tuple[str, ...]:
    """Return the categories, each once, primary category first.

    Raises:
        ValueError: one is no text.
    """
    found = [name.strip() for name in names if isinstance(name, str) and name.isprintable() and not name.isspace()]
    if len(found) != len(names):
        raise ValueError("a category is not text")
    return tuple(dict.fromkeys(found))


def read_date(text: str, key: str) -> date:
    """Read "2024-04-10", or the day of a time such as "2024-04-10T16:18:42Z".

    Raises:
        ValueError: it is no day, or not one on which a paper can have been submitted.
    """
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        raise ValueError(f"{key} is not a day: {text[:40]!r}") from None
    return _check_year(day, key)


def read_moment(text: str, key: str) -> date:
    """Return the day (UTC) of a moment such as "Mon, 2 Apr 2007 19:18:42 GMT" (RFC 2822, 3.3).

    Raises:
        ValueError: it is no moment, or not one at which a paper can have been submitted.
    """
    day = _plain_moment(text)
    if day is not None:
        return _check_year(day, key)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        raise ValueError(f"{key} is not a date: {text[:40]!r}") from None
    # A time without a zone is taken as GMT, which arXiv always says.
    return _check_year(moment.astimezone(UTC).date() if moment.tzinfo else moment.date(), key)


def _plain_moment(text: str) -> date | None:
    """Read the form that arXiv writes, "Mon, 2 Apr 2007 19:18:42 GMT", ten times as fast; None for any other."""
    match = _MOMENT.fullmatch(text)
    month = _MONTHS.get(match[2]) if match else None
    if match is None or month is None:
        return None
    try:
        return date(int(match[3]), month, int(match[1]))
    except ValueError:
        return None


def _check_year(day: date, key: str) -> date:
    """Return the day.

    Raises:
        ValueError: no paper can have been submitted then.
    """
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"{key} is not plausible: {day}")
    return day


def _is_withdrawn(comment: str, abstract: str) -> bool:
    """Tell whether comment or abstract says that the paper was withdrawn: arXiv marks it nowhere else."""
    said = f"{comment}\n{abstract[:120]}" if comment else abstract[:120]
    if "withdrawn" not in said.lower():  # almost always
        return False
    return bool(_WITHDRAWN.search(comment) or _WITHDRAWN.search(abstract[:120]))
