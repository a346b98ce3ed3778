"""What is kept of prompts that were read stays within its bound."""

from hypothesis import given
from hypothesis import strategies as st

from digest.write.model.kept import Kept, common_length

TOKENS = st.lists(st.integers(0, 3), max_size=6)


def test_what_is_taken_is_kept_no_longer() -> None:
    kept = Kept[bytes](10)
    kept.keep([1, 2], b"two")
    assert kept.take([1, 2]) == b"two"
    assert kept.take([1, 2]) is None


def test_the_oldest_goes_first_and_what_is_kept_again_is_new() -> None:
    kept = Kept[bytes](4)
    for tokens in ([1], [2], [1], [3]):
        kept.keep(tokens, b"xx")
    assert [kept.take([token]) for token in (1, 2, 3)] == [b"xx", None, b"xx"]


def test_what_takes_all_the_room_is_not_kept_and_sends_nothing_else_away() -> None:
    kept = Kept[bytes](4)
    kept.keep([1], b"xx")
    kept.keep([2], b"xxxxx")
    assert (kept.take([1]), kept.take([2])) == (b"xx", None)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), max_size=30), st.integers(0, 20))
def test_all_that_is_kept_takes_no_more_than_allowed(asked: list[tuple[int, int]], most: int) -> None:
    kept = Kept[bytes](most)
    for token, size in asked:
        kept.keep([token], b"x" * size)
    assert sum(len(kept.take([token]) or b"") for token in range(6)) <= most


@given(TOKENS, TOKENS)
def test_two_lists_are_the_same_up_to_their_common_length_and_not_beyond(one: list[int], other: list[int]) -> None:
    n = common_length(one, other)
    assert one[:n] == other[:n]
    assert n == min(len(one), len(other)) or one[n] != other[n]
