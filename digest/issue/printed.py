"""What lists print of papers, and what is known of them → what is wrong with the lists (pure)."""

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import pairwise

from rapidfuzz import fuzz, process

from digest.issue.editor import SAME_TITLE, same_title
from digest.paper import month_of_id, split_arxiv_id
from digest.text import fold_title, normalise

_KIN = 55  # of 100, by words: a title that changed keeps about half of its words
_FEWEST_WORDS = 3  # of a title: less is a name
_WORDS_AFTER = 12  # of an entry that names its paper before the link: authors and a date, no sentence
_ORDERED = 0.8  # share of neighbours in order from which on a list is meant to be in order of date


class Kind(StrEnum):
    """What can be wrong with an entry."""

    NO_ID = "no arXiv id"
    TWO_TITLES = "one id under two titles"
    OTHERS_TITLE = "title of another paper"
    UNKNOWN_TITLE = "title of no paper held"
    OTHERS_AUTHORS = "authors of another paper"
    NOT_HELD = "id not held"
    WITHDRAWN = "withdrawn"
    NO_SUMMARY = "missing summary"
    ORDER = "out of date order"
    RETITLED = "retitled"
    RESIDUE = "residue in the title"
    LOST_SPACE = "lost space"

    @property
    def is_alarm(self) -> bool:
        """Whether a reader would be misled; the others are worth a look."""
        return self not in {Kind.RETITLED, Kind.RESIDUE, Kind.LOST_SPACE, Kind.ORDER}


@dataclass(frozen=True, slots=True)
class Printed:
    """A paper as a list prints it."""

    where: str  # the file
    line: int  # from 1
    arxiv_id: str  # as written, perhaps none
    title: str = ""  # "" where only the id is printed
    authors: tuple[str, ...] = ()
    summary: str | None = None  # None where the list has no summaries
    is_prose: bool = False  # a link in running text: its words need not be a title

    @property
    def bare_id(self) -> str:
        """The arXiv id without what stands around it; "" where none is written."""
        try:
            return split_arxiv_id(self.arxiv_id)[0]
        except ValueError:
            return ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the archive holds of all papers, by arXiv id."""

    titles: Mapping[str, str]
    earlier_titles: Mapping[str, Sequence[str]] = field(default_factory=dict)  # of other versions
    authors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()
    submitted: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or worth a look."""

    kind: Kind
    where: str
    line: int
    message: str


# --- reading lists ------------------------------------------------------------------------------------------

_ADDRESS = r"https?://(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/(?P<{}>[^\s)\]>\"'|,]+)"
_LINK = re.compile(rf"\[(?P<text>[^\]\n]{{1,400}})\]\({_ADDRESS.format('linked')}[^)]*\)|{_ADDRESS.format('bare')}")
_BULLET = re.compile(r"^\s*(?:[-*+]|\d+[.)]|\||#{1,6})\s*")


def read_jsonl(text: str, where: str) -> list[Printed]:
    """Read a list of one JSON object a line, with `id` or `arxiv_id`, `title`, and perhaps `authors` and a summary.

    Raises:
        ValueError: a line is no JSON object; the message names it.
    """
    records = list(_objects(text, where))
    summary_key = next((key for _, record in records for key in record if key.startswith("summary")), None)
    return [
        Printed(
            where,
            line,
            str(record.get("id") or record.get("arxiv_id") or ""),
            normalise(str(record.get("title") or "")),
            tuple(str(name) for name in _listed(record.get("authors"))),
            str(record.get(summary_key) or "") if summary_key else None,
        )
        for line, record in records
    ]


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _objects(text: str, where: str) -> Iterator[tuple[int, dict[str, object]]]:
    for line, row in enumerate(io.StringIO(text), start=1):  # JSON may hold what else ends a line: U+2028
        if not row.strip():
            continue
        try:
            record = json.loads(row)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{where}, line {line}: not JSON ({error}): mend the line") from None
        if not isinstance(record, dict):
            raise ValueError(f"{where}, line {line}: not a JSON object with id and title")  # noqa: TRY004  as above
        yield line, record


def read_markdown(text: str, where: str) -> list[Printed]:
    """Read the papers that Markdown links to: list items, table rows and headings with their titles, and prose."""
    return [printed for line, row in enumerate(text.splitlines(), start=1) for printed in _read_row(row, where, line)]


