"""Issues → an Atom feed and a sitemap, as bytes (pure)."""

from collections.abc import Iterable, Sequence
from datetime import date
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from digest.edition import Issue
from digest.publish.addresses import base_path, issue_address
from digest.publish.shelf import SiteFrame
from digest.publish.wording import printable

_ATOM = "http://www.w3.org/2005/Atom"
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_EPOCH = date(1991, 8, 14)  # arXiv's first day: what a feed without issues says it was updated on


def atom_feed(frame: SiteFrame, issues: Sequence[Issue], content: Sequence[str]) -> bytes:
    """Return an Atom feed (RFC 4287) of the issues, newest first; content is their HTML, in the same order.

    Times are the issues' own: a feed changes only when an issue does.
    """
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    _add(feed, "title", frame.title)
    _add(feed, "subtitle", frame.description)
    _add(feed, "id", _tag_uri(frame.base_url, ""))
    _add(feed, "updated", _midnight(max((issue.published for issue in issues), default=_EPOCH)))
    _add(ET.SubElement(feed, "author"), "name", frame.editor or frame.title)
    ET.SubElement(feed, "link", rel="self", type="application/atom+xml", href=f"{frame.base_url}atom.xml")
    ET.SubElement(feed, "link", rel="alternate", type="text/html", href=frame.base_url)
    for issue, html in zip(issues, content, strict=True):
        feed.append(_entry(frame, issue, html))
    return _bytes(feed)


def _entry(frame: SiteFrame, issue: Issue, html: str) -> ET.Element:
    url = frame.base_url + issue_address(issue.month)
    entry = ET.Element("entry")
    _add(entry, "title", issue.title)
    _add(entry, "id", _tag_uri(frame.base_url, issue_address(issue.month)))
    _add(entry, "published", _midnight(issue.published))
    _add(entry, "updated", _midnight(issue.published))
    if issue.editor:
        _add(ET.SubElement(entry, "author"), "name", issue.editor)
    ET.SubElement(entry, "link", rel="alternate", type="text/html", href=url)
    _add(entry, "summary", issue.subtitle)
    _add(entry, "content", html, {"type": "html", _XML_BASE: url})
    return entry


def _tag_uri(base_url: str, address: str) -> str:
    """Return a name that stays when the site's scheme or port changes (RFC 4151)."""
    return f"tag:{urlsplit(base_url).hostname},2024:{base_path(base_url)}{address}"


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _add(parent: ET.Element, name: str, text: str, attributes: dict[str, str] | None = None) -> None:
    child = ET.SubElement(parent, name, attributes or {})
    child.text = printable(text)


def sitemap(base_url: str, addresses: Iterable[str]) -> bytes:
    """Return a sitemap (sitemaps.org, protocol 0.9) of the pages at these addresses."""
    urls = ET.Element("urlset", {"xmlns": _SITEMAP})
    for address in sorted(addresses):
        _add(ET.SubElement(urls, "url"), "loc", base_url + address)
    return _bytes(urls)


def _bytes(root: ET.Element) -> bytes:
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"
