"""The figures of quality agree with their definitions."""

import numpy as np
import pytest

from digest.search.metrics import auc, graded_ndcg_at_k, ndcg_at_k, recall_at_k, reciprocal_rank


def test_recall_counts_only_the_first_k() -> None:
    assert recall_at_k(["a", "x", "b"], {"a", "b"}, 2) == 0.5
    assert recall_at_k(["a", "x", "b"], {"a", "b"}, 3) == 1


def test_recall_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="undefined"):
        recall_at_k(["a"], set(), 1)
    with pytest.raises(ValueError, match="at least 1"):
        recall_at_k(["a"], {"a"}, 0)


def test_auc_is_the_chance_that_a_relevant_paper_scores_higher() -> None:
    relevant = np.array([True, True, False, False])
    assert auc(np.array([0.9, 0.8, 0.2, 0.1]), relevant) == 1
    assert auc(np.array([0.9, 0.1, 0.5, 0.5]), relevant) == 0.5
    assert auc(np.array([1.0, 1.0, 1.0, 1.0]), relevant) == 0.5
    with pytest.raises(ValueError, match="relevant and other"):
        auc(np.array([1.0]), np.array([True]))


def test_ndcg_discounts_by_the_logarithm_of_the_place() -> None:
    assert ndcg_at_k(["a", "b", "x"], {"a", "b"}, 3) == pytest.approx(1)
    assert ndcg_at_k(["x", "a"], {"a"}, 2) == pytest.approx(1 / np.log2(3))
    assert ndcg_at_k(["x", "a"], {"a"}, 1) == 0
    with pytest.raises(ValueError, match="undefined"):
        ndcg_at_k(["a"], set(), 1)
    with pytest.raises(ValueError, match="at least 1"):
        ndcg_at_k(["a"], {"a"}, 0)


def test_graded_ndcg_is_that_of_equal_grades_and_counts_higher_grades_more() -> None:
    assert graded_ndcg_at_k(["x", "a"], {"a": 1}, 10) == pytest.approx(ndcg_at_k(["x", "a"], {"a"}, 10))
    assert graded_ndcg_at_k(["a", "b"], {"a": 2, "b": 1}, 10) == pytest.approx(1)
    swapped = (1 + 2 / np.log2(3)) / (2 + 1 / np.log2(3))
    assert graded_ndcg_at_k(["b", "a"], {"a": 2, "b": 1}, 10) == pytest.approx(swapped)
    with pytest.raises(ValueError, match="undefined"):
        graded_ndcg_at_k(["a"], {"a": 0}, 10)


def test_reciprocal_rank_counts_the_first_that_is_relevant() -> None:
    assert reciprocal_rank(["x", "a", "b"], {"a", "b"}) == 0.5
    assert reciprocal_rank(["x"], {"a"}) == 0
