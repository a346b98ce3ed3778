"""Searching the archive: by word and by meaning at once, by id and title, with filters; nothing typed raises."""

from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.errors import UsageError
from digest.paper import Paper
from digest.pipeline import lookup, models
from digest.pipeline.lookup import Searcher
from digest.pipeline.workshop import Workshop
from digest.search.query import parse_query
from digest.store.papers import mark_withdrawn, papers_by_id, save_papers
from digest.store.vectors import save_vectors

WORDS = ("memory", "agents", "vision", "attention", "long")


class WordEncoder:
    """Stands in for the encoder: a text's vector counts a few words, so that it can be read off the text."""

    name = "words"
    dim = len(WORDS) + 1

    def encode(self, texts: list[str], *, on_batch: object = None) -> npt.NDArray[np.float32]:  # noqa: ARG002
        rows = np.array([[*(text.lower().count(word) for word in WORDS), 0.1] for text in texts], np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def _paper(number: int, title: str, abstract: str, **more: object) -> Paper:
    return Paper(arxiv_id=f"2404.{number:05d}", title=title, abstract=abstract, submitted=date(2024, 4, number), **more)  # type: ignore[arg-type]


PAPERS = [
    _paper(1, "Leave No Context Behind", "Long inputs with bounded memory.", authors=("Tsendsuren Munkhdalai",)),
    _paper(2, "Memory of Agents", "Agents that remember, with memory.", categories=("cs.AI",)),
    _paper(3, "Attention in Vision", "Vision and attention.", authors=("Ashish Vaswani",), categories=("cs.CV",)),
    _paper(4, "A Study of Time", "Nothing of these words."),
]


@pytest.fixture
def searcher(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Searcher:
    """Four papers, embedded by the stand-in."""
    save_papers(workshop.store, PAPERS)
    name = models.encoder_choice(workshop).name
    encoder = WordEncoder()
    monkeypatch.setattr(lookup, "load_for_queries", lambda _choice: encoder)
    held = papers_by_id(workshop.store, [paper.arxiv_id for paper in PAPERS])
    rows = encoder.encode([f"{paper.title}. {paper.abstract}" for paper in PAPERS])
    save_vectors(workshop.store, name, [held[paper.arxiv_id].version_id for paper in PAPERS], rows)
    return Searcher(workshop)


def _ids(searcher: Searcher, text: str, k: int = 10) -> list[str]:
    return [paper.arxiv_id[-1] for paper in searcher.search(parse_query(text), k).papers]


def test_words_and_meaning_are_fused_and_each_hit_says_why(searcher: Searcher) -> None:
    first, second = searcher.search(parse_query("memory long bounded"), 2).papers
    assert (first.arxiv_id, second.arxiv_id) == ("2404.00001", "2404.00002")
    assert set(first.matched) == {"Long", "memory", "bounded"}
    assert first.score == pytest.approx(0.99, abs=0.02)
    assert "near in meaning" in first.why
    assert "memory" in first.why.lower()


def test_an_id_finds_its_paper_and_a_title_comes_first(searcher: Searcher) -> None:
    assert _ids(searcher, "arXiv:2404.00003v1") == ["3"]
    named = searcher.search(parse_query("memory of agents"), 3).papers
    assert (named[0].arxiv_id, named[0].recognised_by) == ("2404.00002", "title")
    assert "is the paper of that title" in named[0].why


def test_filters_narrow_both_halves(searcher: Searcher) -> None:
    assert _ids(searcher, "memory author:munkhdalai") == ["1"]
    assert _ids(searcher, "memory cat:cs.AI") == ["2"]
    assert _ids(searcher, "memory attention since:2024-04-03") == ["3", "4"]
    assert _ids(searcher, 'vision "bounded memory"') == ["1"]
    assert "2" not in _ids(searcher, "memory -agents")
    assert _ids(searcher, "is:any until:2024-04-02") == ["2", "1"]  # filters alone: the newest first


def test_a_slip_in_a_name_is_forgiven_and_said(searcher: Searcher) -> None:
    answer = searcher.search(parse_query("author:vaswnai"), 5)
    assert [paper.arxiv_id for paper in answer.papers] == ["2404.00003"]
    assert "no author is named 'vaswnai': looked for vaswani" in answer.notes
    assert searcher.search(parse_query("author:nobodyatall"), 5).papers == []


def test_a_tag_that_is_none_is_said_with_the_nearest(searcher: Searcher) -> None:
    assert "there is no tag 'agent': the nearest is agents" in searcher.search(parse_query("memory tag:agent"), 5).notes


def test_withdrawn_papers_are_found_only_where_asked_for_and_are_marked(searcher: Searcher, workshop: Workshop) -> None:
    assert "2" in _ids(searcher, "agents")
    mark_withdrawn(workshop.store, ["2404.00002"])
    assert "2" not in _ids(searcher, "agents")
    assert "2" not in [paper.arxiv_id[-1] for paper in searcher.similar("2404.00001", 10).papers]
    assert _ids(searcher, "agents is:withdrawn") == ["2"]
    assert searcher.search(parse_query("2404.00002"), 1).papers[0].why.startswith("WITHDRAWN")


def test_papers_that_arrive_are_found_by_word_before_they_are_embedded(searcher: Searcher, workshop: Workshop) -> None:
    assert "7" not in _ids(searcher, "kolmogorov")
    save_papers(
        workshop.store, [_paper(7, "Kolmogorov Networks", "New tonight."), replace(PAPERS[0], version=2, title="New")]
    )
    assert _ids(searcher, "kolmogorov", 1) == ["7"]
    assert searcher.search(parse_query("bounded"), 1).papers[0].title == "New"


def test_a_damaged_index_is_noticed_by_its_hits_and_built_anew(searcher: Searcher, workshop: Workshop) -> None:
    before = _ids(searcher, "attention vision")
    file = next(workshop.settings.path(workshop.settings.index).glob("vectors-*"))
    content = bytearray(file.read_bytes())
    for row in range(4):
        content[row * 24 + 3] ^= 0x41
    file.write_bytes(content)
    assert _ids(searcher, "attention vision") == before
    assert _ids(Searcher(workshop), "attention vision") == before


def test_similar_leaves_the_paper_itself_out(searcher: Searcher) -> None:
    assert searcher.similar("2404.00001", 1).papers[0].arxiv_id == "2404.00002"
    with pytest.raises(UsageError, match="not in the store"):
        searcher.similar("2404.99999", 1)


def test_nothing_asked_for_is_refused(searcher: Searcher) -> None:
    for text in ("", "  ", '""', "since:never"):
        with pytest.raises(UsageError, match="nothing to search for"):
            searcher.search(parse_query(text), 5)
    with pytest.raises(UsageError, match=r"since:never is not understood.*; there is nothing to search for"):
        searcher.search(parse_query("since:never"), 5)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.one_of(
        st.text(),
        st.lists(
            st.sampled_from(['"', "-", "author:", "tag:", "since:2024", "*", "memory", " ", "(", "NEAR(", "%"])
        ).map("".join),
    ),
    k=st.integers(-5, 10**9),
)
def test_no_query_raises_and_k_is_bounded(searcher: Searcher, text: str, k: int) -> None:
    query = parse_query(text)
    if not query.is_empty:
        assert len(searcher.search(query, k).papers) <= max(1, min(k, lookup.MOST_HITS))


def test_a_filter_of_the_command_line_is_read_or_refused() -> None:
    query = lookup.asked_for(
        "memory", [("since", "2024-04"), ("author", 'Ashish "V" Vaswani'), ("cat", "cs.CL"), ("is", "")]
    )
    assert (query.since, query.text) == ("2024-04-01", "memory")
    assert query.authors == (("ashish", "v", "vaswani"),)
    with pytest.raises(UsageError, match="since:2024-04-01"):
        lookup.asked_for("memory", [("since", "yesterday")])
