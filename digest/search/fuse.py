"""Rankings by word and by meaning → one ranking (pure)."""

from collections.abc import Sequence
from typing import TypeVar

RRF_K = 10  # chosen by eye from both halves of two corpora; the 60 of the paper below finds less (docs/search.md)


_T = TypeVar("_T")


def fuse(rankings: Sequence[Sequence[_T]], k: int = RRF_K) -> list[tuple[_T, float]]:
    """Return (id, score), best first, of rankings that are each best first: the sum of 1 / (k + rank).

    Cormack, Clarke & Buettcher (2009), "Reciprocal rank fusion outperforms Condorcet and individual rank learning
    methods". Ranks count from 1; ties keep the order of the first ranking that holds them.
    """
    scores: dict[_T, float] = {}
    for ranking in rankings:
        for rank, found in enumerate(ranking, 1):
            scores[found] = scores.get(found, 0.0) + 1 / (k + rank)
    return sorted(scores.items(), key=lambda item: -item[1])
