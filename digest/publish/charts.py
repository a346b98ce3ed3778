"""Charts → SVG that stands in a page: drawn by matplotlib, coloured by the style sheet, the same bytes each time.

matplotlib paints with stand-in colours, and `in_page` turns each into a class, so that a chart follows the page's
light or dark scheme.
"""

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

import matplotlib as mpl
import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas
from matplotlib.markers import MarkerStyle
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter, NullLocator
from matplotlib.transforms import Affine2D

from digest.figure import Chart, Mark, Series, Shape
from digest.publish.addresses import paper_address
from digest.publish.labels import Box, place_labels
from digest.publish.svg import in_page
from digest.publish.wording import printable

_WIDTH = 400  # units of the drawing: a phone shows it at nine tenths, so that 12 units can be read there
_TEXT, _SMALL = 12, 11
_COLOURS = 6  # that the style sheet has for series; further ones begin again
_INK, _SOFT, _RULE, _FAINT, _GROUND = "#000001", "#000002", "#000003", "#000004", "#000005"
_HUES = tuple(f"#0000{place:02x}" for place in range(0x10, 0x10 + _COLOURS))
_CLASSES = {_INK: "ink", _SOFT: "soft", _RULE: "rule", _FAINT: "faint", _GROUND: "ground"} | {
    hue: f"hue-{place}" for place, hue in enumerate(_HUES)
}
_MARKER = 7.5  # units across
_MARKERS = "osD^vP"  # a shape for each colour: nobody has to tell colours apart
_RC: dict[str, object] = {  # on top of matplotlib's own defaults, whatever a user has set
    "svg.hashsalt": "digest",  # without one, ids inside are random
    "svg.fonttype": "none",  # words, not outlines
    "font.family": "DejaVu Sans",  # comes with matplotlib, so that widths are the same everywhere
    "font.size": _TEXT,
    "text.parse_math": False,  # a $ in a name is a $
    "path.simplify": False,
    "axes.unicode_minus": True,
}


