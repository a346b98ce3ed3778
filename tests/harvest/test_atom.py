# ruff: noqa: ANN401  the types of the fixtures lie in conftest.py, which tests do not import
import re
from collections.abc import Callable
from datetime import date
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from digest.errors import SourceError, UsageError
from digest.harvest.atom import ArxivSource
from digest.harvest.http import Connection, Pace
from digest.harvest.source import Rejected, Source
from digest.paper import Month, Paper

APRIL = Month(2024, 4)
QUICK = Pace(between=3, connect=1, read=0.3, whole=0.6, tries=3, longest_wait=100)


def send(
    request: BaseHTTPRequestHandler, body: bytes, status: int = 200, kind: str = "text/xml", **headers: str
) -> None:
    request.send_response(status)
    request.send_header("Content-Type", kind)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    request.wfile.write(body)


@pytest.fixture
def source(arxiv: Any, clock: Any) -> ArxivSource:
    """The stand-in as a source with pages of ten papers."""

    def connect(contact: str) -> Connection:
        return Connection(contact, QUICK, clock=clock, sleep=clock.sleep)

    return ArxivSource(arxiv.url, "me@example.org", page_size=10, connect=connect)


def fetch(source: Source) -> list[Paper | Rejected]:
    return list(source.fetch(APRIL, ["cs.CL", "cs.LG"]))


def ids(records: list[Paper | Rejected]) -> list[str]:
    return [record.arxiv_id for record in records if isinstance(record, Paper)]


class TestAWholeMonth:
    def test_every_paper_comes_once_in_order(self, source: ArxivSource, papers: list[Paper]) -> None:
        assert ids(fetch(source)) == [paper.arxiv_id for paper in papers]

    def test_a_paper_is_all_that_the_feed_says(self, source: ArxivSource, papers: list[Paper]) -> None:
        first = fetch(source)[0]
        assert first == Paper(
            arxiv_id=papers[0].arxiv_id,
            version=2,
            title=papers[0].title,
            abstract=papers[0].abstract,
            authors=("Ada Lovelace", "Kurt Gödel"),
            categories=("cs.CL", "cs.LG"),
            submitted=date(2024, 4, 30),
            updated=date(2024, 5, 2),
            comment="12 pages",
        )

    def test_the_query_asks_for_the_month_and_says_who_asks(self, source: ArxivSource, arxiv: Any) -> None:
        fetch(source)
        assert [(query["start"], query["max_results"]) for query in arxiv.queries] == [
            ("0", "10"),
            ("10", "10"),
            ("20", "10"),
        ]
        assert arxiv.queries[0]["search_query"] == (
            "(cat:cs.CL OR cat:cs.LG) AND submittedDate:[202404010000 TO 202404302359]"
        )
        assert set(arxiv.user_agents) == {arxiv.user_agents[0]}
        assert arxiv.user_agents[0].startswith("digest/")
        assert arxiv.user_agents[0].endswith("(+me@example.org)")

    def test_three_seconds_pass_between_requests(self, source: ArxivSource, clock: Any) -> None:
        fetch(source)
        assert len(clock.slept) == 2
        assert all(2.5 < seconds <= 3 for seconds in clock.slept)

    def test_a_month_without_papers_is_no_fault(self, source: ArxivSource, arxiv: Any) -> None:
        arxiv.entries.clear()
        assert fetch(source) == []


