"""A text is asked for in Chinese, gated, asked for once more, and left in English where that fails too."""

import json
from collections.abc import Iterator

import pytest

from digest.errors import ModelError
from digest.paper import Verdict
from digest.write.model.endpoint import EndpointWriter, Server
from digest.write.translate import LANGUAGE, manner_of, translate_texts
from tests.openai_stand_in import Stand, says, serve

TEXT = "Introduces LoomNet, a network with 7 billion parameters that needs no labels."
GOOD = "提出 LoomNet，一個擁有 70 億參數且不需要標籤的網路。"


def answer(text: str) -> tuple[int, dict[str, str], bytes]:
    return says(json.dumps({"translation": text}))


@pytest.fixture
def stand() -> Stand:
    return Stand(answer=lambda _: answer(GOOD))


@pytest.fixture
def writer(stand: Stand) -> Iterator[EndpointWriter]:
    with serve(stand) as url, EndpointWriter(Server(url=url, model="t"), sleep=lambda _: None) as opened:
        yield opened


def test_a_translation_that_passes_is_kept_with_all_that_made_it(stand: Stand, writer: EndpointWriter) -> None:
    (made,) = dict(translate_texts([TEXT], writer)).values()
    assert (made.kind, made.text, made.verdict, made.model) == (LANGUAGE, GOOD, Verdict.PASSED, "t")
    recipe = manner_of(writer).recipe(TEXT)
    assert (made.model_hash, made.prompt_hash) == (recipe.model_hash, recipe.prompt_hash)
    (asked,) = stand.asked
    said = asked["messages"][0]["content"]
    assert "Text to translate: Introduces LoomNet" in said
    assert "Traditional Chinese" in said
    assert "terms: parameters = 參數" in said
    assert asked["max_tokens"] >= 300


def test_what_is_refused_is_asked_for_again_with_the_reason(stand: Stand, writer: EndpointWriter) -> None:
    stand.faults = [answer(GOOD.replace("不需要", "需要"))]
    (made,) = dict(translate_texts([TEXT], writer)).values()
    assert (made.text, made.verdict) == (GOOD, Verdict.RETRIED)
    assert "was refused: a negation is gone" in stand.asked[1]["messages"][0]["content"]


def test_what_fails_twice_is_left_in_english_and_says_why(stand: Stand, writer: EndpointWriter) -> None:
    stand.answer = lambda _: answer(GOOD.replace("70", "7"))
    (made,) = dict(translate_texts([TEXT], writer)).values()
    assert (made.text, made.verdict, made.failed_check) == ("", Verdict.FELL_BACK, "a number or unit is gone")
    assert len(stand.asked) == 2


@pytest.mark.parametrize(
    ("reply", "why"), [(says("no JSON"), "no answer"), ((400, {}, b""), "the server refused the request (400)")]
)
def test_one_failure_costs_one_text(
    stand: Stand, writer: EndpointWriter, reply: tuple[int, dict[str, str], bytes], why: str
) -> None:
    stand.answer = lambda body: reply if "wool" in body["messages"][0]["content"] else answer(GOOD)
    made = dict(translate_texts(["Introduces wool.", TEXT], writer))
    assert (made[0].text, made[0].failed_check, made[1].text) == ("", why, GOOD)


def test_a_server_that_is_down_is_named_and_nothing_is_given_up(stand: Stand, writer: EndpointWriter) -> None:
    stand.answer = lambda _: (401, {}, b"")
    with pytest.raises(ModelError, match="answered 401"):
        dict(translate_texts([TEXT], writer))


def test_the_identity_hangs_on_text_template_and_model(writer: EndpointWriter) -> None:
    manner = manner_of(writer)
    assert manner.recipe(TEXT) != manner.recipe("Introduces another.")
    assert manner.recipe(TEXT) == manner_of(writer).recipe(TEXT)
    assert manner_of(EndpointWriter(Server(url="http://x/v1", model="u"))).model_hash != manner.model_hash
