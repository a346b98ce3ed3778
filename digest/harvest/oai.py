"""A set and a day → all that changed in it since, asked of arXiv's OAI-PMH service.

The list is ours, not a library's: oaipmh-scythe brings a second HTTP stack that can neither share arXiv's one
connection with the other sources, nor bound an answer in bytes and time (docs/decisions/0004-oai-pmh.md).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from digest.errors import SourceError
from digest.harvest.oai_page import ExpiredToken, OaiPage, oai_set, read_list
from digest.harvest.source import Record

if TYPE_CHECKING:
    from digest.harvest.http import Connection

_FORMAT = "arXivRaw"  # it numbers the versions; the format `arXiv` does not
_VAIN_RESTARTS = 3  # without one day of progress between them


@dataclass(frozen=True, slots=True)
class Batch:
    """A page of changes, and from where to ask again should this be the last one to arrive."""

    records: tuple[Record, ...]
    resume_from: date  # a list begun on this day holds all that is still to come
    begun: date  # the server's day when the list was begun: the next one starts there, less an overlap


@dataclass(frozen=True, slots=True)
class OaiSource:
    """arXiv's OAI-PMH service, or whatever answers like it at `oai_url`."""

    oai_url: str
    contact: str = ""
    format: str = _FORMAT
    connect: "Callable[[str], Connection] | None" = None  # from a contact; None: as arXiv's terms ask

    def changes(self, category: str, since: date) -> Iterator[Batch]:
        """Yield all records of a category (cross-lists among them) that changed on or after a day, oldest change first.

        Raises:
            SourceError: arXiv failed on the way; what was yielded before stands.
        """
        from digest.harvest.http import Connection  # noqa: PLC0415  a sixth of a second, and most commands need it not

        way = _Way(since)
        with (self.connect or Connection)(self.contact) as connection:
            while not way.ended:
                try:
                    yield from self._list(connection, category, way)
                except ExpiredToken:
                    way.begin_anew()

    def _list(self, connection: "Connection", category: str, way: "_Way") -> Iterator[Batch]:
        asked = {"metadataPrefix": self.format, "set": oai_set(category), "from": way.resume_from.isoformat()}
        tokens: set[str] = set()
        while True:
            address = f"{self.oai_url}?{urlencode({'verb': 'ListRecords', **asked})}"
            page = connection.fetch(address, lambda content: read_list(content, way.seen))
            yield way.pass_by(page)
            if not page.token:
                way.ended = True
                return
            if page.token in tokens:
                raise SourceError("arXiv's list turns in a circle (a resumption token came twice): try again later")
            tokens.add(page.token)
            asked = {"resumptionToken": page.token}


class _Way:
    """How far a list has come."""

    def __init__(self, since: date) -> None:
        self.resume_from, self.seen, self.ended = since, 0, False
        self._begun: date | None = None
        self._is_ordered = True  # the service lists by datestamp; where it does not, nothing is skipped
        self._restarts, self._restarted_at = 0, since

    def pass_by(self, page: OaiPage) -> Batch:
        """Move on past a page."""
        self._begun = self._begun or page.answered
        self.seen += len(page.records)
        ordered = list(page.days) == sorted(page.days) and (not page.days or page.days[0] >= self.resume_from)
        self._is_ordered = self._is_ordered and ordered
        if page.days and self._is_ordered:
            self.resume_from = page.days[-1]
        return Batch(page.records, self.resume_from, self._begun)

    def begin_anew(self) -> None:
        """Go back to the last day that was reached.

        Raises:
            SourceError: that was done some times already without getting any further.
        """
        self._restarts = 1 if self.resume_from > self._restarted_at else self._restarts + 1
        self._restarted_at = self.resume_from
        if self._restarts > _VAIN_RESTARTS:
            raise SourceError("arXiv forgets its resumption tokens at once: try again later; what came is kept")
