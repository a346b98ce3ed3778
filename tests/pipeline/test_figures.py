"""A store of several months gives trends, a map and days; one of a single month says why there are no trends."""

import json
import subprocess
import sys
from datetime import date, timedelta

import numpy as np
import pytest

from digest.figure import Shape
from digest.paper import Month, Paper, Tag
from digest.pipeline import figures, models
from digest.pipeline.models import encoder_choice, taxonomy
from digest.pipeline.workshop import Workshop
from digest.store.ledger import save_announcements
from digest.store.papers import papers_by_id, save_papers
from digest.store.vectors import save_vectors
from digest.store.writings import save_tags

APRIL = Month(2024, 4)
PAPERS = 240  # of a month


def _fill(workshop: Workshop, month: Month, agents: int) -> None:
    """Put a month into the store, some of its papers about agents and the rest about four other topics."""
    first = month.first_day
    title = "Tree-of-Thought Agents" if month == APRIL else "Agents at Work"
    topics = [topic.slug for topic in taxonomy()[0] if topic.slug != "agents"][:4]
    papers = [
        Paper(
            arxiv_id=f"{first:%y%m}.{number:05d}",
            title=f"{title} {number}" if number < agents else f"Something Else {number}",
            abstract="A.",
            categories=("cs.AI" if number % 3 else "cs.CL",),
            submitted=first + timedelta(days=number % 28),
        )
        for number in range(PAPERS)
    ]
    save_papers(workshop.store, papers)
    held = papers_by_id(workshop.store, (paper.arxiv_id for paper in papers))
    numbers = np.random.default_rng(month.month)
    middles = np.random.default_rng(0).normal(size=(5, 384))
    ids, rows, tags = [], [], {}
    for number, paper in enumerate(papers):
        place = 4 if number < agents else number % 4
        vector = middles[place] + 0.5 * numbers.normal(size=384)
        ids.append(held[paper.arxiv_id].version_id)
        rows.append(vector / np.linalg.norm(vector))
        tags[ids[-1]] = [Tag("agents" if place == 4 else topics[place], 0.9)]
    save_vectors(workshop.store, encoder_choice(workshop).name, ids, np.array(rows, np.float32))
    save_tags(workshop.store, models.tag_scheme(workshop), tags)


def test_the_months_before_cross_the_year() -> None:
    assert figures.months_before(Month(2024, 2)) == (Month(2024, 1), Month(2023, 12), Month(2023, 11))
    assert figures.months_before(Month(2024, 4), 1) == (Month(2024, 3),)


@pytest.fixture
def several(workshop: Workshop) -> Workshop:
    """A store in which agents rise in April."""
    for month, agents in ((1, 20), (2, 22), (3, 18), (4, 60)):
        _fill(workshop, Month(2024, month), agents)
    return workshop


def test_several_months_give_trends_a_map_and_days(several: Workshop) -> None:
    held = papers_by_id(several.store, ["2404.00003"])["2404.00003"]
    drawn = figures.figures_of(several, APRIL, {held.version_id: ("2404.00003", "A listed paper")})
    by_slug = {figure.slug: figure for figure in drawn}
    assert list(by_slug) == ["topics", "phrases", "map", "days"]
    assert {row[0].text: row[4].text for row in by_slug["topics"].grid.rows}["Agents and tools"] == "rising"
    assert [row[0].text for row in by_slug["phrases"].grid.rows] == ["tree-of-thought agents"]
    chart = by_slug["map"].chart
    assert chart
    assert [mark.paper for mark in chart.series[1].marks] == ["2404.00003"]
    assert len(chart.series[0].dots.split()) == PAPERS - 1
    days = by_slug["days"].grid
    assert days.columns == ("Day", "cs.AI", "cs.CL")
    assert sum(int(cell.text) for row in days.rows for cell in row[1:]) == PAPERS
    assert figures.figures_of(several, APRIL, {held.version_id: ("2404.00003", "A listed paper")}) == drawn


def test_the_ledger_comes_before_the_days_of_submission(several: Workshop) -> None:
    listed = [(f"2404.{number:05d}", category, date(2024, 4, 3), "new") for number in range(PAPERS)
              for category in ("cs.CL", "stat.ML")]  # fmt: skip
    save_announcements(several.store, listed)
    days = next(figure for figure in figures.figures_of(several, APRIL, {}) if figure.slug == "days")
    assert [[cell.text for cell in row] for row in days.grid.rows] == [["2024-04-03", str(PAPERS), str(PAPERS)]]
    assert "announced" in days.note


def test_a_night_that_did_not_hear_the_announcements_leaves_no_hole_in_the_days(several: Workshop) -> None:
    save_announcements(several.store, [(f"2404.{number:05d}", "cs.CL", date(2024, 4, 3), "new") for number in range(9)])
    days = next(figure for figure in figures.figures_of(several, APRIL, {}) if figure.slug == "days")
    assert "submission" in days.note
    assert sum(int(cell.text) for row in days.grid.rows for cell in row[1:]) == PAPERS


def test_a_single_month_has_no_trends_and_says_so(workshop: Workshop) -> None:
    _fill(workshop, APRIL, 60)
    drawn = figures.figures_of(workshop, APRIL, {})
    assert [figure.slug for figure in drawn] == ["topics", "map", "days"]
    assert drawn[0].chart
    assert drawn[0].chart.shape is Shape.BARS
    assert len(drawn[0].chart.series) == 1
    assert drawn[0].note.endswith("No change is shown: the archive holds no papers of the 3 months before.")


def test_an_empty_month_has_no_figures(workshop: Workshop) -> None:
    assert figures.figures_of(workshop, Month(2024, 5), {}) == ()


def test_only_months_that_can_be_compared_and_lack_tags_are_tagged(several: Workshop) -> None:
    assert len(figures.tag_months(several, APRIL)) == 1
    save_papers(several.store, [Paper(arxiv_id="2402.09999", title="One More", abstract="A.")])
    assert len(figures.tag_months(several, APRIL)) == 2
    assert len(figures.tag_months(several, Month(2024, 3))) == 1


def test_the_command_tells_the_trends_to_a_script(several: Workshop) -> None:
    command = [sys.executable, "-m", "digest", "trends", "--month", "2024-04", "--json"]
    folder = several.settings.root
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=True)  # noqa: S603
    topics, phrases = json.loads(told.stdout)
    assert {row["Topic"]: row["Change"] for row in topics["rows"]}["Agents and tools"] == "rising"
    assert phrases["rows"][0]["Phrase"] == "tree-of-thought agents"
