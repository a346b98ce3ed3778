"""What a sentence may lose: only what leaves it true by itself."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text import plain_text
from digest.write.extract.trim import shortened, trim_opening


@pytest.mark.parametrize(
    ("sentence", "shorter"),
    [
        (
            "We propose Loom, a fast scheme for weaving cloth, which needs no thread at night.",
            "Proposes Loom, a fast scheme for weaving cloth.",
        ),
        (
            "To weave at night, we propose Loom, a fast scheme for weaving cloth.",
            "Proposes Loom, a fast scheme for weaving cloth.",
        ),
        (
            "We introduce a dense weaving scheme and show that our cloth lasts.",
            "Introduces a dense weaving scheme.",
        ),
        (
            "Looms weave long cloths in one pass, allowing mills to save thread.",
            "Looms weave long cloths in one pass.",
        ),
        ("We propose Dense Loom (DL), a way to weave.", "Proposes Dense Loom, a way to weave."),
        ("Our results show that looms save thread.", "Results show that looms save thread."),
        ("We propose a scheme that we call Loom for cloth.", "Proposes a scheme called Loom for cloth."),
    ],
)
def test_what_only_adds_may_go(sentence: str, shorter: str) -> None:
    assert shorter in shortened(sentence)


# Each cut would leave something false, or no sentence.
@pytest.mark.parametrize(
    ("sentence", "never"),
    [
        ("We show that looms save thread when the cloth is thin.", "Shows that looms save thread."),
        ("We prove that looms converge for convex cloth.", "Proves that looms converge."),
        ("We propose a scheme without a learned router for cloth.", "Proposes a scheme without a learned router."),
        ("We study a loom that fails to weave silk by hand.", "Studies a loom that fails."),
        ("We compare hand looms with machine looms in mills.", "Compares hand looms."),
        ("We introduce a loom to enable the mill to weave.", "Introduces a loom to enable the mill."),
        ("We present a new cloth dataset, sourced from old mills.", "Presents a new cloth dataset, sourced."),
        ("We study in-context learning in small looms.", "Studies."),
        ("The loom, which is old, weaves cloth of silk.", "The loom."),
        ("For cloth, where looms are slow, our scheme helps mills.", "For cloth."),
        (
            "We propose a search, framing the weaving of cloth as a game.",
            "Proposes a search, framing the weaving of cloth.",
        ),
        ("We present looms as good mills for cloth.", "Presents looms."),
        ("We study how old looms weave, leveraging data from mills.", "Studies how old looms weave, leveraging data."),
        ("We present a set of looms, complete with their threads.", "Presents a set of looms, complete."),
        ("We train a family of large looms, pre-training on silk.", "Trains a family of large looms, pre-training."),
        ("We study looms of two kinds: a loom for silk and a mill.", "Studies looms of two kinds: a loom."),
        (
            "We test the loom on cloth, showing that it is good while using less silk.",
            "Tests the loom on cloth, showing that it is good while.",
        ),
        ("Loom works (only for silk) in five of six mills.", "Loom works in five of six mills."),
        ("To prune looms, we propose to replace them with mills.", "Proposes to replace them with mills."),
    ],
)
def test_what_limits_a_claim_or_holds_a_sentence_up_stays(sentence: str, never: str) -> None:
    assert never not in shortened(sentence)


def test_the_longest_form_comes_first_and_is_the_sentence_with_its_opening_trimmed() -> None:
    sentence = "In this paper, we propose Loom, a scheme for weaving cloth, which saves thread."
    forms = shortened(sentence)
    assert forms[0] == trim_opening(sentence)
    assert len(set(forms)) == len(forms) > 1


@given(st.lists(st.sampled_from("We propose show that a loom , which for (DL) and not in to by using it .".split())))
def test_a_shorter_form_holds_no_word_that_its_sentence_does_not(words: list[str]) -> None:
    sentence = " ".join(words)
    allowed = {word.strip(",.").lower() for word in words}
    for form in shortened(sentence):
        said = [word.strip(",.").lower() for word in form.split()]
        assert all(word in allowed or word in {"proposes", "shows"} for word in said)


def test_what_a_person_read_beside_its_sentence_and_found_true_is_still_what_is_printed() -> None:
    lines = (Path(__file__).parent / "trimmed.jsonl").read_text(encoding="utf-8").splitlines()
    read = [json.loads(line) for line in lines]  # of April 2024, each shortened to less than 85 % of its sentence
    assert len(read) == 54
    lost = [row["id"] for row in read if row["printed"] not in shortened(plain_text(row["sentence"]))]
    assert lost == []


@pytest.mark.parametrize(
    ("sentence", "printed"),
    [
        ("Next, I define silk.", "Defines silk."),
        ("In this research, we use old looms.", "Uses old looms."),
        ("Given that silk is dear, we contribute a loom for wool.", "Contributes a loom for wool."),
        ("And we propose a loom and collect cloth.", "Proposes a loom and collects cloth."),
    ],
)
def test_more_ways_to_begin_are_known(sentence: str, printed: str) -> None:
    assert trim_opening(sentence) == printed


@pytest.mark.parametrize(
    ("sentence", "printed"),
    [
        ("Leveraging the idea of reset, we propose a loom for silk.", "Proposes a loom for silk."),
        ("Using old pattern books, we construct a set of cloths.", "Constructs a set of cloths."),
        ("Based on this insight, we introduce a loom for silk.", "Introduces a loom for silk."),
        ("Empirically, we evaluate eight looms on silk.", "Evaluates eight looms on silk."),
        ("Our survey provides a review of hand looms.", "Provides a review of hand looms."),
        ("We developed a loom for silk and cotton.", "Develops a loom for silk and cotton."),
        ("To weave faster, we evaluated eight hand looms.", "Evaluates eight hand looms."),
        ("We give the first bounds for hand looms.", "Gives the first bounds for hand looms."),
        ("We apply hand looms to silk.", "Applies hand looms to silk."),
        ("We propose a loom and train a mill on silk.", "Proposes a loom and trains a mill on silk."),
        ("We introduce Loom and apply it, and box the cloth.", "Introduces Loom and applies it, and boxes the cloth."),
    ],
)
def test_by_what_means_a_thing_is_made_may_go_and_each_verb_of_ours_is_turned(sentence: str, printed: str) -> None:
    assert trim_opening(sentence) == printed


@pytest.mark.parametrize(
    ("sentence", "printed"),
    [
        ("This primer gives a way to weave.", "Gives a way to weave."),
        ("In this technical report, we open-source Loom for silk.", "Open-sources Loom for silk."),
        ("In this survey paper, we have reviewed hand looms.", "Reviews hand looms."),
        ("Given the price of silk, we explore wool.", "Explores wool."),
        (
            "We assemble cloth and establish, once more, its width.",
            "Assembles cloth and establishes, once more, its width.",
        ),
        (
            "We aim to close this gap by weaving and testing silk.",
            "Aims to close this gap by weaving and testing silk.",
        ),
        ("We aim to close this gap by proposing a loom.", "Proposes a loom."),
        ("This work tackles these limits by using six looms.", "Uses six looms."),
        ("We address this issue and introduce a loom.", "Introduces a loom."),
        ("We address this issue and thread.", "Addresses this issue and thread."),
        ("We compare our loom (i.e. Loom) with hand looms.", "Compares the loom (i.e. Loom) with hand looms."),
        ("We weave our own cloth, which we dye.", "We weave our own cloth, which we dye."),
        ("Looms can instead weave silk.", "Looms can weave silk."),
        ("We propose a loom to address these challenges.", "Proposes a loom."),
        (
            "We propose a loom designed to address these challenges.",
            "Proposes a loom designed to address these challenges.",
        ),
        ("We propose Loom (\\loom), a loom.", "Proposes Loom, a loom."),
    ],
)
def test_what_was_said_before_and_whose_it_is_go(sentence: str, printed: str) -> None:
    assert trim_opening(sentence) == printed


@pytest.mark.parametrize(
    "sentence",
    [
        "On silk alone, we find that looms save thread.",  # it may hold nowhere else
        "Using hand looms, we show that mills save thread.",
        "Different from older looms, we introduce a mill to test its speed.",  # whose speed is not said then
        "We recently reported a loom for silk.",  # in another paper
        "We gathered old cloth and established the task of weaving.",  # two verbs in the past
    ],
)
def test_what_a_finding_hangs_on_and_what_was_done_before_stay_as_the_authors_wrote_it(sentence: str) -> None:
    assert trim_opening(sentence) == sentence


def test_the_verb_between_two_others_of_ours_is_turned_too() -> None:
    sentence = "We present the idea of looms, review the advances of mills, and highlight future threads."
    printed = "Presents the idea of looms, reviews the advances of mills, and highlights future threads."
    assert trim_opening(sentence) == printed
    listed = "We compare looms with mills, cloth, the silk of moths, and show that threads hold."
    assert trim_opening(listed) == "Compares looms with mills, cloth, the silk of moths, and shows that threads hold."


def test_a_noun_after_and_is_no_verb_of_ours() -> None:
    for rest in (
        "a loom for cloth and silk that lasts",
        "six looms and five different mills",
        "how to weave and dye the silk",
    ):
        assert trim_opening(f"We study {rest}.") == f"Studies {rest}."
