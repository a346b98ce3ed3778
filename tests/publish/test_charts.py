"""A chart is an SVG that says what it shows, in colours of the page, the same each time, whatever the names are."""

import re
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from digest.figure import Chart, Mark, Series, Shape
from digest.publish.charts import draw
from digest.publish.labels import Box, place_labels

HOSTILE = '<script>alert(1)</script> "><img onerror=x> $\\frac{1}{2}$ 日本 \x00\x1b \u202e ]]> &amp;'
POINTS = Chart(
    shape=Shape.POINTS,
    series=(
        Series("Old", (Mark("Old 7B", 7, 45.7), Mark("Old 70B", 70, 69.7)), 0, faint=True),
        Series("Mix", (Mark("Mix", 39, 77.75),), 1),
    ),
    x_title="Active parameters",
    y_title="MMLU",
    x_range=(5, 100),
    y_range=(40, 80),
    log_x=True,
)
CHARTS = {
    Shape.POINTS: POINTS,
    Shape.BARS: Chart(
        shape=Shape.BARS,
        series=(
            Series("n", (Mark("A: 3", 3, 0), Mark("B: 2", 2, 1))),
            Series("before", (Mark("", 1, 0), Mark("", 3, 1))),
        ),
        x_range=(0, 3),
    ),
    Shape.COLUMNS: Chart(
        shape=Shape.COLUMNS,
        series=(Series("cs.CL", (Mark("", 1, 4), Mark("", 2, 3)), 0), Series("cs.LG", (Mark("", 1, 2),), 1)),
        x_title="Day",
        x_range=(0, 3),
        y_range=(0, 7),
    ),
    Shape.MAP: Chart(
        shape=Shape.MAP,
        series=(
            Series("all", (Mark("Agents", 0.2, 0.5),), dots="100,200 300,900"),
            Series("listed", (Mark("A paper", 0.5, 0.5, "2404.00001"),), 1),
        ),
    ),
}


def _svg(chart: Chart, anchor: str = "a") -> str:
    return draw(chart, title="A title", alt="What it shows.", anchor=anchor)


def _parsed(svg: str) -> etree._Element:
    return etree.fromstring(svg)


@pytest.mark.parametrize("shape", Shape)
def test_every_chart_parses_and_says_what_it_is(shape: Shape) -> None:
    svg = _parsed(_svg(CHARTS[shape], "here"))
    assert svg.get("role") == ("group" if shape is Shape.MAP else "img")
    assert svg.get("aria-labelledby") == "here-title here-alt"
    named = {element.get("id"): element.text for element in svg if element.get("id")}
    assert named == {"here-title": "A title", "here-alt": "What it shows."}
    assert svg.get("viewBox", "").startswith("0 0 400 ")


@pytest.mark.parametrize("shape", Shape)
def test_no_chart_brings_styles_scripts_colours_or_strange_elements(shape: Shape) -> None:
    svg = _svg(CHARTS[shape])
    assert not re.search(r"style|#[0-9a-f]{6}|url\(|xlink|http", svg)
    assert {element.tag for element in _parsed(svg).iter()} <= {"svg", "title", "desc", "path", "text", "a"}


@pytest.mark.parametrize("shape", Shape)
def test_words_can_be_read_on_a_phone(shape: Shape) -> None:
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', _svg(CHARTS[shape]))]
    assert sizes
    assert min(sizes) * 350 / 400 > 9.5  # of 400 units, a phone shows 350 pixels


@pytest.mark.parametrize("shape", Shape)
def test_the_same_chart_gives_the_same_bytes(shape: Shape) -> None:
    first = _svg(CHARTS[shape])
    draw.cache_clear()
    assert _svg(CHARTS[shape]) == first


@pytest.mark.parametrize("shape", Shape)
def test_hostile_names_are_words(shape: Shape) -> None:
    chart = CHARTS[shape]
    series = tuple(
        replace(one, name=HOSTILE, marks=tuple(replace(mark, name=HOSTILE) for mark in one.marks))
        for one in chart.series
    )
    svg = draw(replace(chart, series=series, x_title=HOSTILE, y_title=HOSTILE), title=HOSTILE, alt=HOSTILE, anchor="a")
    tree = _parsed(svg)
    assert {element.tag for element in tree.iter()} <= {"svg", "title", "desc", "path", "text", "a"}
    assert "alert(1)" in "".join(tree.itertext())


