"""The publication and its issues → what stands where on the site (pure)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from digest.edition import Entry, Erratum, Issue
from digest.paper import Topic
from digest.publish.addresses import author_slug
from digest.publish.draft import fingerprint
from digest.text import plain_text


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFrame:
    """What every page of the publication shares."""

    title: str
    description: str
    editor: str = ""
    base_url: str = "http://localhost:8000/"  # whole, with the last slash
    report_url: str = ""  # where a reader reports an error; "" for no such place
    support: str = ""  # the editor's note at the foot of each issue, Markdown
    domain: str = ""  # the site's own domain, for GitHub Pages; "" for none
    languages: tuple[str, ...] = ("en",)  # BCP 47; the first one's pages stand at the root
    cards: bool = True  # draw a picture for each issue and paper, that other sites show beside a link
    author_papers: int = 1  # an author with at least so many listed papers has a page


@dataclass(frozen=True, slots=True)
class Listing:
    """An entry and the issue that lists it."""

    issue: Issue
    entry: Entry


@dataclass(frozen=True, slots=True)
class Author:
    """A name that papers carry; whether one person bears it nobody here can tell."""

    slug: str
    name: str  # as printed


@dataclass(frozen=True)
class Shelf:
    """Everything published, newest issue first."""

    issues: tuple[Issue, ...]
    listings: dict[str, tuple[Listing, ...]]  # by arXiv id, newest issue first
    topics: dict[str, Topic]  # by slug, in the order of their names
    by_topic: dict[str, tuple[Listing, ...]]  # by the topic's slug, newest issue first
    authors: dict[str, Author] = field(default_factory=dict)  # by slug, in the order of their names
    by_author: dict[str, tuple[Listing, ...]] = field(default_factory=dict)  # each paper once, newest first
    slug_by_name: dict[str, str] = field(default_factory=dict)  # of every author, with a page or not

    @cached_property
    def _mark_by_entry(self) -> dict[int, str]:
        return {}

    def mark_of(self, entry: Entry) -> str:
        """Return a hash of all that is printed of an entry; each is told once."""
        known = self._mark_by_entry.get(id(entry))
        if known is None:
            known = self._mark_by_entry[id(entry)] = fingerprint(entry)
        return known

    @cached_property
    def _mark_by_month(self) -> dict[str, str]:
        return {}

    def mark_of_issue(self, issue: Issue) -> str:
        """Return a hash of all that an issue is; each is told once, and its entries by their own hashes."""
        month = str(issue.month)
        if month not in self._mark_by_month:
            entries = [self.mark_of(entry) for entry in issue.entries]
            self._mark_by_month[month] = fingerprint(replace(issue, entries=()), entries)
        return self._mark_by_month[month]

    @cached_property
    def _place(self) -> dict[str, int]:
        return {str(issue.month): place for place, issue in enumerate(self.issues)}

    def before(self, issue: Issue) -> Issue | None:
        """Return the issue that came before this one."""
        place = self._place[str(issue.month)] + 1
        return self.issues[place] if place < len(self.issues) else None

    def after(self, issue: Issue) -> Issue | None:
        """Return the issue that came after this one."""
        place = self._place[str(issue.month)]
        return self.issues[place - 1] if place else None

    @property
    def newest(self) -> Iterator[Listing]:
        """Each listed paper once, as the newest issue shows it, newest issue first."""
        return (listings[0] for listings in self.listings.values())


def errata_of(issues: Iterable[Issue]) -> list[tuple[Issue, Entry, Erratum]]:
    """Return every erratum once, newest first, with the entry that it changed and the newest issue that lists it."""
    told = {
        erratum: (issue, entry, erratum)
        for issue in sorted(issues, key=lambda issue: issue.month)
        for entry in issue.entries
        for erratum in entry.errata
    }
    return sorted(told.values(), key=lambda one: (one[2].day, one[2].arxiv_id, one[2].change), reverse=True)


def shelve(issues: Iterable[Issue], author_papers: int = 1) -> Shelf:
    """Put the issues in order and note what each holds; authors of fewer papers than that are left out."""
    ordered = tuple(sorted(issues, key=lambda issue: issue.month, reverse=True))
    listings = [Listing(issue, entry) for issue in ordered for entry in issue.entries]
    tagged = [(topic, listing) for listing in listings for topic in listing.entry.topics]
    topics = {topic.slug: topic for topic, _ in sorted(tagged, key=lambda pair: pair[0].name.casefold())}
    by_id = _grouped((listing.entry.paper.arxiv_id, listing) for listing in listings)
    authors, by_author, slug_by_name = _authors((group[0] for group in by_id.values()), author_papers)
    return Shelf(
        issues=ordered,
        listings=by_id,
        topics=topics,
        by_topic=_grouped((topic.slug, listing) for topic, listing in tagged),
        authors=authors,
        by_author=by_author,
        slug_by_name=slug_by_name,
    )


def _authors(
    newest: Iterable[Listing], at_least: int
) -> tuple[dict[str, Author], dict[str, tuple[Listing, ...]], dict[str, str]]:
    slug_by_name: dict[str, str] = {}
    name_by_slug: dict[str, str] = {}
    groups: dict[str, list[Listing]] = {}
    for listing in newest:
        for written in dict.fromkeys(listing.entry.paper.authors):
            slug = slug_by_name.get(written)
            if slug is None:
                name = plain_text(written)
                slug = slug_by_name[written] = author_slug(name)
                name_by_slug.setdefault(slug, name)
            group = groups.setdefault(slug, [])
            if not group or group[-1] is not listing:
                group.append(listing)
    slugs = sorted(slug for slug, group in groups.items() if len(group) >= at_least)
    authors = {slug: Author(slug, name_by_slug[slug]) for slug in slugs}
    return authors, {slug: tuple(groups[slug]) for slug in slugs}, slug_by_name


def _grouped(pairs: Iterable[tuple[str, Listing]]) -> dict[str, tuple[Listing, ...]]:
    groups: dict[str, list[Listing]] = {}
    for key, listing in pairs:
        groups.setdefault(key, []).append(listing)
    return {key: tuple(group) for key, group in groups.items()}
