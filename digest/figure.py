"""What a figure is: something drawn, the same numbers as a table, and where each was read."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from markdown_it import MarkdownIt
from markdown_it.token import Token

_BLOCKS = ("chart", "bars", "table")  # an article asks for figures in fenced blocks of these names


@dataclass(frozen=True, slots=True)
class Source:
    """A page that states numbers, and its own words for them."""

    url: str
    where: str  # on the page: "abstract", "table of base models"
    sentence: str = ""  # what they were read from, word for word; "" where no sentence states them
    missing: str = ""  # then: why there is none


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of a table."""

    text: str  # "" where nothing is stated
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; the first cell of each row is the row's name."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every source that a cell names, each once, in the order of the table."""
        return tuple(dict.fromkeys(cell.source for row in self.rows for cell in row if cell.source is not None))


class Shape(StrEnum):
    """How the marks of a chart are drawn."""

    POINTS = "points"  # each with its name beside it
    BARS = "bars"  # lying, one for each mark of the first series; those of the second are ticks on them
    COLUMNS = "columns"  # standing, the series stacked
    MAP = "map"  # points without axes; marks that are no papers are names of regions


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing drawn."""

    name: str
    x: float
    y: float
    paper: str = ""  # arXiv id of the paper whose page it leads to; "" where it is no link


@dataclass(frozen=True, slots=True)
class Series:
    """Marks that belong together and look alike."""

    name: str
    marks: tuple[Mark, ...]
    colour: int = 0  # place among the colours of the charts, from 0
    faint: bool = False  # shown before, drawn quietly
    dots: str = ""  # of a map: many marks without names, as "x,y x,y" in thousandths of its width and height


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What to draw, in the units of its axes."""

    shape: Shape
    series: tuple[Series, ...]
    x_title: str = ""
    y_title: str = ""
    x_range: tuple[float, float] = (0, 1)
    y_range: tuple[float, float] = (0, 1)
    log_x: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart with its table, or a table alone."""

    slug: str  # its anchor, after that of the section it stands in
    title: str  # its caption
    alt: str = ""  # what the chart shows, in words
    chart: Chart | None = None
    grid: Grid
    note: str = ""  # a line below: what is not drawn, and why


@dataclass(frozen=True, slots=True)
class Block:
    """A place in an article that asks for a figure."""

    kind: str  # "chart", "bars" or "table"
    text: str  # what is asked for, in TOML
    first: int  # its first line in the article, that of the backquotes, from 0
    last: int  # one past its last line


def asks_for_figure(token: Token) -> bool:
    """Tell whether a piece of Markdown is such a place."""
    return token.type == "fence" and token.info.strip() in _BLOCKS


def figure_blocks(markdown: str) -> Iterator[Block]:
    """Yield the places of an article that ask for figures."""
    for token in MarkdownIt("commonmark").parse(markdown):
        if asks_for_figure(token) and token.map:
            yield Block(token.info.strip(), token.content, *token.map)
