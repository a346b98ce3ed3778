"""The limits of what may be asked say the same as the code behind them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from digest.paper import split_arxiv_id
from digest.pipeline.lookup import asked_for
from digest.serve.shapes import ArxivId, Question

_ids = st.one_of(
    st.from_regex(r"[0-9]{4}\.[0-9]{3,7}(v[0-9]{1,3})?", fullmatch=True),
    st.from_regex(r"[a-z]{1,6}(-[a-z]{2})?(\.[A-Z]{2})?/[0-9]{6,8}(v[0-9])?", fullmatch=True),
    st.text(max_size=20).filter(lambda text: "arxiv" not in text.lower() and text == text.strip()),
)


@given(text=_ids)
def test_an_id_is_one_for_the_api_where_it_is_one_for_the_store(text: str) -> None:
    try:
        is_id = bool(split_arxiv_id(text)) and not text.endswith(".pdf")
    except ValueError:
        is_id = False
    try:
        TypeAdapter(ArxivId).validate_python(text)
    except ValidationError:
        assert not is_id
    else:
        assert is_id


def test_filters_mean_what_they_mean_on_the_command_line() -> None:
    question = Question(q="memory", since="2024-04", category=["cs.CL", "cs"], author=['Ada "L" Byron'], withdrawn=True)
    asked = asked_for(question.q, question.filters)
    assert (asked.since, asked.text, asked.withdrawn) == ("2024-04-01", "memory", None)
    assert asked.categories == (("cs.CL",), ("cs",))
    assert asked.authors == (("ada", "l", "byron"),)


@pytest.mark.parametrize(
    "wrong",
    [
        {"k": 0}, {"k": 101}, {"q": "x" * 2_001}, {"since": "2024-13"}, {"until": "yesterday"}, {"issue": "april"},
        {"category": ["cs"] * 9}, {"author": ["x" * 101]}, {"categroy": ["cs"]},
    ],
)  # fmt: skip
def test_what_is_too_much_or_misspelt_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Question.model_validate(wrong)
