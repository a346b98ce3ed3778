"""The field's terms are told to a model in Taiwan's words, and looked for in what it answers."""

import pytest

from digest.write.faithful.taiwan import in_taiwan
from digest.write.faithful.terms import TERMS, lost_terms, told_terms

SOURCE = "Presents a self-speculative decoding that exits at early layers, for Large Language Models."
GOOD = "提出一種自我推測解碼，於較前的層提前退出，用於大型語言模型。"


def test_a_prompt_tells_the_terms_of_a_text_and_no_others() -> None:
    assert told_terms(SOURCE) == "exits at early = 提前退出; Language Models = 語言模型; self-speculative = 推測"
    assert told_terms("Presents a loom.") == "-"


@pytest.mark.parametrize(
    ("translation", "failed"),
    [
        (GOOD, ""),
        (GOOD.replace("推測", "猜測"), ""),  # another word in use
        (GOOD.replace("自我推測", " self-speculative "), ""),  # left standing
        (GOOD.replace("推測", "規範"), "“self-speculative” is not said as a term"),
        (GOOD.replace("語言模型", "模型"), "“Language Models” is not said as a term"),
    ],
)
def test_what_is_neither_said_nor_left_standing_is_named(translation: str, failed: str) -> None:
    assert lost_terms(translation, SOURCE) == failed


def test_a_word_within_another_is_no_term() -> None:
    assert told_terms("Aligners, misaligned tokenizations and windowed parameterised") == "-"


def test_each_term_stands_once_in_a_word_that_taiwan_writes() -> None:
    assert len({english for english, _, _ in TERMS}) == len(TERMS)
    assert [taiwan for _, taiwan, _ in TERMS if in_taiwan(taiwan, "") != taiwan] == []
