"""Issues and papers → what reference managers and search engines read from a page (pure)."""

from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import quote_plus

import orjson
from markupsafe import Markup, escape

from digest.edition import Entry, Issue
from digest.paper import Paper
from digest.publish.addresses import arxiv_url, issue_address, paper_address
from digest.publish.shelf import SiteFrame
from digest.publish.wording import day_for_machines, printable
from digest.text import plain_text

_SCHEMA = "https://schema.org"
_PAPERS = 16_384  # whose span is kept: a paper stands in its issue and in several topics
_LISTED_AUTHORS = 30  # of a collaboration's hundreds, a list of links needs no more
# What would end a script element, or a line of JavaScript (html.spec.whatwg.org, 4.12.1.3).
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def linked_data(value: object) -> Markup:
    """Return JSON that stands safely inside a script element."""
    text = orjson.dumps(value).decode()
    for char, escaped in _ESCAPES.items():
        text = text.replace(char, escaped)
    return Markup(text)  # noqa: S704  nothing in it can end the element


def site_data(frame: SiteFrame) -> dict[str, object]:
    """Describe the magazine as a schema.org Periodical."""
    return {
        "@context": _SCHEMA,
        "@type": "Periodical",
        "@id": f"{frame.base_url}#periodical",
        "name": printable(frame.title),
        "description": printable(frame.description),
        "url": frame.base_url,
        **({"editor": {"@type": "Person", "name": printable(frame.editor)}} if frame.editor else {}),
    }


def issue_data(frame: SiteFrame, issue: Issue) -> dict[str, object]:
    """Describe an issue as a schema.org PublicationIssue, with its papers."""
    url = frame.base_url + issue_address(issue.month)
    return {
        "@context": _SCHEMA,
        "@type": "PublicationIssue",
        "@id": url,
        "url": url,
        "name": printable(issue.title),
        "issueNumber": str(issue.month),
        "datePublished": issue.published.isoformat(),
        "isPartOf": site_data(frame) | {"@context": _SCHEMA},
        "hasPart": [
            {"@type": "ScholarlyArticle", "name": printable(entry.title), "url": _page(frame, entry)}
            for entry in issue.entries
        ],
    }


def paper_data(frame: SiteFrame, issue: Issue, entry: Entry) -> dict[str, object]:
    """Describe a paper as a schema.org ScholarlyArticle; the summary says for itself who wrote it."""
    paper = entry.paper
    described: dict[str, object] = {
        "@context": _SCHEMA,
        "@type": "ScholarlyArticle",
        "@id": _page(frame, entry),
        "headline": printable(entry.title),
        "url": _page(frame, entry),
        "sameAs": [arxiv_url(paper.arxiv_id), f"https://doi.org/{arxiv_doi(paper.arxiv_id)}"],
        "identifier": f"arXiv:{paper.arxiv_id}",
        "author": [{"@type": "Person", "name": printable(plain_text(author))} for author in paper.authors],
        "datePublished": day_for_machines(paper),
        "abstract": printable(plain_text(entry.summary.text)),
        "isPartOf": {"@type": "PublicationIssue", "@id": frame.base_url + issue_address(issue.month)},
    }
    if entry.summary.model:
        described["creditText"] = f"Summary: {printable(entry.summary.model)}, checked against the abstract"
    return described


def _page(frame: SiteFrame, entry: Entry) -> str:
    return frame.base_url + paper_address(entry.paper.arxiv_id)


def arxiv_doi(arxiv_id: str) -> str:
    """Return the DOI that arXiv registers for each paper (info.arxiv.org/help/doi.html)."""
    return f"10.48550/arXiv.{arxiv_id}"


@lru_cache(_PAPERS)
def coins(paper: Paper, title: str) -> Markup:
    """Return an empty span from which Zotero saves the paper (OpenURL ContextObject in Spans, 2007)."""
    fields: list[tuple[str, str]] = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:journal"),
        ("rft.genre", "preprint"),
        ("rft.atitle", printable(title)),
        ("rft.date", day_for_machines(paper)),
        ("rft_id", arxiv_url(paper.arxiv_id)),
        *(("rft.au", printable(plain_text(author))) for author in paper.authors[:_LISTED_AUTHORS]),
    ]
    told = "&amp;".join(f"{name}={quote_plus(value, errors='replace')}" for name, value in fields)
    return Markup(f'<span class="Z3988" title="{told}"></span>')  # noqa: S704  what is quoted holds no mark of HTML


def _citation_fields(entry: Entry) -> Sequence[tuple[str, str]]:
    """Return the Highwire fields of a paper's page that Google Scholar and Zotero read; unknowns are left out."""
    paper = entry.paper
    fields = [
        ("citation_title", entry.title),
        *(("citation_author", plain_text(author)) for author in paper.authors),
        ("citation_publication_date", paper.submitted.isoformat().replace("-", "/") if paper.submitted else ""),
        ("citation_arxiv_id", paper.arxiv_id),
        ("citation_doi", paper.doi or ""),
        ("citation_abstract_html_url", arxiv_url(paper.arxiv_id)),
        ("citation_pdf_url", arxiv_url(paper.arxiv_id, "pdf")),
    ]
    return [(name, value) for name, value in fields if value]


def citation_metas(entry: Entry) -> Markup:
    """Return `_citation_fields` as meta elements, a line each."""
    lines = [f'<meta name="{name}" content="{escape(printable(value))}">' for name, value in _citation_fields(entry)]
    return Markup("\n".join(lines))  # noqa: S704  each value is escaped
