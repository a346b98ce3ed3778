"""Issues, papers and topics → their feeds, rendered when they are asked for (pure)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from digest.edition import Change, Entry, Erratum, Issue
from digest.publish import addresses
from digest.publish.draft import Draft, fingerprint
from digest.publish.feeds import ATOM_FILE, JSON_FILE, RSS_FILE, FeedHead, FeedItem, atom, json_feed, rss
from digest.publish.layout import Layout
from digest.publish.sheets import issue_updated, updated
from digest.publish.shelf import Listing, Shelf, errata_of
from digest.text import plain_text

_NEWEST_ISSUES = 24
_NEWEST_PAPERS = 60  # an issue's worth
_FEED_AUTHORS = 10
_CHANGED = {Change.TITLE: "New title", Change.ABSTRACT: "New abstract", Change.WITHDRAWN: "Withdrawn"}
_FORMATS: dict[str, Callable[[FeedHead, Sequence[FeedItem]], bytes]] = {
    ATOM_FILE: atom,
    RSS_FILE: rss,
    JSON_FILE: json_feed,
}


@dataclass(frozen=True)
class Syndicate:
    """All feeds of the site; its items are made once, whatever feeds they stand in."""

    layout: Layout
    shelf: Shelf
    stamp: str  # what every feed's bytes depend on besides its items
    _items: dict[str, FeedItem] = field(default_factory=dict)  # of papers, by arXiv id

    def drafts(self) -> Iterator[tuple[str, Draft]]:
        """Yield each feed: of issues, of papers, of errata, and of each topic's papers, in three formats."""
        frame = self.layout.frame
        newest = self.shelf.issues[:_NEWEST_ISSUES]
        marks = [self.shelf.mark_of_issue(issue) for issue in newest]
        yield from self._files(self._head("", frame.title), marks, lambda: [self._of_issue(issue) for issue in newest])
        papers = [listing for _, listing in zip(range(_NEWEST_PAPERS), self.shelf.newest, strict=False)]
        head = self._head("papers/", f"{frame.title}: papers", page="")  # there is no page of all papers
        yield from self._files(head, self._marks(papers), lambda: self._of_papers(papers))
        yield from self._errata()
        for slug, listings in self.shelf.by_topic.items():
            yield from self._topic(slug, listings[:_NEWEST_PAPERS])

    def _marks(self, listings: Sequence[Listing]) -> list[tuple[str, ...]]:
        """Return what each item hangs on: the entry, its issue, and the day of the first issue that listed it."""
        return [
            (self.shelf.mark_of(one.entry), str(one.issue.month), one.issue.title, str(one.issue.published), str(first))
            for one in listings
            for first in [self.shelf.listings[one.entry.paper.arxiv_id][-1].issue.published]
        ]

    def _errata(self) -> Iterator[tuple[str, Draft]]:
        changes = errata_of(self.shelf.issues)[:_NEWEST_PAPERS]
        head = self._head("errata/", f"{self.layout.frame.title}: errata")
        inputs = [(entry.title, erratum) for _, entry, erratum in changes]
        yield from self._files(
            head, inputs, lambda: [self._of_erratum(entry, erratum) for _, entry, erratum in changes]
        )

    def _of_erratum(self, entry: Entry, erratum: Erratum) -> FeedItem:
        return FeedItem(
            address=f"errata/#{addresses.erratum_anchor(erratum)}",
            title=f"{_CHANGED[erratum.change]}: {entry.title}",
            summary=erratum.after,
            html=self.layout.part("_feed_erratum.html", erratum=erratum),
            published=erratum.day,
            updated=erratum.day,
        )

    def _topic(self, slug: str, listings: Sequence[Listing]) -> Iterator[tuple[str, Draft]]:
        topic = self.shelf.topics[slug]
        head = self._head(addresses.topic_address(slug), f"{self.layout.frame.title}: {topic.name}", topic.description)
        yield from self._files(head, self._marks(listings), lambda: self._of_papers(listings))

    def _head(self, address: str, title: str, description: str = "", page: str | None = None) -> FeedHead:
        frame = self.layout.frame
        return FeedHead(
            base_url=frame.base_url,
            title=title,
            description=description or frame.description,
            address=address,
            page=address if page is None else page,
            author=frame.editor or frame.title,
        )

    def _files(
        self, head: FeedHead, inputs: Sequence[object], items: Callable[[], Sequence[FeedItem]]
    ) -> Iterator[tuple[str, Draft]]:
        mark, made = fingerprint(self.stamp, head, inputs), cache(items)  # once for all formats
        for name, write in _FORMATS.items():
            yield head.address + name, Draft(mark, lambda write=write: write(head, made()))  # type: ignore[misc]

    def _of_issue(self, issue: Issue) -> FeedItem:
        html = self.layout.part("_feed.html", issue=issue, root=self.layout.frame.base_url)
        return FeedItem(
            address=addresses.issue_address(issue.month),
            title=issue.title,
            summary=issue.subtitle,
            html=html,
            published=issue.published,
            updated=issue_updated(issue),
            authors=(issue.editor,) if issue.editor else (),
        )

    def _of_papers(self, listings: Sequence[Listing]) -> list[FeedItem]:
        return [self._of_paper(listing) for listing in listings]

    def _of_paper(self, listing: Listing) -> FeedItem:
        arxiv_id = listing.entry.paper.arxiv_id
        if arxiv_id not in self._items:
            self._items[arxiv_id] = self._paper_item(listing)
        return self._items[arxiv_id]

    def _paper_item(self, listing: Listing) -> FeedItem:
        entry, first = listing.entry, self.shelf.listings[listing.entry.paper.arxiv_id][-1].issue
        values = {"entry": entry, "issue": listing.issue, "root": self.layout.frame.base_url}
        return FeedItem(
            address=addresses.paper_address(entry.paper.arxiv_id),
            title=entry.title,
            summary=plain_text(entry.summary.text),
            html=self.layout.part("_feed_paper.html", **values),
            published=first.published,
            updated=updated(listing),
            authors=tuple(plain_text(author) for author in entry.paper.authors[:_FEED_AUTHORS]),
            topics=tuple(topic.name for topic in entry.topics),
        )
