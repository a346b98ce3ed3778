"""The Atom feed and the sitemap, as other programs read them."""

from dataclasses import replace
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

import feedparser

from digest.edition import Issue
from digest.places import STATIC, TEMPLATES
from digest.publish.render import SiteFrame, render_site

Files = dict[PurePosixPath, bytes]


def test_a_feed_reader_takes_the_feed_as_it_is(site: Files) -> None:
    feed = feedparser.parse(site[PurePosixPath("atom.xml")])
    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.feed.title == "The Digest"
    assert feed.feed.updated == "2024-05-12T00:00:00Z"
    newest = feed.entries[0]
    assert (newest.title, newest.link) == ("How good are they?", "https://example.org/digest/2024-04/")
    assert newest.id == "tag:example.org,2024:/digest/2024-04/"
    assert 'href="https://example.org/digest/papers/2404.07143/"' in newest.content[0].value
    assert "<script" not in feed.entries[1].content[0].value


def test_the_feed_is_the_same_under_another_scheme_and_port(issue: Issue, frame: SiteFrame) -> None:
    def ids(base_url: str) -> list[str]:
        files = render_site([issue], replace(frame, base_url=base_url), [TEMPLATES], STATIC)
        return [entry.id for entry in feedparser.parse(files[PurePosixPath("atom.xml")]).entries]

    assert ids("https://example.org/digest/") == ids("http://example.org:8000/digest/")


def test_a_feed_without_issues_is_valid(frame: SiteFrame) -> None:
    feed = feedparser.parse(render_site([], frame, [TEMPLATES], STATIC)[PurePosixPath("atom.xml")])
    assert not feed.bozo
    assert feed.entries == []


def test_the_sitemap_names_every_page_but_the_missing_one(site: Files) -> None:
    urls = ET.fromstring(site[PurePosixPath("sitemap.xml")])  # noqa: S314  we wrote it
    assert urls.find("{*}url/{*}lastmod") is not None
    named = [url.text or "" for url in urls.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    pages = {path for path in site if path.name == "index.html"}
    assert named == sorted(named)
    assert {PurePosixPath(url.removeprefix("https://example.org/digest/"), "index.html") for url in named} == pages
