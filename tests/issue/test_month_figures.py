"""The month in figures shows what was counted, and a figure without numbers is not there."""

from datetime import date

from digest.figure import Shape
from digest.issue.map import Map, Region
from digest.issue.month_figures import Daily, Placed, daily_figure, map_figure, trend_figures
from digest.issue.trends import MonthCounts
from digest.paper import Month

APRIL = Month(2024, 4)
TITLES = ("Kolmogorov-Arnold Networks for Time Series",) * 20 + ("Language Models Everywhere",) * 380
BEFORE = MonthCounts(400, {"Agents": 20, "Vision": 40}, 400, ("Language Models Everywhere",) * 400)
NOW = MonthCounts(400, {"Agents": 60, "Vision": 41}, 400, TITLES)


def test_topics_are_drawn_against_the_months_before_and_phrases_listed() -> None:
    topics, phrases = trend_figures(APRIL, NOW, [BEFORE] * 3)
    assert topics.chart
    bars, ticks = topics.chart.series
    assert [(mark.name, mark.x) for mark in bars.marks] == [
        ("Agents: 60 (15.0%) ↑ rising", 0.15),
        ("Vision: 41 (10.2%)", 0.1025),
    ]
    assert [mark.x for mark in ticks.marks] == [0.05, 0.1]
    assert [[cell.text for cell in row] for row in topics.grid.rows] == [
        ["Agents", "60", "15.0%", "5.0%", "rising"],
        ["Vision", "41", "10.2%", "10.0%", "no more than chance"],
    ]
    assert "1 rises, 0 fall" in topics.note
    assert phrases.chart is None
    assert [cell.text for cell in phrases.grid.rows[0]] == ["kolmogorov-arnold networks", "20", "0"]


def test_months_that_hold_too_little_are_not_compared_with_and_a_line_says_why() -> None:
    thin = MonthCounts(74, {"Agents": 20}, 74, ("Agents",) * 74)
    (topics,) = trend_figures(APRIL, NOW, [thin, thin, thin])
    assert topics.chart
    assert len(topics.chart.series) == 1
    assert "rising" not in topics.alt
    assert topics.grid.columns == ("Topic", "Papers", "Share")
    assert topics.note == (
        "Bars: share of the papers of April 2024; a paper may have several topics. No change is shown: of the 3 months "
        "before, the archive holds 74, 74 and 74 papers, against 400 of this one."
    )


def test_topics_that_are_not_drawn_are_counted_below_the_chart() -> None:
    counts = MonthCounts(400, {f"Topic {n}": 40 - n for n in range(15)}, 400, TITLES)
    (topics,) = trend_figures(APRIL, counts, [])
    assert topics.chart
    assert len(topics.chart.series[0].marks) == 12
    assert len(topics.grid.rows) == 15
    assert "3 further topics are in the table alone." in topics.note


def test_months_that_were_given_no_topics_are_not_drawn_as_months_without_any() -> None:
    untagged = MonthCounts(400, {}, 0, BEFORE.titles)
    topics, phrases = trend_figures(APRIL, NOW, [BEFORE, untagged, BEFORE])
    assert topics.chart
    assert len(topics.chart.series) == 1
    assert topics.note.endswith("No change is shown: the papers of the 3 months before were given no topics yet.")
    assert phrases.slug == "phrases"


def test_a_month_without_tags_has_no_figures() -> None:
    assert trend_figures(APRIL, MonthCounts(400, {}, 0, TITLES), []) == ()


def test_the_map_links_the_listed_papers_and_shows_the_rest_as_dots() -> None:
    drawn = Map(((0.1, 0.2), (0.5, 0.5), (0.9, 0.8)), (Region("agents", 0.3, 0.4, 2), Region("code", 0.9, 0.8, 1)))
    placed = [Placed("2404.00001", "A paper", 1)]
    figure = map_figure(APRIL, drawn, placed, {"agents": "Agents", "code": "Code"}, ["agents", "agents", "code"])
    assert figure.chart
    assert figure.chart.shape is Shape.MAP
    everything, listed = figure.chart.series
    assert everything.dots == "100,200 900,800"
    assert [(mark.name, mark.paper) for mark in everything.marks] == [("Agents", ""), ("Code", "")]
    assert [(mark.name, mark.paper, mark.x) for mark in listed.marks] == [("A paper", "2404.00001", 0.5)]
    assert [[cell.text for cell in row] for row in figure.grid.rows] == [["Agents", "2", "1"], ["Code", "1", "0"]]


def test_a_map_of_a_month_that_is_listed_whole_has_links_alone() -> None:
    drawn = Map(((0.1, 0.2), (0.9, 0.8)), (Region("agents", 0.5, 0.5, 2),))
    placed = [Placed("2404.00001", "A paper", 0), Placed("2404.00002", "Another", 1)]
    figure = map_figure(APRIL, drawn, placed, {"agents": "Agents"}, ["agents", "agents"])
    assert figure.chart
    everything, listed = figure.chart.series
    assert (everything.dots, [mark.paper for mark in listed.marks]) == ("", ["2404.00001", "2404.00002"])
    assert figure.note.startswith("Each dot is a paper;")


def test_days_are_columns_of_categories_the_small_ones_together() -> None:
    days = {(date(2024, 4, 1), f"cs.{letter}"): 10 - place for place, letter in enumerate("ABCDEFG")}
    figure = daily_figure(APRIL, Daily(days | {(date(2024, 4, 2), "cs.A"): 3, (date(2024, 5, 1), "cs.A"): 9}, "Told."))
    assert figure
    assert figure.chart
    assert [series.name for series in figure.chart.series] == ["cs.A", "cs.B", "cs.C", "cs.D", "cs.E", "others"]
    assert [[cell.text for cell in row] for row in figure.grid.rows] == [
        ["2024-04-01", "10", "9", "8", "7", "6", "9"],
        ["2024-04-02", "3", "0", "0", "0", "0", "0"],
    ]
    assert sum(mark.y for series in figure.chart.series for mark in series.marks) == 52
    assert figure.chart.y_range[1] >= 49
    assert figure.note == "Told."


def test_a_month_without_days_has_no_columns() -> None:
    assert daily_figure(APRIL, Daily({}, "")) is None
    assert daily_figure(APRIL, Daily({(date(2024, 5, 1), "cs.A"): 9}, "")) is None
