"""Issues, templates and static files → every file of the site, as bytes by path; the same in, the same out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import jinja2
from markupsafe import Markup

from digest.edition import Issue
from digest.errors import UsageError
from digest.publish import addresses, wording
from digest.publish.exports import bibtex
from digest.publish.feeds import atom_feed, sitemap
from digest.publish.prose import render_prose
from digest.publish.shelf import Shelf, SiteFrame, shelve
from digest.text import plain_text, plain_title, short_authors

__all__ = ["SiteFrame", "render_site"]

_HOME, _NOT_FOUND, _FEED = "", "404.html", "atom.xml"


def render_site(
    issues: Sequence[Issue], frame: SiteFrame, template_folders: Sequence[Path], static_folder: Path
) -> dict[PurePosixPath, bytes]:
    """Return all files of the site by their path in it.

    Templates are looked for in each folder in turn; the static folder's files are copied to static/.

    Raises:
        UsageError: a template is missing or broken.
    """
    shelf = shelve(issues)
    citations = _citations(shelf)
    try:
        site = _Site(frame, shelf, citations, _environment(template_folders))
        pages = dict(site.pages())
        content = [site.template("_feed.html", "", issue=issue) for issue in shelf.issues]
    except jinja2.TemplateSyntaxError as error:
        raise UsageError(f"the template {error.name}, line {error.lineno}: {error.message}; mend it") from error
    except jinja2.TemplateNotFound as error:
        raise UsageError(f"the template {error.name} is missing: put it back into templates/") from error
    except jinja2.TemplateError as error:
        raise UsageError(f"a template cannot be rendered: {error.message}; mend it") from error
    files = {addresses.page_file(address): html.encode() for address, html in pages.items()}
    for arxiv_id, citation in citations.items():
        files[PurePosixPath(addresses.paper_address(arxiv_id), "cite.bib")] = citation.encode()
    public = [address for address in pages if address != _NOT_FOUND]
    files[PurePosixPath(_FEED)] = atom_feed(frame, shelf.issues, content)
    files[PurePosixPath("sitemap.xml")] = sitemap(frame.base_url, public)
    files[PurePosixPath("robots.txt")] = f"User-agent: *\nAllow: /\nSitemap: {frame.base_url}sitemap.xml\n".encode()
    files[PurePosixPath(".nojekyll")] = b""  # GitHub Pages serves the files as they are
    return files | _static(static_folder)


def _citations(shelf: Shelf) -> dict[str, str]:
    """Return each listed paper's BibTeX by its arXiv id."""
    newest = {arxiv_id: listings[0].entry for arxiv_id, listings in shelf.listings.items()}
    return {arxiv_id: bibtex(entry.paper, entry.title) for arxiv_id, entry in newest.items()}


def _static(folder: Path) -> dict[PurePosixPath, bytes]:
    return {
        PurePosixPath("static", file.relative_to(folder).as_posix()): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def _environment(folders: Sequence[Path]) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_without_invisible,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "plain": plain_text,
        "plain_title": plain_title,
        "short_authors": short_authors,
        "slug": addresses.paper_slug,
        "day": wording.day_of,
        "day_for_machines": wording.day_for_machines,
        "written_day": wording.written_day,
        "label": wording.label_of,
        "prose": _prose,
    }
    environment.globals |= {
        "issue_address": addresses.issue_address,
        "paper_address": addresses.paper_address,
        "topic_address": addresses.topic_address,
        "arxiv_url": addresses.arxiv_url,
        "how_written": wording.how_written,
        "split_by_evidence": wording.split_by_evidence,
    }
    return environment


def _without_invisible(value: object) -> object:
    return wording.printable(value) if type(value) is str else value


def _prose(markdown: str, top: int, anchor: str, base: str = "") -> Markup:
    return Markup(render_prose(markdown, top=top, anchor=anchor, base=base))  # noqa: S704  nh3 has cleaned it


@dataclass(frozen=True, slots=True)
class _Site:
    frame: SiteFrame
    shelf: Shelf
    citations: dict[str, str]  # BibTeX by arXiv id
    environment: jinja2.Environment

    def template(self, name: str, address: str, **values: Any) -> str:  # noqa: ANN401  whatever the template shows
        """Render a template for the page at an address."""
        root = addresses.root_from(addresses.page_file(address))
        if address == _NOT_FOUND:  # it is sent for any address, so that its links start at the site's root
            root = addresses.base_path(self.frame.base_url)
        return self.environment.get_template(name).render(
            frame=self.frame,
            shelf=self.shelf,
            root=root,
            canonical=self.frame.base_url + address,
            **values,
        )

    def pages(self) -> Iterator[tuple[str, str]]:
        """Yield each page's address and HTML."""
        yield _HOME, self.template("home.html", _HOME)
        for issue in self.shelf.issues:
            address = addresses.issue_address(issue.month)
            yield address, self.template("issue.html", address, issue=issue)
        for arxiv_id, listings in self.shelf.listings.items():
            address = addresses.paper_address(arxiv_id)
            newest = listings[0]  # a paper that several issues list is shown as the newest of them shows it
            values = {"issue": newest.issue, "entry": newest.entry, "citation": self.citations[arxiv_id]}
            yield address, self.template("paper.html", address, listings=listings, **values)
        for slug, listings in self.shelf.by_topic.items():
            address = addresses.topic_address(slug)
            yield address, self.template("tag.html", address, topic=self.shelf.topics[slug], listings=listings)
        yield "tags/", self.template("tags.html", "tags/")
        yield "archive/", self.template("archive.html", "archive/")
        yield _NOT_FOUND, self.template("404.html", _NOT_FOUND)
