"""A paper → its entry for a bibliography: BibTeX, RIS and CSL-JSON; papers and issues → Markdown (pure)."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import orjson

from digest import edition
from digest.paper import Paper
from digest.publish.addresses import arxiv_url, issue_address, paper_address, paper_slug
from digest.publish.plain_figures import as_markdown, with_tables
from digest.publish.prose import headed
from digest.publish.scholarly import arxiv_doi
from digest.publish.shelf import SiteFrame
from digest.publish.wording import label_of, printable
from digest.text import plain_text

# BibTeX counts braces even where TeX escapes them, so that a lone one must go by its name.
_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "$": r"\$",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        **{char: f"\\{char}" for char in "%&#_"},
        "\n": " ",
    }
)
_MARKDOWN = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>#|"})


_PAPERS = 16_384  # whose citations are kept: each stands in its own files and in its issue's
_LINES = 65_536  # abstracts and names, which every kind of citation holds


@lru_cache(_PAPERS)
def bibtex(paper: Paper, title: str) -> str:
    """Return a BibTeX entry in the way of arXiv (info.arxiv.org/help/hypertex/bibstyles); unknowns are left out.

    Written here because pybtex took twenty-five times as long; it and bibtexparser read these in the tests.
    """
    fields = {
        "title": "{" + _escaped(title) + "}",  # a second pair of braces keeps the capitals
        "author": " and ".join(_name(author) for author in paper.authors),
        "year": str(paper.month.year),
        "eprint": _escaped(paper.arxiv_id),
        "archivePrefix": "arXiv",
        "primaryClass": _escaped(paper.primary_category or ""),
        "doi": _escaped(paper.doi or ""),
        "url": arxiv_url(paper.arxiv_id),
    }
    lines = [f"    {name} = {{{value}}}" for name, value in fields.items() if value]
    return ",\n".join([f"@misc{{arxiv-{paper_slug(paper.arxiv_id)}", *lines]) + "\n}\n"


def _escaped(text: str) -> str:
    return printable(text).translate(_SPECIAL)


def _name(author: str) -> str:
    """Keep a name whole where BibTeX would cut it at a comma or an "and"."""
    name = _escaped(plain_text(author))
    return "{" + name + "}" if "," in name or " and " in f" {name.lower()} " else name


@lru_cache(_PAPERS)
def ris(paper: Paper, title: str) -> str:
    """Return a RIS record (refman's tags, as rispy, Zotero and EndNote read them); unknowns are left out."""
    day = paper.submitted
    fields: list[tuple[str, str]] = [
        ("TY", "UNPB"),
        ("TI", _one_line(title)),
        *(("AU", _plain_line(author)) for author in paper.authors),
        ("PY", str(paper.month.year)),
        ("DA", f"{day:%Y/%m/%d}/" if day else ""),
        ("AB", _plain_line(paper.abstract)),
        ("PB", "arXiv"),
        ("M1", f"arXiv:{paper.arxiv_id}"),
        ("DO", _one_line(paper.doi or arxiv_doi(paper.arxiv_id))),
        ("UR", arxiv_url(paper.arxiv_id)),
        ("L1", arxiv_url(paper.arxiv_id, "pdf")),
    ]
    lines = (f"{tag}  - {value}\r\n" for tag, value in fields if value)
    return "".join([*lines, "ER  - \r\n\r\n"])


def _one_line(text: str) -> str:
    return " ".join(printable(text).split())


@lru_cache(_LINES)
def _plain_line(text: str) -> str:
    return _one_line(plain_text(text))


def csl(paper: Paper, title: str) -> dict[str, Any]:
    """Return a CSL-JSON item (citationstyles.org, schema 1.0), names whole; unknowns are left out."""
    day, month = paper.submitted, paper.month
    fields = {
        "id": f"arxiv-{paper_slug(paper.arxiv_id)}",
        "type": "article",
        "title": _one_line(title),
        "author": [{"literal": _plain_line(author)} for author in paper.authors],
        "issued": {"date-parts": [[day.year, day.month, day.day] if day else [month.year, month.month]]},
        "abstract": _plain_line(paper.abstract),
        "publisher": "arXiv",
        "number": f"arXiv:{paper.arxiv_id}",
        "DOI": _one_line(paper.doi or arxiv_doi(paper.arxiv_id)),
        "URL": arxiv_url(paper.arxiv_id),
    }
    return {name: value for name, value in fields.items() if value}


def csl_json(papers: Sequence[tuple[Paper, str]]) -> bytes:
    """Return papers, each with its title, as a file of CSL-JSON items."""
    return b"[" + b",".join(_csl_item(*paper) for paper in papers) + b"]\n"  # no indents: a sixth of the bytes


@lru_cache(_PAPERS)
def _csl_item(paper: Paper, title: str) -> bytes:
    return orjson.dumps(csl(paper, title))


def paper_markdown(frame: SiteFrame, issue: edition.Issue, entry: edition.Entry) -> str:
    """Return a paper's page as Markdown, for programs and for notes."""
    paper = entry.paper
    facts = [
        f"- arXiv: [{paper.arxiv_id}]({paper.url})",
        f"- Submitted: {paper.submitted or paper.month}",
        f"- Authors: {', '.join(_plain(author) for author in paper.authors)}" if paper.authors else "",
        f"- Categories: {', '.join(paper.categories)}" if paper.categories else "",
        f"- Listed in: [{_plain(issue.title)}]({frame.base_url}{issue_address(issue.month)})",
        "- **Withdrawn at arXiv**" if paper.withdrawn else "",
    ]
    parts = [
        f"# {_plain(entry.title)}",
        "\n".join(fact for fact in facts if fact),
        f"**In short** ({label_of(entry.summary.verdict)}): {_plain(entry.summary.text)}",
        f"**Editor:** {printable(entry.note)}" if entry.note else "",
        f"## Abstract\n\n{_plain(paper.abstract)}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def issue_markdown(frame: SiteFrame, issue: edition.Issue) -> str:
    """Return an issue as Markdown, its features whole."""
    return "\n\n".join(part for part in _issue_parts(frame, issue) if part) + "\n"


def _issue_parts(frame: SiteFrame, issue: edition.Issue) -> Iterator[str]:
    yield f"# {_plain(issue.title)}"
    yield _plain(issue.subtitle)
    by = f", edited by {_plain(issue.editor or frame.editor)}" if issue.editor or frame.editor else ""
    yield f"{_plain(frame.title)}, {issue.month.name}{by}, {issue.published.isoformat()}"
    yield printable(headed(issue.opening, 2))
    for feature in issue.features:
        yield f"## {_plain(feature.title)}"
        yield printable(headed(with_tables(feature.markdown, feature.figures), 3))
    yield f"## {issue.list_title}"
    yield "\n".join(_lines(frame, issue.entries))
    if issue.figures:
        yield "## The month in figures"
        yield from (printable(as_markdown(figure)) for figure in issue.figures)


def _lines(frame: SiteFrame, entries: Iterable[edition.Entry]) -> Iterator[str]:
    for entry in entries:
        star = "★ " if entry.starred else ""
        link = f"[{_plain(entry.title)}]({frame.base_url}{paper_address(entry.paper.arxiv_id)})"
        said = f"{_plain(entry.summary.text)} ({label_of(entry.summary.verdict)})"
        yield f"- {star}{link}, [arXiv:{entry.paper.arxiv_id}]({arxiv_url(entry.paper.arxiv_id)}): {said}"


def _plain(text: str) -> str:
    return _plain_line(text).translate(_MARKDOWN)
