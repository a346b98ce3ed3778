"""Scored papers, the editor's will, a cap per topic and likeness → the month's choices, in order (pure)."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_CONSIDERED = 5  # times the places: further down, no likeness decides
Vectors = Mapping[str, npt.NDArray[np.float32]]  # unit vectors, shape (dim,), by arXiv id


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that may be chosen."""

    arxiv_id: str
    score: float  # of the profile
    topic: str = ""  # its best topic's slug; "" for none


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many papers are chosen, and how unlike one another."""

    entries: int
    per_topic: int
    diversity: float = 0.0  # taken from a score at a cosine similarity of 1 to a paper chosen already


def choose(
    candidates: Sequence[Candidate],
    limits: Limits,
    *,
    pins: Collection[str],
    hides: Collection[str],
    vectors: Vectors | None = None,
) -> list[Candidate]:
    """Return the chosen papers, best score first and ties by arXiv id.

    Pins are always in, even beyond `entries`; hides never. The ranking fills the rest with at most `per_topic` papers
    of a topic, the pins counted: one theme shall not fill the list. Where that leaves too few, the issue is shorter.
    Likeness counts against a paper as in Carbonell & Goldstein (1998), "The Use of MMR".
    """
    ordered = sorted(candidates, key=lambda candidate: (-candidate.score, candidate.arxiv_id))
    pinned = {candidate.arxiv_id for candidate in ordered if candidate.arxiv_id in pins}
    taken = Counter(candidate.topic for candidate in ordered if candidate.arxiv_id in pinned)
    open_ = [one for one in ordered if one.arxiv_id not in pinned and one.arxiv_id not in hides]
    places = max(0, limits.entries - len(pinned))
    near = _Likeness(vectors or {}, limits.diversity, sorted(pinned))
    chosen = pinned | set(_fill(open_, taken, places, limits.per_topic, near))
    return [candidate for candidate in ordered if candidate.arxiv_id in chosen]


class _Likeness:
    """What likeness to the papers chosen so far takes from a score."""

    def __init__(self, vectors: Vectors, diversity: float, chosen: Sequence[str]) -> None:
        self._vectors, self._diversity = vectors, diversity
        self._highest: dict[str, float] = {}
        self._chosen: list[str] = []
        self._seen: dict[str, int] = {}  # how many of the chosen a paper was held against
        for arxiv_id in chosen:
            self.add(arxiv_id)

    def add(self, arxiv_id: str) -> None:
        if self._diversity and arxiv_id in self._vectors:
            self._chosen.append(arxiv_id)

    def cost(self, arxiv_id: str) -> float:
        vector = self._vectors.get(arxiv_id)
        if vector is None or not self._chosen:
            return 0.0
        new = self._chosen[self._seen.get(arxiv_id, 0) :]
        likeness = (float(vector @ self._vectors[other]) for other in new)
        self._highest[arxiv_id] = max(self._highest.get(arxiv_id, -1.0), *likeness, -1.0)
        self._seen[arxiv_id] = len(self._chosen)
        return self._diversity * self._highest[arxiv_id]


def _fill(
    ordered: Sequence[Candidate], taken: Counter[str], places: int, per_topic: int, near: _Likeness
) -> Iterator[str]:
    waiting = list(ordered)
    for _ in range(places):
        waiting = [one for one in waiting if not one.topic or taken[one.topic] < per_topic]
        if not waiting:
            return
        best = max(waiting[: _CONSIDERED * places], key=lambda one: one.score - near.cost(one.arxiv_id))
        waiting.remove(best)
        taken[best.topic] += 1
        near.add(best.arxiv_id)
        yield best.arxiv_id
