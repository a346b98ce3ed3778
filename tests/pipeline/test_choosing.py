"""The ranking of a small month: what it rests on, what the settings change, and that looking keeps nothing."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import sqlmodel as sql
from sqlalchemy import delete

from digest.paper import Choice, Month, Paper
from digest.pipeline import choosing, gathering, harvesting
from digest.pipeline.weighing import weigh_month
from digest.pipeline.workshop import Workshop, open_workshop
from digest.settings import load_settings
from digest.store import issues
from digest.store.papers import earlier_versions, papers_by_id, save_papers
from digest.store.tables import TaggingRow
from tests.small_publication import PINNED, SETTINGS, make_publication

APRIL = Month(2024, 4)


@contextmanager
def _opened(folder: Path, settings: str = "") -> Iterator[Workshop]:
    (folder / "digest.toml").write_text(SETTINGS + settings, encoding="utf-8")
    with open_workshop(
        load_settings(folder / "digest.toml"), lambda: datetime(2024, 5, 1, tzinfo=UTC), lambda *_: None
    ) as workshop:
        yield workshop


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication whose 24 papers and 12 picks are embedded and tagged."""
    folder = make_publication(tmp_path_factory.mktemp("publication"))
    with _opened(folder) as workshop:
        harvesting.harvest_file(workshop, folder / "papers.jsonl")
        gathering.import_picks(workshop)
        gathering.embed(workshop)
        choosing.tag(workshop, APRIL)
    return folder


def test_every_choice_says_why_and_how_new_it_is_and_looking_keeps_nothing(folder: Path) -> None:
    with _opened(folder) as workshop:
        chosen = [one for one in choosing.explain(workshop, APRIL, with_editor=True) if not one.is_held_back]
        assert issues.choices(workshop.store, APRIL) == []
    assert len(chosen) == 8
    assert [one.choice.score for one in chosen] == sorted((one.choice.score for one in chosen), reverse=True)
    assert {one.choice.arxiv_id: one.choice.reason for one in chosen}[PINNED] == "Chosen by the editor"
    assert all("picks" in one.choice.reason for one in chosen if not one.choice.pinned)
    assert all(0 <= one.novelty <= 1 for one in chosen)


def test_without_the_editors_file_nothing_is_pinned(folder: Path) -> None:
    with _opened(folder) as workshop:
        chosen = choosing.explain(workshop, APRIL, with_editor=False)
    assert sum(not one.is_held_back for one in chosen) == 8
    assert not any(one.choice.pinned for one in chosen)


def test_the_same_store_gives_the_same_choices(folder: Path) -> None:
    with _opened(folder) as workshop:
        once = choosing.explain(workshop, APRIL, with_editor=True)
        assert choosing.explain(workshop, APRIL, with_editor=True) == once


def test_choices_are_made_again_only_from_something_else(tmp_path: Path) -> None:
    folder = make_publication(tmp_path)
    with _opened(folder) as workshop:
        harvesting.harvest_file(workshop, folder / "papers.jsonl")
        assert choosing.select(workshop, APRIL).outcome.counts["considered"] > 20
        before = issues.mark(workshop.store, APRIL)
        assert not choosing.select(workshop, APRIL).outcome.changed
        assert issues.mark(workshop.store, APRIL) == before
    with _opened(folder, "diversity = 1.0\n") as workshop:
        choosing.select(workshop, APRIL)
        other_settings = issues.mark(workshop.store, APRIL)
        save_papers(workshop.store, [Paper(arxiv_id="2404.99999", title="New", abstract="Late.")])
        choosing.select(workshop, APRIL)
        other_papers = issues.mark(workshop.store, APRIL)
    (folder / "picks.jsonl").write_text("", encoding="utf-8")
    with _opened(folder, "diversity = 1.0\n") as workshop:
        choosing.select(workshop, APRIL)
        assert len({before, other_settings, other_papers, issues.mark(workshop.store, APRIL)}) == 4


def test_an_interest_is_named_where_it_moved_the_choice(folder: Path) -> None:
    with _opened(folder, 'interests = ["graph neural networks", "memory of transformers"]\n') as workshop:
        reasons = " ".join(one.choice.reason for one in choosing.explain(workshop, APRIL, with_editor=False))
    assert "the interest “graph neural networks”" in reasons.replace("Meets", "meets")


def test_what_an_editor_pinned_in_an_earlier_issue_is_a_pick_and_later_ones_are_not(folder: Path) -> None:
    with _opened(folder) as workshop:
        earlier, later = (papers_by_id(workshop.store, [key])[key] for key in ("2404.07143", _another(folder)))
        for month, held in ((Month(2024, 4), earlier), (Month(2024, 6), later)):
            choice = Choice(arxiv_id=held.paper.arxiv_id, score=1.0, reason="", pinned=True)
            issues.save_choices(workshop.store, month, [(held.version_id, choice)])
        picks = weigh_month(workshop, Month(2024, 5), {}).picks
        for month in (Month(2024, 4), Month(2024, 6)):
            issues.save_choices(workshop.store, month, [])
    assert "2404.07143" in picks.ids
    assert _another(folder) not in picks.ids


def test_a_pin_of_an_earlier_issue_counts_for_more_than_a_pick_of_the_file(folder: Path) -> None:
    file = folder / "picks.jsonl"
    before, line = file.read_text(encoding="utf-8"), json.dumps({"id": PINNED, "picked": "2024-04-30"})
    try:
        file.write_text(f"{before.rstrip()}\n{line}\n", encoding="utf-8")
        picked = _likeness_to_itself(folder, pinned=False)
        assert _likeness_to_itself(folder, pinned=True) > picked + 0.1
    finally:
        file.write_text(before, encoding="utf-8")


