"""The papers in doubt stand around the last place, and ratings move them among themselves alone."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from digest.select.band import band, dealt_anew, wishes
from digest.select.taste import Picks
from tests.select.conftest import papers

SCORES = np.array([0.1, 0.9, 0.5, 0.7, 0.3])
IDS = ("a", "b", "c", "d", "e")


def test_the_band_begins_in_the_middle_of_the_list_and_leaves_the_editors_papers_out() -> None:
    assert band(SCORES, IDS, 2, 3, ()) == [3, 2, 4]
    assert band(SCORES, IDS, 1, 2, ()) == [1, 3]
    assert band(SCORES, IDS, 2, 9, {"b", "c"}) == [4, 0]
    assert band(SCORES, IDS, 60, 9, ()) == []


def test_a_better_rating_puts_a_paper_before_one_that_scored_higher() -> None:
    assert list(dealt_anew(SCORES, [1, 3, 2], [0, 3, 3])) == [0.1, 0.7, 0.5, 0.9, 0.3]
    assert list(dealt_anew(SCORES, [1, 3, 2], [2, 2, 2])) == list(SCORES)
    assert list(dealt_anew(SCORES, [1, 3, 2], [None, None, None])) == list(SCORES)
    assert list(dealt_anew(SCORES, [], [])) == list(SCORES)


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=20), st.data())
def test_no_rating_carries_a_paper_out_of_the_band_or_moves_an_unrated_one(
    values: list[float], data: st.DataObject
) -> None:
    scores = np.array(values)
    rows = data.draw(st.lists(st.integers(0, len(values) - 1), unique=True))
    worth = [data.draw(st.sampled_from([None, 0, 1, 2, 3])) for _ in rows]
    dealt = dealt_anew(scores, rows, worth)
    rated = [row for row, grade in zip(rows, worth, strict=True) if grade is not None]
    others = [row for row in range(len(values)) if row not in rated]
    assert list(dealt[others]) == list(scores[others])
    assert sorted(dealt[rated]) == sorted(scores[rated])
    for one, other in ((a, b) for a in rated for b in rated):
        by_row = dict(zip(rows, worth, strict=True))
        if scores[one] > scores[other] and (by_row[one] or 0) > (by_row[other] or 0):
            assert dealt[one] >= dealt[other]


def test_a_reader_is_told_by_interests_and_the_newest_picks() -> None:
    picks = papers(0, 30, 9)
    ages = [float(n) for n in range(30)][::-1]
    told = wishes(Picks(picks, ages), ["memory", "small models"])
    assert told.startswith("reads about: memory; small models. chose before: ")
    assert told.count(picks.titles[29]) >= 1
    assert told.index(picks.titles[29]) < told.index(picks.titles[28])
    assert told.count(";") == 1 + 19
    assert wishes(Picks(picks.take([]), []), []) == ""
