"""The judge prefers the text that tells what the paper is about."""

from digest.paper import Paper
from digest.write.extract.judge import judge
from digest.write.extract.sentences import extract_tldr


def test_a_text_about_something_beside_the_point_loses(sample: Paper) -> None:
    extracted = extract_tldr(sample.title, sample.abstract).text
    assert not judge(sample.title, sample.abstract, "Large models are costly to serve.", extracted).takes_written


def test_a_text_about_the_point_wins_over_the_background(sample: Paper) -> None:
    written = "Proposes SparseLoom, a routing scheme that sends each token to experts without a learned router."
    assert judge(sample.title, sample.abstract, written, "Large models are costly to serve.").takes_written


def test_a_text_as_good_as_the_extracted_one_is_taken(sample: Paper) -> None:
    extracted = extract_tldr(sample.title, sample.abstract).text
    assert judge(sample.title, sample.abstract, extracted, extracted).takes_written


def test_an_empty_abstract_is_judged_all_the_same() -> None:
    assert judge("Looms", "", "Looms weave cloth.", "Looms").written > -1
