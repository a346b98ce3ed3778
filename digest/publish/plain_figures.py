"""An article with its figures → Markdown that needs no site: each figure as a table (pure)."""

import re
from collections.abc import Sequence

from digest.figure import Cell, Figure, Grid, figure_blocks

_SPECIAL = re.compile(r"([\\`*_\[\]<>|])")


def with_tables(markdown: str, figures: Sequence[Figure]) -> str:
    """Return the article with each block that asks for a figure replaced by the figure's numbers and sources."""
    if not figures:
        return markdown
    lines = markdown.split("\n")
    for block, figure in reversed(list(zip(figure_blocks(markdown), figures, strict=False))):
        lines[block.first : block.last] = [as_markdown(figure), ""]
    return "\n".join(lines)


def as_markdown(figure: Figure) -> str:
    """Return a figure as its title, its table and its note."""
    parts = [f"**{_escaped(figure.title)}**", "\n".join(_rows(figure.grid)), _escaped(figure.note)]
    return "\n\n".join(part for part in parts if part)


def _rows(grid: Grid) -> list[str]:
    head = "| " + " | ".join(_escaped(column) for column in grid.columns) + " |"
    return [head, "|" + "---|" * len(grid.columns), *("| " + " | ".join(map(_field, row)) + " |" for row in grid.rows)]


def _field(cell: Cell) -> str:
    if cell.source is None:
        return _escaped(cell.text) or "not stated"
    address = cell.source.url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    return f"[{_escaped(cell.text)}]({address})"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
