"""The stand-in's answers have the elements of the real ones, in their order.

The shapes are those of answers recorded in April 2026 by the tests of the arxiv package (its repository's
tests/fixtures), of arXiv's description of its feeds, and of the schema of arXivRaw (arxiv.org/OAI/arXivRaw.xsd).
"""

from datetime import date

from lxml import etree

from tests.arxiv_stand_in import ArxivStandIn

FEED = "id title updated link itemsPerPage totalResults startIndex entry".split()
ENTRY = "id title updated link link summary category category published comment primary_category author author".split()
ERROR = "id title updated link summary author".split()
RECORD = "id submitter version title authors categories comments journal-ref doi license abstract".split()


def names(element: "etree._Element") -> list[str]:
    return [etree.QName(child).localname for child in element]


def in_order(found: list[str], expected: list[str]) -> bool:
    """Tell whether all that was found stands in the expected order; what is optional may be missing."""
    places = [expected.index(name) for name in dict.fromkeys(found)]
    return places == sorted(places)


def test_a_page_and_its_entries_are_as_recorded(arxiv: ArxivStandIn) -> None:
    feed = etree.fromstring(arxiv.api({"id_list": arxiv.papers[1].paper.arxiv_id, "max_results": "1"})[1])
    assert names(feed) == FEED
    assert set(ENTRY) <= {*names(feed[-1]), "comment"}
    assert in_order([name for name in names(feed[-1]) if name in ENTRY], ENTRY)


def test_an_error_is_as_recorded(arxiv: ArxivStandIn) -> None:
    status, body = arxiv.api({"max_results": "2001"})
    assert status == 400
    assert names(etree.fromstring(body)[-1]) == ERROR


def test_a_record_is_as_its_schema_has_it(arxiv: ArxivStandIn) -> None:
    tree = etree.fromstring(arxiv.oai({"verb": "ListRecords", "metadataPrefix": "arXivRaw"}))
    assert names(tree) == ["responseDate", "request", "ListRecords"]
    header, metadata = tree.find(".//{*}record")
    assert names(header)[:2] == ["identifier", "datestamp"]
    assert set(names(metadata[0])) <= set(RECORD)
    assert names(metadata.find(".//{*}version")) == ["date", "size", "source_type"]


def test_a_feed_entry_is_as_described(arxiv: ArxivStandIn) -> None:
    arxiv.today = date(2024, 4, 17)
    entry = etree.fromstring(arxiv.feed(["cs.CL"])).find("{*}entry")
    assert {"id", "title", "updated", "summary", "published", "announce_type", "creator"} <= set(names(entry))
