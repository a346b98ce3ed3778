"""What was counted of a month → the figures of "The month in figures"; what has no numbers has no figure (pure)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from digest.figure import Cell, Chart, Figure, Grid, Mark, Series, Shape
from digest.issue.map import Map
from digest.issue.trends import MonthCounts, NewPhrase, TopicTrend, comparable, new_phrases, topic_trends
from digest.paper import Month

_FEWEST_TAGGED = 30  # papers of a month, or its shares are a game of dice
_MOST_TAGGED = 0.8  # of an earlier month's papers
_BARS = 12  # topics drawn; the table has them all
_PHRASES = 15
_CATEGORIES = 5  # drawn by name; the rest are "others"
_NAMED = 14  # regions of the map
_DOTS = 3_000  # papers drawn on the map besides the listed ones


@dataclass(frozen=True, slots=True)
class Placed:
    """A listed paper's place on the map."""

    arxiv_id: str
    title: str  # as printed
    row: int  # among the places of the map


@dataclass(frozen=True, slots=True)
class Daily:
    """Papers by day and category."""

    counts: Mapping[tuple[date, str], int]
    told: str  # what the days and the counting are, a sentence


def trend_figures(month: Month, counts: MonthCounts, before: Sequence[MonthCounts]) -> tuple[Figure, ...]:
    """Return the figures of topics and phrases; one that has nothing to show is not among them."""
    held = before if comparable(counts, before) else ()
    alone = "" if held and all(_has_topics(one) for one in held) else _why_alone(counts, before, is_held=bool(held))
    trends = topic_trends(counts, () if alone else held) if counts.tagged >= _FEWEST_TAGGED else []
    figures = [_topics(month, trends, alone, len(held))] if trends else []
    phrases = new_phrases(counts, held, _PHRASES) if held else []
    return (*figures, *([_phrases(phrases, len(held))] if phrases else []))


def _has_topics(one: MonthCounts) -> bool:
    """Tell whether most of a month's papers were given topics, so that its shares mean something."""
    return one.tagged >= _MOST_TAGGED * one.papers


def _why_alone(counts: MonthCounts, before: Sequence[MonthCounts], *, is_held: bool) -> str:
    if is_held:
        return f"No change is shown: the papers of the {len(before)} months before were given no topics yet."
    if not any(one.papers for one in before):
        return f"No change is shown: the archive holds no papers of the {len(before)} months before."
    *most, last = [f"{one.papers:,}" for one in before]
    held = f"{', '.join(most)} and {last}" if most else last
    return (
        f"No change is shown: of the {len(before)} months before, the archive holds {held} papers, "
        f"against {counts.papers:,} of this one."
    )


def _topics(month: Month, trends: Sequence[TopicTrend], alone: str, months: int) -> Figure:
    shown = trends[:_BARS]
    moved = [one for one in trends if one.is_rising or one.is_falling]
    shown = [*shown, *(one for one in moved if one not in shown)]
    left = len(trends) - len(shown)
    widest = max(max(one.share, one.before or 0) for one in shown)
    series = [Series("this month", tuple(Mark(_told(one), one.share, row) for row, one in enumerate(shown)), 2)]
    if not alone:
        ticks = tuple(Mark("", one.before or 0, row) for row, one in enumerate(shown))
        series.append(Series("the months before", ticks))
    columns = ("Topic", "Papers", "Share") if alone else ("Topic", "Papers", "Share", "Before", "Change")
    bars = f"Bars: share of the papers of {month.name}; a paper may have several topics."
    rest = f"{left} further {'topic is' if left == 1 else 'topics are'} in the table alone." if left else ""
    strokes = alone or (
        f"Upright strokes: the share in the {months} months before. Rising and falling: more than chance explains, "
        f"among the papers held ({_moves(moved)})."
    )
    return Figure(
        slug="topics",
        title=f"What the papers of {month.name} are about",
        alt=f"Bars. {'; '.join(_told(one) for one in shown)}.",
        chart=Chart(shape=Shape.BARS, series=tuple(series), x_range=(0, widest)),
        grid=Grid(columns, tuple(_topic_row(one)[: len(columns)] for one in trends)),
        note=" ".join(filter(None, (bars, rest, strokes))),
    )


def _told(one: TopicTrend) -> str:
    arrow = " ↑ rising" if one.is_rising else " ↓ falling" if one.is_falling else ""
    return f"{one.name}: {one.papers:,} ({one.share:.1%}){arrow}"


def _moves(moved: Sequence[TopicTrend]) -> str:
    rising, falling = sum(one.is_rising for one in moved), sum(one.is_falling for one in moved)
    return f"{rising} {'rises' if rising == 1 else 'rise'}, {falling} {'falls' if falling == 1 else 'fall'}"


