"""The editor overrules the ranking, one theme does not fill the list, and likeness counts against a paper."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from digest.select.rank import Candidate, Full, Limits, Selection, choose

CANDIDATES = [
    Candidate("a", 0.9, ("x",)),
    Candidate("b", 0.8, ("x", "z")),
    Candidate("c", 0.7, ("y",)),
    Candidate("d", 0.1, ("x",)),
]


def _ids(**wishes: object) -> list[str]:
    return [candidate.arxiv_id for candidate in _choose(**wishes).papers]


def _choose(**wishes: object) -> Selection:
    options = {"pins": (), "hides": (), "entries": 2, "per_topic": 9, "caps": {}} | wishes
    limits = Limits(**{key: options.pop(key) for key in ("entries", "per_topic", "caps")})  # type: ignore[arg-type]
    return choose(CANDIDATES, limits, **options)  # type: ignore[arg-type]


def _held_back(**wishes: object) -> dict[str, Full]:
    return {one.arxiv_id: full for one, full in _choose(**wishes).held_back}


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


def test_a_cap_counts_every_paper_of_its_topic_and_stands_in_the_place_of_the_common_one() -> None:
    assert _ids(entries=3, caps={"z": 0}) == ["a", "c", "d"]
    assert _ids(entries=4, per_topic=1, caps={"x": 2}) == ["a", "b", "c"]
    assert _ids(entries=3, caps={"x": 1}, pins=("d",)) == ["c", "d"]
    assert _ids(entries=3, caps={"x": 1}, pins=("a", "b")) == ["a", "b", "c"]


def test_what_only_a_cap_kept_out_is_told_with_the_topic_and_the_cap() -> None:
    assert _held_back() == {}
    assert _held_back(caps={"z": 0}) == {"b": Full("z", 0)}
    assert _held_back(per_topic=1) == {"b": Full("x", 1)}
    assert _held_back(caps={"x": 1}, entries=3) == {"b": Full("x", 1), "d": Full("x", 1)}
    assert _held_back(caps={"x": 1}, entries=1) == {}  # the place was taken, not the room
    assert _held_back(caps={"z": 0}, hides=("b",)) == {}


@given(st.integers(1, 12), st.dictionaries(st.sampled_from("xyz"), st.integers(0, 3)), st.floats(0, 3), st.data())
def test_no_cap_is_passed_but_by_pins_and_nothing_is_both_listed_and_held_back(
    entries: int, caps: dict[str, int], diversity: float, data: st.DataObject
) -> None:
    topics = st.lists(st.sampled_from("xyz"), max_size=3, unique=True).map(tuple)
    papers = [Candidate(str(n), data.draw(st.floats(-1, 1)), data.draw(topics)) for n in range(10)]
    pins = data.draw(st.sets(st.sampled_from([one.arxiv_id for one in papers])))
    vectors = {one.arxiv_id: np.eye(3, dtype=np.float32)[int(one.arxiv_id) % 3] for one in papers}
    limits = Limits(entries=entries, per_topic=4, caps=caps, diversity=diversity)
    chosen = choose(papers, limits, pins=pins, hides=(), vectors=vectors)
    listed = {one.arxiv_id for one in chosen.papers}
    assert pins <= listed
    assert len(listed) <= max(entries, len(pins))
    for topic, cap in caps.items():
        of_topic = {one.arxiv_id for one in chosen.papers if topic in one.topics}
        assert len(of_topic) <= max(cap, len(of_topic & pins))
    assert not listed & {one.arxiv_id for one, _ in chosen.held_back}


scored = st.lists(st.tuples(st.integers(0, 99), st.floats(-1, 1), st.sampled_from(["", "x", "y"])), max_size=30)


@given(scored, st.integers(1, 10), st.integers(1, 5))
def test_the_choice_does_not_hang_on_the_order_given(rows: list[tuple[int, float, str]], n: int, cap: int) -> None:
    candidates = list(
        {
            str(number): Candidate(str(number), score, (topic,) if topic else ()) for number, score, topic in rows
        }.values()
    )
    limits = Limits(entries=n, per_topic=cap, diversity=0.5)
    vectors = {one.arxiv_id: np.eye(3, dtype=np.float32)[int(one.arxiv_id) % 3] for one in candidates}
    once = choose(candidates, limits, pins=(), hides=(), vectors=vectors)
    assert once == choose(candidates[::-1], limits, pins=(), hides=(), vectors=vectors)
    assert len(once.papers) <= n


def _unlike(diversity: float, **wishes: object) -> list[str]:
    vectors = {
        key: np.array(row, np.float32) for key, row in zip("abcd", [(1, 0), (1, 0), (0, 1), (0, 1)], strict=True)
    }
    limits = Limits(entries=2, per_topic=9, diversity=diversity)
    options = {"pins": (), "hides": ()} | wishes
    return [one.arxiv_id for one in choose(CANDIDATES, limits, vectors=vectors, **options).papers]  # type: ignore[arg-type]


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
    chosen = choose(CANDIDATES, limits, pins=(), hides=(), vectors=same).papers
    assert [one.arxiv_id for one in chosen] == ["a", "b", "c"]
