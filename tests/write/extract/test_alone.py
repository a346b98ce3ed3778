"""Whether a text can be understood by who has not read the sentence before it."""

import pytest

from digest.write.extract.alone import impersonal, leans


@pytest.mark.parametrize(
    "text",
    [
        "Studies how these attacks come about.",
        "Scales such looms to wide cloth.",
        "Extends this analysis to silk.",
        "This enables looms to weave.",
        "And a new wave of looms will follow.",
        "Finds that the reported widths are wrong.",
        "For O2, Loom is shown to scale.",
        "Shows that they fail.",
    ],
)
def test_a_text_that_speaks_of_what_was_said_before_leans(text: str) -> None:
    assert leans(text)


@pytest.mark.parametrize(
    "text",
    [
        "Presents six looms and shows why these looms fail.",
        "Compares hand looms to those of others, such as Mill.",
        "Says what this paper adds to the study of silk.",
        "Weaves cloth such that silk lasts.",
    ],
)
def test_a_text_that_names_all_it_speaks_of_stands_alone(text: str) -> None:
    assert not leans(text)


def test_what_follows_the_sentence_on_the_work_may_call_it_the_method() -> None:
    assert leans("This method weaves 5 yards.")
    assert not leans("This method weaves 5 yards.", "Proposes Loom, a fast weaver.")
    assert leans("This fabric has 5 yards.", "Proposes Loom, a fast weaver.")


def test_what_is_the_authors_and_what_is_everybodys_are_told_apart() -> None:
    assert impersonal("Our loom mends our cloth.") == "The loom mends the cloth."
    assert impersonal("Looms changed our lives and our world.") == "Looms changed our lives and our world."
