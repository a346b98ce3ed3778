"""The index of words follows the store, ranks by BM25, and filters; no text of a query is ever an operator."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.paper import Choice, Month, Paper, Tag
from digest.store import changes, filters, issues, words
from digest.store.database import Store
from digest.store.filters import Filters
from digest.store.papers import mark_withdrawn, papers_by_id, save_papers
from digest.store.vectors import save_vectors
from digest.store.writings import save_tags

PAPERS = [
    Paper(
        arxiv_id="2404.07143", title="Leave No Context Behind", abstract="Transformers with bounded memory.",
        authors=("Tsendsuren Munkhdalai", "Siddharth Gopal"), categories=("cs.CL", "cs.AI"),
        submitted=date(2024, 4, 10),
    ),
    Paper(
        arxiv_id="1706.03762", title="Attention Is All You Need", abstract="The transformer, without a memory.",
        authors=("Ashish Vaswani", "Noam Shazeer", "Zoë Müller"), categories=("cs.CL",), submitted=date(2017, 6, 12),
    ),
    Paper(arxiv_id="2404.00009", title="Memory for Agents", abstract="A survey of agents.", categories=("cs.LG",)),
]  # fmt: skip


@pytest.fixture
def library(store: Store) -> Store:
    """A store of three papers whose words are indexed."""
    save_papers(store, PAPERS)
    words.follow_words(store)
    return store


def _ids(store: Store, versions: Sequence[int]) -> list[str]:
    by_version = {
        held.version_id: arxiv_id for arxiv_id, held in papers_by_id(store, [p.arxiv_id for p in PAPERS]).items()
    }
    return [by_version[version_id] for version_id in versions]


def _ranked(store: Store, *terms: str, **wanted: object) -> list[str]:
    return _ids(store, words.rank_words(store, terms, Filters(**wanted), 10))  # type: ignore[arg-type]


def _passing(store: Store, **wanted: object) -> list[str]:
    return sorted(_ids(store, [int(n) for n in filters.passing(store, Filters(**wanted))]))  # type: ignore[arg-type]


def test_a_word_in_the_title_counts_more_and_words_are_stemmed(library: Store) -> None:
    assert _ranked(library, "memory")[0] == "2404.00009"
    assert (
        _ranked(library, "transforming") == ["2404.07143", "1706.03762"] or len(_ranked(library, "transforming")) == 2
    )
    assert _ranked(library, "transf*", "bounded")[0] == "2404.07143"
    assert _ranked(library, "nowhere") == []


def test_what_matched_is_told_as_it_is_written(library: Store) -> None:
    version = papers_by_id(library, ["2404.07143"])["2404.07143"].version_id
    assert words.matched_words(library, ["transformer", "memories"], [version]) == {version: ("Transformers", "memory")}


def test_filters_let_through_what_they_say(library: Store) -> None:
    assert _passing(library, since="2024-04-02") == ["2404.00009", "2404.07143"]  # of one only the month is known
    assert _passing(library, since="2024-04-02", until="2024-04-05") == ["2404.00009"]
    assert _passing(library, categories=(("cs.CL",),)) == ["1706.03762", "2404.07143"]
    assert _passing(library, categories=(("cs.CL",), ("cs.AI",))) == ["2404.07143"]
    assert _passing(library, categories=(("cs.AI", "cs.LG"),)) == ["2404.00009", "2404.07143"]
    assert _passing(library, categories=(("cs",),), not_categories=("cs.CL",)) == ["2404.00009"]
    assert _passing(library, phrases=("bounded memory",)) == ["2404.07143"]
    assert _passing(library, not_terms=("memory",)) == []
    assert _passing(library, not_terms=("survey",)) == ["1706.03762", "2404.07143"]


def test_names_are_found_in_any_order_with_initials_and_without_accents(library: Store) -> None:
    for name in (("vaswani",), ("ashish", "vaswani"), ("vaswani", "ashish"), ("a", "vaswani"), ("zoe", "muller")):
        assert _passing(library, authors=((name,),)) == ["1706.03762"], name
    assert _passing(library, authors=((("ashish", "shazeer"),),)) == []  # two people
    assert _passing(library, authors=((("vaswani",),), (("shazeer",),))) == ["1706.03762"]
    assert _passing(library, not_authors=(("gopal",),)) == ["1706.03762", "2404.00009"]
    assert filters.known_name_words(library, ["vaswani", "vaswnai"]) == {"vaswani"}
    assert "munkhdalai" in filters.name_words(library)


def test_tags_issues_and_withdrawal_are_filters(library: Store) -> None:
    held = papers_by_id(library, [paper.arxiv_id for paper in PAPERS])
    agents = held["2404.00009"].version_id
    save_tags(library, "s", {agents: [Tag("agents", 0.5)]})
    issues.save_choices(library, Month(2024, 4), [(agents, Choice(arxiv_id="2404.00009", score=0.5, reason="near"))])
    mark_withdrawn(library, ["1706.03762"])
    words.follow_words(library)
    assert _passing(library, tags=(("agents", "code"),), scheme="s") == ["2404.00009"]
    assert _passing(library, not_tags=("agents",), scheme="s") == ["2404.07143"]
    assert _passing(library, tags=(("agents",),), scheme="t") == []
    assert _passing(library, issues=(("2024-04",),)) == ["2404.00009"]
    assert _passing(library, issues=(("2023-01",),)) == []
    assert _passing(library, issues=(("any",),)) == ["2404.00009"]
    assert _passing(library) == ["2404.00009", "2404.07143"]
    assert _passing(library, withdrawn=True) == ["1706.03762"]
    assert len(_passing(library, withdrawn=None)) == 3
    assert "1706.03762" not in _ranked(library, "attention")
    assert _ranked(library, "attention", withdrawn=None) == ["1706.03762"]


def test_a_new_version_takes_the_place_of_the_old_one(library: Store) -> None:
    save_papers(library, [replace(PAPERS[0], version=2, title="Renamed", abstract="Nothing of the kind.")])
    assert words.are_words_behind(library)
    assert words.follow_words(library) == 2  # the old one and the new one
    assert not words.are_words_behind(library)
    assert _ranked(library, "bounded") == []
    assert _ranked(library, "renamed") == ["2404.07143"]
    assert words.are_words_whole(library)


def test_authors_that_become_known_are_found(library: Store) -> None:
    save_papers(library, [replace(PAPERS[2], authors=("Ada Lovelace",))])
    words.follow_words(library)
    assert _passing(library, authors=((("lovelace",),),)) == ["2404.00009"]
    assert words.are_words_whole(library)


def test_titles_are_recognised_whatever_their_capitals(library: Store) -> None:
    assert _ids(library, words.versions_titled(library, "attention is all you need!")) == ["1706.03762"]
    assert words.versions_titled(library, "attention is all") == []


def test_following_again_changes_nothing_and_damage_is_found_and_mended(library: Store) -> None:
    assert words.follow_words(library) == 0
    assert words.are_words_whole(library)
    with library.writing() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO paper_words(rowid, title, abstract) VALUES (99, 'a ghost', 'of no paper')"
        )
    assert not words.are_words_whole(library)
    words.rebuild_words(library)
    assert words.are_words_whole(library)
    assert _ranked(library, "memory")[0] == "2404.00009"


def test_every_change_that_an_index_must_follow_is_noted(store: Store) -> None:
    before = changes.stand(store)
    assert before.seq == 0
    save_papers(store, PAPERS[:1])
    version = papers_by_id(store, ["2404.07143"])["2404.07143"].version_id
    steps: list[Callable[[], object]] = [
        lambda: save_vectors(store, "m", [version], np.ones((1, 2), np.float32)),
        lambda: mark_withdrawn(store, ["2404.07143"]),
        lambda: save_papers(store, [replace(PAPERS[0], authors=("Ada Lovelace",), submitted=date(2024, 4, 9))]),
        lambda: save_papers(store, [replace(PAPERS[0], version=2, title="Renamed")]),
    ]
    for step in steps:
        seq = changes.stand(store).seq
        step()
        assert version in changes.changed_since(store, seq)[1]
    seq = changes.stand(store).seq
    save_papers(store, [replace(PAPERS[0], version=2, title="Renamed")])
    assert changes.changed_since(store, seq) == (seq, [])
    assert changes.latest_vectors(store, "m", [version]) == {}  # no longer the latest
    assert changes.stand(store).store == before.store


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    terms=st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda t: t.strip("*")), max_size=4
    )
)
def test_no_term_is_an_operator_and_none_raises(library: Store, terms: list[str]) -> None:
    safe = [term.replace("\0", " ") for term in terms]
    found = words.rank_words(library, safe, Filters(phrases=tuple(safe[:1]), not_terms=tuple(safe[1:2])), 5)
    assert len(found) <= 3
    words.matched_words(library, safe, [1, 2])


@pytest.mark.parametrize(
    "term",
    ['" OR 1=1 --', "NEAR(a b)", "title:memory", "memory AND", "^memory", "a + b", "%", "'; DROP TABLE paper; --"],
)
def test_hostile_terms_are_words(library: Store, term: str) -> None:
    words.rank_words(library, [term], Filters(authors=(((term,),),), categories=((term,),)), 5)
    assert _ranked(library, "attention") == ["1706.03762"]
