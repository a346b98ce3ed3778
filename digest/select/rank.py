"""Scored papers, the editor's will and a cap per topic → the month's choices, in order (pure)."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that may be chosen."""

    arxiv_id: str
    score: float  # of the profile
    topic: str = ""  # its best topic's slug; "" for none


def choose(
    candidates: Sequence[Candidate],
    *,
    pins: Collection[str],
    hides: Collection[str],
    entries: int,
    per_topic: int,
) -> list[Candidate]:
    """Return the chosen papers, best score first and ties by arXiv id.

    Pins are always in, even beyond `entries`; hides never. The ranking fills the rest with at most `per_topic` papers
    of a topic, the pins counted: one theme shall not fill the list. Where that leaves too few, the issue is shorter.
    """
    ordered = sorted(candidates, key=lambda candidate: (-candidate.score, candidate.arxiv_id))
    pinned = {candidate.arxiv_id for candidate in ordered if candidate.arxiv_id in pins}
    taken = Counter(candidate.topic for candidate in ordered if candidate.arxiv_id in pinned)
    chosen = pinned | set(_fill(ordered, pinned | set(hides), taken, max(0, entries - len(pinned)), per_topic))
    return [candidate for candidate in ordered if candidate.arxiv_id in chosen]


def _fill(
    ordered: Sequence[Candidate],
    passed_over: Collection[str],
    taken: Counter[str],
    places: int,
    per_topic: int,
) -> Iterator[str]:
    for candidate in ordered:
        if not places:
            return
        if candidate.arxiv_id in passed_over or (candidate.topic and taken[candidate.topic] >= per_topic):
            continue
        taken[candidate.topic] += 1
        places -= 1
        yield candidate.arxiv_id


def reason(*, pinned: bool, nearest_picks: Sequence[str]) -> str:
    """Say in words why a paper was chosen, naming the picks it is closest to."""
    near = " and ".join(f"“{title}”" for title in nearest_picks)
    if pinned:
        return "Chosen by the editor"
    return f"Close to earlier picks {near}" if near else "Close to earlier picks"
