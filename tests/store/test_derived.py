"""Vectors, summaries, tags, choices, runs and quarantine come back as they were kept."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from digest.errors import StoreError
from digest.paper import Choice, Evidence, Month, Paper, Recipe, Summary, Tag, Verdict
from digest.store import issues, runs, vectors, writings
from digest.store.database import Store
from digest.store.papers import papers_by_id, save_papers

PAPER = Paper(arxiv_id="2404.07143", version=1, title="Leave No Context Behind", abstract="We bound memory.")
SUMMARY = Summary(
    kind="summary",
    text="Bounds memory.",
    evidence=(Evidence(0, 0, 16),),
    verdict=Verdict.PASSED,
    model="small",
    model_hash="ab",
    prompt_hash="cd",
    seed=7,
)


def _version_id(store: Store) -> int:
    save_papers(store, [PAPER])
    return papers_by_id(store, [PAPER.arxiv_id])[PAPER.arxiv_id].version_id


def test_vectors_come_back_bit_for_bit_with_their_versions(store: Store) -> None:
    save_papers(store, [replace(PAPER, arxiv_id=f"2404.0000{n}") for n in range(3)])
    waiting = [version_id for version_id, _, _ in vectors.unembedded(store, "m")]
    matrix = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    vectors.save_vectors(store, "m", waiting, matrix)
    ids, held = vectors.vectors(store, "m")
    assert ids.tolist() == waiting
    np.testing.assert_array_equal(held, matrix)
    assert vectors.unembedded(store, "m") == []
    assert len(vectors.unembedded(store, "other")) == 3


def test_only_the_latest_version_has_a_place_in_the_index(store: Store) -> None:
    first = _version_id(store)
    vectors.save_vectors(store, "m", [first], np.ones((1, 2), np.float32))
    save_papers(store, [replace(PAPER, version=2, title="Renamed")])
    assert vectors.vectors(store, "m")[0].size == 0
    assert [title for _, title, _ in vectors.unembedded(store, "m")] == ["Renamed"]


def test_what_a_disk_altered_in_a_row_is_named_with_its_mend(store: Store) -> None:
    version_id = _version_id(store)
    vectors.save_vectors(store, "m", [version_id], np.ones((1, 2), np.float32))
    with store.writing() as session:
        session.connection().exec_driver_sql("UPDATE embedding SET vector = x'00'")
    for read in (vectors.vectors, lambda store, model: vectors.vectors_of(store, model, [version_id])):
        with pytest.raises(StoreError, match=r"a vector .* `digest doctor --repair`"):
            read(store, "m")
    with store.writing() as session:
        session.connection().exec_driver_sql("UPDATE paper_version SET authors = '[\"Ann'")
    with pytest.raises(StoreError, match=r"value that was JSON is none; the file is damaged: restore it from a backup"):
        papers_by_id(store, [PAPER.arxiv_id])


def test_a_vector_of_no_version_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        vectors.save_vectors(store, "m", [99], np.ones((1, 2), np.float32))


def test_a_summary_is_found_by_its_recipe_alone(store: Store) -> None:
    version_id = _version_id(store)
    for _ in range(2):
        writings.save_summary(store, version_id, SUMMARY)
    assert writings.summaries(store, Recipe("summary", "ab", "cd", 7)) == {version_id: SUMMARY}
    assert writings.summaries(store, Recipe("summary", "ab", "new prompt", 7)) == {}


def test_tags_replace_those_of_the_same_scheme(store: Store) -> None:
    version_id = _version_id(store)
    writings.save_tags(store, "s", {version_id: [Tag("agents", 0.5), Tag("code", 0.4)]})
    writings.save_tags(store, "s", {version_id: [Tag("code", 0.9)]})
    assert writings.tags(store, "s", [version_id]) == {version_id: (Tag("code", 0.9),)}
    assert writings.tags(store, "t", [version_id]) == {}


def test_choices_keep_their_order_and_replace_the_month(store: Store) -> None:
    version_id = _version_id(store)
    choice = Choice(arxiv_id=PAPER.arxiv_id, score=0.5, reason="near", pinned=True, note="Read it.")
    for month in (Month(2024, 4), Month(2024, 5), Month(2024, 4)):
        issues.save_choices(store, month, [(version_id, choice)])
    assert issues.choices(store, Month(2024, 4)) == [(version_id, choice)]
    assert issues.months(store) == [Month(2024, 4), Month(2024, 5)]
    issues.save_choices(store, Month(2024, 4), [])
    assert issues.months(store) == [Month(2024, 5)]


def test_runs_come_back_newest_first(store: Store) -> None:
    for stage in ("harvest", "embed"):
        runs.save_run(store, runs.StageRun("2024-04", stage, datetime(2026, 1, 1, tzinfo=UTC), 1.5, {"new": 2}))
    assert [run.stage for run in runs.runs(store)] == ["embed", "harvest"]
    assert runs.runs(store)[0].started == datetime(2026, 1, 1, tzinfo=UTC)


def test_the_same_bad_record_is_set_aside_once(store: Store) -> None:
    for _ in range(2):
        runs.save_quarantine(store, "papers.jsonl", [(3, "not JSON", "{"), (9, "no title", "{}")])
    assert runs.count_quarantined(store) == 2
