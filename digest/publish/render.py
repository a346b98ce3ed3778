"""Issues and templates → the files of the site, each rendered when it is asked for (pure)."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path, PurePosixPath

import orjson

from digest.edition import Issue
from digest.publish import addresses
from digest.publish.cards import CARD_FILE, card_mark, draw_card, issue_card, paper_card, site_card
from digest.publish.collector import seldom_collecting
from digest.publish.counts import FORGETFUL, WordMemory
from digest.publish.draft import Draft, Sheaf, fingerprint, rendered
from digest.publish.epub import epub
from digest.publish.exports import bibtex, csl_json, issue_markdown, paper_markdown, ris
from digest.publish.finder import WordTable, finder_drafts
from digest.publish.languages import languages_of
from digest.publish.layout import NOT_FOUND, Layout
from digest.publish.room import NOTHING, LeftOut
from digest.publish.sheets import Sheet, sheets
from digest.publish.shelf import Listing, Shelf, SiteFrame, shelve
from digest.publish.signposts import all_signposts
from digest.publish.syndication import Syndicate

__all__ = ["MADE_WITH", "SiteFrame", "draft_site", "render_site"]

_CODE = sorted(Path(__file__).parent.parent.glob("*.py")) + sorted(Path(__file__).parent.glob("*.py"))
# Whose work is seen in the pages: another version may print other bytes.
MADE_WITH = (
    "babel",
    "jinja2",
    "lxml",
    "markdown-it-py",
    "math-core",
    "matplotlib",
    "nh3",
    "opencc",
    "pillow",
    "pylatexenc",
)


def render_site(
    issues: Sequence[Issue],
    frame: SiteFrame,
    template_folders: Sequence[Path],
    static_folder: Path,
    word_table: WordTable | None = None,
) -> dict[PurePosixPath, bytes]:
    """Return all files of the site by their path in it; see `draft_site`."""
    drafts = draft_site(issues, frame, template_folders, static_folder, word_table)
    return {PurePosixPath(path): content for path, content in rendered(drafts)}


@seldom_collecting()
def draft_site(  # noqa: PLR0913  all that a site is made of
    issues: Sequence[Issue],
    frame: SiteFrame,
    template_folders: Sequence[Path],
    static_folder: Path,
    word_table: WordTable | None = None,
    *,
    left_out: LeftOut = NOTHING,
    word_memory: WordMemory = FORGETFUL,
) -> dict[str, Draft | Sheaf]:
    """Return the files of the site by their path in it, none rendered yet; what is spare, in order of need.

    Templates are looked for in each folder in turn; the static folder's files are copied to static/. Without a table
    of words the search page finds papers by word alone.

    Raises:
        UsageError: a language is not known or its catalogue broken; when a file is rendered, also: a template
            is missing or broken.
    """
    shelf = shelve(issues, frame.author_papers)
    stamp = _stamp(frame, template_folders)
    languages = languages_of(frame.languages, template_folders)
    layouts = [Layout(frame, template_folders, language, languages) for language in languages]
    pages = list(sheets(shelf, frame, left_out))
    drafts: dict[str, Draft | Sheaf] = {
        addresses.page_file(layout.language.prefix + sheet.address): _page(layout, sheet, stamp)
        for layout in layouts
        for sheet in pages
        if sheet.address != NOT_FOUND or not layout.language.prefix  # a server sends one for all
    }
    drafts.update(_exports(shelf, frame, stamp))
    if frame.cards:
        drafts.update(_cards(shelf, frame))
    drafts.update(Syndicate(layouts[0], shelf, stamp).drafts())
    drafts.update(finder_drafts(shelf, word_table, stamp, word_memory))
    changed = {
        layout.language.prefix + sheet.address: sheet.changed
        for layout in layouts
        for sheet in pages
        if sheet.address != NOT_FOUND
    }
    drafts.update((name, _held(content)) for name, content in all_signposts(frame, shelf, changed, left_out).items())
    drafts.update(_static(static_folder))
    return {name: draft for name, draft in drafts.items() if name not in left_out.names} if left_out else drafts


def _stamp(frame: SiteFrame, folders: Sequence[Path]) -> str:
    """Return a hash of what every page depends on: the frame, the templates, this code and the libraries."""
    whole = hashlib.sha256(fingerprint(frame, [version(name) for name in MADE_WITH]).encode())
    templates = [file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file()]
    for file in [*templates, *_CODE]:
        whole.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def _page(layout: Layout, sheet: Sheet, stamp: str) -> Draft:
    mark = fingerprint(stamp, layout.language.tag, sheet.address, sheet.template, sheet.inputs)
    return Draft(mark, lambda: layout.page(sheet.template, sheet.address, **sheet.values()).encode())


def _exports(shelf: Shelf, frame: SiteFrame, stamp: str) -> Iterator[tuple[str, Sheaf]]:
    """Yield the citations, books and texts of each paper and each issue, by the folder they stand in."""
    for listing in shelf.newest:
        issue, entry = listing.issue, listing.entry
        mark = fingerprint(stamp, shelf.mark_of(entry), str(issue.month), issue.title)
        yield (
            addresses.paper_address(entry.paper.arxiv_id),
            Sheaf(mark, partial(_of_paper, frame, listing), is_spare=True),
        )
    for issue in shelf.issues:
        mark = fingerprint(stamp, shelf.mark_of_issue(issue))
        yield addresses.issue_address(issue.month), Sheaf(mark, partial(_of_issue, frame, issue))


def _of_paper(frame: SiteFrame, listing: Listing) -> dict[str, bytes]:
    issue, entry = listing.issue, listing.entry
    return {
        "cite.bib": bibtex(entry.paper, entry.title).encode(),
        "cite.ris": ris(entry.paper, entry.title).encode(),
        "cite.json": csl_json([(entry.paper, entry.title)]),
        "paper.md": paper_markdown(frame, issue, entry).encode(),
    }


def _of_issue(frame: SiteFrame, issue: Issue) -> dict[str, bytes]:
    papers = [(entry.paper, entry.title) for entry in issue.entries]
    return {
        "papers.bib": "".join(bibtex(*paper) for paper in papers).encode(),
        "papers.ris": "".join(ris(*paper) for paper in papers).encode(),
        "papers.json": csl_json(papers),
        "issue.md": issue_markdown(frame, issue).encode(),
        "issue.epub": epub(frame, issue, draw_card(issue_card(frame, issue)) if frame.cards else None),
        "near.json": _vectors(issue),
    }


def _vectors(issue: Issue) -> bytes:
    """Return the papers' vectors by arXiv id, for the order of a reader's own stars."""
    return orjson.dumps({entry.paper.arxiv_id: entry.vector for entry in issue.entries if entry.vector})


def _cards(shelf: Shelf, frame: SiteFrame) -> Iterator[tuple[str, Draft]]:
    """Yield the pictures of the site, its issues and its papers; they hang on their own words alone."""
    made = {"": site_card(frame)}
    made |= {addresses.issue_address(issue.month): issue_card(frame, issue) for issue in shelf.issues}
    of_papers = {
        addresses.paper_address(listing.entry.paper.arxiv_id): paper_card(frame, listing) for listing in shelf.newest
    }
    for folder, card in (made | of_papers).items():
        yield folder + CARD_FILE, Draft(card_mark(card), partial(draw_card, card), is_spare=folder in of_papers)


def _held(content: bytes) -> Draft:
    return Draft(hashlib.sha256(content).hexdigest(), lambda: content)


def _static(folder: Path) -> dict[str, Draft]:
    return {
        f"static/{file.relative_to(folder).as_posix()}": _held(file.read_bytes())
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
