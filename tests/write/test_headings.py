"""A true sentence is printed under the heading it belongs to, once, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.write.extract.trim import trim_opening
from digest.write.headings import first_of_each, misplaced, of_the_authors, what_is_found

TOLD = (
    "Serving large models is costly, and existing routers fail to keep experts busy.",
    "We propose SparseLoom, a routing scheme that sends each token to 4 of 64 experts without a learned router.",
    "SparseLoom outperforms Switch on 12 translation tasks and cuts memory by 37.5%.",
    "It does not generalise to models below 1B parameters.",
    "We release the code.",
)


@pytest.mark.parametrize(
    ("heading", "text", "place"),
    [
        ("problem", "Serving large models is costly.", 0),
        ("problem", "To keep experts busy.", 0),
        ("problem", "Studies how each token is sent to experts without a learned router.", 1),
        ("method", "Proposes SparseLoom, a routing scheme that sends each token to 4 of 64 experts.", 1),
        ("method", "Sends each token to 4 of 64 experts without a learned router.", 1),
        ("method", "Proposes SparseLoom, which cuts memory by 37.5%.", 2),
        ("result", "SparseLoom outperforms Switch on 12 translation tasks.", 2),
        ("result", "Cuts memory by 37.5%.", 2),
        ("limits", "SparseLoom does not generalise to models below 1B parameters.", 3),
    ],
)
def test_what_belongs_under_its_heading_stays(heading: str, text: str, place: int) -> None:
    assert not misplaced(heading, text, TOLD, [place])


@pytest.mark.parametrize(
    ("heading", "text", "place"),
    [
        ("problem", "SparseLoom outperforms Switch on 12 translation tasks.", 2),
        ("problem", "Proposes SparseLoom, a routing scheme that keeps costly experts busy.", 1),
        ("problem", "SparseLoom sends each token to 4 of 64 experts.", 1),
        ("method", "Existing routers fail to keep experts busy.", 0),
        ("method", "Shows that SparseLoom cuts memory by 37.5%.", 2),
        ("method", "SparseLoom outperforms Switch on 12 translation tasks.", 2),
        ("result", "Proposes SparseLoom, a routing scheme that reduces memory.", 1),
        ("result", "SparseLoom is a routing scheme without a learned router.", 1),
        ("result", "Serving large models is less costly.", 0),
        ("limits", "Existing routers fail to keep experts busy.", 0),
        ("limits", "SparseLoom outperforms Switch on 12 translation tasks.", 2),
        ("limits", "SparseLoom needs no learned router.", 1),
        ("limits", "It does not generalise to models below 1B parameters.", 3),
    ],
)
def test_what_belongs_under_another_heading_or_leans_on_it_does_not_stay(heading: str, text: str, place: int) -> None:
    assert misplaced(heading, text, TOLD, [place])


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("They conduct an analysis of 12 tasks.", "Conducts an analysis of 12 tasks."),
        ("introduce a routing scheme dubbed SparseLoom.", "Introduces a routing scheme dubbed SparseLoom."),
        ("Their results show that it helps.", "The results show that it helps."),
        ("the scheme needs no router.", "The scheme needs no router."),
        ("iLLaMA needs no router.", "iLLaMA needs no router."),
        ("Introduces a routing scheme.", "Introduces a routing scheme."),
        ("Their router is costly.", "Their router is costly."),
    ],
)
def test_what_a_model_says_of_the_authors_is_turned_as_their_own_words_are(said: str, printed: str) -> None:
    assert trim_opening(of_the_authors(said)) == printed


def test_a_finding_needs_no_one_who_finds_it() -> None:
    assert what_is_found("Finds that routing helps.") == "Routing helps."
    assert what_is_found("Finds a router.") == "Finds a router."
    assert what_is_found("Shows that iLLaMA works.") == "iLLaMA works."


SURVEYED = (
    "Interest in looms has highlighted a need for a primer.",
    "This primer provides an introduction to 12 looms and their patterns.",
    "We apply Loom to 3 models on English tasks.",
    "Our results demonstrate that Loom can weave at any position of its window.",
    "It reaches a new state-of-the-art performance on MTEB.",
    "While it delivers worse perplexity than Switch, it needs less memory.",
)


@pytest.mark.parametrize(
    ("heading", "text", "places", "wrong"),
    [
        ("method", "Provides an introduction to 12 looms and patterns.", [1], False),
        ("result", "Loom can weave at any position of its window.", [3], False),
        ("result", "Loom for self-improvement of models is introduced.", [2], True),
        ("result", "Loom achieves state-of-the-art performance on English tasks.", [2, 4], True),
        ("result", "Loom reaches a new state-of-the-art performance on MTEB.", [4], False),
        ("limits", "Loom delivers worse perplexity than Switch.", [5], False),
    ],
)
def test_a_result_is_told_by_its_sentence_too_and_what_is_measured_by_one_alone(
    heading: str, text: str, places: list[int], *, wrong: bool
) -> None:
    assert misplaced(heading, text, SURVEYED, places) == wrong


def test_of_two_headings_that_say_the_same_the_first_keeps_it() -> None:
    said = {
        "problem": "",
        "method": "Sends each token to 4 of 64 experts without a learned router.",
        "result": "Each token is sent to 4 of 64 experts.",
        "limits": "It does not generalise to models below 1B parameters.",
    }
    assert first_of_each(said) == {"method", "limits"}


@given(st.dictionaries(st.sampled_from(["problem", "method", "result", "limits"]), st.text(max_size=40)))
def test_whatever_is_said_the_first_that_says_anything_is_kept(texts: dict[str, str]) -> None:
    kept = first_of_each(texts)
    assert kept <= {heading for heading, text in texts.items() if text}
    assert bool(kept) == any(texts.values())