def _read_row(row: str, where: str, line: int) -> Iterator[Printed]:
    bullet = _BULLET.match(row)
    links = list(_LINK.finditer(row))
    for match in links:
        before, after = row[bullet.end() if bullet else 0 : match.start()], row[match.end() :]
        arxiv_id = (match["linked"] or match["bare"]).rstrip(".;:").removesuffix(".pdf")
        title, is_entry = _plain(match["text"] or ""), bool(bullet) and len(links) == 1
        if not _is_title(title):
            title = _plain(before)
            is_entry = is_entry and len(after.split()) <= _WORDS_AFTER and (_is_title(title) or not title)
        elif _plain(before):
            is_entry = False  # the link stands in the middle of a sentence
        yield Printed(where, line, arxiv_id, title if _is_title(title) else "", is_prose=not is_entry)


def _plain(text: str) -> str:
    return normalise(re.sub(r"[*_`]+|\barXiv:\s*$", "", text)).strip(" ,.;:|–—-([")


def _is_title(text: str) -> bool:
    return len(text.split()) >= _FEWEST_WORDS and not text.startswith("http")


# --- checking -----------------------------------------------------------------------------------------------


def check_printed(entries: Sequence[Printed], known: Known) -> list[Finding]:
    """Hold each entry against what is known, and the entries of one file against each other."""
    folded = {arxiv_id: fold_title(title) for arxiv_id, title in known.titles.items()}
    findings = [finding for entry in entries for finding in _check_entry(entry, known, folded)]
    files = dict.fromkeys(entry.where for entry in entries)
    for where in files:
        here = [entry for entry in entries if entry.where == where]
        findings += [*_two_titles(here), *_missing_summaries(here), *_out_of_order(here, known)]
    return sorted(findings, key=lambda one: (list(files).index(one.where), one.line, one.kind))


def _check_entry(entry: Printed, known: Known, folded: Mapping[str, str]) -> Iterator[Finding]:
    arxiv_id = entry.bare_id
    if not arxiv_id:
        yield _finding(Kind.NO_ID, entry, f"{entry.arxiv_id[:60]!r} is no arXiv id: write it like 2404.07143")
        return
    if arxiv_id in known.withdrawn:
        yield _finding(Kind.WITHDRAWN, entry, f"{arxiv_id} was withdrawn: take it out, or say so")
    if arxiv_id not in known.titles:
        yield from _not_held(entry, arxiv_id, _owner(entry.title, folded) if entry.title else "")
        return
    if entry.title:
        yield from _check_title(entry, arxiv_id, known, folded)
    if (
        entry.authors
        and known.authors.get(arxiv_id)
        and _families(entry.authors).isdisjoint(_families(known.authors[arxiv_id]))
    ):
        yield _finding(
            Kind.OTHERS_AUTHORS, entry, f"{arxiv_id} is by {known.authors[arxiv_id][0]}, not by {entry.authors[0]}"
        )


def _not_held(entry: Printed, arxiv_id: str, owner: str) -> Iterator[Finding]:
    if owner:
        yield _finding(Kind.OTHERS_TITLE, entry, f"{arxiv_id} is not in the store; the title is that of {owner}")
    elif not entry.is_prose:  # running text may lead to any paper
        mend = f"harvest it (digest harvest --id {arxiv_id}), or mend the id"
        yield _finding(Kind.NOT_HELD, entry, f"{arxiv_id} is not in the store: {mend}")


def _check_title(entry: Printed, arxiv_id: str, known: Known, folded: Mapping[str, str]) -> Iterator[Finding]:
    stored, printed = known.titles[arxiv_id], fold_title(entry.title)
    if printed == folded[arxiv_id]:
        yield from _spelling(entry, stored)
        return
    bare = _RESIDUE.sub(" ", entry.title)
    residue = _after(entry.title, stored)
    if residue or fold_title(bare) == folded[arxiv_id]:
        yield _finding(Kind.RESIDUE, entry, f"{residue or entry.title!r} is more than the title {stored!r}")
        return
    owner = _owner(entry.title, folded)
    if owner and owner != arxiv_id and not same_title(entry.title, stored):
        yield _finding(Kind.OTHERS_TITLE, entry, f"{arxiv_id} is {stored!r}; {entry.title!r} is the title of {owner}")
    elif entry.is_prose:
        return
    elif _is_kin(entry.title, (stored, *known.earlier_titles.get(arxiv_id, ()))):
        yield _finding(Kind.RETITLED, entry, f"{arxiv_id} is now called {stored!r}")
    else:
        message = f"{arxiv_id} is {stored!r}, and no paper held is called {entry.title!r}: mend the id or the title"
        yield _finding(Kind.UNKNOWN_TITLE, entry, message)