def test_points_stand_where_their_numbers_say() -> None:
    paths = [path.get("d", "") for path in _parsed(_svg(POINTS)).iter("path") if "fill-" in path.get("class", "")]
    middles = []
    for path in paths:
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
        across, down = numbers[::2], numbers[1::2]
        middles.append(((min(across) + max(across)) / 2, (min(down) + max(down)) / 2))
    (x7, y7), (x70, y70), (x39, y39) = middles
    assert x7 < x39 < x70
    assert y39 < y70 < y7
    assert (y7 - y70) / (y7 - y39) == pytest.approx((69.7 - 45.7) / (77.75 - 45.7), abs=0.01)


def test_the_lines_of_a_series_that_was_shown_are_faint() -> None:
    assert "stroke-faint" in _svg(POINTS)
    assert "stroke-faint" not in _svg(replace(POINTS, series=(replace(POINTS.series[0], faint=False),)))


def test_bars_are_in_proportion() -> None:
    paths = [path for path in _parsed(_svg(CHARTS[Shape.BARS])).iter("path") if "fill-hue" in path.get("class", "")]
    widths = [max(map(float, re.findall(r"[\d.]+", path.get("d", ""))[::2])) for path in paths]
    assert widths == [pytest.approx(400), pytest.approx(400 * 2 / 3, abs=0.1)]


def test_points_of_a_map_lead_to_papers_and_say_which() -> None:
    (link,) = _parsed(_svg(CHARTS[Shape.MAP])).iter("a")
    assert link.get("href") == "../papers/2404.00001/"
    assert link.get("aria-label") == "A paper"


def test_a_thousand_quiet_dots_are_one_path() -> None:
    dots = " ".join(f"{number},{number * 7 % 1000}" for number in range(1000))
    svg = _svg(Chart(shape=Shape.MAP, series=(Series("all", (), dots=dots),)))
    assert svg.count("h0") == 1000
    assert svg.count("<path") == 1
    assert len(svg) < 20_000


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(20, 380), st.floats(20, 280)), min_size=1, max_size=8, unique=True))
def test_every_label_gets_a_place_next_to_its_point(points: list[tuple[float, float]]) -> None:
    boxes = place_labels(points, [(60.0, 12.0)] * len(points), Box(0, 0, 400, 300))
    for (x, y), box in zip(points, boxes, strict=True):
        assert box.left - 14 <= x <= box.right + 14
        assert box.bottom - 14 <= y <= box.top + 14


def test_labels_of_points_far_apart_cover_nothing() -> None:
    boxes = place_labels([(50, 50), (200, 50), (50, 200)], [(60.0, 12.0)] * 3, Box(0, 0, 400, 300))
    assert all(one.overlap(other) == 0 for one, other in combinations(boxes, 2))


def test_labels_of_neighbours_move_apart() -> None:
    one, other = place_labels([(100, 100), (104, 102)], [(60.0, 12.0)] * 2, Box(0, 0, 400, 300))
    assert one.overlap(other) == 0


def test_a_name_on_the_map_stays_inside_and_gives_way_where_another_stands() -> None:
    names = (Mark("A very long name at the edge", 0.99, 0.5), Mark("Elsewhere", 0.2, 0.9))
    texts = list(_parsed(_svg(Chart(shape=Shape.MAP, series=(Series("all", names),)))).iter("text"))
    assert [text.text for text in texts] == ["A very long name at the edge", "Elsewhere"]
    assert float(texts[0].get("x", "")) < 400 - 28 * 6
    crowd = tuple(Mark(f"The very same place {number}", 0.5, 0.5) for number in range(40))
    named = list(_parsed(_svg(Chart(shape=Shape.MAP, series=(Series("all", crowd),)))).iter("text"))
    assert 1 < len(named) < 40
