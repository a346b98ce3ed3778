"""The announcement feed: what stood on a category's list, and what is none of it."""

from datetime import date

import feedparser
import pytest

from digest.harvest.announce import Announcement, AnnouncementFeed, read_announcements
from digest.harvest.source import PassingFault, Rejected
from digest.paper import Paper
from tests.arxiv_stand_in import ArxivStandIn

DAY = date(2024, 4, 17)


@pytest.fixture
def feed(arxiv: ArxivStandIn) -> bytes:
    arxiv.today = DAY
    return arxiv.feed(["cs.CL"])


def test_every_entry_is_an_announcement(arxiv: ArxivStandIn, feed: bytes) -> None:
    expected = [one.paper.arxiv_id for one in arxiv.papers if one.announced == DAY]
    assert expected
    assert read_announcements(feed, "cs.CL") == [Announcement(name, "cs.CL", DAY, "new") for name in expected]


def test_a_cross_list_is_told_as_one(arxiv: ArxivStandIn) -> None:
    arxiv.today = DAY
    announced = AnnouncementFeed(arxiv.feed_url).fetch("cs.LG")
    assert {one.kind for one in announced if isinstance(one, Announcement)} == {"cross"}
    assert arxiv.requests == ["/atom/cs.LG"]


@pytest.mark.parametrize(
    ("good", "bad", "reason"),
    [
        (b"<published>2024", b"<published>never", "published is not a day"),
        (b"oai:arXiv.org:2", b"oai:arXiv.org:../2", "is not an arXiv id"),
        (b"announce_type>new", b"announce_type>old", "announce_type is not known: 'old'"),
    ],
)
def test_what_is_no_announcement_is_set_aside(feed: bytes, good: bytes, bad: bytes, reason: str) -> None:
    records = read_announcements(feed.replace(good, bad, 1), "cs.CL")
    assert isinstance(records[0], Rejected)
    assert reason in records[0].reason
    assert all(isinstance(record, Announcement) for record in records[1:])


@pytest.mark.parametrize("content", [b"", b"<html>Rate exceeded</html>", b"Rate exceeded."])
def test_what_is_no_feed_is_a_fault(content: bytes) -> None:
    with pytest.raises(PassingFault):
        read_announcements(content, "cs.CL")
    with pytest.raises(PassingFault):
        read_announcements(b"<feed xmlns='http://www.w3.org/2005/Atom'><entry>", "cs.CL")


def test_the_stand_ins_feeds_are_feeds_to_others_too(arxiv: ArxivStandIn, feed: bytes, papers: list[Paper]) -> None:
    parsed = feedparser.parse(feed)
    assert not parsed.bozo
    assert {entry["arxiv_announce_type"] for entry in parsed.entries} == {"new"}
    page = feedparser.parse(arxiv.api({"id_list": papers[0].arxiv_id, "max_results": "1"})[1])
    assert not page.bozo
    assert page.entries[0]["arxiv_primary_category"]["term"] == "cs.CL"
