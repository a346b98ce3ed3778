"""What a feed holds → Atom, RSS and JSON Feed, as bytes (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import orjson

from digest.publish.addresses import base_path
from digest.publish.wording import printable

_ATOM = "http://www.w3.org/2005/Atom"
_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_EPOCH = date(1991, 8, 14)  # arXiv's first day: what a feed without entries says it was updated on
ATOM_FILE, RSS_FILE, JSON_FILE = "atom.xml", "rss.xml", "feed.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One entry of a feed. Its days are the data's own: they change only when the entry does."""

    address: str  # of the page, from the root of the site
    title: str
    summary: str  # plain text
    html: str  # its links are whole
    published: date
    updated: date
    authors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHead:
    """What a feed is of."""

    base_url: str  # of the site, whole, with the last slash
    title: str
    description: str
    address: str  # of the folder it stands in
    page: str  # the address of the page it belongs to
    author: str


def atom(head: FeedHead, items: Sequence[FeedItem]) -> bytes:
    """Return an Atom feed (RFC 4287)."""
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    _add(feed, "title", head.title)
    _add(feed, "subtitle", head.description)
    _add(feed, "id", tag_uri(head.base_url, head.address))
    _add(feed, "updated", _midnight(_newest(items)))
    _add(ET.SubElement(feed, "author"), "name", head.author)
    url = head.base_url + head.address
    ET.SubElement(feed, "link", rel="self", type="application/atom+xml", href=url + ATOM_FILE)
    ET.SubElement(feed, "link", rel="alternate", type="text/html", href=head.base_url + head.page)
    for item in items:
        _atom_entry(ET.SubElement(feed, "entry"), head.base_url, item)
    return _bytes(feed)


def _atom_entry(entry: ET.Element, base_url: str, item: FeedItem) -> None:
    url = base_url + item.address
    _add(entry, "title", item.title)
    _add(entry, "id", tag_uri(base_url, item.address))
    _add(entry, "published", _midnight(item.published))
    _add(entry, "updated", _midnight(item.updated))
    for name in item.authors:
        _add(ET.SubElement(entry, "author"), "name", name)
    for topic in item.topics:
        ET.SubElement(entry, "category", term=printable(topic))
    ET.SubElement(entry, "link", rel="alternate", type="text/html", href=url)
    _add(entry, "summary", item.summary)
    _add(entry, "content", item.html, {"type": "html"})


def rss(head: FeedHead, items: Sequence[FeedItem]) -> bytes:
    """Return an RSS 2.0 feed (rssboard.org/rss-specification)."""
    root = ET.Element(
        "rss", {"version": "2.0", "xmlns:atom": _ATOM, "xmlns:dc": _DUBLIN_CORE, "xmlns:content": _CONTENT}
    )
    channel = ET.SubElement(root, "channel")
    url = head.base_url + head.address
    _add(channel, "title", head.title)
    _add(channel, "link", head.base_url + head.page)
    _add(channel, "description", head.description)
    _add(channel, "language", "en")
    _add(channel, "lastBuildDate", _rfc_822(_newest(items)))
    ET.SubElement(channel, "atom:link", rel="self", type="application/rss+xml", href=url + RSS_FILE)
    for item in items:
        _rss_item(ET.SubElement(channel, "item"), head.base_url, item)
    return _bytes(root)


def _rss_item(element: ET.Element, base_url: str, item: FeedItem) -> None:
    _add(element, "title", item.title)
    _add(element, "link", base_url + item.address)
    _add(element, "guid", tag_uri(base_url, item.address), {"isPermaLink": "false"})
    _add(element, "pubDate", _rfc_822(item.published))
    for name in item.authors:
        _add(element, "dc:creator", name)
    for topic in item.topics:
        _add(element, "category", topic)
    _add(element, "description", item.summary)
    _add(element, "content:encoded", item.html)


def json_feed(head: FeedHead, items: Sequence[FeedItem]) -> bytes:
    """Return a JSON Feed (jsonfeed.org/version/1.1)."""
    url = head.base_url + head.address
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": printable(head.title),
        "description": printable(head.description),
        "home_page_url": head.base_url + head.page,
        "feed_url": url + JSON_FILE,
        "language": "en",
        "authors": [{"name": printable(head.author)}],
        "items": [_json_item(head.base_url, item) for item in items],
    }
    return orjson.dumps(feed, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _json_item(base_url: str, item: FeedItem) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": tag_uri(base_url, item.address),
        "url": base_url + item.address,
        "title": printable(item.title),
        "summary": printable(item.summary),
        "content_html": printable(item.html),
        "date_published": _midnight(item.published),
        "date_modified": _midnight(item.updated),
    }
    if item.authors:
        described["authors"] = [{"name": printable(name)} for name in item.authors]
    if item.topics:
        described["tags"] = [printable(topic) for topic in item.topics]
    return described


def tag_uri(base_url: str, address: str) -> str:
    """Return a name that stays when the site's scheme or port changes (RFC 4151)."""
    return f"tag:{urlsplit(base_url).hostname},2024:{base_path(base_url)}{address}"


def _newest(items: Sequence[FeedItem]) -> date:
    return max((item.updated for item in items), default=_EPOCH)


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _rfc_822(day: date) -> str:
    return format_datetime(datetime.combine(day, time(), UTC), usegmt=True)


def _add(parent: ET.Element, name: str, text: str, attributes: dict[str, str] | None = None) -> None:
    child = ET.SubElement(parent, name, attributes or {})
    child.text = printable(text)


def _bytes(root: ET.Element) -> bytes:
    ET.indent(root)
    text: str = ET.tostring(root, encoding="unicode")  # encoding it at once takes a third of the time
    return f"<?xml version='1.0' encoding='utf-8'?>\n{text}\n".encode()