_RESIDUE = re.compile(
    r"</?[a-zA-Z][^>]*>|&(?:[a-z]+|#\d+);|\[[a-z-]+\.[A-Z]{2}\]|\barXiv:|\*\*|\]\(|\\[a-zA-Z]{2,}\b"
    r"|\s\((?:19|20)\d\d\)$|https?://|[,;]$"
)
_LOST_SPACE = re.compile(r"[:,;!?)][A-Za-z]")


def _spelling(entry: Printed, stored: str) -> Iterator[Finding]:
    """Report what the printed title has that the stored one has not, though both have the same letters."""
    residue = _RESIDUE.search(entry.title)
    if residue and residue[0] not in stored:
        yield _finding(Kind.RESIDUE, entry, f"{residue[0]!r} stands in {entry.title!r}: write {stored!r}")
    elif _LOST_SPACE.search(entry.title) and not _LOST_SPACE.search(stored):
        yield _finding(Kind.LOST_SPACE, entry, f"{entry.title!r} has lost a space: write {stored!r}")


def _after(printed: str, stored: str) -> str:
    """Return what follows a whole stored title in the printed one; "" where it is not there, or goes on from a word."""
    wanted = fold_title(stored)
    for end in range(len(printed), 0, -1):
        if not printed[end - 1 : end + 1].isalnum() and fold_title(printed[:end]) == wanted:
            return printed[end:].strip() if len(wanted) > _FEWEST_WORDS else ""
        if len(fold_title(printed[:end])) < len(wanted):
            break
    return ""


def _owner(title: str, folded: Mapping[str, str]) -> str:
    """Return the id of the paper held that is called so, or ""."""
    found = process.extractOne(fold_title(title), folded, scorer=fuzz.ratio, score_cutoff=SAME_TITLE)
    return str(found[2]) if found else ""


def _is_kin(title: str, titles: Iterable[str]) -> bool:
    """Tell whether a title may be an earlier or later one of a paper."""
    return any(
        same_title(title, other) or fuzz.token_sort_ratio(title.casefold(), other.casefold()) >= _KIN
        for other in titles
    )


def _families(authors: Iterable[str]) -> set[str]:
    """Return every word of the names, so that "Last First" and initials do not matter."""
    return {fold_title(word) for name in authors for word in name.split() if len(fold_title(word)) > 1}


def _two_titles(entries: Sequence[Printed]) -> Iterator[Finding]:
    first: dict[str, Printed] = {}
    for entry in entries:
        arxiv_id = entry.bare_id
        if not arxiv_id or not entry.title or entry.is_prose:
            continue
        before = first.setdefault(arxiv_id, entry)
        if before is not entry and not same_title(entry.title, before.title):
            message = f"{arxiv_id} stands on line {before.line} as {before.title!r} and here as {entry.title!r}"
            yield _finding(Kind.TWO_TITLES, entry, message)


def _missing_summaries(entries: Sequence[Printed]) -> Iterator[Finding]:
    for entry in entries:
        if entry.summary is not None and not entry.summary.strip():
            yield _finding(Kind.NO_SUMMARY, entry, f"{entry.arxiv_id} has no summary")


def _out_of_order(entries: Sequence[Printed], known: Known) -> Iterator[Finding]:
    """Report the entries that break the order of a list that is otherwise in order of date, either way."""
    dated = [(entry, _day(entry.bare_id, known)) for entry in entries if entry.bare_id and not entry.is_prose]
    steps = [(after, before_day, after_day) for (_, before_day), (after, after_day) in pairwise(dated)]
    falling = sum(before >= after for _, before, after in steps)
    rising = sum(before <= after for _, before, after in steps)
    if not steps or max(falling, rising) < _ORDERED * len(steps) or falling == rising:
        return
    for entry, before, after in steps:
        if (before < after) if falling > rising else (before > after):
            yield _finding(Kind.ORDER, entry, f"{entry.bare_id} breaks the order of date")


def _day(arxiv_id: str, known: Known) -> tuple[str, str]:
    """Return what to order by: the month of submission where it is known, and the id, which counts up."""
    submitted = known.submitted.get(arxiv_id)
    return (str(submitted)[:7] if submitted else str(month_of_id(arxiv_id))), arxiv_id


def _finding(kind: Kind, entry: Printed, message: str) -> Finding:
    return Finding(kind, entry.where, entry.line, message)
