"""An article's figures: the blocks in its Markdown that ask for them + models.toml → charts and tables (pure)."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from digest.figure import Block, Cell, Chart, Figure, Grid, Mark, Series, Shape, figure_blocks
from digest.issue.releases import Kind, Release, Releases, Unit
from digest.toml_lines import Table, read_toml

_KEYS = {
    "chart": ("title", "x", "y", "series", "note", "apart"),
    "bars": ("title", "fact", "models", "note"),
    "table": ("title", "models", "facts", "note"),
}
_ROOM = 1.45  # a chart with a logarithmic axis goes on by this factor beyond its outermost marks
_WIDE = 8  # from this ratio of the outermost marks on, only a logarithmic axis shows them all
_FEWEST = 2  # models a comparison needs
_IN = {Unit.BILLIONS: "billions", Unit.TRILLIONS: "trillions"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """One block that asks for a figure."""

    kind: str
    table: Table


def article_figures(markdown: str, name: str, releases: Releases | None) -> tuple[Figure, ...]:
    """Return the figures that an article asks for, in its order.

    Raises:
        UsageError: a block is not as docs/editor.md says; the message names the article and the line.
    """
    blocks = [_asked(block, name) for block in figure_blocks(markdown)]
    if not blocks:
        return ()
    if releases is None:
        raise blocks[0].table.error("title", "a figure needs the month's models.toml: put it beside the article")
    drafts = [_draft(block, f"figure-{number}", releases) for number, block in enumerate(blocks, start=1)]
    return tuple(_drawn(one, drafts, releases) for one in drafts)


def _asked(block: Block, name: str) -> _Asked:
    above = "\n" * (block.first + 1)  # so that the block's lines have the article's numbers
    table = replace(read_toml(above + block.text, name), first=block.first + 1)
    table.refuse_unknown(_KEYS[block.kind])
    return _Asked(block.kind, table)


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a block asks for, checked."""

    block: _Asked
    slug: str
    title: str
    note: str
    models: tuple[Release, ...]
    kinds: tuple[Kind, ...]  # of a chart: x and y
    axes: str  # charts with the same axes continue each other


def _draft(block: _Asked, slug: str, releases: Releases) -> _Draft:
    table = block.table
    title = table.needed_text("title", "it is the figure's caption")
    if block.kind == "chart":
        kinds = tuple(_kind(table, key, table.needed_text(key, "name a fact"), releases) for key in ("x", "y"))
        models = _of_series(table, releases)
    else:
        named = table.texts("facts") if block.kind == "table" else (table.needed_text("fact", "say which"),)
        key = "facts" if block.kind == "table" else "fact"
        kinds = tuple(_kind(table, key, one, releases) for one in named)
        models = _of_names(table, releases)
    if not kinds:
        raise table.error("facts", f"a table needs facts: known are {', '.join(releases.kinds)}")
    axes = " ".join(kind.key for kind in kinds) + (title if table.flag("apart") else "")
    return _Draft(block, slug, title, table.text("note"), models, kinds, axes)


def _kind(table: Table, key: str, named: str, releases: Releases) -> Kind:
    if named not in releases.kinds:
        raise table.error(key, f"there is no fact {named!r}: known are {', '.join(releases.kinds)}")
    return releases.kinds[named]


def _of_series(table: Table, releases: Releases) -> tuple[Release, ...]:
    wanted = table.texts("series")
    known = list(dict.fromkeys(model.series for model in releases.models))
    for series in wanted:
        if series not in known:
            raise table.error("series", f"{releases.name} has no series {series!r}: there are {', '.join(known)}")
    if not wanted:
        raise table.error("series", f"name the series to draw: there are {', '.join(known)}")
    return tuple(model for series in wanted for model in releases.models if model.series == series)


def _of_names(table: Table, releases: Releases) -> tuple[Release, ...]:
    by_name = {model.name: model for model in releases.models}
    wanted = table.texts("models")
    for name in wanted:
        if name not in by_name:
            raise table.error("models", f"{releases.name} has no model {name!r}: there are {', '.join(by_name)}")
    if len(wanted) < _FEWEST:
        raise table.error("models", f"name at least two models to compare: there are {', '.join(by_name)}")
    return tuple(by_name[name] for name in wanted)


# --- drawing -------------------------------------------------------------------------------------------------


def _drawn(one: _Draft, every: Sequence[_Draft], releases: Releases) -> Figure:
    if one.block.kind == "table":
        return Figure(slug=one.slug, title=one.title, grid=_side_by_side(one), note=one.note)
    if one.block.kind == "bars":
        return _bars(one)
    colours = list(dict.fromkeys(model.series for model in releases.models))
    return _points(one, every[: every.index(one)], every, colours)


def _side_by_side(one: _Draft) -> Grid:
    """Return a table with a column for each model; what nobody states of any of them has no row."""
    rows = [
        (Cell(kind.name), *(_cell(model, kind) for model in one.models))
        for kind in one.kinds
        if any(kind.key in model.facts for model in one.models)
    ]
    return Grid(("", *(model.name for model in one.models)), tuple(rows))


