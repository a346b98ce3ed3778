"""A refused text is cut down to what passes, and to nothing that says something else."""

import pytest

from digest.write.gate.beginnings import passing, without_remark
from digest.write.gate.check import check

TITLE = "Looms"
ABSTRACT = (
    "Weaving is slow. We propose SparseLoom, a loom that weaves long cloths in small parts. "
    "SparseLoom halves the thread that weaving takes on six looms."
)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            "Proposes SparseLoom, a loom that weaves long cloths in small parts, improving the quality of life.",
            "Proposes SparseLoom, a loom that weaves long cloths in small parts.",
        ),
        (
            "Proposes SparseLoom, a loom that weaves long cloths in small parts. It wins every prize.",
            "Proposes SparseLoom, a loom that weaves long cloths in small parts.",
        ),
        (
            "Proposes SparseLoom, a loom that weaves long cloths in small parts, which pleases. It halves the",
            "Proposes SparseLoom, a loom that weaves long cloths in small parts.",
        ),
    ],
)
def test_what_passes_of_a_text_is_kept_with_what_it_rests_on(text: str, kept: str) -> None:
    assert not check(text, TITLE, ABSTRACT).ok
    assert passing(text, TITLE, ABSTRACT) == (kept, check(kept, TITLE, ABSTRACT))
    assert check(kept, TITLE, ABSTRACT).ok


@pytest.mark.parametrize(
    "text",
    [
        "Proposes SparseLoom, a loom that eats long cloths in small parts, improving the quality of life.",
        "Proposes a loom, which pleases everyone.",  # too little is left
        "Proposes SparseLoom, a loom that weaves long cloths in small parts with and, by magic, sells them.",
        "",
    ],
)
def test_a_text_without_a_beginning_that_passes_keeps_its_own_verdict(text: str) -> None:
    kept, finding = passing(text, TITLE, ABSTRACT)
    assert (kept, finding) == (text, check(text, TITLE, ABSTRACT))
    assert not finding.ok


def test_a_text_that_passes_is_left_whole() -> None:
    text = "Proposes SparseLoom, a loom that weaves long cloths in small parts."
    assert passing(text, TITLE, ABSTRACT) == (text, check(text, TITLE, ABSTRACT))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Proposes a loom, which is a key concept in weaving.", "Proposes a loom."),
        ("Proposes a loom, which has been", "Proposes a loom"),
        ("Proposes a loom, which weaves cloth.", "Proposes a loom, which weaves cloth."),
        ("Proposes a loom, which is large. It weaves.", "Proposes a loom, which is large. It weaves."),
    ],
)
def test_a_remark_at_the_end_is_left_away(text: str, left: str) -> None:
    assert without_remark(text) == left
