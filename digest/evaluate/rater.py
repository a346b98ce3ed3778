"""Picks of one reader → whether a model's ratings order a month's papers in doubt better, and at what cost."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digest.errors import UsageError
from digest.evaluate.ranking import FIRST, Sources, Trial, trials
from digest.paper import Month
from digest.pipeline.models import interests, model_of
from digest.pipeline.workshop import Workshop
from digest.search.metrics import auc, recall_at_k
from digest.select.band import band, dealt_anew, wishes
from digest.select.corpus import Scores
from digest.select.taste import weigh
from digest.write.ask.writer import Writer
from digest.write.rating import WORTH, Rating, rate
from digest.write.summarise import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class BandFigures:
    """How a month's papers in doubt were ordered, by scores alone and with ratings among them."""

    month: str
    rater: str
    papers: int  # in doubt
    wanted: int  # of these, what the reader picked
    rated: int  # answers of the form asked for
    ratings: dict[str, int]  # how often each word was given
    reasons: int  # that the gate let pass
    auc: float | None  # of the papers in doubt; None where none of them, or all, were picked
    auc_rated: float | None
    auc_ratings_alone: float | None
    recall_at_60: float  # of the month
    recall_at_60_rated: float
    seconds: float  # a paper, by the clock


def evaluate_rater(workshop: Workshop, picks: Path, months: Sequence[Month], sources: Sources) -> list[BandFigures]:
    """Rate each month's papers in doubt by what was picked before it, and hold the order against its picks.

    Raises:
        UsageError: the settings name no rater, a file is missing or broken, or a month has no picks or no papers.
        ModelError: the rater failed.
    """
    rater = model_of(workshop, "select.rater")
    if rater is None:
        raise UsageError('select.rater is "none": set it to "writer", a GGUF file or a server to measure one')
    wants = interests(workshop)
    tests = trials(workshop, picks, months, sources)
    with rater:
        return [_figures(test, wants, rater, workshop) for test in tests]


def _figures(test: Trial, wants: Sequence[str], rater: Writer, workshop: Workshop) -> BandFigures:
    papers = test.papers
    scores = weigh(test.picks, test.past, papers, (), papers.vectors[:0]).scores
    rows = band(scores, papers.ids, FIRST, workshop.settings.select.band, ())
    subjects = [Subject(papers.titles[row], papers.abstracts[row]) for row in rows]
    began, ratings = time.monotonic(), dict[int, Rating]()
    workshop.progress(f"rate {test.month}", 0, len(rows))
    for n, rating in rate(subjects, wishes(test.picks, wants), rater):
        ratings[n] = rating
        workshop.progress(f"rate {test.month}", len(ratings), len(rows))
    seconds = (time.monotonic() - began) / max(1, len(rows))
    words = [ratings[n].rating.text for n in range(len(rows))]
    worth = [WORTH.get(word) for word in words]
    dealt = dealt_anew(scores, rows, worth)
    return BandFigures(
        month=str(test.month),
        rater=rater.name,
        papers=len(rows),
        wanted=int(test.wanted[rows].sum()),
        rated=sum(one is not None for one in worth),
        ratings={word: words.count(word) for word in WORTH},
        reasons=sum(bool(one.reason.text) for one in ratings.values()),
        auc=_auc(test, scores, rows),
        auc_rated=_auc(test, dealt, rows),
        auc_ratings_alone=_auc(test, _alone(len(scores), rows, worth), rows),
        recall_at_60=_recall(test, scores),
        recall_at_60_rated=_recall(test, dealt),
        seconds=seconds,
    )


def _alone(count: int, rows: Sequence[int], worth: Sequence[int | None]) -> Scores:
    """Return the ratings as scores; a paper without one stands in their middle."""
    alone = np.zeros(count)
    middle = float(np.mean(list(WORTH.values())))
    alone[list(rows)] = [middle if grade is None else grade for grade in worth]
    return alone


def _auc(test: Trial, scores: Scores, rows: Sequence[int]) -> float | None:
    wanted = test.wanted[list(rows)]
    return auc(scores[list(rows)], wanted) if wanted.any() and not wanted.all() else None


def _recall(test: Trial, scores: Scores) -> float:
    order = [test.papers.ids[row] for row in np.lexsort((np.arange(len(scores)), -scores))]
    wanted = [test.papers.ids[row] for row in np.flatnonzero(test.wanted)]
    return recall_at_k(order, wanted, FIRST)
