"""The blocks of an article become charts and tables of the numbers in models.toml, and nothing else."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import UsageError
from digest.figure import Figure, Shape
from digest.issue.features import article_figures
from digest.issue.releases import Releases, parse_releases


def _model(name: str, series: str, **facts: float) -> str:
    rows = "\n".join(f'  {{ id = "{key}", value = {value}, source = "page" }},' for key, value in facts.items())
    return f'[[models]]\nname = "{name}"\nmaker = "M"\nseries = "{series}"\nfacts = [\n{rows}\n]\n'


@pytest.fixture(scope="module")
def releases() -> Releases:
    head = """\
[[benchmarks]]
id = "mmlu"
name = "MMLU"

[[sources]]
id = "page"
url = "https://example.org"
where = "here"
missing = "a test"
"""
    models = [
        _model("Old 7B", "Old", active=7, mmlu=45.7, vocabulary=32000),
        _model("Old 70B", "Old", active=70, mmlu=69.7),
        _model("Mix", "Mix", active=39, mmlu=77.75),
        _model("New", "New", active=8, mmlu=66.6, vocabulary=128256),
        _model("Silent", "New", active=70),
    ]
    return parse_releases("\n".join([head, *models]), "models.toml")


STEP = '```chart\ntitle = "{}"\nx = "active"\ny = "mmlu"\nseries = {}\n```\n'


def _figures(markdown: str, releases: Releases | None) -> tuple[Figure, ...]:
    return article_figures(markdown, "article.md", releases)


def test_an_article_without_blocks_has_no_figures_and_needs_no_models() -> None:
    assert _figures("Words, and ```chart in a line.\n\n```python\nx = 1\n```\n", None) == ()


def test_the_points_of_a_chart_are_the_numbers_of_the_file(releases: Releases) -> None:
    (figure,) = _figures(STEP.format("One", '["Old", "Mix"]'), releases)
    assert figure.chart
    assert figure.chart.shape is Shape.POINTS
    assert {mark.name: (mark.x, mark.y) for one in figure.chart.series for mark in one.marks} == {
        "Old 7B": (7, 45.7),
        "Old 70B": (70, 69.7),
        "Mix": (39, 77.75),
    }
    assert [[cell.text for cell in row] for row in figure.grid.rows] == [
        ["Old 7B", "7B", "45.7"],
        ["Old 70B", "70B", "69.7"],
        ["Mix", "39B", "77.75"],
    ]
    assert all(cell.source for row in figure.grid.rows for cell in row[1:])
    assert "Mix: 39B, 77.75" in figure.alt
    assert figure.chart.log_x


def test_steps_share_their_axes_and_draw_the_earlier_ones_faintly(releases: Releases) -> None:
    markdown = STEP.format("One", '["Old"]') + "\nWords.\n\n" + STEP.format("Two", '["Old", "New"]')
    one, two = (figure.chart for figure in _figures(markdown, releases))
    assert one
    assert two
    assert (one.x_range, one.y_range) == (two.x_range, two.y_range)
    assert [(series.name, series.faint) for series in (*one.series, *two.series)] == [
        ("Old", False),
        ("Old", True),
        ("New", False),
    ]
    for mark in (mark for series in two.series for mark in series.marks):
        assert two.x_range[0] < mark.x < two.x_range[1]
        assert two.y_range[0] < mark.y < two.y_range[1]


def test_a_chart_apart_has_axes_of_its_own(releases: Releases) -> None:
    apart = STEP.format("Two", '["Mix"]').replace("series", "apart = true\nseries")
    one, two = (figure.chart for figure in _figures(STEP.format("One", '["Old"]') + "\n" + apart, releases))
    assert one
    assert two
    assert one.x_range != two.x_range
    assert not two.series[0].faint


def test_a_model_without_the_number_is_left_out_and_named(releases: Releases) -> None:
    (figure,) = _figures(STEP.format("One", '["New"]'), releases)
    assert figure.chart
    assert [mark.name for mark in figure.chart.series[0].marks] == ["New"]
    assert figure.note == "Not drawn, for want of a number: Silent."


def test_a_missing_cell_stays_missing(releases: Releases) -> None:
    markdown = '```table\ntitle = "T"\nmodels = ["Old 7B", "Silent"]\nfacts = ["mmlu", "vocabulary", "context"]\n```'
    (figure,) = _figures(markdown, releases)
    assert figure.grid.columns == ("", "Old 7B", "Silent")
    assert [[cell.text for cell in row] for row in figure.grid.rows] == [
        ["MMLU", "45.7", ""],
        ["Vocabulary", "32,000", ""],
    ]


def test_bars_are_as_long_as_the_numbers(releases: Releases) -> None:
    markdown = '```bars\ntitle = "V"\nfact = "vocabulary"\nmodels = ["New", "Old 7B", "Mix"]\nnote = "Pieces."\n```'
    (figure,) = _figures(markdown, releases)
    assert figure.chart
    assert [(mark.name, mark.x) for mark in figure.chart.series[0].marks] == [
        ("New: 128,256", 128256),
        ("Old 7B: 32,000", 32000),
    ]
    assert figure.note == "Pieces. Not stated: Mix."


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        ('```chart\ntitel = "x"\n```', "line 4: unknown key 'titel'"),
        ('```chart\nx = "active"\n```', "line 4: title is missing"),
        ('```chart\ntitle = "T"\nx = "active"\n```', "line 4: y is missing"),
        ('```chart\ntitle = "T"\nx = "activ"\ny = "mmlu"\n```', "line 5: there is no fact 'activ'"),
        ('```chart\ntitle = "T"\nx = "active"\ny = "mmlu"\n```', "line 4: name the series to draw"),
        (
            '```chart\ntitle = "T"\nx = "active"\ny = "mmlu"\nseries = ["Newer"]\n```',
            "line 7: models.toml has no series",
        ),
        ('```chart\ntitle = "T"\nx = "active"\ny = "context"\nseries = ["New"]\n```', "line 7: none of these models"),
        ('```chart\ntitle = "T"\nx = active\n```', "line 5: not TOML"),
        ('```table\ntitle = "T"\nmodels = ["New"]\nfacts = ["mmlu"]\n```', "line 5: name at least two models"),
        (
            '```table\ntitle = "T"\nmodels = ["New", "Nwe"]\nfacts = ["mmlu"]\n```',
            "line 5: models.toml has no model 'Nwe'",
        ),
        ('```table\ntitle = "T"\nmodels = ["New", "Mix"]\n```', "line 4: a table needs facts"),
        ('```bars\ntitle = "T"\nfact = "context"\nmodels = ["New", "Mix"]\n```', "line 5: fewer than two"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_in_the_article(releases: Releases, block: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=f"^article.md, {re.escape(complaint)}"):
        _figures(f"Words.\n\n{block}\n", releases)


def test_a_text_cannot_be_drawn(releases: Releases) -> None:
    text = parse_releases(
        '[[sources]]\nid = "p"\nurl = "https://e.org"\nwhere = "h"\nmissing = "m"\n'
        '[[models]]\nname = "A"\nmaker = "M"\n'
        'facts = [{ id = "licence", value = "MIT", source = "p" }]\n[[models]]\nname = "B"\nmaker = "M"\n',
        "models.toml",
    )
    with pytest.raises(UsageError, match="Licence is no number"):
        _figures('```bars\ntitle = "T"\nfact = "licence"\nmodels = ["A", "B"]\n```', text)
    assert releases.models


def test_a_figure_without_a_models_file_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"article.md, line 2: a figure needs the month's models.toml"):
        _figures(STEP.format("One", '["Old"]'), None)


@given(
    markdown=st.text()
    | st.from_regex(r"```(chart|bars|table)\n((title|x|y|series|models|fact|facts) = [\[\]\"A-Za-z, ]*\n){1,5}```\n")
)
def test_no_article_can_break_the_reading(releases: Releases, markdown: str) -> None:
    with suppress(UsageError):
        assert isinstance(_figures(markdown, releases), tuple)
