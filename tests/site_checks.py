"""What must hold of any built site: strict HTML, and links that lead somewhere."""

import posixpath
from collections.abc import Mapping
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

import html5lib

Files = Mapping[PurePosixPath, bytes]


def page_of(files: Files, path: PurePosixPath) -> ET.Element:
    """Parse a page as strictly as the HTML standard allows; a fault raises."""
    tree: ET.Element = html5lib.HTMLParser(strict=True).parse(files[path].decode())
    return tree


def count_links(files: Files, base_path: str) -> int:
    """Follow every link and script within the site, and return how many there were; one that leads nowhere fails."""
    pages = {path: page_of(files, path) for path in files if path.suffix == ".html"}
    anchors = {path: {element.get("id") for element in tree.iter()} for path, tree in pages.items()}
    links = [
        (path, link)
        for path, tree in pages.items()
        for element in tree.iter()
        if (link := element.get("href") or element.get("src")) is not None
        if not link.startswith(("http:", "https:", "mailto:"))
    ]
    for path, link in links:
        address, _, anchor = link.partition("#")
        file = path if not address else _file_of(path, address, base_path)
        assert file in files, f"{path} leads to {link}, which is not there"
        assert not anchor or anchor in anchors[file], (path, link)
    return len(links)


def _file_of(page: PurePosixPath, address: str, base_path: str) -> PurePosixPath:
    if address.startswith("/"):
        assert page == PurePosixPath("404.html"), (page, address)
        assert address.startswith(base_path)
        target = address.removeprefix(base_path)
    else:
        folder = "" if address[-1:] != "/" else "/"
        target = posixpath.normpath(posixpath.join(str(page.parent), address)) + folder
    target = target.removeprefix("./")
    return PurePosixPath(target, "index.html") if target.endswith("/") or target in {"", "."} else PurePosixPath(target)
