"""One page of arXiv's Atom API, as bytes → a page that is whole, and papers from its entries (pure).

The format: info.arxiv.org/help/api/user-manual.html, "Details of Atom results returned".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from lxml import etree

from digest.errors import SourceError, UsageError
from digest.harvest.markup import parse_xml
from digest.harvest.records import read_authors, read_categories, read_date, read_state, read_text, read_title
from digest.harvest.source import PassingFault, Rejected, reject
from digest.paper import Paper, split_arxiv_id
from digest.text import normalise

if TYPE_CHECKING:
    import arxiv

_CATEGORY = re.compile(r"[a-z]+(-[a-z]+)?(\.[A-Za-z]+(-[a-z]+)?)?", re.ASCII)
_ATOM = "{http://www.w3.org/2005/Atom}"
_TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was checked: every entry left in it has an id and two plausible days."""

    content: bytes  # Atom that ends with this page: its total is cut to what came so far
    total: int  # results of the whole query, as arXiv says
    places: tuple[int, ...]  # of the entries left, in the whole list, from 1
    rejected: tuple[Rejected, ...]  # entries taken out, with their places


def window_query(first: date, last: date, categories: Sequence[str]) -> str:
    """Write the query for papers submitted from one day to another (GMT) to any of the categories.

    Raises:
        UsageError: one is not a category, or there is none.
    """
    if not categories:
        raise UsageError("no category to ask for: name one with --category, or set harvest.categories")
    for category in categories:
        if not _CATEGORY.fullmatch(category):
            raise UsageError(f"{category!r} is not an arXiv category: write it like cs.CL")
    days = f"submittedDate:[{first:%Y%m%d}0000 TO {last:%Y%m%d}2359]"
    return f"({' OR '.join(f'cat:{category}' for category in categories)}) AND {days}"


def read_page(content: bytes, start: int, size: int) -> Page:
    """Check a page that was asked for with `start` (from 0) and `max_results=size`.

    Raises:
        PassingFault: it is not XML, is cut short, or holds fewer entries than it must.
        SourceError: arXiv answered with an error, or with something other than its Atom.
    """
    feed = _parse(content)
    entries = feed.findall(f"{_ATOM}entry")
    _refuse_error(entries)
    total = feed.find(_TOTAL)
    if total is None or not (total.text or "").strip().isdecimal():
        raise PassingFault("arXiv's answer does not say how many results there are")
    count = int(total.text)
    expected = max(0, min(size, count - start))
    if len(entries) < expected:
        raise PassingFault(f"arXiv sent {len(entries)} of {expected} results from {start} on")
    faults = {place: _fault(entry) for place, entry in enumerate(entries, start + 1)}
    rejected = [_take_out(entries[place - start - 1], place, fault) for place, fault in faults.items() if fault]
    places = tuple(place for place, fault in faults.items() if not fault)
    total.text = str(start + len(places))
    return Page(etree.tostring(feed), count, places, tuple(rejected))


def parse_result(result: "arxiv.Result") -> Paper:
    """Turn a result of the arxiv package into a paper; the API's "summary" is the abstract.

    Raises:
        ValueError: it is no paper; the message says why.
    """
    arxiv_id, version = split_arxiv_id(result.entry_id)
    said = {
        "title": result.title,
        "abstract": result.summary,
        "comment": result.comment,
        "journal_ref": result.journal_ref,
        "doi": result.doi,
    }
    comment, abstract, withdrawn = read_state(said, "comment")
    categories = (result.primary_category, *result.categories)
    return Paper(
        arxiv_id=arxiv_id,
        version=version,
        title=read_title(said),
        abstract=abstract,
        authors=read_authors(author.name for author in result.authors),
        categories=read_categories([normalise(category) for category in categories if category.strip()]),
        submitted=result.published.date(),
        updated=result.updated.date(),
        comment=comment or None,
        journal_ref=read_text(said, "journal_ref") or None,
        doi=read_text(said, "doi") or None,
        withdrawn=withdrawn,
    )


def _parse(content: bytes) -> "etree._Element":
    feed = parse_xml(content, f"{_ATOM}feed")
    for words in feed.iter(f"{_ATOM}title", f"{_ATOM}summary"):
        etree.strip_tags(words, "*")  # the arxiv package reads only as far as the first element
    return feed


def _refuse_error(entries: Sequence["etree._Element"]) -> None:
    """Raise what arXiv says in an entry that is an error, for it comes in the shape of a paper."""
    for entry in entries:
        if "arxiv.org/api/errors" in (entry.findtext(f"{_ATOM}id") or ""):
            said = normalise(entry.findtext(f"{_ATOM}summary") or "no reason given")
            raise SourceError(f"arXiv refused the query: {said[:200]}")


def _fault(entry: "etree._Element") -> str:
    """Say why the arxiv package would stumble over an entry; "" where it would not."""
    try:
        split_arxiv_id(entry.findtext(f"{_ATOM}id") or "")
        for key in ("published", "updated"):
            text = (entry.findtext(f"{_ATOM}{key}") or "").strip()
            read_date(text, key)
            datetime.fromisoformat(text)
    except ValueError as error:
        return str(error)
    return ""


def _take_out(entry: "etree._Element", place: int, fault: str) -> Rejected:
    rejected = reject(place, fault, " ".join(entry.itertext()))
    parent = entry.getparent()
    if parent is not None:
        parent.remove(entry)
    return rejected
