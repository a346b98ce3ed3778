"""What a person types → words, phrases and filters (pure; every text is a query, none raises).

    mixture of experts          words, found by meaning and by word; transform* asks for beginnings
    "in-context learning"       these words in this order must stand there; a quote not closed ends with the text
    -survey  -"case study"      must not stand there
    author:vaswani  author:"Ashish Vaswani"    cat:cs.CL   cat:cs   cat:cs.CL,cs.LG   tag:agents
    since:2024-04-01  until:2024-06  since:2023             issue:2024-04  issue:any  is:withdrawn  is:any
    2404.07143                  an arXiv id, bare or in a link

A filter that is repeated asks for all of them, a comma between values for one of them; a minus before author, cat and
tag asks for papers without.
"""

import calendar
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from digest.paper import split_arxiv_id
from digest.text import normalise

_LONGEST = 2_000  # characters that are read; the encoder reads 256 word pieces
_LONGEST_WORD = 64
_MOST_TERMS = 32
_MOST_OF_A_FILTER = 8
_MOST_WORDS_OF_A_NAME = 6
_QUOTES = str.maketrans("“”„«»", '"""""')
_TOKEN = re.compile(
    r"(?P<minus>-)?(?:(?P<name>[a-z]{2,9}):)?(?:\"(?P<quoted>[^\"]*)(?:\"|$)|(?P<bare>[^\s\"]+))", re.IGNORECASE
)
_WORD = re.compile(r"[^\W_]+")
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
_MONTH = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])", re.ASCII)
_NAMES = {
    "author": "author", "au": "author", "by": "author", "cat": "cat", "category": "cat", "tag": "tag", "topic": "tag",
    "since": "since", "after": "since", "until": "until", "before": "until", "issue": "issue", "in": "issue",
    "is": "is",
}  # fmt: skip

