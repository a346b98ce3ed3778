"""A paper → its entry for a bibliography (pure)."""

from pybtex.database import BibliographyData, Entry
from pybtex.database.output.bibtex import Writer

from digest.paper import Paper
from digest.publish.addresses import arxiv_url, paper_slug
from digest.publish.wording import printable
from digest.text import plain_text

# BibTeX counts braces even where TeX escapes them, so that a lone one must go by its name; pybtex does the rest.
_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "$": r"\$",
        "^": r"\textasciicircum{}",
        "\n": " ",
    }
)


def bibtex(paper: Paper, title: str) -> str:
    """Return a BibTeX entry in the way of arXiv (info.arxiv.org/help/hypertex/bibstyles); unknowns are left out."""
    fields = {
        "title": "{" + _escaped(title) + "}",  # a second pair of braces keeps the capitals
        "author": " and ".join(_name(author) for author in paper.authors),
        "year": str(paper.month.year),
        "eprint": _escaped(paper.arxiv_id),
        "archivePrefix": "arXiv",
        "primaryClass": _escaped(paper.primary_category or ""),
        "doi": _escaped(paper.doi or ""),
        "url": _escaped(arxiv_url(paper.arxiv_id)),
    }
    entry = Entry("misc", {name: value for name, value in fields.items() if value})
    whole = BibliographyData({f"arxiv-{paper_slug(paper.arxiv_id)}": entry})
    text: str = Writer(encoding="UTF-8").to_string(whole)  # whole.to_string searches all installed packages each time
    return text


def _escaped(text: str) -> str:
    return printable(text).translate(_SPECIAL)


def _name(author: str) -> str:
    """Keep a name whole where BibTeX would cut it at a comma or an "and"."""
    name = _escaped(plain_text(author))
    return "{" + name + "}" if "," in name or " and " in f" {name.lower()} " else name