@lru_cache(maxsize=256)  # a build prints an issue more than once
def draw(chart: Chart, *, title: str, alt: str, anchor: str) -> str:
    """Return the chart as an <svg> element with its title and description; anchor makes their ids the page's own."""
    height = _height(chart)
    with mpl.style.context(["default", _RC]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # measured wrongly, shown rightly by the reader
        canvas = Canvas(figsize=(_WIDTH / 72, height / 72), dpi=72)
        FigureCanvasSVG(canvas)
        {Shape.POINTS: _points, Shape.BARS: _bars, Shape.COLUMNS: _columns, Shape.MAP: _map}[chart.shape](
            canvas, _printable(chart)
        )
        drawn = io.BytesIO()
        canvas.savefig(drawn, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return in_page(drawn.getvalue(), _CLASSES, title=printable(title), alt=printable(alt), anchor=anchor)


def _printable(chart: Chart) -> Chart:
    """Take out of every word what cannot stand in XML."""
    series = tuple(
        Series(
            printable(one.name),
            tuple(Mark(printable(mark.name), mark.x, mark.y, mark.paper) for mark in one.marks),
            one.colour % _COLOURS,
            one.faint,
            one.dots,
        )
        for one in chart.series
    )
    return Chart(
        shape=chart.shape, series=series, x_title=printable(chart.x_title), y_title=printable(chart.y_title),
        x_range=chart.x_range, y_range=chart.y_range, log_x=chart.log_x,
    )  # fmt: skip


_BAR_HEIGHT = 34
_SWATCH = 14  # of the legend: a square and a space


def _height(chart: Chart) -> int:
    if chart.shape is Shape.BARS:
        return _BAR_HEIGHT * len(chart.series[0].marks) + 6
    return {Shape.POINTS: 300, Shape.COLUMNS: 210, Shape.MAP: 400}[chart.shape]


def _axes(canvas: Canvas, left: float, bottom: float, right: float, top: float) -> Axes:
    """Add axes with these margins, without frame and ticks."""
    height = canvas.get_figheight() * 72
    axes: Axes = canvas.add_axes(
        (left / _WIDTH, bottom / height, 1 - (left + right) / _WIDTH, 1 - (bottom + top) / height)
    )
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, which="both", labelsize=_SMALL, labelcolor=_SOFT)
    axes.patch.set_visible(False)
    axes.set_axisbelow(True)
    return axes


# --- points --------------------------------------------------------------------------------------------------


def _points(canvas: Canvas, chart: Chart) -> None:
    axes = _axes(canvas, 34, 42, 14, 24)
    axes.set_xlim(*chart.x_range)
    axes.set_ylim(*chart.y_range)
    if chart.log_x:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(mpl.ticker.FixedLocator(_log_ticks(*chart.x_range)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(FuncFormatter(_number))
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.grid(color=_RULE, linewidth=1)
    axes.set_xlabel(chart.x_title, color=_SOFT, fontsize=_SMALL, labelpad=7)
    axes.text(0, 1, chart.y_title, transform=axes.transAxes, color=_SOFT, fontsize=_SMALL, va="bottom", ha="left",
              clip_on=False, parse_math=False)  # fmt: skip
    at = [[_pixel(axes, mark) for mark in one.marks] for one in chart.series]
    _lines(axes, chart.series)
    for one in chart.series:
        for mark in one.marks:
            colour = _SOFT if one.faint else _HUES[one.colour]
            _marker(axes, mark, one.colour, {"facecolor": colour, "edgecolor": "none"})
    _name_points(axes, chart.series, at)


def _marker(axes: Axes, mark: Mark, shape: int, paint: Mapping[str, str]) -> None:
    """Draw a mark by its outline: as a marker, matplotlib would define it once and refer to it by an id."""
    style = MarkerStyle(_MARKERS[shape])
    place = Affine2D().scale(_MARKER).translate(*_pixel(axes, mark))
    outline = style.get_path().transformed(style.get_transform()).transformed(place)
    axes.add_patch(PathPatch(outline, transform=None, linewidth=1, zorder=3, clip_on=False, **paint))


def _number(value: float, _place: int) -> str:
    return f"{value:g}"


def _log_ticks(low: float, high: float) -> list[float]:
    ticks = [base * 10.0**power for power in range(-3, 7) for base in (1, 2, 5)]
    inside = [tick for tick in ticks if low <= tick <= high]
    return inside if len(inside) < 8 else [tick for tick in inside if f"{tick:e}"[0] == "1"]  # noqa: PLR2004  so many fit


def _lines(axes: Axes, series: Sequence[Series]) -> None:
    """Join the points of a series from left to right."""
    for one in series:
        marks = sorted(one.marks, key=lambda mark: mark.x)
        if len(marks) > 1:
            axes.plot(
                [mark.x for mark in marks], [mark.y for mark in marks], linewidth=1.5, clip_on=False, zorder=2,
                color=_FAINT if one.faint else _HUES[one.colour],
            )  # fmt: skip


def _pixel(axes: Axes, mark: Mark) -> tuple[float, float]:
    x, y = axes.transData.transform((mark.x, mark.y))
    return float(x), float(y)


def _width(words: str, size: float, weight: str = "normal") -> float:
    """Return how wide the words are in the font that comes with matplotlib, which is a wide one."""
    font = mpl.font_manager.FontProperties(family="DejaVu Sans", size=size, weight=weight)
    return float(text_to_path.get_text_width_height_descent(words, font, ismath=False)[0])


def _name_points(axes: Axes, series: Sequence[Series], at: Sequence[Sequence[tuple[float, float]]]) -> None:
    named = [(mark, one, place) for one, places in zip(series, at, strict=True)
             for mark, place in zip(one.marks, places, strict=True)]  # fmt: skip
    frame = axes.get_window_extent()
    boxes = place_labels(
        [place for _, _, place in named],
        [(_width(mark.name, _TEXT), _TEXT) for mark, _, _ in named],
        Box(frame.x0, frame.y0, float(_WIDTH), frame.y1 + _TEXT),
        [step for one, places in zip(series, at, strict=True) for step in _along(sorted(places))],
    )
    to_data = axes.transData.inverted()
    for (mark, one, _), box in zip(named, boxes, strict=True):
        x, y = to_data.transform((box.left, box.bottom + 2))
        axes.text(x, y, mark.name, fontsize=_TEXT, color=_SOFT if one.faint else _INK, clip_on=False, zorder=4)


def _along(places: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Yield points on the line through the places, close to each other."""
    for (x, y), (to_x, to_y) in pairwise(places):
        steps = max(1, int(max(abs(to_x - x), abs(to_y - y)) / 5))
        for step in range(1, steps):
            yield x + (to_x - x) * step / steps, y + (to_y - y) * step / steps


# --- bars and columns ----------------------------------------------------------------------------------------


def _bars(canvas: Canvas, chart: Chart) -> None:
    axes = _axes(canvas, 0, 0, 0, 0)
    bars = chart.series[0]
    axes.set_xlim(0, chart.x_range[1] or 1)
    axes.set_ylim(len(bars.marks) - 0.5, -0.5)
    axes.set_xticks([])
    axes.set_yticks([])
    for row, mark in enumerate(bars.marks):
        axes.add_patch(Rectangle((0, row - 0.02), mark.x, 0.34, color=_HUES[bars.colour], linewidth=0))
        axes.text(0, row - 0.12, mark.name, fontsize=_TEXT, color=_INK, va="bottom", ha="left")
    for ticks in chart.series[1:2]:
        for row, mark in enumerate(ticks.marks):
            axes.plot([mark.x, mark.x], [row - 0.08, row + 0.38], color=_INK, linewidth=2.5, clip_on=False)


def _columns(canvas: Canvas, chart: Chart) -> None:
    axes = _axes(canvas, 34, 40, 4, 38)
    axes.set_xlim(*chart.x_range)
    axes.set_ylim(*chart.y_range)
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10], integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10], integer=True))
    axes.grid(axis="y", color=_RULE, linewidth=1)
    axes.set_xlabel(chart.x_title, color=_SOFT, fontsize=_SMALL, labelpad=7)
    feet: dict[float, float] = {}
    for one in chart.series:
        for mark in one.marks:
            foot = feet.get(mark.x, 0.0)
            axes.add_patch(Rectangle(
                (mark.x - 0.38, foot), 0.76, mark.y, facecolor=_HUES[one.colour], edgecolor=_GROUND, linewidth=0.8,
            ))  # fmt: skip
            feet[mark.x] = foot + mark.y
    _legend(axes, chart.series)


def _legend(axes: Axes, series: Sequence[Series]) -> None:
    """Name the colours in rows above the drawing."""
    right, row = 0.0, 0
    for one in series:
        wide = _SWATCH + _width(one.name, _SMALL)
        if right and right + wide > _WIDTH:
            right, row = 0.0, row + 1
        height = axes.get_window_extent().y1 + 22 - 15 * row
        axes.add_patch(Rectangle((right, height - 1), 9, 9, transform=None, facecolor=_HUES[one.colour], clip_on=False))
        axes.annotate(one.name, (right + _SWATCH, height), xycoords="figure points", color=_INK, fontsize=_SMALL)
        right += wide + 12


# --- the map -------------------------------------------------------------------------------------------------


def _map(canvas: Canvas, chart: Chart) -> None:
    axes = _axes(canvas, 4, 4, 4, 4)
    axes.set_xlim(*chart.x_range)
    axes.set_ylim(*chart.y_range)
    axes.set_xticks([])
    axes.set_yticks([])
    for one in chart.series:
        if one.dots:
            axes.add_patch(_dots(one.dots))
        for mark in one.marks:
            if mark.paper:
                address = f"../{paper_address(mark.paper)}"
                paint = {"facecolor": _HUES[one.colour], "edgecolor": _GROUND, "url": f"{address} {mark.name}"}
                _marker(axes, mark, 0, paint)
    names = [mark for one in chart.series for mark in one.marks if not mark.paper]
    boxes = place_labels(
        [_pixel(axes, mark) for mark in names],
        [(_width(mark.name, _TEXT, "bold"), _TEXT) for mark in names],
        Box(4, 4, _WIDTH - 4, _WIDTH - 4),
        [_pixel(axes, mark) for one in chart.series for mark in one.marks if mark.paper],
        on_top=True,
    )
    to_data = axes.transData.inverted()
    for place, (mark, box) in enumerate(zip(names, boxes, strict=True)):
        if any(box.wider(_MARKER / 2).overlap(other) for other in boxes[:place]):
            continue  # the table names it
        x, y = to_data.transform((box.left, box.bottom + 2))
        axes.text(x, y, mark.name, fontsize=_TEXT, color=_INK, fontweight="bold", zorder=4, clip_on=False)


def _dots(dots: str) -> PathPatch:
    """Draw many dots as one path: strokes of no length with round ends."""
    places = [tuple(int(number) / 1000 for number in place.split(",")) for place in dots.split()]
    vertices = [place for place in places for _ in range(2)]
    codes = [Path.MOVETO, Path.LINETO] * len(places)
    return PathPatch(Path(vertices, codes), edgecolor=_FAINT, fill=False, linewidth=3, capstyle="round", zorder=1)
