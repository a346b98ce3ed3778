"""The month's papers, by their vectors → places on a map on which topics lie apart (pure)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_FEWEST = 5  # papers that make a topic a region
_REGIONS = 3  # that a map needs at least


@dataclass(frozen=True, slots=True)
class Region:
    """Where a topic lies: at the middle (median) of its papers."""

    topic: str
    x: float
    y: float
    papers: int


@dataclass(frozen=True, slots=True)
class Map:
    """Places between 0 and 1 for each paper, in the order given, and the topics' regions, largest first."""

    places: tuple[tuple[float, float], ...]
    regions: tuple[Region, ...]


def draw_map(vectors: npt.NDArray[np.float32], topics: Sequence[str]) -> Map | None:
    """Place papers, given their unit vectors (shape (papers, dim)) and each one's first topic ("" for none).

    The two axes are the principal components of the topics' middles, weighted by their papers: those along which
    topics differ most. A paper's place along each is its rank, so that the map is evenly filled. None where too few
    topics have papers for two axes.
    """
    counts = {topic: papers for topic, papers in Counter(topics).items() if topic and papers >= _FEWEST}
    if len(counts) < _REGIONS:
        return None
    names, row_topics = sorted(counts), np.array(topics, dtype=object)
    middles = np.stack([vectors[row_topics == name].mean(axis=0, dtype=np.float64) for name in names])
    weights = np.sqrt([counts[name] for name in names])
    centre = np.average(middles, axis=0, weights=weights**2)
    _, _, axes = np.linalg.svd((middles - centre) * weights[:, None], full_matrices=False)
    along = (vectors - centre) @ np.stack([_turned(axis) for axis in axes[:2]]).T
    places = np.round(np.argsort(np.argsort(np.round(along, 6), axis=0, kind="stable"), axis=0) / len(topics), 3)
    regions = []
    for name in names:
        x, y = np.median(places[row_topics == name], axis=0)
        regions.append(Region(name, float(x), float(y), counts[name]))
    return Map(
        tuple((float(x), float(y)) for x, y in places),
        tuple(sorted(regions, key=lambda region: (-region.papers, region.topic))),
    )


def _turned(axis: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give an axis the direction in which its largest part is positive: the decomposition leaves it open."""
    return axis if axis[np.argmax(np.abs(axis))] > 0 else -axis
