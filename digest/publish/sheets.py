"""Everything published → the HTML pages of the site: their addresses, their templates and what they show (pure)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any

from digest.edition import Entry, Issue
from digest.publish import addresses
from digest.publish.draft import fingerprint
from digest.publish.exports import bibtex
from digest.publish.layout import NOT_FOUND
from digest.publish.room import NOTHING, LeftOut
from digest.publish.shelf import Author, Listing, Shelf, SiteFrame, errata_of

_ON_ONE_PAGE = 150  # papers that a topic's page lists before it is split by years
_NAMES_ON_ONE_PAGE = 1500
_HOME_ENTRIES = 6
_HOME_ISSUES = 6

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: where it stands, what renders it, what it shows, and what its bytes depend on."""

    address: str
    template: str
    values: Callable[[], Values]
    inputs: tuple[object, ...]  # equal inputs, equal page
    changed: date | None = None  # the day of the last change, where the data tell


def updated(listing: Listing) -> date:
    """Return the day an entry last changed: that of its issue, or of its version or an erratum where that is later."""
    first, entry = listing.issue.published, listing.entry
    return max(first, entry.paper.updated or first, *(erratum.day for erratum in entry.errata))


def issue_updated(issue: Issue) -> date:
    """Return the day an issue last changed: that of its publication, or of its newest erratum."""
    return max(issue.published, *(erratum.day for entry in issue.entries for erratum in entry.errata), date.min)


def sheets(shelf: Shelf, frame: SiteFrame, left_out: LeftOut = NOTHING) -> Iterator[Sheet]:
    """Yield every page of the site in one language; those beside which something is left out read otherwise."""
    book = _Book(shelf, frame, left_out)
    yield book.home()
    yield from (book.issue(issue) for issue in shelf.issues)
    yield from (book.paper(listings) for listings in shelf.listings.values())
    for slug, listings in shelf.by_topic.items():
        yield from book.topic(slug, listings)
    yield from (book.author(author, shelf.by_author[slug]) for slug, author in shelf.authors.items())
    yield from book.indexes()


@dataclass(frozen=True)
class _Book:
    shelf: Shelf
    frame: SiteFrame
    left_out: LeftOut

    @cached_property
    def _listings(self) -> list[Listing]:
        return [one for group in self.shelf.listings.values() for one in group]

    @cached_property
    def _hash_by_listing(self) -> dict[int, str]:
        return {id(one): self.shelf.mark_of(one.entry) + self._head_hash[id(one.issue)] for one in self._listings}

    @cached_property
    def _head_hash(self) -> dict[int, str]:
        """A hash of what other pages print of an issue, by its identity."""
        return {id(issue): fingerprint(_head(issue)) for issue in self.shelf.issues}

    def listing_hash(self, listing: Listing) -> str:
        """Return a hash of all that a list prints of an entry."""
        return self._hash_by_listing[id(listing)]

    @cached_property
    def _day_by_listing(self) -> dict[int, date]:
        return {id(one): updated(one) for one in self._listings}

    def last_day(self, listings: Iterable[Listing]) -> date:
        """Return the day on which the last of the entries changed."""
        return max(self._day_by_listing[id(one)] for one in listings)

    @cached_property
    def _slug_by_name(self) -> dict[str, str]:
        """The slug of each author who has a page, by every way the name is written."""
        return {name: slug for name, slug in self.shelf.slug_by_name.items() if slug in self.shelf.authors}

    def home(self) -> Sheet:
        newest = self.shelf.issues[0] if self.shelf.issues else None
        earlier = self.shelf.issues[1 : _HOME_ISSUES + 1]
        starred = [entry for entry in newest.entries if entry.starred] if newest else []
        shown = (starred or (list(newest.entries) if newest else []))[:_HOME_ENTRIES]
        values = {"issue": newest, "earlier": earlier, "starred": starred, "entries": shown}
        inputs = (newest and self.shelf.mark_of_issue(newest), [_head(issue) for issue in earlier])
        return Sheet("", "home.html", lambda: values, inputs, issue_updated(newest) if newest else None)

    def issue(self, issue: Issue) -> Sheet:
        earlier, later = self.shelf.before(issue), self.shelf.after(issue)
        values = {"issue": issue, "earlier": earlier, "later": later}
        inputs = (self.shelf.mark_of_issue(issue), _head(earlier), _head(later))
        return Sheet(addresses.issue_address(issue.month), "issue.html", lambda: values, inputs, issue_updated(issue))

    def paper(self, listings: Sequence[Listing]) -> Sheet:
        newest = listings[0]  # a paper that several issues list is shown as the newest of them shows it
        entry = newest.entry
        authors = [(name, self._slug_by_name.get(name, "")) for name in entry.paper.authors]
        similar = [(hit, hit.arxiv_id in self.shelf.listings) for hit in entry.similar]
        has_card = self.left_out.has_card(entry.paper.arxiv_id)
        has_files = self.left_out.has_files(entry.paper.arxiv_id)

        def values() -> Values:
            return {
                "issue": newest.issue,
                "entry": entry,
                "listings": listings,
                "authors": authors,
                "similar": similar,
                "citation": bibtex(entry.paper, entry.title),
                "has_card": has_card,
                "has_files": has_files,
            }

        inputs = (
            self.listing_hash(newest),
            [self._head_hash[id(listing.issue)] for listing in listings],
            [slug for _, slug in authors],
            [listed for _, listed in similar],
            (has_card, has_files),
        )
        return Sheet(addresses.paper_address(entry.paper.arxiv_id), "paper.html", values, inputs, updated(newest))

    def topic(self, slug: str, listings: Sequence[Listing]) -> Iterator[Sheet]:
        address = addresses.topic_address(slug)
        is_long = len(listings) > _ON_ONE_PAGE
        years = _by_year(listings)
        shown = _first_issues(listings, _ON_ONE_PAGE) if is_long else listings
        yield self._topic(slug, address, shown, list(years) if is_long else [], "")
        for year, of_year in years.items() if is_long else ():
            yield self._topic(slug, f"{address}{year}/", of_year, list(years), str(year))

    def _topic(self, slug: str, address: str, shown: Sequence[Listing], years: list[int], year: str) -> Sheet:
        topic = self.shelf.topics[slug]
        inputs = (topic, [self.listing_hash(listing) for listing in shown], years)

        def values() -> Values:
            return {"topic": topic, "by_issue": _by_issue(shown), "years": years, "year": year}

        return Sheet(address, "tag.html", values, inputs, self.last_day(shown))

    def author(self, author: Author, listings: Sequence[Listing]) -> Sheet:
        inputs = (author, [self.listing_hash(listing) for listing in listings])
        address = addresses.author_address(author.slug)

        def values() -> Values:
            return {"author": author, "by_issue": _by_issue(listings)}

        return Sheet(address, "author.html", values, inputs, self.last_day(listings))

    def indexes(self) -> Iterator[Sheet]:
        shelf = self.shelf
        heads = [_head(issue) for issue in shelf.issues]
        counts = {slug: len(listings) for slug, listings in shelf.by_topic.items()}
        yield Sheet(
            "tags/",
            "tags.html",
            lambda: {"topics": shelf.topics, "counts": counts},
            (list(shelf.topics.items()), counts),
        )
        yield Sheet("archive/", "archive.html", lambda: {"years": _years(shelf.issues)}, (heads,))
        yield from _author_indexes(shelf)
        newest = shelf.issues[0] if shelf.issues else None
        values = {"issue": newest, "left_out": self.left_out}
        inputs = (newest.quality if newest else None, self.left_out.counts)
        yield Sheet("about/", "about.html", lambda: values, inputs)
        changes = errata_of(shelf.issues)
        told = [(str(issue.month), entry.title, erratum) for issue, entry, erratum in changes]
        newest_day = changes[0][2].day if changes else None
        yield Sheet("errata/", "errata.html", lambda: {"changes": changes}, (told,), newest_day)
        yield Sheet("search/", "search.html", dict, ())
        yield Sheet(NOT_FOUND, "404.html", dict, ())