def _topic_row(one: TopicTrend) -> tuple[Cell, ...]:
    change = "rising" if one.is_rising else "falling" if one.is_falling else "no more than chance"
    told = (one.name, f"{one.papers:,}", f"{one.share:.1%}", f"{one.before or 0:.1%}", change)
    return tuple(Cell(text) for text in told)


def _phrases(phrases: Sequence[NewPhrase], months: int) -> Figure:
    rows = tuple((Cell(phrase.words), Cell(f"{phrase.titles:,}"), Cell(f"{phrase.before:,}")) for phrase in phrases)
    return Figure(
        slug="phrases",
        title="New in the titles",
        grid=Grid(("Phrase", "Titles this month", f"Titles in the {months} months before"), rows),
        note="Phrases that the month’s titles hold at least three times as often as before, the surest first.",
    )


def map_figure(
    month: Month, drawn: Map, listed: Sequence[Placed], names: Mapping[str, str], topics: Sequence[str]
) -> Figure:
    """Return the map: every paper a dot, listed papers larger and linked, topics named where they lie."""
    places, chosen = drawn.places, {one.row for one in listed}
    others = [place for row, place in enumerate(places) if row not in chosen]
    step = max(1, -(-len(others) // _DOTS))  # none, where the list holds every paper
    regions = tuple(Mark(names[one.topic], one.x, one.y) for one in drawn.regions[:_NAMED])
    marks = tuple(Mark(one.title, *places[one.row], one.arxiv_id) for one in listed)
    by_topic = Counter(topics[one.row] for one in listed)
    rows = tuple(
        (Cell(names[one.topic]), Cell(f"{one.papers:,}"), Cell(f"{by_topic[one.topic]:,}")) for one in drawn.regions
    )
    told = "Each dot is a paper" if step == 1 else f"Each dot is a paper, one of {step} drawn"
    return Figure(
        slug="map",
        title=f"A map of {month.name}",
        alt=f"{len(places):,} papers as dots, those on one topic near each other; {len(marks)} of them, which the list "
        f"below treats, are links. The largest topics: {', '.join(mark.name for mark in regions)}.",
        chart=Chart(
            shape=Shape.MAP,
            series=(
                Series(
                    "all papers", regions, dots=" ".join(f"{x * 1000:.0f},{y * 1000:.0f}" for x, y in others[::step])
                ),
                Series("listed papers", marks, 1),
            ),
        ),
        grid=Grid(("Topic (first of a paper)", "Papers", "In the list"), rows),
        note=f"{told}; the larger ones are in the list and lead to their pages. Near means alike in title and "
        "abstract, as far as two directions can show it; how far apart two dots are says little.",
    )


def daily_figure(month: Month, daily: Daily) -> Figure | None:
    """Return papers by day and category; None where nothing was counted."""
    days = sorted({day for day, _ in daily.counts if day in month})
    if not days:
        return None
    totals = Counter[str]()
    for (day, category), papers in daily.counts.items():
        totals[category] += papers if day in month else 0
    named = [category for category, _ in sorted(totals.items(), key=lambda one: (-one[1], one[0]))[:_CATEGORIES]]
    rest = [category for category in totals if category not in named]
    groups = {category: [category] for category in named} | ({"others": rest} if rest else {})
    of = {(day, name): sum(daily.counts.get((day, one), 0) for one in group)
          for day in days for name, group in groups.items()}  # fmt: skip
    tallest = max(sum(of[day, name] for name in groups) for day in days)
    series = tuple(
        Series(name, tuple(Mark("", day.day, of[day, name]) for day in days if of[day, name]), colour)
        for colour, name in enumerate(groups)
    )
    return Figure(
        slug="days",
        title=f"Papers by day in {month.name}",
        alt=f"Columns, one a day, the categories stacked. {_sums(groups, of, days)}.",
        chart=Chart(
            shape=Shape.COLUMNS,
            series=series,
            x_title=f"Day of {month.name}",
            x_range=(0.4, month.last_day.day + 0.6),
            y_range=(0, tallest * 1.04),
        ),
        grid=_daily_grid(days, groups, of),
        note=daily.told,
    )


def _sums(groups: Iterable[str], of: Mapping[tuple[date, str], int], days: Sequence[date]) -> str:
    return ", ".join(f"{name}: {sum(of[day, name] for day in days):,}" for name in groups)


def _daily_grid(days: Sequence[date], groups: Iterable[str], of: Mapping[tuple[date, str], int]) -> Grid:
    names = list(groups)
    rows = tuple((Cell(str(day)), *(Cell(f"{of[day, name]:,}") for name in names)) for day in days)
    return Grid(("Day", *names), rows)
