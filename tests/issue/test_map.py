"""The map: papers on one topic near each other, the same places each time."""

import numpy as np
import numpy.typing as npt
import pytest

from digest.issue.map import draw_map

NAMES = ("agents", "code", "vision", "speech")


def _papers(seed: int = 0) -> tuple[npt.NDArray[np.float32], list[str]]:
    """Return 200 unit vectors round four middles, and their topics; some papers have none."""
    numbers = np.random.default_rng(seed)
    middles = numbers.normal(size=(4, 16))
    rows = numbers.integers(0, 4, 200)
    vectors = middles[rows] + 0.3 * numbers.normal(size=(200, 16))
    topics = [NAMES[row] if place % 9 else "" for place, row in enumerate(rows)]
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), topics


def test_every_paper_has_a_place_on_the_map_and_every_topic_a_region() -> None:
    vectors, topics = _papers()
    drawn = draw_map(vectors, topics)
    assert drawn
    assert len(drawn.places) == 200
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in drawn.places)
    assert {region.topic for region in drawn.regions} == set(NAMES)
    assert [region.papers for region in drawn.regions] == sorted((topics.count(name) for name in NAMES), reverse=True)


def test_papers_lie_nearer_to_their_own_topic_than_to_others() -> None:
    vectors, topics = _papers()
    drawn = draw_map(vectors, topics)
    assert drawn
    nearest = [
        min(drawn.regions, key=lambda region: (region.x - x) ** 2 + (region.y - y) ** 2).topic for x, y in drawn.places
    ]
    told = [(topic, near) for topic, near in zip(topics, nearest, strict=True) if topic]
    assert sum(topic == near for topic, near in told) > 0.8 * len(told)


def test_the_same_papers_get_the_same_places_in_whatever_order_they_come() -> None:
    vectors, topics = _papers()
    order = np.random.default_rng(1).permutation(200)
    one, other = draw_map(vectors, topics), draw_map(vectors[order], [topics[row] for row in order])
    assert one
    assert other
    assert draw_map(vectors, topics) == one
    moved = [
        abs(one.places[row][axis] - other.places[place][axis]) for place, row in enumerate(order) for axis in (0, 1)
    ]
    assert max(moved) == pytest.approx(0, abs=0.006)  # a paper may change ranks with one that stands beside it


def test_too_few_topics_make_no_map() -> None:
    vectors, _ = _papers()
    assert draw_map(vectors, ["agents"] * 100 + ["code"] * 100) is None
    assert draw_map(vectors[:12], ["agents", "code", "vision"] * 4) is None
    assert draw_map(vectors, [""] * 200) is None
