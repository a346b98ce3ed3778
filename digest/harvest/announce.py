"""A category → what arXiv announced on its last day, from the feed that alone says so.

The feed: info.arxiv.org/help/rss_specifications.html. It holds one day, and is empty on days without announcement.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from digest.harvest.markup import parse_xml
from digest.harvest.records import OAI_PREFIX, read_date
from digest.harvest.source import Rejected, reject
from digest.paper import split_arxiv_id

if TYPE_CHECKING:
    from lxml import etree

    from digest.harvest.http import Connection

MOST_ENTRIES = 2_000  # of one feed (info.arxiv.org/help/rss_specifications.html); more were cut off
_ATOM, _ARXIV = "{http://www.w3.org/2005/Atom}", "{http://arxiv.org/schemas/atom}"
_FIELDS = {
    "id": f"{_ATOM}id",
    "title": f"{_ATOM}title",
    "published": f"{_ATOM}published",
    "kind": f"{_ARXIV}announce_type",
}
_KINDS = ("new", "cross", "replace", "replace-cross")


@dataclass(frozen=True, slots=True)
class Announcement:
    """A paper on a category's list of a day."""

    arxiv_id: str
    category: str  # whose list it stood on
    day: date  # US Eastern, as arXiv counts its days
    kind: str  # one of _KINDS


@dataclass(frozen=True, slots=True)
class AnnouncementFeed:
    """arXiv's announcement feeds, or whatever answers like them at `feed_url`."""

    feed_url: str
    contact: str = ""
    connect: "Callable[[str], Connection] | None" = None  # from a contact; None: as arXiv's terms ask

    def fetch(self, category: str) -> list[Announcement | Rejected]:
        """Return the last day's list of a category; empty on a day without one.

        Raises:
            SourceError: arXiv refused, timed out or sent nonsense.
        """
        from digest.harvest.http import Connection  # noqa: PLC0415  a sixth of a second, and most commands need it not

        with (self.connect or Connection)(self.contact) as connection:
            address = f"{self.feed_url.rstrip('/')}/{category}"
            return connection.fetch(address, lambda content: read_announcements(content, category))


def read_announcements(content: bytes, category: str) -> list[Announcement | Rejected]:
    """Read a feed (pure).

    Raises:
        PassingFault: it is no feed, or cut short.
    """
    entries = parse_xml(content, f"{_ATOM}feed").findall(f"{_ATOM}entry")
    return [_read(entry, category, place) for place, entry in enumerate(entries, start=1)]


def _read(entry: "etree._Element", category: str, place: int) -> Announcement | Rejected:
    said = {key: (entry.findtext(name) or "").strip() for key, name in _FIELDS.items()}
    try:
        arxiv_id, _ = split_arxiv_id(said["id"].removeprefix(OAI_PREFIX))
        day = read_date(said["published"], "published")
    except ValueError as error:
        return reject(place, str(error), f"{said['id']} {said['title']}")
    if said["kind"] not in _KINDS:
        return reject(place, f"announce_type is not known: {said['kind'][:40]!r}", f"{said['id']} {said['title']}")
    return Announcement(arxiv_id, category, day, said["kind"])
