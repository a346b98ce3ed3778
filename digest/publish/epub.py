"""An issue → a book for readers of EPUB 3.3 (w3.org/TR/epub-33), as bytes, the same for the same issue (pure)."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from lxml import etree, html
from markupsafe import Markup, escape

from digest.edition import Entry, Issue
from digest.publish.addresses import arxiv_url, issue_address, paper_address, paper_slug
from digest.publish.feeds import tag_uri
from digest.publish.plain_figures import with_tables
from digest.publish.prose import render_prose
from digest.publish.shelf import SiteFrame
from digest.publish.wording import label_of, printable
from digest.text import plain_text, short_authors

_ZIPS_YEARS = (1980, 2107)  # the first and the last that the head of a packed file has room for
_XHTML = "http://www.w3.org/1999/xhtml"
_CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
_STYLE = """body { font-family: serif; line-height: 1.5; }
h1, h2, h3 { line-height: 1.2; }
.source, .label { font-size: 0.85em; }
.note { border-left: 2px solid; padding-left: 0.8em; }
table { border-collapse: collapse; font-size: 0.85em; }
th, td { text-align: left; vertical-align: top; padding: 0.3em 0.6em 0.3em 0; border-bottom: 1px solid; }
blockquote { margin-left: 0; padding-left: 1em; border-left: 2px solid; }
"""


@dataclass(frozen=True, slots=True)
class _Chapter:
    name: str  # of its file
    title: str
    body: str  # HTML


def epub(frame: SiteFrame, issue: Issue, cover: bytes | None = None) -> bytes:
    """Return the issue as a book: its opening, its features with their numbers as tables, and its papers."""
    chapters = list(_chapters(frame, issue))
    book = {
        "META-INF/container.xml": _CONTAINER,
        "EPUB/package.opf": _package(frame, issue, chapters, has_cover=cover is not None),
        "EPUB/nav.xhtml": _xhtml("Contents", _contents(chapters)),
        "EPUB/style.css": _STYLE,
        **{f"EPUB/{chapter.name}": _xhtml(chapter.title, chapter.body) for chapter in chapters},
    }
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        _add(packed, "mimetype", b"application/epub+zip", issue.published, zipfile.ZIP_STORED)  # first, and plain
        for name, text in book.items():
            _add(packed, name, text.encode(), issue.published, zipfile.ZIP_DEFLATED)
        if cover is not None:
            _add(packed, "EPUB/cover.png", cover, issue.published, zipfile.ZIP_STORED)
    return held.getvalue()


def _add(packed: zipfile.ZipFile, name: str, content: bytes, day: date, compression: int) -> None:
    year = min(max(day.year, _ZIPS_YEARS[0]), _ZIPS_YEARS[1])
    entry = zipfile.ZipInfo(name, (year, day.month, day.day, 0, 0, 0))
    entry.external_attr = 0o644 << 16
    entry.create_system = 3  # the same on every system
    packed.writestr(entry, content, compression)


def _chapters(frame: SiteFrame, issue: Issue) -> Iterator[_Chapter]:
    base = frame.base_url + issue_address(issue.month)
    head = Markup("<h1>{}</h1><p>{}</p><p>{}</p>").format(
        printable(issue.title), printable(issue.subtitle), f"{printable(frame.title)}, {issue.month.name}"
    )
    opening = render_prose(issue.opening, top=2, anchor="opening", base=base) if issue.opening else ""
    yield _Chapter("opening.xhtml", issue.title, head + Markup(opening))  # noqa: S704  nh3 has cleaned it
    for feature in issue.features:
        markdown = with_tables(feature.markdown, feature.figures)
        prose = render_prose(markdown, top=2, anchor=feature.slug, base=base)
        yield _Chapter(f"feature-{feature.slug}.xhtml", feature.title, _heading(feature.title) + prose)
    entries = "".join(_paper(frame, issue, one) for one in issue.entries)
    yield _Chapter("papers.xhtml", issue.list_title, _heading(issue.list_title) + entries)


def _heading(title: str) -> str:
    return str(Markup("<h1>{}</h1>").format(printable(title)))


def _paper(frame: SiteFrame, issue: Issue, entry: Entry) -> str:
    paper = entry.paper
    star = "★ " if entry.starred else ""
    note = ""
    if entry.note:
        base = frame.base_url + issue_address(issue.month)
        prose = render_prose(entry.note, top=3, anchor=f"note-{paper_slug(paper.arxiv_id)}", base=base)
        note = f'<div class="note">{prose}</div>'  # nh3 has cleaned it
    address = frame.base_url + paper_address(paper.arxiv_id)
    at_arxiv = f'<a href="{_shown(arxiv_url(paper.arxiv_id))}">arXiv:{_shown(paper.arxiv_id)}</a>'
    said = f'{_shown(plain_text(entry.summary.text))} <span class="label">({label_of(entry.summary.verdict)})</span>'
    return (
        f'<h2>{star}<a href="{_shown(address)}">{_shown(entry.title)}</a></h2>'
        f'<p class="source">{_shown(short_authors(paper.authors))} {at_arxiv}</p><p>{said}</p>{note}'
    )


def _shown(text: str) -> str:
    return escape(printable(text))


def _contents(chapters: Sequence[_Chapter]) -> str:
    lines = Markup("").join(Markup('<li><a href="{}">{}</a></li>').format(one.name, one.title) for one in chapters)
    return Markup('<nav epub:type="toc" id="toc"><h1>Contents</h1><ol>{}</ol></nav>').format(lines)


def _xhtml(title: str, body: str) -> str:
    """Return a page in XML's syntax; its body is HTML that we made or cleaned."""
    page = etree.Element(f"{{{_XHTML}}}html", nsmap={None: _XHTML, "epub": "http://www.idpf.org/2007/ops"})
    page.set("lang", "en")
    page.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
    head = etree.SubElement(page, f"{{{_XHTML}}}head")
    etree.SubElement(head, f"{{{_XHTML}}}title").text = printable(title)
    link = {"rel": "stylesheet", "type": "text/css", "href": "style.css"}
    etree.SubElement(head, f"{{{_XHTML}}}link", link)
    parsed = html.fragment_fromstring(printable(body), create_parent="body")
    page.append(_in_xhtml(parsed))
    text: str = etree.tostring(page, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n{text}\n'


def _in_xhtml(element: etree._Element) -> etree._Element:
    """Return a copy of the element in XHTML's namespace, without what only the site's own pages have a use for."""
    copy = etree.Element(f"{{{_XHTML}}}{element.tag}")
    for name, value in element.attrib.items():
        if name == "epub:type":
            copy.set("{http://www.idpf.org/2007/ops}type", value)
        elif name not in {"tabindex", "role", "aria-label", "rel"}:
            copy.set(name, value)
    copy.text, copy.tail = element.text, element.tail
    copy.extend(_in_xhtml(child) for child in element if isinstance(child.tag, str))
    return copy


def _package(frame: SiteFrame, issue: Issue, chapters: Sequence[_Chapter], *, has_cover: bool) -> str:
    names = [("nav.xhtml", "nav"), *((chapter.name, "") for chapter in chapters)]
    manifest = [
        f'<item id="f{number}" href="{name}" media-type="application/xhtml+xml"'
        + (f' properties="{properties}"/>' if properties else "/>")
        for number, (name, properties) in enumerate(names)
    ]
    manifest.append('<item id="style" href="style.css" media-type="text/css"/>')
    if has_cover:
        manifest.append('<item id="cover" href="cover.png" media-type="image/png" properties="cover-image"/>')
    spine = [f'<itemref idref="f{number}"/>' for number in range(1, len(names))]
    creator = issue.editor or frame.editor
    facts = [
        f'<dc:identifier id="id">{escape(tag_uri(frame.base_url, issue_address(issue.month)))}</dc:identifier>',
        f"<dc:title>{escape(printable(issue.title))}</dc:title>",
        "<dc:language>en</dc:language>",
        f"<dc:date>{issue.published.isoformat()}</dc:date>",
        f"<dc:publisher>{escape(printable(frame.title))}</dc:publisher>",
        f"<dc:creator>{escape(printable(creator))}</dc:creator>" if creator else "",
        f'<meta property="dcterms:modified">{issue.published.isoformat()}T00:00:00Z</meta>',
    ]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">',
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">',
            *filter(None, facts),
            "</metadata>",
            "<manifest>",
            *manifest,
            "</manifest>",
            "<spine>",
            *spine,
            "</spine>",
            "</package>\n",
        ]
    )
