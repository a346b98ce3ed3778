"""A paper as an HTML page, arXiv's or another → its passages (pure)."""

import re

from lxml import etree, html

from digest.document import Passage, is_back_matter
from digest.errors import UsageError
from digest.text import normalise

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LEAST = 30  # characters: less is a label, no passage
_LONGEST_HEADING = 200  # characters
_NO_CHARACTERS = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]"
)  # lxml reads them, and writes none of them
# arXiv's pages are made by LaTeXML, whose classes begin with ltx_ (math.nist.gov/~BMiller/LaTeXML/manual).
_LEFT_OUT = (
    "//script|//style|//noscript|//template|//nav|//footer|//aside|//button|//form|//figure|//table|//svg"
    "|//*[contains(concat(' ', @class, ' '), ' ltx_bibliography ') or contains(@class, 'ltx_note')"
    " or contains(@class, 'ltx_authors') or contains(@class, 'ltx_ERROR') or contains(@class, 'ltx_TOC')"
    " or contains(@class, 'ltx_page_footer') or contains(@class, 'ltx_pagination')]"
)


def read_page(content: bytes, name: str) -> tuple[Passage, ...]:
    """Return the page's paragraphs with their sections; figures, tables, notes and references are left out.

    Raises:
        UsageError: it is no HTML, or holds no paragraphs.
    """
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        tree = html.document_fromstring(_NO_CHARACTERS.sub(b"", content), parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise UsageError(f"{name} is no HTML that can be read ({error}): check the file") from error
    for element in tree.xpath(_LEFT_OUT):
        if element.getparent() is not None:
            element.drop_tree()
    for formula in tree.iter("math"):
        _write_out(formula)
    passages = tuple(_passages(tree))
    if not passages:
        raise UsageError(f"{name} holds no paragraphs: check that it is the paper's page, or take its PDF")
    return passages


def _write_out(formula: "html.HtmlElement") -> None:
    """Put a formula's TeX in the place of its MathML."""
    tex = formula.get("alttext") or "".join(formula.itertext())
    for child in list(formula):
        formula.remove(child)
    formula.text = f"${tex}$"


def _passages(tree: "html.HtmlElement"):  # type: ignore[no-untyped-def]  # noqa: ANN202
    section = ""
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in _HEADINGS:
            is_title = element.tag == "h1" or "ltx_title_document" in (element.get("class") or "")
            section = "" if is_title else normalise(element.text_content())[:_LONGEST_HEADING]
        elif element.tag == "p":
            text = normalise(element.text_content())
            if len(text) >= _LEAST and not is_back_matter(section):
                yield Passage(text, section, _anchor(element))


def _anchor(element: "html.HtmlElement") -> str:
    """Return the nearest id: of the element or of what holds it."""
    return next((str(one.get("id")) for one in (element, *element.iterancestors()) if one.get("id")), "")