# Words that tell nothing of what a paper is about. A query of nothing else keeps them.
STOP_WORDS = frozenset(
    "a about an and any are as at be been by can could do does for from had has have how i if in into is it its more "
    "no not of on or our so some such than that the their them then there these they this those through to toward "
    "towards under up via was we were what when where which while who why will with within without would you "
    "your".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked for. Of a group of alternatives one must hold, of groups all."""

    text: str = ""  # the words and phrases as they were typed: what is searched by meaning
    terms: tuple[str, ...] = ()  # what is searched by word; a * at the end asks for beginnings
    phrases: tuple[str, ...] = ()  # must stand there
    excluded: tuple[str, ...] = ()  # words and phrases that must not
    authors: tuple[tuple[str, ...], ...] = ()  # names, each in words, all small letters
    not_authors: tuple[tuple[str, ...], ...] = ()
    categories: tuple[tuple[str, ...], ...] = ()
    not_categories: tuple[str, ...] = ()
    tags: tuple[tuple[str, ...], ...] = ()
    not_tags: tuple[str, ...] = ()
    issues: tuple[tuple[str, ...], ...] = ()  # months, or "any"
    since: str = ""  # ISO day, itself within
    until: str = ""
    withdrawn: bool | None = False  # None: withdrawn or not
    arxiv_id: str = ""  # bare, where the text is one
    notes: tuple[str, ...] = ()  # what was not understood, for the person who typed it

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return self == Query(notes=self.notes)


@dataclass(slots=True)
class _Parts:
    """What has been read so far."""

    text: list[str] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    groups: dict[str, list[tuple[str, ...]]] = field(
        default_factory=lambda: {"author": [], "cat": [], "tag": [], "issue": []}
    )
    without: dict[str, list[tuple[str, ...]]] = field(default_factory=lambda: {"author": [], "cat": [], "tag": []})
    since: str = ""
    until: str = ""
    withdrawn: bool | None = False
    notes: list[str] = field(default_factory=list)


def parse_query(typed: str) -> Query:
    """Read what a person typed; the answer is bounded whatever its length."""
    text = normalise(typed[:_LONGEST]).translate(_QUOTES)
    parts = _Parts()
    if len(typed) > _LONGEST:
        parts.notes.append(f"only the first {_LONGEST:,} characters are read")
    for match in _TOKEN.finditer(text):
        _take(parts, match)
    if all(term in STOP_WORDS for term in parts.terms):
        terms = parts.terms
    else:
        terms = [term for term in parts.terms if term not in STOP_WORDS]
    return Query(
        text=" ".join(parts.text),
        terms=tuple(dict.fromkeys(terms))[:_MOST_TERMS],
        phrases=tuple(dict.fromkeys(parts.phrases))[:_MOST_OF_A_FILTER],
        excluded=tuple(dict.fromkeys(parts.excluded))[:_MOST_OF_A_FILTER],
        authors=tuple(parts.groups["author"][:_MOST_OF_A_FILTER]),
        not_authors=tuple(parts.without["author"][:_MOST_OF_A_FILTER]),
        categories=tuple(parts.groups["cat"][:_MOST_OF_A_FILTER]),
        not_categories=_flat(parts.without["cat"]),
        tags=tuple(parts.groups["tag"][:_MOST_OF_A_FILTER]),
        not_tags=_flat(parts.without["tag"]),
        issues=tuple(parts.groups["issue"][:_MOST_OF_A_FILTER]),
        since=parts.since,
        until=parts.until,
        withdrawn=parts.withdrawn,
        arxiv_id=_arxiv_id(text),
        notes=tuple(parts.notes[:_MOST_OF_A_FILTER]),
    )


def _flat(groups: list[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(value for group in groups for value in group)[:_MOST_OF_A_FILTER]


def _arxiv_id(text: str) -> str:
    try:
        return split_arxiv_id(text.strip().strip('"'))[0]
    except ValueError:
        return ""


def _take(parts: _Parts, match: re.Match[str]) -> None:
    name = _NAMES.get((match["name"] or "").lower(), "")
    value = match["quoted"] if match["bare"] is None else match["bare"]
    if name and value.strip():
        _FILTERS[name](parts, value.strip(), is_without=bool(match["minus"]))
        return
    if match["name"] and not name:  # a colon that is no filter's belongs to the text
        value = f"{match['name']}:{value}"
    words = [word for word in _words(value) if word]
    if not words:
        return
    if match["minus"]:
        parts.excluded.append(" ".join(words))
        return
    parts.text.append(value.strip())
    if match["bare"] is None:
        parts.phrases.append(" ".join(words))
        parts.terms += words
    else:
        written = " ".join(words)
        parts.terms.append(f"{written}*" if value.endswith("*") and len(written) > 1 else written)


def _words(text: str) -> list[str]:
    """Return the words that the index of words cuts a text into: letters and digits, in small letters."""
    return [word[:_LONGEST_WORD].casefold() for word in _WORD.findall(text)]


def _author(parts: _Parts, value: str, *, is_without: bool) -> None:
    bare = "".join(char for char in unicodedata.normalize("NFKD", value) if not unicodedata.combining(char))
    words = tuple(_words(bare))[:_MOST_WORDS_OF_A_NAME]
    if words:
        (parts.without if is_without else parts.groups)["author"].append(words)


def _listed(name: str, *, is_lower: bool = False) -> Callable[..., None]:
    def take(parts: _Parts, value: str, *, is_without: bool) -> None:
        values = tuple(one.strip()[:_LONGEST_WORD] for one in value.split(",") if _WORD.search(one))[:_MOST_OF_A_FILTER]
        if values:
            group = tuple(one.lower() for one in values) if is_lower else values
            (parts.without if is_without else parts.groups)[name].append(group)

    return take


def _issue(parts: _Parts, value: str, *, is_without: bool) -> None:
    months = tuple(one for one in value.lower().split(",") if one == "any" or _MONTH.fullmatch(one))
    if is_without or not months:
        parts.notes.append(f"issue:{value[:20]} is not understood: write it like issue:2024-04 or issue:any")
    else:
        parts.groups["issue"].append(months[:_MOST_OF_A_FILTER])


def _is(parts: _Parts, value: str, *, is_without: bool) -> None:
    meanings: dict[str, bool | None] = {"withdrawn": not is_without, "any": None}
    if value.lower() in meanings:
        parts.withdrawn = meanings[value.lower()]
    else:
        parts.notes.append(f"is:{value[:20]} is not understood: write is:withdrawn or is:any")


def _since(parts: _Parts, value: str, *, is_without: bool) -> None:
    day = "" if is_without else first_day(value)
    parts.since = max(parts.since, day)
    if not day:
        parts.notes.append(f"since:{value[:20]} is not understood: write it like since:2024-04-01")


def _until(parts: _Parts, value: str, *, is_without: bool) -> None:
    day = "" if is_without else last_day(value)
    parts.until = min(parts.until or day, day) if day else parts.until
    if not day:
        parts.notes.append(f"until:{value[:20]} is not understood: write it like until:2024-04-30")


_FILTERS: dict[str, Callable[..., None]] = {
    "author": _author, "cat": _listed("cat"), "tag": _listed("tag", is_lower=True), "issue": _issue, "is": _is,
    "since": _since, "until": _until,
}  # fmt: skip


def first_day(text: str) -> str:
    """Return the first day of a year, a month or a day, as ISO; "" where it is none of them."""
    return _day(text, is_last=False)


def last_day(text: str) -> str:
    """Return the last day of a year, a month or a day, as ISO; "" where it is none of them."""
    return _day(text, is_last=True)


def _day(text: str, *, is_last: bool) -> str:
    match = _DAY.fullmatch(text.strip())
    if match is None or int(match[1]) < 1:
        return ""
    year, month = int(match[1]), int(match[2] or (12 if is_last else 1))
    if not 1 <= month <= 12:  # noqa: PLR2004
        return ""
    days = calendar.monthrange(year, month)[1]
    day = int(match[3] or (days if is_last else 1))
    return f"{year:04d}-{month:02d}-{day:02d}" if 1 <= day <= days else ""
