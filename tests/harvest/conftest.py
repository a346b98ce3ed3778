"""A stand-in for arXiv's API on the loopback: a faithful Atom feed, and the faults the real one has shown."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

import pytest

from digest.harvest.snapshot import read_snapshot
from digest.paper import Paper
from digest.places import BUNDLED

Fault = Callable[["BaseHTTPRequestHandler", bytes], None]  # answers instead of the feed it is given

FEED = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom"
 xmlns="http://www.w3.org/2005/Atom">
<id>https://arxiv.org/api/stand-in</id><title>arXiv Query</title><updated>2026-11-01T00:00:00Z</updated>
<opensearch:itemsPerPage>{size}</opensearch:itemsPerPage>
<opensearch:totalResults>{total}</opensearch:totalResults>
<opensearch:startIndex>{start}</opensearch:startIndex>
{entries}</feed>"""

ENTRY = """<entry><id>http://arxiv.org/abs/{id}v2</id><title>{title}</title>
<updated>2024-05-02T07:00:00Z</updated>
<link href="https://arxiv.org/abs/{id}v2" rel="alternate" type="text/html"/>
<link href="https://arxiv.org/pdf/{id}v2" rel="related" type="application/pdf" title="pdf"/>
<summary>{abstract}</summary><category term="cs.CL" scheme="http://arxiv.org/schemas/atom"/>
<category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/><published>2024-04-30T23:59:00Z</published>
<arxiv:comment>12 pages</arxiv:comment><arxiv:primary_category term="cs.CL"/>
<author><name>Ada  Lovelace</name></author><author><name>Kurt G\u00f6del</name></author></entry>
"""


def entry(paper: Paper) -> str:
    return ENTRY.format(id=paper.arxiv_id, title=escape(paper.title), abstract=escape(paper.abstract))


@dataclass
class StandIn:
    """Answers like arXiv's API, except where a fault is in the queue."""

    entries: list[str]
    faults: list[Fault | None] = field(default_factory=list)  # one for each request, in order
    queries: list[dict[str, str]] = field(default_factory=list)
    user_agents: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)  # lets hanging answers go
    url: str = ""

    def feed(self, start: int, size: int) -> bytes:
        page = "".join(self.entries[start : start + size])
        return FEED.format(start=start, size=size, total=len(self.entries), entries=page).encode()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        query = {key: values[0] for key, values in parse_qs(urlsplit(request.path).query).items()}
        self.queries.append(query)
        self.user_agents.append(request.headers["User-Agent"])
        body = self.feed(int(query["start"]), int(query["max_results"]))
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            fault(request, body)
            return
        request.send_response(200)
        request.send_header("Content-Type", "application/atom+xml; charset=UTF-8")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)


@pytest.fixture(scope="session")
def papers() -> list[Paper]:
    """The first 25 bundled papers with different ids."""
    records = islice(read_snapshot(BUNDLED / "april-2024.jsonl.gz"), 40)
    found = {record.arxiv_id: record for record in records if isinstance(record, Paper)}
    return list(found.values())[:25]


@pytest.fixture
def arxiv(papers: list[Paper], monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """The stand-in, serving the papers on a free port."""
    monkeypatch.setenv("NO_PROXY", "*")
    stand_in = StandIn([entry(paper) for paper in papers])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            stand_in.answer(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_address[1]}/api/query"
    yield stand_in
    stand_in.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Clock:
    """A monotonic clock that sleeping moves on, and nothing else but real work."""

    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return time.monotonic() + sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def clock() -> Clock:
    """A clock that does not make tests wait."""
    return Clock()
