"""models.toml says what it means, and what is wrong with it is named with its line."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import UsageError
from digest.issue.releases import Releases, Unit, parse_releases, states

WHOLE = """\
[[benchmarks]]
id = "mmlu"
name = "MMLU"

[[sources]]
id = "card"
url = "https://example.org/card"
where = "first line"
sentence = "It has 141B parameters, reads 64K tokens, saw over 15 trillion of them and reaches 77.75 on MMLU."

[[sources]]
id = "chart"
url = "https://example.org/blog"
where = "figure 2"
missing = "a picture"

[[models]]
name = "Big"
maker = "Them"
series = "Bigs"
facts = [
  { id = "parameters", value = 141, source = "card" },
  # a comment
  { id = "context", value = 65536, source = "card", shown = "64K" },
  { id = "tokens", value = 15, about = "over", source = "card" },
  { id = "released", value = 2024-04-17, source = "chart" },
  { id = "licence", value = "MIT", source = "chart" },
  { id = "mmlu", value = 77.75, source = "card" },
]
"""


def _parse(text: str) -> Releases:
    return parse_releases(text, "models.toml")


def test_a_whole_file_is_read() -> None:
    (model,) = _parse(WHOLE).models
    assert (model.name, model.maker, model.series) == ("Big", "Them", "Bigs")
    assert {key: fact.cell.text for key, fact in model.facts.items()} == {
        "parameters": "141B",
        "context": "64K",
        "tokens": "over 15T",
        "released": "17 April 2024",
        "licence": "MIT",
        "mmlu": "77.75",
    }
    assert model.facts["released"].value == date(2024, 4, 17)
    assert model.facts["released"].number is None
    assert model.facts["mmlu"].source.url == "https://example.org/card"
    assert model.facts["licence"].source.missing == "a picture"


def test_what_is_not_stated_is_not_there() -> None:
    (model,) = _parse(WHOLE).models
    assert "active" not in model.facts


def test_an_empty_file_has_no_models() -> None:
    assert _parse("# nothing yet\n").models == ()


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('name = "MMLU"', 'nam = "MMLU"', "line 3: unknown key 'nam'"),
        ('id = "mmlu"\nname', 'id = "tokens"\nname', "line 2: the id 'tokens' is taken"),
        ('url = "https://example.org/card"', 'url = "card.html"', "line 7: 'card.html' is no address"),
        ('url = "https://example.org/card"', 'url = "https://[::1/card"', "line 7: 'https://[::1/card' is no address"),
        (
            'url = "https://example.org/card"',
            'url = "javascript:alert(1)"',
            "line 7: 'javascript:alert(1)' is no address",
        ),
        ('where = "first line"\n', "", "line 5: where is missing"),
        ('missing = "a picture"', "", "line 12: give the page's own words as sentence"),
        ('missing = "a picture"', 'missing = "x"\nsentence = "y"', "line 16: give the page's own words"),
        ('id = "chart"', 'id = "card"', "line 12: the source 'card' stands in the file already"),
        ('maker = "Them"\n', "", "line 17: maker is missing"),
        ('id = "parameters", value = 141', 'id = "size", value = 141', "line 22: there is no fact 'size'"),
        ('value = 141, source = "card"', 'value = 141, source = "cart"', "line 22: there is no source 'cart'"),
        ('value = 141, source = "card"', "value = 141", "line 22: source is missing"),
        ("value = 141", "value = 14.1", "line 22: the sentence of the source 'card' does not state 14.1"),
        ("value = 141", 'value = "141B"', "line 22: parameters must be a number above 0, in billions"),
        ("value = 141", "value = true", "line 22: parameters must be a number"),
        ("value = 141", "value = inf", "line 22: parameters must be a number"),
        ("value = 141", f"value = 1{'0' * 400}", "line 22: parameters must be a number"),
        ("value = 141", "value = nan", "line 22: parameters must be a number"),
        ("value = 141", "value = -141", "line 22: parameters must be a number"),
        ("value = 65536", "value = 128000", "line 24: the sentence of the source 'card' does not state 128000"),
        ('about = "over"', 'about = "more"', "line 25: about must be 'over' or 'about'"),
        ("value = 2024-04-17", 'value = "17 April"', "line 26: released must be a day without quotes"),
        ('value = "MIT"', 'value = " "', "line 27: licence must be text in quotes"),
        ("value = 77.75", "value = 177.75", "line 28: mmlu must be a score from 0 to 100"),
        (
            'id = "mmlu", value',
            'id = "tokens", value',
            "line 28: Big has the fact 'tokens' twice",
        ),
        ('id = "mmlu", value = 77.75', 'id = "tokens", value = 15', "line 28: Big has the fact 'tokens' twice"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old: str, new: str, complaint: str) -> None:
    assert old in WHOLE
    with pytest.raises(UsageError) as caught:
        _parse(WHOLE.replace(old, new, 1))
    assert str(caught.value).startswith(f"models.toml, {complaint}")
    assert "\n" not in str(caught.value)


def test_a_model_stands_in_the_file_once() -> None:
    again = WHOLE + '\n[[models]]\nname = "Big"\nmaker = "Others"\n'
    with pytest.raises(UsageError, match=r"line 32: the model 'Big' stands in the file already"):
        _parse(again)


@pytest.mark.parametrize(
    ("sentence", "value", "unit"),
    [
        ("a 3.8 billion parameter model", 3.8, Unit.BILLIONS),
        ("with 270M parameters", 0.27, Unit.BILLIONS),
        ("trained for 4.8T tokens", 4.8, Unit.TRILLIONS),
        ("a vocabulary of 128K tokens", 128256, Unit.ONES),
        ("expands it to 128,256 tokens", 128256, Unit.ONES),
        ("a context of 8k", 8192, Unit.ONES),
        ("MMLU (5-shot) | 66.6 | 45.7", 45.7, Unit.SCORE),
        ("achieves 69% on MMLU", 69, Unit.SCORE),
        ('"n_layers": 32,', 32, Unit.ONES),
    ],
)
def test_a_sentence_states_a_number_in_the_ways_people_write_it(sentence: str, value: float, unit: Unit) -> None:
    assert states(sentence, value, unit)


@pytest.mark.parametrize(
    ("sentence", "value", "unit"),
    [
        ("a 13.8 billion parameter model", 3.8, Unit.BILLIONS),
        ("3.8 trillion parameters", 3.8e-3, Unit.BILLIONS),
        ("version v0.27 of it", 0.27, Unit.BILLIONS),
        ("a context of 8k", 8500, Unit.ONES),
        ("scores 66.65", 66.6, Unit.SCORE),
        ("no number at all", 1, Unit.ONES),
    ],
)
def test_a_sentence_about_another_number_does_not(sentence: str, value: float, unit: Unit) -> None:
    assert not states(sentence, value, unit)


@given(st.text(), st.floats(min_value=0.001, max_value=1e6))
def test_no_sentence_can_break_the_comparison(sentence: str, value: float) -> None:
    assert states(sentence, value, Unit.ONES) in {True, False}


@given(
    st.text()
    | st.from_regex(r"(\[\[(models|sources|benchmarks)\]\]\n(id|name|facts|value) = [\[\]{}\"a-z0-9, =]*\n){1,4}")
)
def test_no_text_can_break_the_reading(text: str) -> None:
    with suppress(UsageError):
        assert _parse(text).name == "models.toml"
