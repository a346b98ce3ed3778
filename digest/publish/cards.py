"""A title and what stands around it → the picture that other sites show beside a link, as a PNG."""

import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from PIL import Image, ImageDraw, ImageFont, features

from digest.edition import Issue
from digest.publish.draft import fingerprint
from digest.publish.shelf import Listing, SiteFrame
from digest.publish.wording import printable
from digest.text import short_authors

CARD_FILE = "card.png"
SIZE = (1200, 630)  # pixels; what the Open Graph's readers crop least
_MARGIN, _TOP, _TITLE_TOP, _FOOT = 84, 70, 158, 556
_WIDTH = SIZE[0] - 2 * _MARGIN - 48  # letters are set on whole pixels, and may run a little wider than measured
_PAPER, _INK, _ACCENT, _SOFT = (251, 250, 246), (33, 31, 27), (138, 47, 18), (95, 90, 80)
_TITLE_SIZES = (72, 64, 56, 50, 44, 40)  # pixels; the first in which the title fits
_TITLE_HEIGHT = _FOOT - _TITLE_TOP - 40
_SMALL, _SMALL_LINE, _SMALL_LINES = 30, 40, 2  # pixels of the letters and of a line below the rule; lines at most
_LEADING = 1.14
_SHADES = 16  # between the paper and an ink, for smooth letters
_BAR, _BAND = (0, 0, 18, SIZE[1]), (18, 0, SIZE[0], 140)
_FONTS = files("font_source_serif_pro") / "files"
_NO_GLYPH = "\uffff"
_VERSION = ("2", features.version("pil"), features.version("freetype2"))  # what the bytes depend on besides the words


@dataclass(frozen=True, slots=True)
class Card:
    """The words of a card."""

    title: str
    above: str  # the magazine's name and the month
    below: str  # authors and id, or what an issue holds


def site_card(frame: SiteFrame) -> Card:
    """Return the card of the pages that are neither an issue nor a paper."""
    return Card(frame.description, frame.title, frame.editor)


def issue_card(frame: SiteFrame, issue: Issue) -> Card:
    """Return the card of an issue."""
    return Card(issue.title, f"{frame.title} · {issue.month.name}", issue.subtitle)


def paper_card(frame: SiteFrame, listing: Listing) -> Card:
    """Return the card of a paper, as the newest issue that lists it has it."""
    paper = listing.entry.paper
    tries = [" · ".join(filter(None, (f"arXiv:{paper.arxiv_id}", short_authors(paper.authors, n)))) for n in (3, 2, 1)]
    below = next((one for one in tries if _font("Regular", _SMALL).getlength(one) <= _WIDTH), tries[-1])
    return Card(listing.entry.title, f"{frame.title} · {listing.issue.month.name}", below)


def draw_card(card: Card) -> bytes:
    """Return the card as a PNG, the same bytes for the same words; letters that the font lacks are left out."""
    image = Image.new("L", SIZE)  # how much ink lies where; each ink has its own part of the picture
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, _BAR[2] - 1, SIZE[1]), fill=255)
    pen.text((_MARGIN, _TOP), _fitted(_shown(card.above), _font("It", 38)), font=_font("It", 38), fill=255)
    small = _font("Regular", _SMALL)
    below = _cut(_wrapped(_shown(card.below), small), _SMALL_LINES, small)
    foot = _FOOT - _SMALL_LINE * max(0, len(below) - 1)
    font, lines = _laid_out(_shown(card.title), _TITLE_HEIGHT - (_FOOT - foot))
    for number, line in enumerate(lines):
        pen.text((_MARGIN, _TITLE_TOP + round(number * font.size * _LEADING)), line, font=font, fill=255)
    pen.line((_MARGIN, foot - 24, SIZE[0] - _MARGIN - 1, foot - 24), fill=40, width=2)
    for number, line in enumerate(below):
        pen.text((_MARGIN, foot - 6 + number * _SMALL_LINE), line, font=small, fill=255)
    return _as_png(image, (18, foot - 12, *SIZE))


def _as_png(ink: Image.Image, foot: tuple[int, int, int, int]) -> bytes:
    shades = ink.point(lambda value: value * (_SHADES - 1) // 255)
    for place, box in ((1, _BAR), (1, _BAND), (2, foot)):
        shades.paste(shades.crop(box).point([value + place * _SHADES for value in range(256)]), box[:2])
    shades = shades.convert("P")
    shades.putpalette([channel for colour in (_INK, _ACCENT, _SOFT) for shade in _shades(colour) for channel in shade])
    held = io.BytesIO()
    shades.save(held, "PNG", optimize=False, compress_level=6)
    return held.getvalue()


def _shades(colour: tuple[int, int, int]) -> list[tuple[int, ...]]:
    steps = _SHADES - 1
    return [
        tuple(paper + (ink - paper) * step // steps for paper, ink in zip(_PAPER, colour, strict=True))
        for step in range(_SHADES)
    ]


def card_mark(card: Card) -> str:
    """Return a hash of all that the card's bytes depend on."""
    return fingerprint(_VERSION, card)


@cache
def _font(face: str, size: int) -> ImageFont.FreeTypeFont:
    with (_FONTS / f"SourceSerifPro-{face}.ttf").open("rb") as file:
        held = io.BytesIO(file.read())
    return ImageFont.truetype(held, size, layout_engine=ImageFont.Layout.BASIC)  # the same wherever it runs


@cache
def _is_drawn(char: str) -> bool:
    font = _font("Semibold", 44)
    return char == " " or bytes(font.getmask(char)) != bytes(font.getmask(_NO_GLYPH))


def _shown(text: str) -> str:
    return " ".join("".join(char for char in printable(text) if _is_drawn(char) or char.isspace()).split())


def _laid_out(title: str, height: int) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """Return the largest type in which the title fits, and its lines; in the smallest it is cut short."""
    for size in _TITLE_SIZES:
        font = _font("Semibold", size)
        lines = _wrapped(title, font)
        if len(lines) * size * _LEADING <= height:
            return font, lines
    return font, _cut(lines, int(height / (font.size * _LEADING)), font)


def _cut(lines: list[str], room: int, font: ImageFont.FreeTypeFont) -> list[str]:
    """Return as many lines as there is room for; what is over is cut off in the last."""
    return lines if len(lines) <= room else [*lines[: room - 1], _fitted(" ".join(lines[room - 1 :]), font)]


def _wrapped(text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= _WIDTH:
            lines[-1] = longer
        else:
            lines.append(_fitted(word, font))
    return lines


def _fitted(text: str, font: ImageFont.FreeTypeFont) -> str:
    if font.getlength(text) <= _WIDTH:
        return text
    while text and font.getlength(text + "…") > _WIDTH:
        text = text[: -max(1, len(text) // 40)]
    return text.rstrip() + "…"
