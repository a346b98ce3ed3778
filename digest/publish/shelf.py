"""The publication and its issues → what stands where on the site (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass

from digest.edition import Entry, Issue
from digest.paper import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFrame:
    """What every page of the publication shares."""

    title: str
    description: str
    editor: str = ""
    base_url: str = "http://localhost:8000/"  # whole, with the last slash
    report_url: str = ""  # where a reader reports an error; "" for no such place


@dataclass(frozen=True, slots=True)
class Listing:
    """An entry and the issue that lists it."""

    issue: Issue
    entry: Entry


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything published, newest issue first."""

    issues: tuple[Issue, ...]
    listings: dict[str, tuple[Listing, ...]]  # by arXiv id, newest issue first
    topics: dict[str, Topic]  # by slug, in the order of their names
    by_topic: dict[str, tuple[Listing, ...]]  # by the topic's slug, newest issue first

    def before(self, issue: Issue) -> Issue | None:
        """Return the issue that came before this one."""
        return next((other for other in self.issues if other.month < issue.month), None)

    def after(self, issue: Issue) -> Issue | None:
        """Return the issue that came after this one."""
        return next((other for other in reversed(self.issues) if other.month > issue.month), None)


def shelve(issues: Iterable[Issue]) -> Shelf:
    """Put the issues in order and note what each holds."""
    ordered = tuple(sorted(issues, key=lambda issue: issue.month, reverse=True))
    listings = [Listing(issue, entry) for issue in ordered for entry in issue.entries]
    tagged = [(topic, listing) for listing in listings for topic in listing.entry.topics]
    topics = {topic.slug: topic for topic, _ in sorted(tagged, key=lambda pair: pair[0].name.casefold())}
    return Shelf(
        issues=ordered,
        listings=_grouped((listing.entry.paper.arxiv_id, listing) for listing in listings),
        topics=topics,
        by_topic=_grouped((topic.slug, listing) for topic, listing in tagged),
    )


def _grouped(pairs: Iterable[tuple[str, Listing]]) -> dict[str, tuple[Listing, ...]]:
    groups: dict[str, list[Listing]] = {}
    for key, listing in pairs:
        groups.setdefault(key, []).append(listing)
    return {key: tuple(group) for key, group in groups.items()}
