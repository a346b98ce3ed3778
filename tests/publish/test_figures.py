"""A figure on a page: chart, table and sources, in the place where the article asks for it."""

from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

import html5lib
import pytest

from digest.figure import Cell, Figure, Grid, Source
from digest.publish.plain_figures import with_tables
from digest.publish.prose import render_prose

Files = dict[PurePosixPath, bytes]
_H, _S = "{http://www.w3.org/1999/xhtml}", "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def figure(site: Files) -> ET.Element:
    page = html5lib.HTMLParser(strict=True).parse(site[PurePosixPath("2024-04/index.html")].decode())
    found: ET.Element | None = page.find(f".//{_H}figure")
    assert found is not None
    return found


def _words(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def test_a_figure_has_its_caption_its_chart_and_its_table(figure: ET.Element) -> None:
    caption = figure.find(f"{_H}figcaption")
    assert caption is not None
    assert _words(caption) == "MMLU against active parameters"
    svg = figure.find(f"{_S}svg")
    assert svg is not None
    assert svg.get("role") == "img"
    (table,) = figure.iter(f"{_H}table")
    assert [_words(head) for head in table.iter(f"{_H}th")] == [
        "Model", "Active", "MMLU", "MMLU against active parameters", "B",
    ]  # fmt: skip


def test_every_number_of_the_table_leads_to_its_page_and_names_its_sentence(figure: ET.Element) -> None:
    (listed,) = (list(each.iter(f"{_H}li")) for each in figure.iter(f"{_H}ol"))
    cells = list(figure.iter(f"{_H}td"))
    stated = [cell for cell in cells if _words(cell) != "not stated"]
    assert len(stated) == 3
    for cell in stated:
        (page,) = cell.iter(f"{_H}a")
        assert page.get("href", "").startswith("https://example.org/")
        (number,) = page.iter(f"{_H}sup")
        said = _words(listed[int(_words(number).removeprefix("source ")) - 1])
        assert ("39B | 77.75" in said) if "card" in page.get("href", "") else ("No sentence: it is a picture" in said)


def test_what_nobody_states_is_said_to_be_not_stated(figure: ET.Element) -> None:
    assert [_words(cell) for cell in figure.iter(f"{_H}td")][-1] == "not stated"


def test_a_figure_stands_where_its_block_is_and_no_block_is_left() -> None:
    markdown = "Before.\n\n```chart\nx\n```\n\nBetween.\n\n```table\ny\n```\n\n```python\nz\n```\n"
    html = render_prose(markdown, top=2, anchor="a", figures=["<figure>1</figure>", "<figure>2</figure>"])
    assert html.index("Before") < html.index("<figure>1") < html.index("Between") < html.index("<figure>2")
    assert "<code>z" in html
    assert "<code>x" not in html
    assert "<hr" not in html


def test_nobody_can_write_the_place_of_a_figure() -> None:
    html = render_prose(
        '<hr class="figure-0">\n\n---\n\n`<hr class="figure-0">`', top=2, anchor="a", figures=["FIGURE"]
    )
    assert "FIGURE" not in html


def test_an_export_has_the_figure_as_a_table() -> None:
    page = Source("https://example.org/a_(b)", "here", "39B")
    grid = Grid(("Model", "Active"), ((Cell("A | B"), Cell("39B", page)), (Cell("C"), Cell(""))))
    figure = Figure(slug="figure-1", title="Sizes", grid=grid, note="A *note*.")
    told = with_tables("Before.\n\n```table\nx\n```\n\nAfter.", [figure])
    assert told.split("\n") == [
        "Before.", "", "**Sizes**", "", "| Model | Active |", "|---|---|",
        "| A \\| B | [39B](https://example.org/a_%28b%29) |", "| C | not stated |",
        "", "A \\*note\\*.", "", "", "After.",
    ]  # fmt: skip


def test_an_export_without_figures_is_the_article() -> None:
    assert with_tables("```table\nx\n```", []) == "```table\nx\n```"