def _likeness_to_itself(folder: Path, *, pinned: bool) -> float:
    """Return how much the paper of the April issue means like the picks, weighed among the papers of May."""
    with _opened(folder) as workshop:
        pool = papers_by_id(workshop.store, [key for _, key in earlier_versions(workshop.store, Month(2024, 5))])
        choice = Choice(arxiv_id=PINNED, score=1.0, reason="", pinned=pinned)
        issues.save_choices(workshop.store, APRIL, [(pool[PINNED].version_id, choice)])
        weighed = weigh_month(workshop, Month(2024, 5), pool)
        issues.save_choices(workshop.store, APRIL, [])
    assert PINNED in weighed.picks.ids
    return float(weighed.ranking.meaning.scores[weighed.papers.ids.index(PINNED)])


def test_what_an_earlier_issue_lists_is_not_listed_again_unless_it_is_pinned(folder: Path) -> None:
    with _opened(folder) as workshop:
        first = choosing.explain(workshop, APRIL, with_editor=False)[0]
        for one in (first.held, papers_by_id(workshop.store, [PINNED])[PINNED]):
            choice = Choice(arxiv_id=one.paper.arxiv_id, score=1.0, reason="")
            month = Month(2024, 2 if one is first.held else 3)
            issues.save_choices(workshop.store, month, [(one.version_id, choice)])
        listed = {one.choice.arxiv_id for one in choosing.explain(workshop, APRIL, with_editor=True)}
        for month in (Month(2024, 2), Month(2024, 3)):
            issues.save_choices(workshop.store, month, [])
    assert PINNED in listed
    assert first.choice.arxiv_id not in listed or first.choice.arxiv_id == PINNED


def _another(folder: Path) -> str:
    return str(json.loads((folder / "papers.jsonl").read_text(encoding="utf-8").splitlines()[0])["id"])


def test_novelty_is_measured_against_the_months_before_alone(folder: Path) -> None:
    with _opened(folder) as workshop:
        pool = choosing.pool_of(workshop, APRIL, choosing.editor_file(workshop, APRIL))
        weighed = weigh_month(workshop, APRIL, pool)
        assert weighed.archive == 13  # the picks, and a paper submitted on the last day of March
        to_picks = np.clip(1 - (weighed.papers.vectors @ weighed.picks.vectors.T).max(axis=1), 0, 1)
        assert (weighed.novelty <= to_picks + 1e-6).all()


def test_earlier_papers_are_those_of_earlier_months_that_stand(folder: Path) -> None:
    with _opened(folder) as workshop:
        before = [arxiv_id for _, arxiv_id in earlier_versions(workshop.store, APRIL)]
        save_papers(workshop.store, [Paper(arxiv_id="2301.00001", title="W", abstract="A", withdrawn=True)])
        assert [arxiv_id for _, arxiv_id in earlier_versions(workshop.store, APRIL)] == before
        assert len(earlier_versions(workshop.store, APRIL.next())) == 36
    assert len(before) == 13


def test_a_topics_cap_holds_papers_back_the_editors_over_the_settings_and_each_is_told(folder: Path) -> None:
    with _opened(folder) as workshop:
        free = choosing.explain(workshop, APRIL, with_editor=True)
    topic = next(one.topic for one in free if one.topic and not one.choice.pinned)
    file = folder / "site" / "content" / "2024-04" / "issue.toml"
    before = file.read_text(encoding="utf-8")
    try:
        with _opened(folder, f"[select.caps]\n{topic} = 0\n") as workshop:
            capped = choosing.explain(workshop, APRIL, with_editor=True)
            file.write_text(f"{before}\n[caps]\n{topic} = 20\n", encoding="utf-8")
            lifted = choosing.explain(workshop, APRIL, with_editor=True)
    finally:
        file.write_text(before, encoding="utf-8")
    told = [one for one in capped if one.is_held_back]
    assert told
    assert {one.topic for one in told} >= {topic}
    assert any(one.choice.reason.startswith("Held back: cap of 0 on “") for one in told)
    assert PINNED in {one.choice.arxiv_id for one in capped if not one.is_held_back}
    assert not any(one.topic == topic for one in capped if not one.is_held_back and not one.choice.pinned)
    assert any(one.topic == topic for one in lifted if not one.is_held_back)


def test_looking_at_a_month_without_topics_tells_of_the_caps_and_gives_it_none(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    settings = "[select.caps]\nagents = 0\nsurveys = 0\n"
    with _opened(tmp_path / "copy", settings) as workshop:
        tagged = choosing.explain(workshop, APRIL, with_editor=True)
        with workshop.store.writing() as session:
            session.execute(delete(TaggingRow))
        assert choosing.explain(workshop, APRIL, with_editor=True) == tagged
        with workshop.store.reading() as session:
            assert session.exec(sql.select(TaggingRow)).first() is None
    assert any(one.topic for one in tagged)


def test_the_command_shows_what_is_listed_and_why(folder: Path) -> None:
    command = [sys.executable, "-m", "digest", "select", "--month", "2024-04", "--why", "--json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603  our own
    told = json.loads(done.stdout)
    assert sum(not one["held_back"] for one in told) == 8
    assert {"arxiv_id", "score", "reason", "topic", "novelty"} <= set(told[0])
