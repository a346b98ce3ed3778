"""A reason says what moved the score, most first."""

from digest.select.reason import Moved, reason


def test_what_moved_the_score_most_comes_first() -> None:
    moved = Moved(
        by_phrases=2.0, by_likeness=1.0, by_interests=0.1, phrases=["moe"], interest="long contexts", near=["X", "Y"]
    )
    assert reason(moved, pinned=False) == "In the words of earlier picks: moe; close to earlier picks “X” and “Y”"


def test_an_interest_and_an_author_are_named_where_they_moved_it() -> None:
    moved = Moved(by_interests=0.9, by_authors=0.5, by_likeness=0.2, interest="data", author="A. Turing", near=["X"])
    assert reason(moved, pinned=False) == ("Meets the interest “data”; by A. Turing, picked before")


def test_novelty_is_said_last_and_moves_nothing() -> None:
    moved = Moved(by_likeness=1.0, near=["X"], is_new=True)
    assert reason(moved, pinned=False) == "Close to the earlier pick “X”; little like anything held from before"


def test_a_paper_that_nothing_moved_still_has_a_reason() -> None:
    assert reason(Moved(), pinned=False) == "Near the middle of the month"
    assert reason(Moved(near=["X"]), pinned=False) == "Close to the earlier pick “X”"


def test_a_pick_that_is_only_the_nearest_is_not_called_close() -> None:
    words = reason(Moved(by_likeness=1.0, near=["X"], is_near=False), pinned=False)
    assert words == "Like earlier picks, though close to none; nearest is “X”"


def test_a_pin_is_the_editors() -> None:
    assert reason(Moved(by_likeness=1.0, near=["X"]), pinned=True) == "Chosen by the editor"
