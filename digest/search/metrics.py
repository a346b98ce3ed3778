"""Rankings → figures of their quality (pure)."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt


def recall_at_k(ranking: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Return the share (0..1) of relevant papers among the first k of the ranking.

    Manning, Raghavan & Schütze, Introduction to Information Retrieval, section 8.4.

    Raises:
        ValueError: nothing is relevant, or k < 1; recall is then undefined.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    wanted = set(relevant)
    if not wanted:
        raise ValueError("recall is undefined when no paper is relevant")
    return len(wanted.intersection(ranking[:k])) / len(wanted)


def ndcg_at_k(ranking: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Return the normalised discounted cumulative gain (0..1) of the first k of the ranking, a relevant paper worth 1.

    Järvelin & Kekäläinen (2002), "Cumulated gain-based evaluation of IR techniques".

    Raises:
        ValueError: nothing is relevant, or k < 1; it is then undefined.
    """
    return graded_ndcg_at_k(ranking, dict.fromkeys(relevant, 1), k)


def graded_ndcg_at_k(ranking: Sequence[str], gains: Mapping[str, int], k: int) -> float:
    """Return nDCG (0..1) of the first k of a ranking where papers are worth their grade, as `trec_eval` counts it.

    Raises:
        ValueError: nothing is worth anything, or k < 1; it is then undefined.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    best = sorted((gain for gain in gains.values() if gain > 0), reverse=True)[:k]
    if not best:
        raise ValueError("nDCG is undefined when no paper is relevant")
    discounts = 1 / np.log2(np.arange(2, k + 2))
    gained = [gains.get(found, 0) for found in ranking[:k]]
    return float(np.dot(gained, discounts[: len(gained)]) / np.dot(best, discounts[: len(best)]))


def reciprocal_rank(ranking: Sequence[str], relevant: Collection[str]) -> float:
    """Return 1 / the rank of the first relevant paper; 0 where none is in the ranking."""
    return next((1 / rank for rank, found in enumerate(ranking, 1) if found in relevant), 0.0)


def auc(scores: npt.NDArray[np.float64], relevant: npt.NDArray[np.bool_]) -> float:
    """Return the chance (0..1) that a relevant paper scores above another; ties count half.

    Hanley & McNeil (1982), "The meaning and use of the area under a receiver operating characteristic curve".

    Raises:
        ValueError: all papers are relevant, or none is.
    """
    if relevant.all() or not relevant.any():
        raise ValueError("AUC needs relevant and other papers")
    high, low = scores[relevant], np.sort(scores[~relevant])
    below = np.searchsorted(low, high, "left")
    ties = np.searchsorted(low, high, "right") - below
    return float((below + ties / 2).sum() / (len(high) * len(low)))
