"""Picks make a profile, the profile ranks, and the editor overrules it."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import UsageError
from digest.select.picks import Pick, parse_picks
from digest.select.profile import Embeddings, learn_profile
from digest.select.rank import Candidate, choose, reason


def test_picks_are_read_once_each_with_what_is_known() -> None:
    lines = b'{"id": "2301.03728v2", "title": null, "picked": "2023-01-10"}\n\n{"id": "2301.03728", "title": "T"}\n'
    assert parse_picks(lines, "picks") == [Pick("2301.03728", "T")]
    assert parse_picks(b'{"id": "2301.03728", "picked": "2023-01-10"}', "p")[0].picked == date(2023, 1, 10)


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"title": "x"}', b'{"id": "../etc"}', b'{"id": 5}', b"\xff"])
def test_a_line_that_is_no_pick_is_named(line: bytes) -> None:
    with pytest.raises(UsageError, match="picks, line 2: not a pick"):
        parse_picks(b'{"id": "2301.03728"}\n' + line, "picks")


def _cloud(centre: int, rows: int, seed: int) -> Embeddings:
    matrix = np.random.default_rng(seed).normal(scale=0.2, size=(rows, 6)).astype(np.float32)
    matrix[:, centre] += 1
    return np.asarray(matrix / np.linalg.norm(matrix, axis=1, keepdims=True), np.float32)


def test_what_looks_like_picks_scores_above_what_does_not() -> None:
    background = np.vstack([_cloud(n, 30, n) for n in range(4)])
    profile = learn_profile(_cloud(0, 20, 9), [0.0] * 20, background)
    assert profile.score(_cloud(0, 10, 5)).min() > profile.score(_cloud(1, 10, 6)).max()


def test_recent_picks_weigh_more() -> None:
    background = np.vstack([_cloud(n, 30, n) for n in range(4)])
    picks = np.vstack([_cloud(0, 10, 7), _cloud(1, 10, 8)])
    profile = learn_profile(picks, [0.0] * 10 + [2000.0] * 10, background)
    assert profile.score(_cloud(0, 10, 5)).mean() > profile.score(_cloud(1, 10, 6)).mean()


def test_a_profile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="needs picks"):
        learn_profile(np.empty((0, 6), np.float32), [], _cloud(0, 3, 0))


CANDIDATES = [Candidate("a", 0.9, "x"), Candidate("b", 0.8, "x"), Candidate("c", 0.7, "y"), Candidate("d", 0.1, "x")]


def _ids(**wishes: object) -> list[str]:
    options = {"pins": (), "hides": (), "entries": 2, "per_topic": 9} | wishes
    return [candidate.arxiv_id for candidate in choose(CANDIDATES, **options)]  # type: ignore[arg-type]


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
    once = choose(candidates, pins=(), hides=(), entries=n, per_topic=cap)
    assert once == choose(candidates[::-1], pins=(), hides=(), entries=n, per_topic=cap)
    assert len(once) <= n


def test_a_reason_names_the_picks() -> None:
    assert reason(pinned=False, nearest_picks=["X", "Y"]) == "Close to earlier picks “X” and “Y”"
    assert reason(pinned=True, nearest_picks=["X"]) == "Chosen by the editor"
