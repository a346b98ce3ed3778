"""What ours is measured against tells picks from other papers too."""

import numpy as np
import pytest

from digest.select.baselines import learn_profile, linear_svm
from tests.select.conftest import papers, together

BACKGROUND = together(*(papers(theme, 30, theme) for theme in range(4)))
NEW = together(papers(0, 10, 15), papers(1, 10, 16))


def test_the_ridge_puts_what_looks_like_picks_first() -> None:
    profile = learn_profile(papers(0, 20, 9).vectors, [0.0] * 20, BACKGROUND.vectors)
    scores = profile.score(NEW.vectors)
    assert scores[:10].min() > scores[10:].max()


def test_recent_picks_weigh_more_in_the_ridge() -> None:
    picks = together(papers(0, 10, 7), papers(1, 10, 8))
    scores = learn_profile(picks.vectors, [0.0] * 10 + [2000.0] * 10, BACKGROUND.vectors).score(NEW.vectors)
    assert scores[:10].mean() > scores[10:].mean()


def test_a_ridge_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="needs picks"):
        learn_profile(np.empty((0, 6), np.float32), [], BACKGROUND.vectors)


def test_the_linear_svm_puts_what_reads_like_picks_first() -> None:
    scores = linear_svm(papers(0, 20, 9), BACKGROUND.take(range(30, 120)), NEW)
    assert scores[:10].min() > scores[10:].max()
