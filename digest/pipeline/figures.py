"""The store's counts and vectors → the month in figures; and the tags of the months it is held against."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from digest.figure import Figure
from digest.issue.map import draw_map
from digest.issue.month_figures import Daily, Placed, daily_figure, map_figure, trend_figures
from digest.issue.trends import MonthCounts, comparable
from digest.paper import Month
from digest.pipeline import choosing, models
from digest.pipeline.models import encoder_choice, taxonomy
from digest.pipeline.workshop import StageReport, Workshop
from digest.store.counting import Count, count_month
from digest.store.ledger import announced_in, listings
from digest.store.vectors import vectors_of

_MONTHS_BEFORE = 3  # that a month is held against
_HEARD = 0.98  # of the papers held: the feeds tell of one day only, and what a missed night did not hear is lost
_KNOWN = 0.8  # of the papers must have a day and a category, or the columns would mislead


def months_before(month: Month, number: int = _MONTHS_BEFORE) -> tuple[Month, ...]:
    """Return the months before a month, the last one first (pure)."""
    ends = [month.year * 12 + month.month - 1 - back for back in range(1, number + 1)]
    return tuple(Month(end // 12, end % 12 + 1) for end in ends)


def tag_months(workshop: Workshop, month: Month, number: int = _MONTHS_BEFORE) -> list[StageReport]:
    """Give topics to the papers of a month, and of the months before where they can be held against it.

    Raises:
        UsageError: the editor's file of one of them is broken.
    """
    before = months_before(month, number)
    counted = {one: _counts(workshop, one) for one in (month, *before)}
    held = [counted[one] for one in before]
    untagged = [one for one in before if counted[one].tagged < counted[one].papers]
    wanted = untagged if comparable(counted[month], held) else []
    return [choosing.tag(workshop, one) for one in (month, *wanted)]


def trends_of(workshop: Workshop, month: Month, number: int = _MONTHS_BEFORE) -> tuple[Figure, ...]:
    """Return what can be said of the month against the months before."""
    before = [_counts(workshop, one) for one in months_before(month, number)]
    return trend_figures(month, _counts(workshop, month), before)


def figures_of(workshop: Workshop, month: Month, printed: Mapping[int, tuple[str, str]]) -> tuple[Figure, ...]:
    """Return the month in figures; `printed` holds arXiv id and title of each listed paper, by version id."""
    drawn = _map(workshop, month, _count(workshop, month), printed)
    days = daily_figure(month, _daily(workshop, month))
    return (*trends_of(workshop, month), *([drawn] if drawn else []), *([days] if days else []))


def _count(workshop: Workshop, month: Month) -> Count:
    return count_month(workshop.store, models.tag_scheme(workshop), month)


def _counts(workshop: Workshop, month: Month) -> MonthCounts:
    count = _count(workshop, month)
    names = {topic.slug: topic.name for topic in taxonomy()[0]}
    topics = {names[slug]: papers for slug, papers in count.topics.items()}
    return MonthCounts(len(count.titles), topics, len(count.first_topics), tuple(count.titles.values()))


def _map(workshop: Workshop, month: Month, count: Count, printed: Mapping[int, tuple[str, str]]) -> Figure | None:
    vectors = vectors_of(workshop.store, encoder_choice(workshop).name, count.titles)
    rows = [version_id for version_id in count.titles if version_id in vectors]
    if not rows:
        return None
    topics = [count.first_topics.get(version_id, "") for version_id in rows]
    drawn = draw_map(np.stack([vectors[version_id] for version_id in rows]), topics)
    if drawn is None:
        return None
    placed = [Placed(*printed[one], row) for row, one in enumerate(rows) if one in printed]
    return map_figure(month, drawn, placed, {topic.slug: topic.name for topic in taxonomy()[0]}, topics)


def _daily(workshop: Workshop, month: Month) -> Daily:
    """Return what was announced, from the ledger; where a night did not hear it, the days of submission."""
    announced = {(one.day, one.category): one.papers for one in announced_in(workshop.store, month)}
    categories = {category for _, category in announced}
    followed = [one for one in listings(workshop.store, month).values() if categories & set(one.categories[:1])]
    heard = sum(one.announced is not None for one in followed)
    if announced and heard >= _HEARD * len(followed):
        told = "As announced by arXiv, new and cross-listed; a paper counts in each category that lists it."
        return Daily(announced, told)
    held = listings(workshop.store, month).values()
    known = [(one.submitted, one.categories[0]) for one in held if one.submitted and one.categories]
    if not known or len(known) < _KNOWN * len(held):
        return Daily({}, "")
    return Daily(Counter(known), "By the day of submission (UTC) and the primary category, of the papers held.")
