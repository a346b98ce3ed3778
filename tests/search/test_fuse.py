"""Rankings are fused as reciprocal rank fusion says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.search.fuse import fuse


def test_scores_are_sums_of_reciprocal_ranks() -> None:
    fused = fuse([["a", "b"], ["b", "c"]], k=60)
    assert [found for found, _ in fused] == ["b", "a", "c"]
    assert fused[0][1] == pytest.approx(1 / 62 + 1 / 61)
    assert fused[1][1] == pytest.approx(1 / 61)


@given(st.lists(st.integers(), unique=True))
def test_one_ranking_stays_as_it_is(ranking: list[int]) -> None:
    assert [found for found, _ in fuse([ranking, []])] == ranking
