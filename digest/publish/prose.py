"""The editor's Markdown → HTML that is safe to print (pure)."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from digest.figure import asks_for_figure
from digest.publish.wording import printable

_LOWEST_HEADING = 6
_SLUG_LENGTH = 60
_WHOLE_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|/")
_HEADING_TAGS = {f"h{level}" for level in range(2, _LOWEST_HEADING + 1)}
_TAGS = _HEADING_TAGS | {
    "a", "blockquote", "br", "code", "div", "em", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "blockquote": {"class"},
    "div": {"class", "role", "tabindex", "aria-label"},
    "hr": {"class"},
    "ol": {"start"},
    "td": {"class"},
    "th": {"class", "scope"},
    **{tag: {"id"} for tag in _HEADING_TAGS},
}


def render_prose(markdown: str, *, top: int, anchor: str, base: str = "", figures: Sequence[str] = ()) -> str:
    """Return the Markdown as HTML.

    `figures` are the HTML of the figures that its blocks ask for, in their order; they are put in as they are.

    The highest heading becomes <h{top}> and those below follow it; the anchors of headings begin with
    `anchor`. Links within the site start at the issue's address, and `base` leads there from the page. Raw
    HTML is printed as text; links lead to http, https or mailto or stay within the site; a picture becomes a
    link to it, for a page fetches nothing from elsewhere. A quotation that opens with bold words
    ("> **In practice.** …") is a box.
    """
    reader = _reader()
    tokens = reader.parse(printable(markdown))
    _place_headings(tokens, top, anchor)
    _name_boxes(tokens)
    _align_cells(tokens)
    _keep_places(tokens, len(figures))
    html = reader.renderer.render(list(_frame_tables(_rebase(_link_pictures(tokens), base))), reader.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )
    return _PLACE.sub(lambda place: figures[int(place[1])], clean)


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "typographer": True})
    return reader.enable(["table", "strikethrough", "smartquotes"])


_PLACE = re.compile(r'<hr class="figure-(\d+)">')  # Markdown cannot write this, and raw HTML is text


def _keep_places(tokens: Sequence[Token], figures: int) -> None:
    """Put a rule that can be found again in the place of each block that asks for a figure."""
    blocks = [token for token in tokens if asks_for_figure(token)]
    for place, token in enumerate(blocks[:figures]):
        token.type, token.tag, token.content = "html_block", "", f'<hr class="figure-{place}">\n'


def _place_headings(tokens: Sequence[Token], top: int, anchor: str) -> None:
    levels = [int(token.tag[1]) for token in tokens if token.type == "heading_open"]
    shift = top - min(levels, default=top)
    used: set[str] = set()
    for place, token in enumerate(tokens):
        if token.type not in {"heading_open", "heading_close"}:
            continue
        token.tag = f"h{max(top, min(_LOWEST_HEADING, int(token.tag[1]) + shift))}"
        if token.type == "heading_open":
            token.attrSet("id", _unused(f"{anchor}-{_slug(tokens[place + 1].content)}", used))


def headed(markdown: str, top: int) -> str:
    """Return Markdown with its headings as deep as `render_prose` prints them; the rest stays as it is."""
    lines = markdown.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    tokens = _reader().parse(markdown)
    written = {place: token.markup for place, token in enumerate(tokens) if token.type == "heading_open"}
    _place_headings(tokens, top, "")
    for place, markup in written.items():
        start, end = tokens[place].map or (0, 0)
        signs = "#" * int(tokens[place].tag[1])
        if markup.startswith("#"):
            lines[start] = lines[start].replace(markup, signs, 1)
        elif tokens[place].level == 0:  # underlined
            text = tokens[place + 1].content.replace("\n", " ")
            lines[start:end] = [f"{signs} {text}", *[""] * (end - start - 1)]
    return "\n".join(lines)


def _slug(heading: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:_SLUG_LENGTH].strip("-") or "part"


def _unused(slug: str, used: set[str]) -> str:
    numbered = [slug, *(f"{slug}-{number}" for number in range(2, len(used) + 2))]
    free = next(name for name in numbered if name not in used)
    used.add(free)
    return free


def _name_boxes(tokens: Sequence[Token]) -> None:
    for place, token in enumerate(tokens):
        if token.type != "blockquote_open" or tokens[place + 1].type != "paragraph_open":
            continue
        words = [child for child in tokens[place + 2].children or [] if child.content or child.nesting]
        if words and words[0].type == "strong_open":
            token.attrSet("class", "box")


def _align_cells(tokens: Sequence[Token]) -> None:
    """Turn markdown-it's inline styles into classes: the pages allow no inline style."""
    for token in tokens:
        if token.type in {"th_open", "td_open"}:
            style = str(token.attrs.pop("style", ""))
            if style:
                token.attrSet("class", f"to-{style.removeprefix('text-align:')}")
        if token.type == "th_open":
            token.attrSet("scope", "col")


def _link_pictures(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.children:
            token.children = [part for child in token.children for part in _linked(child)]
        yield token


def _linked(token: Token) -> list[Token]:
    if token.type != "image":
        return [token]
    words = Token("text", "", 0, content=token.content or "picture")
    return [Token("link_open", "a", 1, attrs={"href": token.attrs["src"]}), words, Token("link_close", "a", -1)]


def _rebase(tokens: Iterator[Token], base: str) -> Iterator[Token]:
    for token in tokens:
        for link in token.children or []:
            target = str(link.attrs.get("href", ""))
            if link.type == "link_open" and not _WHOLE_ADDRESS.match(target):
                link.attrSet("href", base + target)
        yield token


def _frame_tables(tokens: Iterator[Token]) -> Iterator[Token]:
    """Put each table into a box that scrolls by itself where the screen is narrow."""
    attributes = {"class": "table-scroll", "role": "region", "tabindex": "0", "aria-label": "Table"}
    for token in tokens:
        if token.type == "table_open":
            yield Token("frame_open", "div", 1, attrs=dict(attributes), block=True)
        yield token
        if token.type == "table_close":
            yield Token("frame_close", "div", -1, block=True)
