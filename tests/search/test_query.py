"""Every text is a query: what is understood of it, and that none raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.search.query import Query, first_day, last_day, parse_query


def test_words_are_what_is_searched_and_stop_words_only_by_meaning() -> None:
    query = parse_query("How to remember the longest Inputs")
    assert query.text == "How to remember the longest Inputs"
    assert query.terms == ("remember", "longest", "inputs")
    assert parse_query("to be or not to be").terms == ("to", "be", "or", "not")


def test_phrases_minus_and_beginnings_are_told_apart() -> None:
    query = parse_query('"In-Context Learning" transform* -survey -"case study" GPT-4o')
    assert query.phrases == ("in context learning",)
    assert query.excluded == ("survey", "case study")
    assert query.terms == ("context", "learning", "transform*", "gpt 4o")
    assert query.text == "In-Context Learning transform* GPT-4o"
    assert parse_query("“smart quotes” and an open “one more").phrases == ("smart quotes", "one more")


def test_filters_are_read_and_leave_the_text() -> None:
    query = parse_query(
        'memory author:"Ashish Vaswani" by:Müller cat:cs.CL,cs.LG -cat:cs.CV tag:Agents -tag:code '
        "since:2023-04 until:2024 issue:2024-04,any is:any"
    )
    assert query.text == "memory"
    assert query.authors == (("ashish", "vaswani"), ("muller",))
    assert (query.categories, query.not_categories) == ((("cs.CL", "cs.LG"),), ("cs.CV",))
    assert (query.tags, query.not_tags) == ((("agents",),), ("code",))
    assert (query.since, query.until) == ("2023-04-01", "2024-12-31")
    assert query.issues == (("2024-04", "any"),)
    assert query.withdrawn is None
    assert parse_query("is:withdrawn").withdrawn is True
    assert parse_query("").withdrawn is False


def test_a_colon_that_is_no_filters_belongs_to_the_text() -> None:
    assert parse_query("Mamba: linear-time ratio:3").text == "Mamba: linear-time ratio:3"


def test_what_is_not_understood_is_said() -> None:
    assert "since:2024-04-01" in parse_query("x since:yesterday").notes[0]
    assert "issue:2024-04" in parse_query("x issue:13").notes[0]
    assert "is:withdrawn" in parse_query("x is:great").notes[0]
    assert "2,000" in parse_query("x" * 3_000).notes[0]


@pytest.mark.parametrize(
    "text", ["2404.07143", "arXiv:2404.07143v2", "https://arxiv.org/abs/2404.07143", " 2404.07143 "]
)
def test_an_arxiv_id_is_recognised(text: str) -> None:
    assert parse_query(text).arxiv_id == "2404.07143"
    assert parse_query(f"papers like {text}").arxiv_id == ""


def test_days_are_whole_years_and_months_where_only_these_are_given() -> None:
    assert (first_day("2024"), last_day("2024")) == ("2024-01-01", "2024-12-31")
    assert (first_day("2024-2"), last_day("2024-02")) == ("2024-02-01", "2024-02-29")
    assert [last_day(text) for text in ("2024-13", "2024-02-30", "0000", "24", "２０２４")] == [""] * 5


@given(st.text())
def test_no_text_raises_and_all_is_bounded(text: str) -> None:
    query = parse_query(text)
    assert len(query.terms) <= 32
    assert all(0 < len(term) <= 2_000 for term in query.terms)


@given(
    st.lists(st.sampled_from(['"', "-", "author:", "cat:", "since:", "*", "a", " ", ":", ",", "é", "(", "\0", "NEAR("]))
)
def test_no_heap_of_operators_raises(pieces: list[str]) -> None:
    assert isinstance(parse_query("".join(pieces)), Query)


def test_a_megabyte_is_read_to_its_bound() -> None:
    assert len(parse_query("word " * 200_000).text) <= 2_000
    assert len(parse_query('author:x "a' * 100_000).authors) <= 8


def test_nothing_is_empty() -> None:
    assert [parse_query(text).is_empty for text in ("", " ", "*", '""', "-")] == [True] * 5
    assert not parse_query("cat:cs.CL").is_empty
