"""The book of an issue: what EPUB 3.3 asks of its container, its package and its pages."""

import io
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath

import pytest
from lxml import etree

from digest.edition import Issue
from digest.publish.epub import epub
from digest.publish.shelf import SiteFrame

Files = dict[PurePosixPath, bytes]
_N = {
    "opf": "http://www.idpf.org/2007/opf",
    "dc": "http://purl.org/dc/elements/1.1/",
    "h": "http://www.w3.org/1999/xhtml",
    "epub": "http://www.idpf.org/2007/ops",
    "ocf": "urn:oasis:names:tc:opendocument:xmlns:container",
}


def _book(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


def test_the_container_begins_with_its_type_and_names_its_package(site: Files) -> None:
    content = site[PurePosixPath("2024-04/issue.epub")]
    assert content[30:58] == b"mimetypeapplication/epub+zip", "stored first, and neither packed nor padded"
    book = _book(content)
    assert book.testzip() is None
    container = etree.fromstring(book.read("META-INF/container.xml"))
    assert container.xpath("string(//ocf:rootfile/@full-path)", namespaces=_N) == "EPUB/package.opf"


@pytest.mark.parametrize("month", ["2024-04", "2024-03"])
def test_the_package_names_every_file_once_and_reads_them_in_order(site: Files, month: str) -> None:
    book = _book(site[PurePosixPath(month, "issue.epub")])
    package = etree.fromstring(book.read("EPUB/package.opf"))
    for name in ("identifier", "title", "language"):
        assert package.xpath(f"string(//dc:{name})", namespaces=_N)
    items = package.xpath("//opf:item", namespaces=_N)
    assert sorted(f"EPUB/{item.get('href')}" for item in items) == sorted(
        name for name in book.namelist() if name.startswith("EPUB/") and name != "EPUB/package.opf"
    )
    assert len({item.get("id") for item in items}) == len(items)
    href_by_id = {item.get("id"): item.get("href") for item in items}
    spine = [href_by_id[item.get("idref")] for item in package.xpath("//opf:itemref", namespaces=_N)]
    contents = etree.fromstring(book.read("EPUB/nav.xhtml"))
    assert contents.xpath("//h:nav[@epub:type='toc']//h:a/@href", namespaces=_N) == spine
    assert spine[0] == "opening.xhtml"
    assert spine[-1] == "papers.xhtml"


@pytest.mark.parametrize("month", ["2024-04", "2024-03"])
def test_every_page_is_xml_without_scripts_and_its_ids_are_unique(site: Files, month: str) -> None:
    book = _book(site[PurePosixPath(month, "issue.epub")])
    for name in book.namelist():
        if not name.endswith(".xhtml"):
            continue
        page = etree.fromstring(book.read(name))
        assert page.xpath("count(//h:h1)", namespaces=_N) == 1, name
        assert not page.xpath("//h:script | //h:img | //@onclick | //@onerror | //@style", namespaces=_N), name
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), name
        assert all(
            link.startswith(("http", "mailto:")) or name == "EPUB/nav.xhtml" for link in page.xpath("//@href")[1:]
        )


def test_the_book_holds_the_papers_the_stars_and_the_editors_words(site: Files) -> None:
    book = _book(site[PurePosixPath("2024-04/issue.epub")])
    papers = etree.fromstring(book.read("EPUB/papers.xhtml"))
    titles = ["".join(title.itertext()) for title in papers.xpath("//h:h2", namespaces=_N)]
    assert titles == ["Paper 2405.00732", "★ Paper 2404.07143", "Paper 2404.00001", "Paper hep-th/9901001"]
    assert "Read this one" in "".join(papers.itertext())


def test_the_same_issue_is_the_same_book_to_the_byte(issue: Issue, frame: SiteFrame) -> None:
    assert epub(frame, issue) == epub(frame, replace(issue))
    assert epub(frame, issue) != epub(frame, replace(issue, title="Another"))


@pytest.mark.parametrize("published", [date(1, 1, 1), date(9999, 12, 31)])
def test_a_day_that_no_zip_can_hold_spoils_no_book(issue: Issue, frame: SiteFrame, published: date) -> None:
    assert _book(epub(frame, replace(issue, published=published))).testzip() is None
