"""Scores and a model's ratings → the papers around the last place, dealt anew (pure)."""

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from digest.select.corpus import Scores, standardise
from digest.select.taste import Picks

_RECENT = 20  # picks whose titles say what a reader reads
_SURE = 0.5  # of the places: their papers are not doubted


def band(scores: Scores, ids: Sequence[str], entries: int, size: int, closed: Collection[str]) -> list[int]:
    """Return the rows of the `size` papers whose places are in doubt, best first.

    They begin at half of the `entries`, so that those that would just be listed stand beside those that would not.
    `closed` are ids that no rating can move: the editor's.
    """
    doubted = [row for row in range(len(ids)) if ids[row] not in closed]
    ranked = sorted(doubted, key=lambda row: (-scores[row], ids[row]))
    first = int(_SURE * entries)
    return ranked[first : first + size]


def dealt_anew(scores: Scores, rows: Sequence[int], worth: Sequence[float | None]) -> Scores:
    """Return the scores with those of the rated rows dealt anew among these, by score and rating in equal parts.

    So a rating moves a paper within the band and never out of it, and moves no paper that has none (`None`).
    """
    rated = [(row, grade) for row, grade in zip(rows, worth, strict=True) if grade is not None]
    places = np.array([row for row, _ in rated], np.intp)
    grades = standardise(np.array([grade for _, grade in rated], np.float64))
    both = standardise(scores[places]) + grades
    dealt: npt.NDArray[np.float64] = scores.copy()
    order = sorted(range(len(rated)), key=lambda n: (-both[n], -scores[places[n]], n))
    dealt[places[order]] = np.sort(scores[places])[::-1]
    return dealt


def wishes(picks: Picks, interests: Sequence[str]) -> str:
    """Say what a reader wants, for a model to read: the interests, and the titles of the newest picks."""
    newest = sorted(range(len(picks.papers)), key=lambda n: (picks.ages_days[n], picks.papers.ids[n]))[:_RECENT]
    told = [f"reads about: {'; '.join(interests)}."] if interests else []
    titles = "; ".join(picks.papers.titles[n] for n in newest)
    return " ".join([*told, f"chose before: {titles}."] if titles else told)
