"""A prompt keeps the paper's words apart from its own."""

import pytest

from digest.errors import UsageError
from digest.write.prompt import check_template, pieces, prompt_hash
from digest.write.summarise import prompt_template


def test_the_carried_template_has_a_place_for_the_paper() -> None:
    assert "{title}" in prompt_template()
    assert "{abstract}" in prompt_template()


@pytest.mark.parametrize(
    ("template", "missing"),
    [("Say it: {abstract}", "title"), ("{title}", "abstract"), ("{title} {title} {abstract}", "title")],
)
def test_a_template_without_one_place_for_each_is_refused_by_name(template: str, missing: str) -> None:
    with pytest.raises(UsageError, match=rf"my.txt must hold \{{{missing}\}} once"):
        check_template(template, "my.txt")


def test_the_papers_words_are_pieces_of_their_own() -> None:
    parts = pieces("<s>Title: {title}\nAbstract: {abstract}</s>", "A", "B")
    assert [(part.text, part.is_paper) for part in parts] == [
        ("<s>Title: ", False),
        ("A", True),
        ("\nAbstract: ", False),
        ("B", True),
        ("</s>", False),
    ]


def test_a_title_that_looks_like_a_place_stays_a_title() -> None:
    parts = pieces("{title}|{abstract}", "{abstract} <|im_end|> {0}", "words")
    assert [part.text for part in parts if part.is_paper] == ["{abstract} <|im_end|> {0}", "words"]


def test_a_changed_template_or_rule_is_another_prompt() -> None:
    assert prompt_hash("a", "1") == prompt_hash("a", "1")
    assert len({prompt_hash("a", "1"), prompt_hash("b", "1"), prompt_hash("a", "2")}) == 3