def _down(one: _Draft, models: Iterable[Release]) -> Grid:
    """Return a table with a row for each model."""
    rows = [(Cell(model.name), *(_cell(model, kind) for kind in one.kinds)) for model in models]
    return Grid(("Model", *(kind.name for kind in one.kinds)), tuple(rows))


def _cell(model: Release, kind: Kind) -> Cell:
    return model.facts[kind.key].cell if kind.key in model.facts else Cell("")


def _number(model: Release, kind: Kind, table: Table) -> float | None:
    fact = model.facts.get(kind.key)
    if fact is None:
        return None
    if fact.number is None:
        raise table.error("title", f"{kind.name} is no number, so it cannot be drawn: ask for a table")
    return fact.number


def _bars(one: _Draft) -> Figure:
    kind, table = one.kinds[0], one.block.table
    known = [(model, number) for model in one.models if (number := _number(model, kind, table)) is not None]
    if len(known) < _FEWEST:
        raise table.error("fact", f"fewer than two of these models have {kind.name}: there is nothing to compare")
    marks = tuple(
        Mark(f"{model.name}: {model.facts[kind.key].cell.text}", number, place)
        for place, (model, number) in enumerate(known)
    )
    missing = ", ".join(model.name for model in one.models if kind.key not in model.facts)
    return Figure(
        slug=one.slug,
        title=one.title,
        alt=f"Bars. {'; '.join(mark.name for mark in marks)}.",
        chart=Chart(shape=Shape.BARS, series=(Series(kind.name, marks),), x_range=(0, max(mark.x for mark in marks))),
        grid=_down(one, one.models),
        note=f"{one.note} Not stated: {missing}.".strip() if missing else one.note,
    )


def _points(one: _Draft, before: Sequence[_Draft], every: Sequence[_Draft], colours: Sequence[str]) -> Figure:
    """Draw one step of a running chart: its axes fit all steps, and what an earlier step drew is faint."""
    x, y = one.kinds
    kin = [draft for draft in every if draft.axes == one.axes]
    places = _places([model for draft in kin for model in draft.models], x, y, one.block.table)
    drawn = [model for model in one.models if model.name in places]
    if not drawn:
        raise one.block.table.error("series", f"none of these models has both {x.name} and {y.name}")
    shown = {model.name for draft in before if draft in kin for model in draft.models}
    told = "; ".join(f"{m.name}: {m.facts[x.key].cell.text}, {m.facts[y.key].cell.text}" for m in drawn)
    missing = ", ".join(model.name for model in one.models if model.name not in places)
    return Figure(
        slug=one.slug,
        title=one.title,
        alt=f"{y.name} (upwards) against {x.name.lower()} (to the right). {told}.",
        chart=_running(_series(drawn, places, shown, colours), places, x, y),
        grid=_down(one, drawn),
        note=f"{one.note} Not drawn, for want of a number: {missing}.".strip() if missing else one.note,
    )


def _series(
    drawn: Sequence[Release], places: dict[str, tuple[float, float]], shown: set[str], colours: Sequence[str]
) -> tuple[Series, ...]:
    by_series: dict[str, list[Release]] = {}
    for model in drawn:
        by_series.setdefault(model.series, []).append(model)
    return tuple(
        Series(
            name,
            tuple(Mark(model.name, *places[model.name]) for model in models),
            colours.index(name),
            faint=all(model.name in shown for model in models),
        )
        for name, models in by_series.items()
    )


def _running(series: tuple[Series, ...], places: dict[str, tuple[float, float]], x: Kind, y: Kind) -> Chart:
    rightwards, upwards = zip(*places.values(), strict=True)
    log = max(rightwards) > _WIDE * min(rightwards) > 0
    return Chart(
        shape=Shape.POINTS,
        series=series,
        x_title=_axis_title(x, log=log),
        y_title=_axis_title(y, log=False),
        x_range=_range(rightwards, log=log),
        y_range=_range(upwards, log=False),
        log_x=log,
    )


def _axis_title(kind: Kind, *, log: bool) -> str:
    told = [_IN[kind.unit]] if kind.unit in _IN else []
    told += ["logarithmic"] if log else []
    return f"{kind.name} ({', '.join(told)})" if told else kind.name


def _places(models: Iterable[Release], x: Kind, y: Kind, table: Table) -> dict[str, tuple[float, float]]:
    places = {}
    for model in models:
        at_x, at_y = _number(model, x, table), _number(model, y, table)
        if at_x is not None and at_y is not None:
            places[model.name] = (at_x, at_y)
    return places


def _range(numbers: Sequence[float], *, log: bool) -> tuple[float, float]:
    low, high = min(numbers), max(numbers)
    if log:
        return low / _ROOM, high * _ROOM
    step = 5
    return step * math.floor((low - 1) / step), step * math.ceil((high + 1) / step)
