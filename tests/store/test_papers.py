"""Papers are saved once, versions are added, and nothing known is lost."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from digest.paper import Month, Paper
from digest.store.database import Store
from digest.store.merge import Standing, compare, fill
from digest.store.papers import (
    Saved,
    count_papers,
    papers_by_id,
    papers_by_version,
    papers_of_month,
    save_papers,
    titles,
)

PAPER = Paper(arxiv_id="2404.07143", title="Leave No Context Behind", abstract="We bound memory.")


def test_saving_the_same_papers_twice_changes_nothing(store: Store) -> None:
    papers = [PAPER, replace(PAPER, arxiv_id="hep-th/9901001", title="Strings")]
    assert save_papers(store, papers) == Saved(new=2)
    assert save_papers(store, papers) == Saved(same=2)
    assert count_papers(store) == 2


def test_a_paper_twice_in_one_batch_is_one_paper(store: Store) -> None:
    assert save_papers(store, [PAPER, PAPER]) == Saved(new=1, same=1)


def test_a_changed_title_makes_a_version_and_keeps_the_old(store: Store) -> None:
    save_papers(store, [replace(PAPER, version=1)])
    first = papers_by_id(store, [PAPER.arxiv_id])[PAPER.arxiv_id]
    assert save_papers(store, [replace(PAPER, version=2, title="Renamed")]) == Saved(changed=1)
    latest = papers_by_id(store, [PAPER.arxiv_id])[PAPER.arxiv_id]
    assert (latest.paper.title, latest.paper.version) == ("Renamed", 2)
    assert papers_by_version(store, [first.version_id])[first.version_id].paper.title == PAPER.title
    assert titles(store) == {PAPER.arxiv_id: "Renamed"}


def test_an_older_version_that_arrives_late_is_not_printed(store: Store) -> None:
    save_papers(store, [replace(PAPER, version=2)])
    save_papers(store, [replace(PAPER, version=1, title="Working title")])
    assert titles(store) == {PAPER.arxiv_id: PAPER.title}


def test_a_copy_with_a_cut_abstract_does_not_replace_the_whole_one(store: Store) -> None:
    save_papers(store, [PAPER])
    save_papers(store, [replace(PAPER, abstract="We bou", abstract_truncated=True)])
    assert papers_by_id(store, [PAPER.arxiv_id])[PAPER.arxiv_id].paper.abstract == PAPER.abstract


def test_a_richer_source_fills_what_was_unknown(store: Store) -> None:
    save_papers(store, [PAPER])
    rich = replace(PAPER, version=1, authors=("Ada L.",), categories=("cs.CL",), submitted=date(2024, 4, 10))
    assert save_papers(store, [rich]) == Saved(changed=1)
    assert papers_by_id(store, [PAPER.arxiv_id])[PAPER.arxiv_id].paper == rich
    assert save_papers(store, [PAPER]) == Saved(same=1)
    assert papers_by_id(store, [PAPER.arxiv_id])[PAPER.arxiv_id].paper == rich


def test_a_new_version_inherits_the_day_of_submission(store: Store) -> None:
    save_papers(store, [replace(PAPER, version=1, submitted=date(2024, 4, 10), authors=("Ada L.",))])
    save_papers(store, [replace(PAPER, version=2, title="Renamed", authors=("Ada L.", "Bo M."))])
    paper = papers_by_id(store, [PAPER.arxiv_id])[PAPER.arxiv_id].paper
    assert (paper.submitted, paper.authors) == (date(2024, 4, 10), ("Ada L.", "Bo M."))


def test_going_back_to_an_earlier_text_prints_that_text(store: Store) -> None:
    for title in ("One", "Two", "One"):
        save_papers(store, [replace(PAPER, title=title)])
    assert titles(store) == {PAPER.arxiv_id: "One"}


def test_the_month_is_that_of_submission_and_else_of_the_id(store: Store) -> None:
    late = replace(PAPER, arxiv_id="2405.00208", submitted=date(2024, 4, 30))
    save_papers(store, [PAPER, late, replace(PAPER, arxiv_id="2405.00732")])
    held = papers_of_month(store, Month(2024, 4))
    assert [paper.paper.arxiv_id for paper in held] == ["2404.07143", "2405.00208"]


papers = st.builds(
    Paper,
    arxiv_id=st.just("2404.00001"),
    version=st.integers(0, 3),
    title=st.sampled_from(["One", "Two"]),
    abstract=st.sampled_from(["Whole abstract.", "Whole"]),
    authors=st.sampled_from([(), ("Ada L.",)]),
    abstract_truncated=st.booleans(),
)


@given(papers, papers)
def test_filling_never_changes_the_text_and_is_done_once(held: Paper, arriving: Paper) -> None:
    filled = fill(held, arriving)
    assert filled.content_hash == held.content_hash
    assert fill(filled, arriving) == filled


@given(papers)
def test_a_paper_stands_to_itself_as_the_same(paper: Paper) -> None:
    assert compare(paper, paper) is Standing.SAME


@given(papers, papers)
def test_a_lower_version_never_replaces_a_higher(held: Paper, arriving: Paper) -> None:
    if held.version and arriving.version < held.version:
        assert compare(held, arriving) is not Standing.NEWER
