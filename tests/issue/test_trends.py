"""Topics rise when more of a month is about them than chance explains; phrases are new when titles say so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.issue.trends import MonthCounts, comparable, new_phrases, phrases_of, topic_trends

OLD = "A study of convolutional networks"


def _month(papers: int, topics: dict[str, int] | None = None, titles: tuple[str, ...] = ()) -> MonthCounts:
    return MonthCounts(papers, topics or {}, papers, titles or (OLD,) * papers)


def test_months_are_comparable_when_each_holds_enough() -> None:
    assert comparable(_month(2000), [_month(600)] * 3)
    assert not comparable(_month(2256), [_month(74), _month(82), _month(86)])
    assert not comparable(_month(2000), [_month(2000), _month(499), _month(2000)])
    assert not comparable(_month(199), [_month(2000)] * 3)
    assert not comparable(_month(2000), [])


def test_a_topic_that_doubled_rises_and_one_that_halved_falls() -> None:
    now = _month(1000, {"Agents": 100, "Vision": 50, "Retrieval": 80})
    before = [_month(1000, {"Agents": 50, "Vision": 100, "Retrieval": 78})] * 3
    by_name = {one.name: one for one in topic_trends(now, before)}
    assert list(by_name) == ["Agents", "Retrieval", "Vision"]
    assert by_name["Agents"].is_rising
    assert by_name["Vision"].is_falling
    assert not by_name["Retrieval"].is_rising
    assert not by_name["Retrieval"].is_falling
    assert by_name["Agents"].share == pytest.approx(0.1)
    assert by_name["Agents"].before == pytest.approx(0.05)


def test_the_change_is_the_z_score_of_two_proportions() -> None:
    # 100 of 1,000 against 50 of 1,000: pooled 0.075, standard error 0.01178
    (one,) = topic_trends(_month(1000, {"A": 100}), [_month(1000, {"A": 50})])
    assert one.change == pytest.approx(0.05 / 0.011779, abs=0.001)


def test_without_months_before_nothing_moves() -> None:
    (one,) = topic_trends(_month(1000, {"A": 100}), [])
    assert one.before is None
    assert not one.is_rising
    assert not one.is_falling


@given(st.integers(1, 500), st.integers(501, 5000))
def test_the_same_share_is_no_change(papers: int, of: int) -> None:
    (one,) = topic_trends(_month(of, {"A": papers}), [_month(of, {"A": papers})] * 2)
    assert one.change == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("title", "phrases"),
    [
        ("KAN: Kolmogorov-Arnold Networks", {"KAN", "kolmogorov-arnold networks"}),
        ("Multi-token Prediction for LLMs", {"multi-token prediction", "LLMs"}),
        ("How Good Are Low-bit Quantized LLaMA3 Models?", {
            "LLaMA3", "low-bit quantized", "quantized LLaMA3", "LLaMA3 models", "low-bit quantized LLaMA3",
            "quantized LLaMA3 models",
        }),
        ("Benchmarks of Large Language Models (LLMs)", {"language models", "LLMs"}),
        ("Phi-3", set()),
        ("", set()),
        ("<script>alert(1)</script>", {"script alert"}),
    ],
)  # fmt: skip
def test_phrases_are_neighbouring_words_and_names(title: str, phrases: set[str]) -> None:
    assert phrases <= set(phrases_of(title))


def test_no_phrase_crosses_a_colon_or_holds_an_empty_word() -> None:
    found = set(phrases_of("Mamba: The State of Space Models, Revisited"))
    assert found == {"space models"}


def test_a_phrase_of_this_month_is_new_and_one_of_every_month_is_not() -> None:
    titles = ("Kolmogorov-Arnold Networks for Time Series",) * 8 + ("Large Language Models Everywhere",) * 100
    now = _month(108, titles=titles)
    before = [_month(300, titles=("Large Language Models Everywhere",) * 280 + ("Time Series at Rest",) * 20)] * 3
    found = new_phrases(now, before, 10)
    assert [(one.words, one.titles, one.before) for one in found] == [("kolmogorov-arnold networks", 8, 0)]


def test_the_longer_phrase_is_meant() -> None:
    now = _month(200, titles=("Direct Preference Optimization Again",) * 9 + (OLD,) * 191)
    words = [one.words for one in new_phrases(now, [_month(300)] * 3, 10)]
    assert "direct preference optimization" in words
    assert "preference optimization" not in words


def test_what_three_titles_say_is_no_phrase_of_the_month() -> None:
    now = _month(200, titles=("Quantum Bananas",) * 3 + (OLD,) * 197)
    assert new_phrases(now, [_month(300)] * 3, 10) == []


def test_a_phrase_is_counted_once_however_it_is_written_and_shown_as_most_titles_write_it() -> None:
    titles = ("Retrieval-Augmented Looms",) * 5 + ("Retrieval Augmented Looms",) * 4
    now = _month(200, titles=titles + (OLD,) * 191)
    found = new_phrases(now, [_month(300)] * 3, 10)
    assert [(one.words, one.titles) for one in found] == [("retrieval-augmented looms", 9)]


def test_an_acronym_in_brackets_is_no_part_of_the_phrase_before_it() -> None:
    assert "language models LLMs" not in set(phrases_of("Large Language Models (LLMs) Everywhere"))


@given(st.text())
def test_any_title_can_be_read(title: str) -> None:
    assert all(phrase.lower() in title.lower() or " " in phrase for phrase in phrases_of(title))
