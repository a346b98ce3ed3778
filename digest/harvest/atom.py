"""A month and its categories → papers, asked of arXiv's Atom API through the arxiv package.

The package writes the address and reads the entries. Paging, pacing, deadlines and checks are ours, for
its version 4.0.2 has no timeout, paces by the time of day, and takes a page that is cut short for the end.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.errors import SourceError
from digest.harvest.feed import Page, month_query, parse_result, read_page
from digest.harvest.source import Rejected, reject
from digest.paper import Month, Paper

if TYPE_CHECKING:
    import arxiv

    from digest.harvest.http import Connection

_MOST_RESULTS = 30_000  # of one query (info.arxiv.org/help/api/user-manual.html)


@dataclass(frozen=True, slots=True)
class ArxivSource:
    """arXiv's Atom API, or whatever answers like it at `api_url`."""

    api_url: str
    contact: str = ""
    page_size: int = 200
    connect: "Callable[[str], Connection] | None" = None  # from a contact; None: as arXiv's terms ask

    def fetch(self, month: Month, categories: Sequence[str]) -> Iterator[Paper | Rejected]:
        """Yield the month's papers, earliest submission first; see `Source.fetch`."""
        # Two HTTP libraries take a third of a second to import, and most commands need neither.
        from digest.harvest.http import Connection  # noqa: PLC0415

        query = month_query(month, categories)
        seen: set[str] = set()
        rejected = total = 0
        with (self.connect or Connection)(self.contact) as connection:
            for page, records in self._pages(connection, query):
                total = page.total
                for record in records:
                    if isinstance(record, Rejected):
                        rejected += 1
                    elif record.arxiv_id in seen:
                        continue  # arXiv's order may shift between two pages
                    else:
                        seen.add(record.arxiv_id)
                    yield record
        if len(seen) + rejected < total:
            raise SourceError(
                f"arXiv gave {len(seen) + rejected:,} of its {total:,} papers of {month}: try again later; "
                "what was fetched is kept"
            )

    def _pages(self, connection: "Connection", query: str) -> Iterator[tuple[Page, Iterator[Paper | Rejected]]]:
        start, total = 0, 1
        while start < total:
            page, results = self._ask(connection, query, start)
            total = page.total
            if total > _MOST_RESULTS:
                raise SourceError(
                    f"arXiv has {total:,} such papers, gives {_MOST_RESULTS:,} at most: name fewer categories"
                )
            yield page, _records(page, results)
            start += self.page_size

    def _ask(self, connection: "Connection", query: str, start: int) -> "tuple[Page, list[arxiv.Result]]":
        """Fetch one page through a client of its own: a client paces by a clock that may go back."""
        import arxiv  # noqa: PLC0415  as above

        client = arxiv.Client(page_size=self.page_size, delay_seconds=0, num_retries=0)
        client.query_url_format = self.api_url.replace("{", "{{").replace("}", "}}") + "?{}"
        session = _Session(connection, start, self.page_size)
        client._session = session  # noqa: SLF001  the package has no other way in
        search = arxiv.Search(
            query,
            max_results=None,
            sort_by=arxiv.SortCriterion.SubmittedDate,
            sort_order=arxiv.SortOrder.Ascending,
        )
        results = list(client.results(search, offset=start))
        return session.page, results


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
