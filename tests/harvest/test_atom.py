# ruff: noqa: ANN401  the types of the fixtures lie in conftest.py, which tests do not import
import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from digest.errors import SourceError, UsageError
from digest.harvest.atom import ArxivSource
from digest.harvest.http import Connection, Pace
from digest.harvest.source import Rejected, Source, Total
from digest.paper import Month, Paper
from tests.arxiv_stand_in import ArxivStandIn, send

APRIL = Month(2024, 4)
QUICK = Pace(between=3, connect=1, read=0.3, whole=0.6, tries=3, longest_wait=100)


def queries(arxiv: ArxivStandIn) -> list[dict[str, str]]:
    return [{k: v[0] for k, v in parse_qs(urlsplit(path).query).items()} for path in arxiv.requests]


@pytest.fixture
def source(arxiv: ArxivStandIn, clock: Any) -> ArxivSource:
    """The stand-in as a source with pages of ten papers."""

    def connect(contact: str) -> Connection:
        return Connection(contact, QUICK, clock=clock, sleep=clock.sleep)

    return ArxivSource(arxiv.api_url, "me@example.org", page_size=10, connect=connect)


def spoiled(paper: Paper, good: str, bad: str) -> Callable[[str], str]:
    """Return what changes the entry of one paper, and only that."""

    def spoil(entry: str) -> str:
        if paper.arxiv_id not in entry[:200]:
            return entry
        assert re.search(good, entry)
        return re.sub(good, bad, entry, count=1)

    return spoil


def fetch(source: Source) -> list[Paper | Rejected]:
    records = source.fetch(APRIL, ["cs.CL", "cs.LG"])
    return [record for record in records if not isinstance(record, Total)]


def ids(records: list[Paper | Rejected]) -> list[str]:
    return [record.arxiv_id for record in records if isinstance(record, Paper)]


class TestAWholeMonth:
    def test_every_paper_comes_once_in_order(self, source: ArxivSource, papers: list[Paper]) -> None:
        assert ids(fetch(source)) == [paper.arxiv_id for paper in papers]

    def test_a_paper_is_all_that_the_feed_says(self, source: ArxivSource, papers: list[Paper]) -> None:
        assert fetch(source) == papers

    def test_the_query_asks_for_the_month_and_says_who_asks(self, source: ArxivSource, arxiv: ArxivStandIn) -> None:
        fetch(source)
        assert [(query["start"], query["max_results"]) for query in queries(arxiv)] == [
            ("0", "10"),
            ("10", "10"),
            ("20", "10"),
        ]
        assert queries(arxiv)[0]["search_query"] == (
            "(cat:cs.CL OR cat:cs.LG) AND submittedDate:[202404010000 TO 202404302359]"
        )
        assert set(arxiv.user_agents) == {arxiv.user_agents[0]}
        assert arxiv.user_agents[0].startswith("digest/")
        assert arxiv.user_agents[0].endswith("(+me@example.org)")

    def test_three_seconds_pass_between_requests(self, source: ArxivSource, clock: Any) -> None:
        fetch(source)
        assert len(clock.slept) == 2
        assert all(2.5 < seconds <= 3 for seconds in clock.slept)

    def test_a_month_without_papers_is_no_fault(self, source: ArxivSource, arxiv: ArxivStandIn) -> None:
        arxiv.papers.clear()
        assert fetch(source) == []

    def test_papers_in_no_order_come_all_the_same(
        self, source: ArxivSource, arxiv: ArxivStandIn, papers: list[Paper]
    ) -> None:
        """As for two days of November 2025, when arXiv sorted by nothing."""
        arxiv.is_sorted = False
        assert set(ids(fetch(source))) == {paper.arxiv_id for paper in papers}

    def test_a_paper_on_two_pages_comes_once(
        self, source: ArxivSource, arxiv: ArxivStandIn, papers: list[Paper]
    ) -> None:
        arxiv.papers.append(arxiv.papers[3])
        arxiv.is_sorted = False
        with pytest.raises(SourceError, match="gave 25 of its 26 papers"):
            fetch(source)
        assert len(papers) == 25


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
        arxiv: ArxivStandIn,
        papers: list[Paper],
        fault: Callable[[BaseHTTPRequestHandler, bytes], None],
    ) -> None:
        arxiv.faults = [None, fault]
        assert ids(fetch(source)) == [paper.arxiv_id for paper in papers]
        assert [query["start"] for query in queries(arxiv)] == ["0", "10", "10", "20"]

    def test_a_server_that_hangs_is_left(self, source: ArxivSource, arxiv: ArxivStandIn, papers: list[Paper]) -> None:
        arxiv.faults = [lambda _request, _body: arxiv.released.wait(5)]
        assert len(ids(fetch(source))) == len(papers)

    def test_a_server_that_trickles_is_left(
        self, source: ArxivSource, arxiv: ArxivStandIn, papers: list[Paper]
    ) -> None:
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
        arxiv: ArxivStandIn,
        clock: Any,
        headers: dict[str, str],
        waited: float,
    ) -> None:
        def too_many(request: BaseHTTPRequestHandler, _body: bytes) -> None:
            request.date_time_string = lambda _=None: "Mon, 01 Apr 2024 00:00:00 GMT"  # type: ignore[method-assign,assignment]
            send(request, b"", 429, **headers)

        arxiv.faults = [too_many]
        fetch(source)
        assert waited <= clock.slept[0] <= waited + QUICK.between