def _head(issue: Issue | None) -> object:
    """Return what other pages print of an issue."""
    if issue is None:
        return None
    features = [(feature.slug, feature.title) for feature in issue.features]
    return str(issue.month), issue.title, issue.subtitle, len(issue.entries), features


def _by_year(listings: Iterable[Listing]) -> dict[int, list[Listing]]:
    return {year: list(group) for year, group in groupby(listings, key=lambda listing: listing.issue.month.year)}


def _by_issue(listings: Iterable[Listing]) -> list[tuple[Issue, list[Entry]]]:
    """Return the entries of each issue in turn; listings are in the order of the issues."""
    groups = (list(group) for _, group in groupby(listings, key=lambda listing: id(listing.issue)))
    return [(group[0].issue, [listing.entry for listing in group]) for group in groups]


def _first_issues(listings: Sequence[Listing], enough: int) -> Sequence[Listing]:
    """Return the listings of the newest issues, whole ones, until there are enough."""
    last = listings[min(enough, len(listings)) - 1].issue.month
    return [listing for listing in listings if listing.issue.month >= last]


def _years(issues: Iterable[Issue]) -> list[tuple[int, list[Issue]]]:
    return [(year, list(group)) for year, group in groupby(issues, key=lambda issue: issue.month.year)]


def _author_indexes(shelf: Shelf) -> Iterator[Sheet]:
    """Yield the index of authors: one page, or one for each initial where there are too many."""
    counts = [(author, len(shelf.by_author[slug])) for slug, author in shelf.authors.items()]
    letters = {letter: list(group) for letter, group in groupby(counts, key=lambda pair: pair[0].slug[:1])}
    is_long = len(counts) > _NAMES_ON_ONE_PAGE
    shown: dict[str, list[tuple[Author, int]]] = {} if is_long else letters
    yield Sheet(
        "authors/", "authors.html", lambda: {"letters": shown, "initials": list(letters) if is_long else []}, (counts,)
    )
    for letter, group in letters.items() if is_long else ():
        yield Sheet(f"authors/letters/{letter}/", "authors.html", _letter_page(letter, group), (group,))


def _letter_page(letter: str, group: list[tuple[Author, int]]) -> Callable[[], Values]:
    return lambda: {"letters": {letter: group}, "initials": []}
