"""OAI-PMH: the same papers as from the API, whatever the service does on the way."""

# ruff: noqa: ANN401  the clock's type lies in conftest.py, which tests do not import
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from digest.errors import SourceError
from digest.harvest.http import Connection, Pace
from digest.harvest.oai import Batch, OaiSource
from digest.harvest.oai_page import oai_set, read_list
from digest.harvest.source import Deleted, Rejected
from digest.paper import Paper
from tests.arxiv_stand_in import ArxivStandIn, Fault, send

START = date(2024, 4, 1)
QUICK = Pace(between=3, connect=1, read=0.3, whole=0.6, tries=3, longest_wait=100)


@pytest.fixture
def source(arxiv: ArxivStandIn, clock: Any) -> OaiSource:
    """The stand-in as a source; its pages hold ten records."""

    def connect(contact: str) -> Connection:
        return Connection(contact, QUICK, clock=clock, sleep=clock.sleep)

    return OaiSource(arxiv.oai_url, "me@example.org", connect=connect)


def papers_of(batches: list[Batch]) -> list[Paper]:
    return [record for batch in batches for record in batch.records if isinstance(record, Paper)]


def fetch(source: OaiSource, category: str = "cs.CL", since: date = START) -> list[Batch]:
    return list(source.changes(category, since))


def queries(arxiv: ArxivStandIn) -> list[dict[str, str]]:
    return [{k: v[0] for k, v in parse_qs(urlsplit(path).query).items()} for path in arxiv.requests]


def without(paper: Paper) -> Paper:
    """Return a paper without what only one of the two services says."""
    return replace(paper, licence=None, authors_line=None)


class TestAList:
    def test_it_gives_the_same_papers_as_the_api(self, source: OaiSource, papers: list[Paper]) -> None:
        found = {paper.arxiv_id: without(paper) for paper in papers_of(fetch(source))}
        assert found == {paper.arxiv_id: paper for paper in papers}

    def test_the_format_without_versions_gives_them_too(self, source: OaiSource, papers: list[Paper]) -> None:
        found = {paper.arxiv_id: without(paper) for paper in papers_of(fetch(replace(source, format="arXiv")))}
        assert found == {paper.arxiv_id: replace(paper, version=0, submitted=None) for paper in papers}

    def test_what_the_authors_wrote_is_kept_beside_their_names(self, source: OaiSource) -> None:
        found = next(paper for paper in papers_of(fetch(source)) if "Kurt Gödel" in paper.authors)
        assert found.authors_line == 'Ada Lovelace, Kurt G\\"odel'
        assert found.licence == "http://creativecommons.org/licenses/by/4.0/"

    def test_it_asks_for_a_set_from_a_day_and_then_by_token(self, source: OaiSource, arxiv: ArxivStandIn) -> None:
        fetch(source)
        asked = queries(arxiv)
        assert asked[0] == {
            "verb": "ListRecords",
            "metadataPrefix": "arXivRaw",
            "set": "cs:cs:CL",
            "from": "2024-04-01",
        }
        assert [set(query) for query in asked[1:]] == [{"verb", "resumptionToken"}] * 2
        assert arxiv.user_agents[0].endswith("(+me@example.org)")

    def test_each_batch_says_from_where_to_go_on(self, source: OaiSource, papers: list[Paper]) -> None:
        """A list begun where a batch says so, and what came until then, are all there is."""
        batches = fetch(source)
        for n, batch in enumerate(batches):
            before = {paper.arxiv_id for paper in papers_of(batches[: n + 1])}
            after = {paper.arxiv_id for paper in papers_of(fetch(source, since=batch.resume_from))}
            assert before | after == {paper.arxiv_id for paper in papers}
        assert {batch.begun for batch in batches} == {date(2024, 5, 2)}

    def test_no_record_that_matches_is_no_fault(self, source: OaiSource) -> None:
        batches = fetch(source, since=date(2024, 11, 28))
        assert [(batch.records, batch.resume_from) for batch in batches] == [((), date(2024, 11, 28))]

    def test_a_deleted_record_is_told(self, source: OaiSource, arxiv: ArxivStandIn) -> None:
        arxiv.papers[3] = replace(arxiv.papers[3], is_deleted=True)
        records = [record for batch in fetch(source) for record in batch.records]
        assert [record for record in records if isinstance(record, Deleted)] == [
            Deleted(arxiv.papers[3].paper.arxiv_id)
        ]

    @pytest.mark.parametrize(
        ("spoil", "withdrawn"),
        [
            (lambda text: text.replace("<size>12kb</size>", "<size>0kb</size>"), True),
            (lambda text: text.replace("<source_type>D<", "<source_type>I<"), True),
            (lambda text: text.replace("<abstract>", "<comments>Withdrawn by the author.</comments><abstract>"), True),
            (lambda text: text, False),
        ],
    )
    def test_a_paper_without_source_or_that_says_so_is_withdrawn(
        self, source: OaiSource, arxiv: ArxivStandIn, spoil: Callable[[str], str], *, withdrawn: bool
    ) -> None:
        arxiv.spoil = spoil
        assert {paper.withdrawn for paper in papers_of(fetch(source))} == {withdrawn}

    def test_a_withdrawn_paper_needs_no_abstract(self, source: OaiSource, arxiv: ArxivStandIn) -> None:
        arxiv.papers = [
            replace(one, paper=replace(one.paper, abstract="", comment="This paper has been withdrawn"))
            for one in arxiv.papers
        ]
        assert all(paper.withdrawn and not paper.abstract for paper in papers_of(fetch(source)))


