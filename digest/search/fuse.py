"""Rankings by word and by meaning → one ranking (pure)."""

from collections.abc import Sequence
from typing import TypeVar

RRF_K = 10  # chosen by eye from both halves of two corpora; the 60 of the paper below finds less (docs/search.md)


_T = TypeVar("_T")


def fuse(rankings: Sequence[Sequence[_T]], weights: Sequence[float] = (), k: int = RRF_K) -> list[tuple[_T, float]]:
    """Return (id, score), best first, of rankings that are each best first: the sum of weight / (k + rank).

    Cormack, Clarke & Buettcher (2009), "Reciprocal rank fusion outperforms Condorcet and individual rank learning
    methods". Ranks count from 1; ties keep the order of the first ranking that holds them.

    Raises:
        ValueError: there are not as many weights as rankings.
    """
    scores: dict[_T, float] = {}
    for ranking, weight in zip(rankings, weights or [1.0] * len(rankings), strict=True):
        for rank, found in enumerate(ranking, 1):
            scores[found] = scores.get(found, 0.0) + weight / (k + rank)
    return sorted(scores.items(), key=lambda item: -item[1])
