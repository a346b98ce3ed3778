"""Where the names of points go, so that they cover neither each other nor the points (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

_GAP, _FAR = 7, 13  # between a point's middle and its name, near it or where lines run beside it
_LINE, _MARKED = 2, 5  # half the width of what a label keeps off: a line, a mark
_LOOKS = 4  # times that each label looks for its place
_LEADING = 1.25  # height of a line for each unit of its font's size


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; y grows upwards."""

    left: float
    bottom: float
    right: float
    top: float

    def overlap(self, other: "Box") -> float:
        """Return the area that both cover."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.top, other.top) - max(self.bottom, other.bottom)
        return wide * high if wide > 0 and high > 0 else 0.0

    def wider(self, by: float) -> "Box":
        """Return the box with so much more room at each side."""
        return Box(self.left - by, self.bottom, self.right + by, self.top)

    @property
    def area(self) -> float:
        """Width times height."""
        return (self.right - self.left) * (self.top - self.bottom)


def place_labels(
    points: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    frame: Box,
    drawn: Sequence[tuple[float, float]] = (),
    *,
    on_top: bool = False,
) -> list[Box]:
    """Return a box for each point's label, given the label's (width, size of font).

    Each takes the first of the places round its point that is free, or the one that covers least; when all have one,
    each looks again, since a later one may have left less room than there is. `drawn` are more places to keep off. A
    label `on_top` begins in the middle of its own point, which it may cover.
    """
    dots = [] if on_top else [Box(x - 5, y - 5, x + 5, y + 5) for x, y in points]
    reach = _MARKED if on_top else _LINE
    dots += [Box(x - reach, y - reach, x + reach, y + reach) for x, y in drawn]
    choices = [
        _over(x, y, width, size * _LEADING, frame) if on_top else _around(x, y, width, size * _LEADING)
        for (x, y), (width, size) in zip(points, sizes, strict=True)
    ]
    placed: dict[int, Box] = {}
    for _ in range(1 if on_top else _LOOKS):
        for label, around in enumerate(choices):
            others = [*dots, *(box for other, box in placed.items() if other != label)]
            costs = [_cost(box, others, frame) for box in around]
            placed[label] = around[costs.index(min(costs))]
    return [placed[label] for label in range(len(choices))]


def _around(x: float, y: float, width: float, height: float) -> list[Box]:
    half, middle = width / 2, height / 2
    corners = [
        (x + _GAP, y - middle),
        (x - _GAP - width, y - middle),
        (x - half, y + _GAP),
        (x - half, y - _GAP - height),
        (x + _GAP, y + 2),
        (x + _GAP, y - height - 2),
        (x - _GAP - width, y + 2),
        (x - _GAP - width, y - height - 2),
        (x - half, y + _FAR),
        (x - width, y + _FAR),
        (x, y - _FAR - height),
        (x - width, y - _FAR - height),
        (x - half, y - _FAR - height),
        (x - width / 3, y - _GAP - height),
        (x - width / 3, y + _GAP),
    ]
    return [Box(left, bottom, left + width, bottom + height) for left, bottom in corners]


def _over(x: float, y: float, width: float, height: float, frame: Box) -> list[Box]:
    """Return boxes round a place, the nearest first, none of them beyond the frame's sides."""
    most = max(frame.left, frame.right - width)
    shifts = [(across * width / 4, up * height / 2) for across in (0, 1, -1, 2, -2) for up in range(-5, 6)]
    shifts.sort(key=lambda shift: abs(shift[0]) / 4 + abs(shift[1]))
    lefts = [(min(max(x - width / 2 + across, frame.left), most), y + up - height / 2) for across, up in shifts]
    return [Box(left, bottom, left + width, bottom + height) for left, bottom in lefts]


def _cost(box: Box, others: Sequence[Box], frame: Box) -> float:
    outside = box.area - box.overlap(frame)
    return sum(box.overlap(other) for other in others) + 10 * outside