class TestFaultsThatPass:
    @pytest.mark.parametrize(
        "fault",
        [
            pytest.param(lambda r, _: send(r, b"Rate exceeded.", 429, Retry_After="7"), id="too many requests"),
            pytest.param(lambda r, _: send(r, b"", 503), id="unavailable"),
            pytest.param(lambda r, _: send(r, b"<html>Rate exceeded</html>", kind="text/html"), id="HTML with 200"),
            pytest.param(lambda r, _: send(r, b"<html>Rate exceeded</html>"), id="HTML as XML"),
            pytest.param(lambda r, body: send(r, body[: len(body) * 2 // 3]), id="cut short"),
            pytest.param(lambda r, body: send(r, body[:100], Content_Length=str(len(body))), id="connection lost"),
            pytest.param(lambda r, _: send(r, b""), id="nothing"),
            pytest.param(lambda r, _: send(r, b"not gzip", Content_Encoding="gzip"), id="broken gzip"),
            pytest.param(lambda r, body: send(r, body[: body.index(b"<entry>")] + b"</feed>"), id="empty page"),
            pytest.param(lambda r, body: send(r, body[: body.rindex(b"<entry>")] + b"</feed>"), id="one paper short"),
            pytest.param(lambda r, body: send(r, body.replace(b"totalResults>", b"total>")), id="no total"),
        ],
    )
    def test_the_page_is_asked_for_again(
        self,
        source: ArxivSource,
        arxiv: Any,
        papers: list[Paper],
        fault: Callable[[BaseHTTPRequestHandler, bytes], None],
    ) -> None:
        arxiv.faults = [None, fault]
        assert ids(fetch(source)) == [paper.arxiv_id for paper in papers]
        assert [query["start"] for query in arxiv.queries] == ["0", "10", "10", "20"]

    def test_a_server_that_hangs_is_left(self, source: ArxivSource, arxiv: Any, papers: list[Paper]) -> None:
        arxiv.faults = [lambda _request, _body: arxiv.released.wait(5)]
        assert len(ids(fetch(source))) == len(papers)

    def test_a_server_that_trickles_is_left(self, source: ArxivSource, arxiv: Any, papers: list[Paper]) -> None:
        def trickle(request: BaseHTTPRequestHandler, body: bytes) -> None:
            send(request, b"")
            for byte in body[:100]:
                if arxiv.released.wait(0.1):
                    return
                try:
                    request.wfile.write(bytes([byte]))
                except OSError:
                    return

        arxiv.faults = [trickle]
        assert len(ids(fetch(source))) == len(papers)

    @pytest.mark.parametrize(
        ("headers", "waited"),
        [
            ({"Retry_After": "42"}, 42),
            ({"Retry_After": "Mon, 01 Apr 2024 00:01:00 GMT"}, 60),
            ({"Retry_After": "soon"}, 3),
            ({}, 3),
        ],
    )
    def test_the_wait_that_arxiv_asks_for_is_kept(
        self,
        source: ArxivSource,
        arxiv: Any,
        clock: Any,
        headers: dict[str, str],
        waited: float,
    ) -> None:
        def too_many(request: BaseHTTPRequestHandler, _body: bytes) -> None:
            request.date_time_string = lambda _=None: "Mon, 01 Apr 2024 00:00:00 GMT"  # type: ignore[method-assign,assignment]
            send(request, b"", 429, **headers)

        arxiv.faults = [too_many]
        fetch(source)
        assert clock.slept[0] == waited


class TestFaultsThatStay:
    def test_the_tries_are_bounded_and_what_came_before_is_kept(self, source: ArxivSource, arxiv: Any) -> None:
        arxiv.faults = [None] + [lambda r, _: send(r, b"", 503)] * 9
        records = source.fetch(APRIL, ["cs.CL"])
        assert len([next(records) for _ in range(10)]) == 10
        with pytest.raises(SourceError, match=r"127\.0\.0\.1 answered HTTP 503 \(tried 3 times\): try again later"):
            next(records)
        assert len(arxiv.queries) == 4

    @pytest.mark.parametrize("wait", ["3600", "9" * 400])
    def test_a_wait_of_an_hour_is_not_sat_out(self, source: ArxivSource, arxiv: Any, clock: Any, wait: str) -> None:
        arxiv.faults = [lambda r, _: send(r, b"", 429, Retry_After=wait)]
        with pytest.raises(SourceError, match=r"asks to wait .* s: try again later"):
            fetch(source)
        assert clock.slept == []

    def test_an_error_entry_is_no_paper(self, source: ArxivSource, arxiv: Any) -> None:
        error = (
            "<entry><id>https://arxiv.org/api/errors#incorrect_id_format</id><title>Error</title>"
            "<summary>incorrect id format for x</summary><updated>2024-04-01T00:00:00Z</updated>"
            "<published>2024-04-01T00:00:00Z</published></entry>"
        )
        arxiv.entries[:] = [error]
        with pytest.raises(SourceError, match="arXiv refused the query: incorrect id format for x"):
            fetch(source)
        assert len(arxiv.queries) == 1

    def test_a_page_with_the_papers_of_another_is_noticed(self, source: ArxivSource, arxiv: Any) -> None:
        arxiv.faults = [None, lambda r, _: send(r, arxiv.feed(0, 10))]
        with pytest.raises(SourceError, match="arXiv gave 15 of its 25 papers of 2024-04"):
            fetch(source)

    def test_a_service_that_has_moved_is_named(self, source: ArxivSource, arxiv: Any) -> None:
        arxiv.faults = [lambda r, _: send(r, b"", 301, Location="https://elsewhere.example/api")]
        with pytest.raises(SourceError, match=r"has moved to https://elsewhere\.example/api: set harvest\.api_url"):
            fetch(source)

    def test_a_doctype_is_refused(self, source: ArxivSource, arxiv: Any) -> None:
        bomb = b'<!DOCTYPE feed [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><feed>&b;</feed>'
        arxiv.faults = [lambda r, _: send(r, bomb)]
        with pytest.raises(SourceError, match="declares a DOCTYPE"):
            fetch(source)

    def test_a_closed_port_is_one_line(self, clock: Any) -> None:
        def connect(contact: str) -> Connection:
            return Connection(contact, QUICK, clock=clock, sleep=clock.sleep)

        with pytest.raises(
            SourceError, match=r"127\.0\.0\.1 cannot be reached .*: try again later; what was"
        ) as caught:
            fetch(ArxivSource("http://127.0.0.1:9/api", connect=connect))
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(
        "url", ["", "arxiv.org/api", "ftp://arxiv.org/", "http://[", "file:///etc/passwd", "https://{x}"]
    )
    def test_what_is_no_web_address_is_named(self, url: str, clock: Any) -> None:
        def connect(contact: str) -> Connection:
            return Connection(contact, QUICK, clock=clock, sleep=clock.sleep)

        with pytest.raises((UsageError, SourceError), match=r"harvest\.api_url is not a web address|cannot be reached"):
            fetch(ArxivSource(url, connect=connect))

    @pytest.mark.parametrize("contact", ["x\r\nEvil: 1", "møte@example.org"])
    def test_a_contact_that_cannot_stand_in_a_header_is_refused(self, contact: str) -> None:
        with pytest.raises(UsageError, match=r"harvest\.contact .* must be plain ASCII"):
            fetch(ArxivSource("http://127.0.0.1:9/", contact))

    @pytest.mark.parametrize("category", ["cs.CL OR all:x", "CS.CL", "", "cs.CL)"])
    def test_what_is_no_category_is_refused(self, source: ArxivSource, arxiv: Any, category: str) -> None:
        with pytest.raises(UsageError, match="is not an arXiv category"):
            list(source.fetch(APRIL, [category]))
        assert arxiv.queries == []

    def test_more_than_arxiv_gives_is_said_at_once(self, source: ArxivSource, arxiv: Any) -> None:
        arxiv.faults = [lambda r, body: send(r, body.replace(b"totalResults>25<", b"totalResults>30001<"))]
        with pytest.raises(SourceError, match="name fewer categories"):
            fetch(source)


class TestEntriesThatAreNoPapers:
    @pytest.mark.parametrize(
        "case",
        [
            ("2024-04-30T23:59:00Z", "not-a-date", "published is not a day"),
            ("2024-04-30T23:59:00Z", "0001-01-01T00:00:00Z", "published is not plausible"),
            ("2024-05-02T07:00:00Z", "2024-05-02T99:00:00Z", "updated is not a day|hour must be"),
            ("<published>2024-04-30T23:59:00Z</published>", "", "published is not a day"),
            ("http://arxiv.org/abs/", "http://arxiv.org/abs/../../", "is not an arXiv id"),
            ("<title>", "<title/><title>", "title is empty"),
        ],
    )
    @pytest.mark.parametrize("place", [0, 9, 24])
    def test_they_are_set_aside_and_the_rest_goes_on(
        self, source: ArxivSource, arxiv: Any, case: tuple[str, str, str], place: int
    ) -> None:
        good, bad, reason = case
        assert good in arxiv.entries[place]
        arxiv.entries[place] = arxiv.entries[place].replace(good, bad)
        records = fetch(source)
        rejected = [record for record in records if isinstance(record, Rejected)]
        assert [record.position for record in rejected] == [place + 1]
        assert re.search(reason, rejected[0].reason)
        assert len(ids(records)) == len(arxiv.entries) - 1

    def test_their_places_are_counted_in_the_whole_list(self, source: ArxivSource, arxiv: Any) -> None:
        arxiv.entries[11] = arxiv.entries[11].replace("2024-04-30T", "never")
        arxiv.entries[13] = arxiv.entries[13].replace("<title>", "<title/><title>")
        rejected = [record for record in fetch(source) if isinstance(record, Rejected)]
        assert [record.position for record in rejected] == [12, 14]

    def test_words_after_an_element_in_a_title_are_not_lost(
        self, source: ArxivSource, arxiv: Any, papers: list[Paper]
    ) -> None:
        arxiv.entries[0] = arxiv.entries[0].replace("<title>", "<title>A <b>bold</b> &amp; <!-- so -->")
        first = fetch(source)[0]
        assert isinstance(first, Paper)
        assert first.title == f"A bold & {papers[0].title}"
