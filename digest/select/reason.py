"""What moved a paper's score → the reason for its choice, in words (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

_MOST = 2  # parts named in a reason
_COUNTS = 0.15  # of the month's deviation: what moves a score less is not named


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What moved one paper's score, and by how much."""

    by_phrases: float = 0.0
    by_likeness: float = 0.0  # to picks, of meaning
    by_interests: float = 0.0
    by_authors: float = 0.0
    phrases: Sequence[str] = ()
    interest: str = ""
    author: str = ""
    near: Sequence[str] = ()  # titles of the nearest picks
    is_near: bool = True  # the nearest is near enough to be called close
    is_new: bool = False  # little like anything in the archive


@dataclass(frozen=True, slots=True)
class Rated:
    """What a model said of a paper of the doubtful band."""

    rating: str  # one word
    model: str
    words: str = ""  # its reason; "" where the gate refused it


def held_back(topic: str, cap: int) -> str:
    """Say in words what kept out a paper that would have been chosen; `topic` is its name in print."""
    return f"Held back: cap of {cap} on “{topic}”"


def reason(moved: Moved, *, pinned: bool, rated: Rated | None = None) -> str:
    """Say in words why a paper was chosen: what moved its score most comes first.

    A model's rating comes after it, named as a machine's; novelty last and apart: it moves no score.
    """
    if pinned:
        return "Chosen by the editor"
    close = _closeness(moved)
    parts = [
        (moved.by_authors, f"by {moved.author}, picked before" if moved.author else ""),
        (moved.by_likeness, close),
        (moved.by_interests, f"meets the interest “{moved.interest}”" if moved.interest else ""),
        (moved.by_phrases, f"in the words of earlier picks: {', '.join(moved.phrases)}" if moved.phrases else ""),
    ]
    told = [(worth, text) for worth, text in parts if text and worth > _COUNTS]
    texts = [text for _, text in sorted(told, key=lambda part: -part[0])[:_MOST]] or [close]
    if rated:
        words = f": “{rated.words.rstrip('.')}”" if rated.words else ""
        texts.append(f"rated {rated.rating} by {rated.model} (a machine’s opinion{words})")
    if moved.is_new:
        texts.append("little like anything held from before")
    sentence = "; ".join(texts)
    return sentence[0].upper() + sentence[1:]


def _closeness(moved: Moved) -> str:
    near = " and ".join(f"“{title}”" for title in moved.near)
    if not near:
        return "near the middle of the month"
    if not moved.is_near:
        return f"like earlier picks, though close to none; nearest is {near}"
    return f"close to {'earlier picks' if len(moved.near) > 1 else 'the earlier pick'} {near}"
