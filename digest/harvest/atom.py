"""A month and its categories → papers, asked of arXiv's Atom API through the arxiv package.

The package writes the address and reads the entries. Paging, pacing, deadlines and checks are ours, for
its version 4.0.2 has no timeout, paces by the time of day, and takes a page that is cut short for the end.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from digest.errors import SourceError
from digest.harvest.feed import Page, parse_result, read_page, window_query
from digest.harvest.source import Rejected, Total, reject
from digest.paper import Month, Paper

if TYPE_CHECKING:
    import arxiv

    from digest.harvest.http import Connection

_IDS_OF_A_REQUEST = 100
# Of one query. The manual says 30,000 (info.arxiv.org/help/api/user-manual.html); HTTP 500 beyond 10,000 has been
# reported, and more windows cost little.
_MOST_RESULTS = 10_000


@dataclass(frozen=True, slots=True)
class ArxivSource:
    """arXiv's Atom API, or whatever answers like it at `api_url`."""

    api_url: str
    contact: str = ""
    page_size: int = 200
    connect: "Callable[[str], Connection] | None" = None  # from a contact; None: as arXiv's terms ask

    def fetch(self, month: Month, categories: Sequence[str]) -> Iterator[Paper | Rejected | Total]:
        """Yield the month's papers, earliest submission first; see `Source.fetch`."""
        # Two HTTP libraries take a third of a second to import, and most commands need neither.
        from digest.harvest.http import Connection  # noqa: PLC0415

        seen: set[str] = set()
        whole = (month.first_day, month.last_day)
        windows = [whole]
        with (self.connect or Connection)(self.contact) as connection:
            while windows:
                first, last = windows.pop()
                try:
                    for record in self._window(connection, window_query(first, last, categories), seen):
                        if not isinstance(record, Total) or (first, last) == whole:
                            yield record
                except _TooMany as fault:
                    if first == last:
                        raise SourceError(f"{fault} on {first} alone: name fewer categories") from fault
                    middle = first + (last - first) / 2
                    windows += [(middle + timedelta(days=1), last), (first, middle)]

    def by_ids(self, arxiv_ids: Sequence[str]) -> Iterator[Paper | Rejected]:
        """Yield the latest versions of papers by their ids; arXiv says nothing of those it does not have.

        Raises:
            SourceError: arXiv failed on the way; what was yielded before stands.
        """
        from digest.harvest.http import Connection  # noqa: PLC0415  as above

        with (self.connect or Connection)(self.contact) as connection:
            for start in range(0, len(arxiv_ids), _IDS_OF_A_REQUEST):
                ids = list(arxiv_ids[start : start + _IDS_OF_A_REQUEST])
                page, results = self._ask(connection, {"id_list": ids}, 0, len(ids))
                yield from _records(page, results)

    def _window(self, connection: "Connection", query: str, seen: set[str]) -> Iterator[Paper | Rejected | Total]:
        """Yield the papers of a query that were not seen before, and add them to those seen."""
        came, start, total = 0, 0, 1
        here: set[str] = set()
        while start < total:
            page, results = self._ask(connection, {"query": query}, start, self.page_size)
            total = page.total
            if start == 0:
                yield Total(total)
            if total > _MOST_RESULTS:
                raise _TooMany(total)
            for record in _records(page, results):
                if isinstance(record, Paper):
                    here.add(record.arxiv_id)
                    if record.arxiv_id in seen:
                        continue  # arXiv's order may shift between two pages
                    seen.add(record.arxiv_id)
                else:
                    came += 1
                yield record
            start += self.page_size
        came += len(here)
        if came < total:
            raise SourceError(f"arXiv gave {came:,} of its {total:,} papers: try again later; what was fetched is kept")

    def _ask(
        self, connection: "Connection", asked: "Mapping[str, Any]", start: int, size: int
    ) -> "tuple[Page, list[arxiv.Result]]":
        """Fetch one page through a client of its own: a client paces by a clock that may go back."""
        import arxiv  # noqa: PLC0415  as above

        client = arxiv.Client(page_size=size, delay_seconds=0, num_retries=0)
        client.query_url_format = self.api_url.replace("{", "{{").replace("}", "}}") + "?{}"
        session = _Session(connection, start, size)
        client._session = session  # noqa: SLF001  the package has no other way in
        search = arxiv.Search(
            **asked,
            max_results=None,
            sort_by=arxiv.SortCriterion.SubmittedDate,
            sort_order=arxiv.SortOrder.Ascending,
        )
        results = list(client.results(search, offset=start))
        return session.page, results


class _TooMany(SourceError):  # noqa: N818  it is no failure: the window is cut in two
    """A query has more results than arXiv gives of one."""

    def __init__(self, total: int) -> None:
        super().__init__(f"arXiv has {total:,} such papers, and no more than {_MOST_RESULTS:,} can be asked for")


class _Session:
    """What the arxiv package needs of a requests session, on our connection."""

    page: Page

    def __init__(self, connection: "Connection", start: int, size: int) -> None:
        self._connection, self._start, self._size = connection, start, size

    def get(self, url: str, headers: dict[str, str]) -> "_Answer":  # noqa: ARG002  ours name us instead
        self.page = self._connection.fetch(url, lambda content: read_page(content, self._start, self._size))
        return _Answer(self.page.content)


@dataclass(frozen=True, slots=True)
class _Answer:
    content: bytes
    status_code: int = 200


def _records(page: Page, results: "Sequence[arxiv.Result]") -> Iterator[Paper | Rejected]:
    if len(results) != len(page.places):
        raise SourceError(
            f"the arxiv package read {len(results)} of {len(page.places)} entries: install its locked version"
        )
    yield from page.rejected
    for place, result in zip(page.places, results, strict=True):
        try:
            yield parse_result(result)
        except ValueError as error:
            yield reject(place, str(error), f"{result.entry_id} {result.title}")
