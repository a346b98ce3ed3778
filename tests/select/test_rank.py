"""The editor overrules the ranking, one theme does not fill the list, and likeness counts against a paper."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from digest.select.rank import Candidate, Limits, choose

CANDIDATES = [Candidate("a", 0.9, "x"), Candidate("b", 0.8, "x"), Candidate("c", 0.7, "y"), Candidate("d", 0.1, "x")]


def _ids(**wishes: object) -> list[str]:
    options = {"pins": (), "hides": (), "entries": 2, "per_topic": 9} | wishes
    limits = Limits(entries=options.pop("entries"), per_topic=options.pop("per_topic"))  # type: ignore[arg-type]
    return [candidate.arxiv_id for candidate in choose(CANDIDATES, limits, **options)]  # type: ignore[arg-type]


def test_the_best_are_chosen_with_a_cap_per_topic() -> None:
    assert _ids() == ["a", "b"]
    assert _ids(per_topic=1) == ["a", "c"]
    assert _ids(entries=4, per_topic=1) == ["a", "c"]


def test_the_editor_wins_over_rank_cap_and_length() -> None:
    assert _ids(pins=("d",)) == ["a", "d"]
    assert _ids(hides=("a",)) == ["b", "c"]
    assert _ids(pins=("b", "c", "d"), entries=2, per_topic=1) == ["b", "c", "d"]


def test_pins_count_towards_their_topic() -> None:
    assert _ids(pins=("d",), per_topic=1, entries=3) == ["c", "d"]


scored = st.lists(st.tuples(st.integers(0, 99), st.floats(-1, 1), st.sampled_from(["", "x", "y"])), max_size=30)


@given(scored, st.integers(1, 10), st.integers(1, 5))
def test_the_choice_does_not_hang_on_the_order_given(rows: list[tuple[int, float, str]], n: int, cap: int) -> None:
    candidates = list({str(number): Candidate(str(number), score, topic) for number, score, topic in rows}.values())
    limits = Limits(entries=n, per_topic=cap, diversity=0.5)
    vectors = {one.arxiv_id: np.eye(3, dtype=np.float32)[int(one.arxiv_id) % 3] for one in candidates}
    once = choose(candidates, limits, pins=(), hides=(), vectors=vectors)
    assert once == choose(candidates[::-1], limits, pins=(), hides=(), vectors=vectors)
    assert len(once) <= n


def _unlike(diversity: float, **wishes: object) -> list[str]:
    vectors = {
        key: np.array(row, np.float32) for key, row in zip("abcd", [(1, 0), (1, 0), (0, 1), (0, 1)], strict=True)
    }
    limits = Limits(entries=2, per_topic=9, diversity=diversity)
    options = {"pins": (), "hides": ()} | wishes
    return [one.arxiv_id for one in choose(CANDIDATES, limits, vectors=vectors, **options)]  # type: ignore[arg-type]


def test_a_twin_of_a_chosen_paper_gives_way_to_one_unlike_it() -> None:
    assert _unlike(0.0) == ["a", "b"]
    assert _unlike(0.5) == ["a", "c"]


def test_likeness_to_a_pin_counts_too() -> None:
    assert _unlike(0.5, pins=("a",)) == ["a", "c"]
    assert _unlike(0.5, pins=("c",)) == ["a", "c"]
    assert _unlike(0.5, pins=("a",), hides=("c",)) == ["a", "b"]


def test_where_all_are_alike_the_scores_decide() -> None:
    same = {key: np.array((1, 0), np.float32) for key in "abcd"}
    limits = Limits(entries=3, per_topic=9, diversity=5)
    assert [one.arxiv_id for one in choose(CANDIDATES, limits, pins=(), hides=(), vectors=same)] == ["a", "b", "c"]