class TestFaultsThatPass:
    @pytest.mark.parametrize(
        "fault",
        [
            pytest.param(lambda r, _: send(r, b"Rate exceeded.", 429, Retry_After="7"), id="too many requests"),
            pytest.param(lambda r, _: send(r, b"", 503, Retry_After="12"), id="flow control"),
            pytest.param(lambda r, _: send(r, b"<html>Rate exceeded</html>", kind="text/html"), id="HTML with 200"),
            pytest.param(lambda r, _: send(r, b"<html>captcha</html>"), id="HTML as XML"),
            pytest.param(lambda r, body: send(r, body[: len(body) * 2 // 3]), id="cut short"),
            pytest.param(lambda r, body: send(r, body[:100], Content_Length=str(len(body))), id="connection lost"),
            pytest.param(lambda r, _: send(r, b"not gzip", Content_Encoding="gzip"), id="broken gzip"),
            pytest.param(lambda r, body: send(r, _without_records(body)), id="empty page"),
            pytest.param(lambda r, body: send(r, body.replace(b"2024-05-02T", b"soon")), id="no date"),
            pytest.param(lambda r, _: send(r, _answer("")), id="nothing in it"),
        ],
    )
    @pytest.mark.parametrize("place", [0, 1])
    def test_the_page_is_asked_for_again(
        self, source: OaiSource, arxiv: ArxivStandIn, papers: list[Paper], fault: Fault, place: int
    ) -> None:
        arxiv.faults = [None] * place + [fault]
        assert len(papers_of(fetch(source))) == len(papers)
        assert len(arxiv.requests) == 4
        assert arxiv.requests[place] == arxiv.requests[place + 1]

    def test_a_token_that_has_expired_costs_no_paper(
        self, source: OaiSource, arxiv: ArxivStandIn, papers: list[Paper]
    ) -> None:
        arxiv.faults = [None, None, lambda r, _: send(r, _answer('<error code="badResumptionToken">expired</error>'))]
        found = papers_of(fetch(source))
        assert {paper.arxiv_id for paper in found} == {paper.arxiv_id for paper in papers}
        assert queries(arxiv)[3]["from"] > "2024-04-01"

    def test_a_record_that_changes_meanwhile_comes_with_the_overlap(
        self, source: OaiSource, arxiv: ArxivStandIn, papers: list[Paper]
    ) -> None:
        """The token is an offset: a record that moves to the end lets another slip past, which a later list gives."""

        def touch(request: BaseHTTPRequestHandler, body: bytes) -> None:
            arxiv.papers[0] = replace(arxiv.papers[0], changed=date(2024, 5, 2))
            send(request, body)

        arxiv.faults = [touch]
        batches = fetch(source)
        again = fetch(source, since=batches[0].begun - timedelta(days=40))
        assert {paper.arxiv_id for paper in papers_of(batches + again)} == {paper.arxiv_id for paper in papers}

    def test_datestamps_out_of_order_move_nothing_on(self, source: OaiSource, arxiv: ArxivStandIn) -> None:
        arxiv.spoil = lambda text: text.replace("<datestamp>2024-04-1", "<datestamp>2024-03-1")
        assert {batch.resume_from for batch in fetch(source)[1:]} <= {fetch(source)[0].resume_from}


class TestFaultsThatStay:
    def test_a_token_that_comes_twice_ends_the_list(self, source: OaiSource, arxiv: ArxivStandIn) -> None:
        same = arxiv.oai({"verb": "ListRecords", "metadataPrefix": "arXivRaw", "set": "cs:cs:CL"})
        arxiv.faults = [lambda r, _: send(r, same)] * 9
        with pytest.raises(SourceError, match="turns in a circle"):
            fetch(source)
        assert len(arxiv.requests) == 2

    def test_tokens_that_are_never_known_end_it_too(self, source: OaiSource, arxiv: ArxivStandIn) -> None:
        arxiv.papers = [replace(one, changed=date(2024, 4, 10)) for one in arxiv.papers]
        arxiv.faults = [_forget_tokens] * 99
        with pytest.raises(SourceError, match="forgets its resumption tokens"):
            fetch(source)

    def test_a_list_that_gets_on_by_days_alone_still_ends(
        self, source: OaiSource, arxiv: ArxivStandIn, papers: list[Paper]
    ) -> None:
        arxiv.faults = [_forget_tokens] * 99
        assert {paper.arxiv_id for paper in papers_of(fetch(source))} == {paper.arxiv_id for paper in papers}

    @pytest.mark.parametrize("code", ["badArgument", "noSetHierarchy", "cannotDisseminateFormat"])
    def test_a_refusal_is_told_in_one_line(self, source: OaiSource, arxiv: ArxivStandIn, code: str) -> None:
        arxiv.faults = [lambda r, _: send(r, _answer(f'<error code="{code}">no\nsuch  set</error>'))]
        with pytest.raises(SourceError, match=rf"arXiv refused the list \({code}\): no such set; check"):
            fetch(source)
        assert len(arxiv.requests) == 1

    def test_a_doctype_is_refused(self, source: OaiSource, arxiv: ArxivStandIn) -> None:
        bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><OAI-PMH>&b;</OAI-PMH>'
        arxiv.faults = [lambda r, _: send(r, bomb)]
        with pytest.raises(SourceError, match="declares a DOCTYPE"):
            fetch(source)

    def test_a_redirect_is_not_followed(self, source: OaiSource, arxiv: ArxivStandIn) -> None:
        arxiv.faults = [lambda r, _: send(r, b"", 302, Location="http://169.254.169.254/latest")]
        with pytest.raises(SourceError, match=r"has moved to http://169\.254\.169\.254/latest"):
            fetch(source)
        assert len(arxiv.requests) == 1

    def test_a_bomb_of_zeros_is_left_at_the_cap(self, source: OaiSource, arxiv: ArxivStandIn) -> None:
        import gzip  # noqa: PLC0415

        bomb = gzip.compress(b" " * 80_000_000, 9)
        arxiv.faults = [lambda r, _: send(r, bomb, Content_Encoding="gzip")]
        with pytest.raises(SourceError, match="sent more than"):
            fetch(source)


class TestRecordsThatAreNoPapers:
    @pytest.mark.parametrize(
        "case",
        [
            ("<title>[^<]*", "<title>", "title is empty"),
            ("<abstract>[^<]*", "<abstract> ", "abstract is empty"),
            ("oai:arXiv.org:2", "oai:arXiv.org:../../etc/2", "is not an arXiv id"),
            ("<datestamp>2024", "<datestamp>never", "datestamp is not a day"),
            ('version="v1"', 'version="latest"', "version is not a number"),
            ("<date>", "<date>not-a-date ", "version's date is not a date"),
            ("2024 17:00:00", "1901 17:00:00", "version's date is not plausible"),
            ("<id>2", "<id>1", "name two papers"),
            ("arXivRaw", "oai_dc", "the format 'oai_dc' is not known"),
            ("<metadata>.*</metadata>", "", "no metadata"),
        ],
    )
    def test_they_are_set_aside_and_the_rest_goes_on(
        self, source: OaiSource, arxiv: ArxivStandIn, papers: list[Paper], case: tuple[str, str, str]
    ) -> None:
        good, bad, reason = case

        def spoil(text: str) -> str:
            if papers[4].arxiv_id not in text[:200]:
                return text
            assert re.search(good, text, re.DOTALL)
            return re.sub(good, bad, text, count=0 if good == "arXivRaw" else 1, flags=re.DOTALL)

        arxiv.spoil = spoil
        records = [record for batch in fetch(source) for record in batch.records]
        rejected = [record for record in records if isinstance(record, Rejected)]
        assert [reason in one.reason for one in rejected] == [True]
        assert len(records) == len(papers)


@pytest.mark.parametrize(
    ("category", "name"),
    [
        ("cs.CL", "cs:cs:CL"),
        ("stat.ML", "stat:stat:ML"),
        ("hep-th", "physics:hep-th"),
        ("physics.optics", "physics:physics:optics"),
        ("cond-mat.str-el", "physics:cond-mat:str-el"),
        ("q-bio.NC", "q-bio:q-bio:NC"),
        ("cs", "cs"),
    ],
)
def test_a_category_is_a_set(category: str, name: str) -> None:
    assert oai_set(category) == name


@pytest.mark.parametrize("verb", ["Identify", "ListMetadataFormats", "ListSets"])
def test_the_stand_in_answers_the_other_verbs(arxiv: ArxivStandIn, verb: str) -> None:
    assert f"<{verb}>".encode() in arxiv.oai({"verb": verb})
    assert b"badVerb" in arxiv.oai({"verb": "Nonsense"})


def test_one_record_and_its_header_are_as_in_the_list(arxiv: ArxivStandIn, papers: list[Paper]) -> None:
    asked = {"verb": "GetRecord", "identifier": f"oai:arXiv.org:{papers[0].arxiv_id}", "metadataPrefix": "arXivRaw"}
    one = arxiv.oai(asked).decode().partition("<record>")[2].partition("</record>")[0]
    assert one in arxiv.oai({"verb": "ListRecords", "metadataPrefix": "arXivRaw"}).decode()
    assert b"<metadata>" not in arxiv.oai({"verb": "ListIdentifiers", "metadataPrefix": "arXivRaw"})
    assert read_list(_answer('<error code="noRecordsMatch">none</error>'), 0).records == ()


def _answer(body: str) -> bytes:
    return (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2024-05-02T00:00:00Z</responseDate>'
        f"{body}</OAI-PMH>"
    ).encode()


def _forget_tokens(request: BaseHTTPRequestHandler, body: bytes) -> None:
    send(request, _answer('<error code="badResumptionToken">?</error>') if "resumptionToken" in request.path else body)


def _without_records(body: bytes) -> bytes:
    return body[: body.index(b"<record>")] + body[body.rindex(b"</record>") + len(b"</record>") :]
