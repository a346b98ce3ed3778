"""Scored papers, the editor's will, a cap per topic and likeness → the month's choices, in order (pure)."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

_CONSIDERED = 5  # times the places: further down, no likeness decides
Vectors = Mapping[str, npt.NDArray[np.float32]]  # unit vectors, shape (dim,), by arXiv id


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that may be chosen."""

    arxiv_id: str
    score: float  # of the profile
    topics: tuple[str, ...] = ()  # slugs, best first

    @property
    def topic(self) -> str:
        """Its best topic's slug; "" for none."""
        return next(iter(self.topics), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many papers are chosen, and how unlike one another."""

    entries: int
    per_topic: int  # papers whose best topic it is
    caps: Mapping[str, int] = field(default_factory=dict)  # papers that have the topic at all, by its slug
    diversity: float = 0.0  # taken from a score at a cosine similarity of 1 to a paper chosen already


@dataclass(frozen=True, slots=True)
class Full:
    """A topic that had no room for a paper any more."""

    topic: str  # its slug
    cap: int


@dataclass(frozen=True, slots=True)
class Selection:
    """What was chosen, best score first, and what only a cap kept out."""

    papers: list[Candidate]
    held_back: list[tuple[Candidate, Full]]


def choose(
    candidates: Sequence[Candidate],
    limits: Limits,
    *,
    pins: Collection[str],
    hides: Collection[str],
    vectors: Vectors | None = None,
) -> Selection:
    """Choose papers, best score first and ties by arXiv id.

    Pins are always in, even beyond `entries` and caps; hides never. The ranking fills the rest with at most `per_topic`
    papers of a best topic and at most so many of a topic as `caps` says, the pins counted: one theme shall not fill the
    list. Where that leaves too few, the issue is shorter. Held back is what would have been worth more than the last
    that was chosen. Likeness counts against a paper as in Carbonell & Goldstein (1998), "The Use of MMR".
    """
    ordered = sorted(candidates, key=lambda candidate: (-candidate.score, candidate.arxiv_id))
    pinned = {candidate.arxiv_id for candidate in ordered if candidate.arxiv_id in pins}
    room = _Room(limits)
    for candidate in ordered:
        if candidate.arxiv_id in pinned:
            room.take(candidate)
    open_ = [one for one in ordered if one.arxiv_id not in pinned and one.arxiv_id not in hides]
    places = max(0, limits.entries - len(pinned))
    near = _Likeness(vectors or {}, limits.diversity, sorted(pinned))
    filled, held_back = _fill(open_, room, places, near)
    chosen = pinned | filled
    return Selection([candidate for candidate in ordered if candidate.arxiv_id in chosen], held_back)


class _Room:
    """How much room the topics have."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._best, self._any = Counter[str](), Counter[str]()

    def take(self, paper: Candidate) -> None:
        self._best[paper.topic] += 1
        self._any.update(set(paper.topics))

    def full(self, paper: Candidate) -> Full | None:
        """Return the first of a paper's topics that has no room for it; its own cap goes before the common one."""
        caps = self._limits.caps
        for topic in paper.topics:
            if topic in caps and self._any[topic] >= caps[topic]:
                return Full(topic, caps[topic])
        common = self._limits.per_topic
        if paper.topic and paper.topic not in caps and self._best[paper.topic] >= common:
            return Full(paper.topic, common)
        return None


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
    ordered: Sequence[Candidate], room: _Room, places: int, near: _Likeness
) -> tuple[set[str], list[tuple[Candidate, Full]]]:
    """Return what takes the places, and what only the room of its topic kept from one."""

    def worth(one: Candidate) -> float:
        return one.score - near.cost(one.arxiv_id)

    waiting, chosen, kept_out, least = list(ordered), set[str](), list[tuple[Candidate, Full]](), -np.inf
    for _ in range(places):
        without = [(one, full) for one in waiting if (full := room.full(one))]
        kept_out += without
        full_up = {one.arxiv_id for one, _ in without}
        waiting = [one for one in waiting if one.arxiv_id not in full_up]
        if not waiting:
            least = -np.inf
            break
        best = max(waiting[: _CONSIDERED * places], key=worth)
        least = worth(best)
        waiting.remove(best)
        room.take(best)
        near.add(best.arxiv_id)
        chosen.add(best.arxiv_id)
    held_back = [(one, full) for one, full in kept_out if worth(one) > least]
    return chosen, sorted(held_back, key=lambda pair: (-pair[0].score, pair[0].arxiv_id))
