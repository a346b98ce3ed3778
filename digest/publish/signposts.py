"""The site's pages → the small files by which browsers, crawlers and programs find their way (pure)."""

from collections.abc import Mapping
from datetime import date
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import orjson

from digest.edition import Issue
from digest.publish.addresses import issue_address
from digest.publish.room import NOTHING, LeftOut
from digest.publish.shelf import Shelf, SiteFrame
from digest.publish.wording import printable

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_SITEMAP_URLS = 40_000  # of one file; the protocol allows 50,000 and 50 MB
_NEWEST_ISSUES = 12  # named in llms.txt, which is to be read whole


def sitemaps(base_url: str, pages: Mapping[str, date | None], per_file: int = _SITEMAP_URLS) -> dict[str, bytes]:
    """Return sitemaps (sitemaps.org, protocol 0.9) by file name: one, or an index of several.

    `pages` maps addresses to the day of their last change, None where it is not known.
    """
    addresses = sorted(pages)
    shards = [addresses[start : start + per_file] for start in range(0, len(addresses), per_file)] or [[]]
    written = [_sitemap(base_url, {address: pages[address] for address in shard}) for shard in shards]
    if len(written) == 1:
        return {"sitemap.xml": written[0]}
    files = {f"sitemap-{number}.xml": content for number, content in enumerate(written, start=1)}
    index = ET.Element("sitemapindex", {"xmlns": _SITEMAP})
    for name in files:
        ET.SubElement(ET.SubElement(index, "sitemap"), "loc").text = base_url + name
    return files | {"sitemap.xml": _bytes(index)}


def _sitemap(base_url: str, pages: Mapping[str, date | None]) -> bytes:
    root = escape(base_url)  # addresses are slugs and need none; elements would take ten times as long
    lines = [
        f"  <url><loc>{root}{address}</loc>{f'<lastmod>{day.isoformat()}</lastmod>' if day else ''}</url>"
        for address, day in pages.items()
    ]
    opening = f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="{_SITEMAP}">'
    return "\n".join([opening, *lines, "</urlset>\n"]).encode()


def _bytes(root: ET.Element) -> bytes:
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def robots(base_url: str) -> bytes:
    """Let every crawler in and show it the sitemap (RFC 9309)."""
    return f"User-agent: *\nAllow: /\nSitemap: {base_url}sitemap.xml\n".encode()


def opensearch(frame: SiteFrame) -> bytes:
    """Describe the search page to browsers (OpenSearch 1.1)."""
    root = ET.Element("OpenSearchDescription", {"xmlns": "http://a9.com/-/spec/opensearch/1.1/"})
    ET.SubElement(root, "ShortName").text = printable(frame.title)[:16]  # the format's limit
    ET.SubElement(root, "Description").text = printable(frame.description)[:1024]
    ET.SubElement(root, "InputEncoding").text = "UTF-8"
    template = f"{frame.base_url}search/?q={{searchTerms}}"
    ET.SubElement(root, "Url", {"type": "text/html", "template": template})
    return _bytes(root)


def web_manifest(frame: SiteFrame) -> bytes:
    """Tell a browser what to call the site and how to show it (w3.org/TR/appmanifest)."""
    manifest = {
        "name": printable(frame.title),
        "short_name": printable(frame.title)[:24],
        "description": printable(frame.description),
        "start_url": "./",
        "scope": "./",
        "display": "minimal-ui",
        "background_color": "#fbfaf6",
        "theme_color": "#fbfaf6",
        "icons": [
            {"src": "static/favicon.svg", "sizes": "any", "type": "image/svg+xml"},
            {"src": "static/apple-touch-icon.png", "sizes": "180x180", "type": "image/png"},
        ],
    }
    return orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def llms(frame: SiteFrame, shelf: Shelf, left_out: LeftOut = NOTHING) -> bytes:
    """Point programs that read text to the site's Markdown (llmstxt.org)."""
    address = frame.base_url
    pages = "The pages of newer papers have" if left_out.papers else "Each paper's page has"
    about = (
        "Each issue lists arXiv papers of one month with a sentence or two on each. Every summary says who wrote it: a "
        "model, checked against the abstract; or the abstract itself. "
        f"{pages} the same as `paper.md`."
    )
    more = [
        f"- [All issues]({address}archive/)",
        f"- [Topics]({address}tags/)",
        f"- [Method, models and corrections]({address}about/)",
        f"- [Feed of papers]({address}papers/feed.json)",
    ]
    issues = [_issue_line(frame, issue) for issue in shelf.issues[:_NEWEST_ISSUES]]
    parts = [f"# {_line(frame.title)}", f"> {_line(frame.description)}", about]
    parts += ["\n".join(["## Issues", "", *issues]), "\n".join(["## More", "", *more])]
    return ("\n\n".join(parts) + "\n").encode()


def _issue_line(frame: SiteFrame, issue: Issue) -> str:
    url = frame.base_url + issue_address(issue.month)
    return f"- [{issue.month.name}: {_line(issue.title)}]({url}issue.md): {_line(issue.subtitle)}"


def _line(text: str) -> str:
    return " ".join(printable(text).replace("[", "(").replace("]", ")").split())


def all_signposts(
    frame: SiteFrame, shelf: Shelf, pages: Mapping[str, date | None], left_out: LeftOut = NOTHING
) -> dict[str, bytes]:
    """Return all of these by file name, and what GitHub Pages reads."""
    files = sitemaps(frame.base_url, pages) | {
        "robots.txt": robots(frame.base_url),
        "opensearch.xml": opensearch(frame),
        "site.webmanifest": web_manifest(frame),
        "llms.txt": llms(frame, shelf, left_out),
        ".nojekyll": b"",  # GitHub Pages serves the files as they are
    }
    return files | {"CNAME": f"{frame.domain}\n".encode()} if frame.domain else files
