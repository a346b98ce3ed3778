"""The feeds and the sitemap, as other programs read them."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as ET

import fastjsonschema
import feedparser
import pytest
from lxml import etree

from digest.edition import Issue
from digest.places import STATIC, TEMPLATES
from digest.publish.render import SiteFrame, render_site
from digest.publish.signposts import sitemaps

Files = dict[PurePosixPath, bytes]
SCHEMAS = Path(__file__).parent / "schemas"
FOLDERS = ["", "papers", "tags/agents", "errata"]


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


def test_a_sitemap_of_more_pages_than_one_file_may_name_is_split() -> None:
    pages = {f"papers/{number}/": date(2024, 5, 1) for number in range(5)}
    files = sitemaps("https://example.org/", pages, per_file=2)
    assert sorted(files) == ["sitemap-1.xml", "sitemap-2.xml", "sitemap-3.xml", "sitemap.xml"]
    index = etree.fromstring(files["sitemap.xml"])
    assert index.xpath("//*[local-name()='loc']/text()") == [
        f"https://example.org/sitemap-{number}.xml" for number in (1, 2, 3)
    ]
    named = [
        url
        for name in sorted(files)[:3]
        for url in etree.fromstring(files[name]).xpath("//*[local-name()='loc']/text()")
    ]
    assert named == [f"https://example.org/papers/{number}/" for number in range(5)]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_atom_feed_is_valid_by_the_grammar_of_its_rfc(site: Files, folder: str) -> None:
    grammar = etree.RelaxNG(etree.parse(SCHEMAS / "atom.rng"))
    assert grammar.validate(etree.fromstring(site[PurePosixPath(folder, "atom.xml")])), grammar.error_log


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_json_feed_is_valid_by_its_schema(site: Files, folder: str) -> None:
    check = fastjsonschema.compile(json.loads((SCHEMAS / "json_feed.json").read_bytes()))
    check(json.loads(site[PurePosixPath(folder, "feed.json")]))


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_feed_leads_to_a_page_of_the_site(site: Files, folder: str) -> None:
    atom, rss = (feedparser.parse(site[PurePosixPath(folder, name)]).feed.link for name in ("atom.xml", "rss.xml"))
    told = json.loads(site[PurePosixPath(folder, "feed.json")])["home_page_url"]
    assert atom == rss == told
    assert PurePosixPath(told.removeprefix("https://example.org/digest/"), "index.html") in site


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_three_formats_tell_the_same(site: Files, folder: str) -> None:
    atom, rss = (feedparser.parse(site[PurePosixPath(folder, name)]) for name in ("atom.xml", "rss.xml"))
    told = json.loads(site[PurePosixPath(folder, "feed.json")])["items"]
    assert not atom.bozo
    assert not rss.bozo
    assert [(one.id, one.link) for one in atom.entries] == [(one.id, one.link) for one in rss.entries]
    assert [(one.id, one.link) for one in atom.entries] == [(one["id"], one["url"]) for one in told]
    assert [one.updated for one in atom.entries] == [one["date_modified"] for one in told]
    assert [one.content[0].value for one in atom.entries] == [one.content[0].value for one in rss.entries]


def test_a_paper_of_the_feed_names_its_authors_topics_and_page(site: Files) -> None:
    feed = feedparser.parse(site[PurePosixPath("papers/atom.xml")])
    paper = next(entry for entry in feed.entries if entry.id.endswith("/papers/2404.07143/"))
    assert [author.name for author in paper.authors] == ["Ann One", "Bob Two", "Cy Three", "Dee Four"]
    assert [tag.term for tag in paper.tags] == ["Agents"]
    assert paper.link == "https://example.org/digest/papers/2404.07143/"
    assert "machine-written" in paper.content[0].value


def test_an_entry_is_updated_only_when_its_content_is(issue: Issue, frame: SiteFrame) -> None:
    def updated(changed: Issue) -> dict[str, str]:
        files = render_site([changed], frame, [TEMPLATES], STATIC)
        feed = feedparser.parse(files[PurePosixPath("papers/atom.xml")])
        return {entry.id.split("/")[-2]: entry.updated for entry in feed.entries}

    before = updated(issue)
    newer = replace(issue.entries[1].paper, version=3, updated=date(2024, 6, 1), abstract="New. Words.")
    entries = (issue.entries[0], replace(issue.entries[1], paper=newer), *issue.entries[2:])
    after = updated(replace(issue, entries=entries))
    assert after == before | {"2404.07143": "2024-06-01T00:00:00Z"}