class TestFaultsThatStay:
    def test_the_tries_are_bounded_and_what_came_before_is_kept(self, source: ArxivSource, arxiv: ArxivStandIn) -> None:
        arxiv.faults = [None] + [lambda r, _: send(r, b"", 503)] * 9
        records = source.fetch(APRIL, ["cs.CL"])
        assert len([next(records) for _ in range(11)]) == 11  # how many there are, and ten of them
        with pytest.raises(SourceError, match=r"127\.0\.0\.1 answered HTTP 503 \(tried 3 times\): try again later"):
            next(records)
        assert len(queries(arxiv)) == 4

    @pytest.mark.parametrize("wait", ["3600", "9" * 400])
    def test_a_wait_of_an_hour_is_not_sat_out(
        self, source: ArxivSource, arxiv: ArxivStandIn, clock: Any, wait: str
    ) -> None:
        arxiv.faults = [lambda r, _: send(r, b"", 429, Retry_After=wait)]
        with pytest.raises(SourceError, match=r"asks to wait .* s: try again later"):
            fetch(source)
        assert clock.slept == []

    def test_an_error_entry_is_no_paper(self, source: ArxivSource, arxiv: ArxivStandIn) -> None:
        error = (
            "<entry><id>https://arxiv.org/api/errors#incorrect_id_format</id><title>Error</title>"
            "<summary>incorrect id format for x</summary><updated>2024-04-01T00:00:00Z</updated>"
            "<published>2024-04-01T00:00:00Z</published></entry>"
        )
        arxiv.spoil = lambda _entry: error
        with pytest.raises(SourceError, match="arXiv refused the query: incorrect id format for x"):
            fetch(source)
        assert len(queries(arxiv)) == 1

    def test_a_page_with_the_papers_of_another_is_noticed(self, source: ArxivSource, arxiv: ArxivStandIn) -> None:
        first = arxiv.api({"id_list": ",".join(one.paper.arxiv_id for one in arxiv.papers), "max_results": "10"})[1]
        arxiv.faults = [None, lambda r, _: send(r, first)]
        with pytest.raises(SourceError, match="arXiv gave 15 of its 25 papers: try again later"):
            fetch(source)

    def test_a_service_that_has_moved_is_named(self, source: ArxivSource, arxiv: ArxivStandIn) -> None:
        arxiv.faults = [lambda r, _: send(r, b"", 301, Location="https://elsewhere.example/api")]
        with pytest.raises(SourceError, match=r"has moved to https://elsewhere\.example/api: set its new address"):
            fetch(source)

    def test_a_doctype_is_refused(self, source: ArxivSource, arxiv: ArxivStandIn) -> None:
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
        "url",
        [
            "",
            "arxiv.org/api",
            "ftp://arxiv.org/",
            "http://[",
            "http://arxiv..org/",
            "file:///etc/passwd",
            "https://{x}",
        ],
    )
    def test_what_is_no_web_address_is_named(self, url: str, clock: Any) -> None:
        def connect(contact: str) -> Connection:
            return Connection(contact, QUICK, clock=clock, sleep=clock.sleep)

        with pytest.raises((UsageError, SourceError), match=r"is no web address|cannot be reached"):
            fetch(ArxivSource(url, connect=connect))

    @pytest.mark.parametrize("contact", ["x\r\nEvil: 1", "møte@example.org"])
    def test_a_contact_that_cannot_stand_in_a_header_is_refused(self, contact: str) -> None:
        with pytest.raises(UsageError, match=r"harvest\.contact .* must be plain ASCII"):
            fetch(ArxivSource("http://127.0.0.1:9/", contact))

    @pytest.mark.parametrize("category", ["cs.CL OR all:x", "CS.CL", "", "cs.CL)"])
    def test_what_is_no_category_is_refused(self, source: ArxivSource, arxiv: ArxivStandIn, category: str) -> None:
        with pytest.raises(UsageError, match="is not an arXiv category"):
            list(source.fetch(APRIL, [category]))
        assert queries(arxiv) == []

    def test_more_than_arxiv_gives_of_one_day_is_said(
        self, source: ArxivSource, papers: list[Paper], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("digest.harvest.atom._MOST_RESULTS", 0)
        with pytest.raises(
            SourceError, match=rf"no more than 0 can be asked for on {papers[0].submitted} alone: name fewer"
        ):
            fetch(source)

    def test_a_month_of_more_than_arxiv_gives_is_asked_for_in_parts(
        self, source: ArxivSource, arxiv: ArxivStandIn, papers: list[Paper]
    ) -> None:
        arxiv.faults = [lambda r, body: send(r, body.replace(b"totalResults>25<", b"totalResults>30001<"))]
        assert ids(fetch(source)) == [paper.arxiv_id for paper in papers]
        windows = [query["search_query"].partition("submittedDate:")[2] for query in queries(arxiv)]
        assert list(dict.fromkeys(windows)) == [
            "[202404010000 TO 202404302359]",
            "[202404010000 TO 202404152359]",
            "[202404160000 TO 202404302359]",
        ]


class TestPapersById:
    def test_a_hundred_ids_go_into_one_request(
        self, source: ArxivSource, arxiv: ArxivStandIn, papers: list[Paper]
    ) -> None:
        wanted = [*(paper.arxiv_id for paper in papers), *(f"2404.9{n:04}" for n in range(100))]
        assert {record.arxiv_id for record in source.by_ids(wanted) if isinstance(record, Paper)} == set(wanted[:25])
        assert [len(query["id_list"].split(",")) for query in queries(arxiv)] == [100, 25]

    def test_no_ids_ask_nothing(self, source: ArxivSource, arxiv: ArxivStandIn) -> None:
        assert list(source.by_ids([])) == []
        assert arxiv.requests == []


class TestEntriesThatAreNoPapers:
    @pytest.mark.parametrize(
        "case",
        [
            (r"<published>[^<]*", "<published>not-a-date", "published is not a day"),
            (r"<published>[^<]*", "<published>0001-01-01T00:00:00Z", "published is not plausible"),
            (r"<updated>[^<]*", "<updated>2024-05-02T99:00:00Z", "updated is not a day|hour must be"),
            (r"<published>[^<]*</published>", "", "published is not a day"),
            ("<id>http://arxiv.org/abs/", "<id>http://arxiv.org/abs/../../", "is not an arXiv id"),
            ("<title>", "<title/><title>", "title is empty"),
        ],
    )
    @pytest.mark.parametrize("place", [0, 9, 24])
    def test_they_are_set_aside_and_the_rest_goes_on(
        self, source: ArxivSource, arxiv: ArxivStandIn, papers: list[Paper], case: tuple[str, str, str], place: int
    ) -> None:
        good, bad, reason = case
        arxiv.spoil = spoiled(papers[place], good, bad)
        records = fetch(source)
        rejected = [record for record in records if isinstance(record, Rejected)]
        assert [record.position for record in rejected] == [place + 1]
        assert re.search(reason, rejected[0].reason)
        assert len(ids(records)) == len(papers) - 1

    def test_their_places_are_counted_in_the_whole_list(
        self, source: ArxivSource, arxiv: ArxivStandIn, papers: list[Paper]
    ) -> None:
        never = spoiled(papers[11], r"<published>2024", "<published>never")
        untitled = spoiled(papers[13], "<title>", "<title/><title>")
        arxiv.spoil = lambda entry: never(untitled(entry))
        rejected = [record for record in fetch(source) if isinstance(record, Rejected)]
        assert [record.position for record in rejected] == [12, 14]

    def test_words_after_an_element_in_a_title_are_not_lost(
        self, source: ArxivSource, arxiv: ArxivStandIn, papers: list[Paper]
    ) -> None:
        arxiv.spoil = spoiled(papers[0], "<title>", "<title>A <b>bold</b> &amp; <!-- so -->")
        first = fetch(source)[0]
        assert isinstance(first, Paper)
        assert first.title == f"A bold & {papers[0].title}"
