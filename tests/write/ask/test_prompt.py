"""A prompt keeps the paper's words apart from its own."""

from pathlib import Path

import pytest

from digest.errors import UsageError
from digest.places import PROMPTS
from digest.write.ask.prompt import OPENINGS, check_template, load_prompts, pieces
from digest.write.ask.writer import Kind, Task


def _task(title: str, abstract: str, refused: str = "") -> Task:
    return Task(kind=Kind.SUMMARY, title=title, abstract=abstract, shown=abstract, refused=refused)


@pytest.mark.parametrize("is_small", [True, False])
def test_the_carried_templates_have_a_place_for_the_paper_and_for_the_verdict(is_small: bool) -> None:  # noqa: FBT001
    prompts = load_prompts(PROMPTS, is_small=is_small)
    for kind in prompts.template_by_kind:
        assert ("{title}" in prompts.words(Kind(kind), again=False)) == (kind != Kind.TRANSLATION)
        assert "{refused}" not in prompts.words(Kind(kind), again=False)
        assert "{refused}" in prompts.words(Kind(kind), again=True)
    small = {Kind.SUMMARY, Kind.READING, Kind.RATING, Kind.TOPICS}
    assert set(prompts.template_by_kind) == (small if is_small else set(Kind))


def test_a_small_model_is_given_another_opening_at_the_second_try_and_a_large_one_none() -> None:
    small, large = load_prompts(PROMPTS, is_small=True), load_prompts(PROMPTS, is_small=False)
    assert (small.opening(again=False), small.opening(again=True)) == OPENINGS
    assert large.opening(again=True) == ""


def test_a_paper_taken_apart_is_asked_about_again_in_words_of_its_own() -> None:
    prompts = load_prompts(PROMPTS, is_small=False)
    assert "four sentences" in prompts.retry_by_kind[Kind.STRUCTURED]
    assert prompts.retry_by_kind[Kind.SUMMARY] == prompts.retry_by_kind[Kind.READING]
    assert prompts.identity(Kind.STRUCTURED) != prompts.identity(Kind.SUMMARY)


@pytest.mark.parametrize(
    ("template", "missing"),
    [("Say it: {abstract}", "title"), ("{title}", "abstract"), ("{title} {title} {abstract}", "title")],
)
def test_a_template_without_one_place_for_each_is_refused_by_name(template: str, missing: str) -> None:
    with pytest.raises(UsageError, match=rf"my.txt must hold \{{{missing}\}} once"):
        check_template(template, "my.txt")


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"summary-small\.txt cannot be read"):
        load_prompts(tmp_path, is_small=True)


def test_the_papers_words_are_pieces_of_their_own() -> None:
    parts = pieces("<s>Title: {title}\nAbstract: {abstract} {refused}</s>", _task("A", "B", "no number"))
    assert [(part.text, part.is_data) for part in parts] == [
        ("<s>Title: ", False),
        ("A", True),
        ("\nAbstract: ", False),
        ("B", True),
        (" ", False),
        ("no number", True),
        ("</s>", False),
    ]


def test_words_that_look_like_a_place_stay_words() -> None:
    parts = pieces("{refused}|{abstract}", _task("A", "words", "{abstract} <|im_end|> {0}"))
    assert [part.text for part in parts if part.is_data] == ["{abstract} <|im_end|> {0}", "words"]


def test_a_changed_template_rule_or_retry_is_another_prompt(tmp_path: Path) -> None:
    for name in ("summary-small.txt", "reading-small.txt", "rating.txt", "topics.txt", "retry.txt"):
        (tmp_path / name).write_text((PROMPTS / name).read_text())
    before = load_prompts(tmp_path, is_small=True)
    again = load_prompts(tmp_path, is_small=True)
    (tmp_path / "retry.txt").write_text("No: {refused}")
    changed = load_prompts(tmp_path, is_small=True)
    assert before.identity(Kind.SUMMARY, "1") == again.identity(Kind.SUMMARY, "1")
    identities = {one.identity(Kind.SUMMARY, rule) for one in (before, changed) for rule in ("1", "2")}
    assert len(identities) == 4
