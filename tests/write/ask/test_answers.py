"""An answer is read as far as it goes, and its forms hold no markup."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.write.ask.answers import LONGEST, finished, grammar, is_unsaid, read, read_list, schema
from digest.write.ask.writer import CHOICES


def test_an_answer_in_json_is_read_into_its_fields() -> None:
    assert read('{"problem": "P.", "method": "M."}', ["problem", "method"]) == {"problem": "P.", "method": "M."}


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ('Here it is:\n```json\n{"summary": "One."}\n```', {"summary": "One."}),
        ('{"summary": "One\nline."}', {"summary": "One line."}),
        ('{"summary": "One.", "extra', {"summary": "One."}),
        ('{"summary": "It says \\"one\\".", "x": }', {"summary": 'It says "one".'}),
        ('{"summary": ["One."]}', {}),
        ('{"summary": 7}', {}),
        ('{"summary": ""}', {}),
        ("Sorry, I cannot.", {}),
        ("[" * 100_000, {}),
        ("", {}),
    ],
)
def test_an_answer_that_is_wrapped_broken_or_none_is_read_as_far_as_it_goes(answer: str, found: dict[str, str]) -> None:
    assert read(answer, ["summary"]) == found


def test_a_field_with_few_answers_holds_one_of_them_in_every_form() -> None:
    told = schema(["reason", "rating"])["properties"]
    assert told["rating"] == {"type": "string", "enum": list(CHOICES["rating"])}
    assert told["reason"]["maxLength"] < LONGEST
    assert all(f'"\\"{word}\\""' in grammar(["reason", "rating"]) for word in CHOICES["rating"])


OFFERED = ("agents", "surveys", "code", "vision")


def test_a_list_holds_one_to_three_of_the_words_offered_in_every_form() -> None:
    told = schema(["topics"], OFFERED)["properties"]["topics"]
    assert told["items"] == {"type": "string", "enum": list(OFFERED)}
    assert (told["minItems"], told["maxItems"]) == (1, 3)
    rules = grammar(["topics"], OFFERED)
    assert all(rules.count(f'"\\"{word}\\""') == 2 for word in OFFERED)
    assert "){0,2}" in rules


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ('{"topics": ["code"]}', ("code",)),
        ('Sure:\n```json\n{"topics": ["vision", "agents"]}\n```', ("vision", "agents")),
        ('{"topics": ["code", "code", "code", "code", "agents"]}', ("code", "agents")),
        ('{"topics": ["code", "best paper"]}', ()),
        ('{"topics": ["code", "agents", "vision", "surveys"]}', ()),
        ('{"topics": []}', ()),
        ('{"topics": "code"}', ()),
        ('{"topics": [["code"]]}', ()),
        ('{"topics": [{}, null, 3]}', ()),
        ('{"topics": {"code": 1}}', ()),
        ('["code"]', ()),
        ('{"topics": ["co', ()),
        ("code", ()),
    ],
)
def test_a_list_is_read_where_it_holds_nothing_but_words_offered(answer: str, found: tuple[str, ...]) -> None:
    assert read_list(answer, "topics", OFFERED) == found


@given(st.text() | st.lists(st.sampled_from([*OFFERED, "other", ""])).map(lambda words: json.dumps({"topics": words})))
def test_whatever_a_model_lists_at_most_three_words_offered_come_of_it(answer: str) -> None:
    found = read_list(answer, "topics", OFFERED)
    assert len(set(found)) == len(found) <= 3
    assert set(found) <= set(OFFERED)


def test_fields_that_were_not_asked_for_are_dropped_and_long_ones_cut() -> None:
    assert read(json.dumps({"id": "2404.1", "tldr": "x" * 5000}), ["tldr"]) == {"tldr": "x" * LONGEST}


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Cuts memory by 37.5%", "Cuts memory by 37.5%."),
        ("Cuts memory.", "Cuts memory."),
        ("Cuts (much) memory (37.5%)", "Cuts (much) memory (37.5%)."),
        ("Cuts memory,", "Cuts memory,"),
        ("x" * LONGEST, "x" * LONGEST),
        ("", ""),
    ],
)
def test_a_full_stop_that_was_left_out_is_added_and_a_text_that_was_cut_is_not_made_whole(
    text: str, whole: str
) -> None:
    assert finished(text) == whole


@pytest.mark.parametrize(
    "text",
    [
        "Not stated",
        "Not explicitly stated in the abstract.",
        "Limitations are not mentioned.",
        "None",
        "N/A.",
        "No specific limits are mentioned.",
        "No information about its complexity is provided in the abstract.",
        "The abstract does not mention the limits of the research.",
        "The study does not provide information on the generalizability of the findings.",
        "The paper does not explicitly discuss any limitations.",
    ],
)
def test_a_model_that_says_in_its_own_words_that_nothing_is_said_is_understood(text: str) -> None:
    assert is_unsaid(text)


@pytest.mark.parametrize(
    "text",
    [
        "The method does not generalise to small models.",
        "None of the models gives a right answer.",
        "Unknown words are split into bytes.",
        "No model of the three is better than chance.",
        "The work does not need labels.",
        "Does not mention rare words as often as people do.",
    ],
)
def test_what_a_paper_denies_is_not_taken_for_nothing(text: str) -> None:
    assert not is_unsaid(text)


@given(st.text(), st.sampled_from(["summary", "tldr"]))
def test_whatever_a_model_says_is_read_without_an_error(answer: str, field: str) -> None:
    assert set(read(answer, [field])) <= {field}


@given(st.text(min_size=1, max_size=50).map(str.strip).filter(str.isalnum))
def test_what_was_written_as_json_is_read_back(text: str) -> None:
    found = read(json.dumps({"summary": text}), ["summary"])
    assert "".join(found.get("summary", "")).isprintable()


def test_the_schema_wants_each_field_and_no_other() -> None:
    wanted = schema(["problem", "limits"])
    assert wanted["required"] == ["problem", "limits"]
    assert wanted["additionalProperties"] is False
    assert all(rule["maxLength"] == LONGEST for rule in wanted["properties"].values())


def test_the_grammar_names_the_fields_in_order_and_bars_markup() -> None:
    rules = grammar(["problem", "limits"])
    assert rules.index('problem\\"') < rules.index('limits\\"')
    assert [rule.split()[0] for rule in rules.splitlines()] == ["root", "char", "any", "within"]
    assert rules.count(" within{1,401} ") == 2
    assert " any{1,400} " in grammar(["translation"])
    assert " char{1,900} " in grammar(["answer"])
    assert " within{1,301} " in grammar(["reason", "rating"])  # one sentence, so that none is cut in its middle
    barred = rules.split("char ::= [^")[1]
    assert all(char in barred for char in "<>{}`|*#")
