"""Text → the stems by which sentences are compared (pure)."""

import re
from collections.abc import Sequence
from functools import lru_cache

_WORD = re.compile(r"[a-z0-9]+")
_ENDINGS = ("ations", "ation", "ings", "ing", "ies", "ys", "ed", "es", "ly", "s", "e", "y")
_SHORTEST_STEM, _SHORTEST_BEFORE_LY = 3, 4  # letters: "apply" is no adverb


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Cut the commonest endings of a lower-case word: enough to let "learns", "learned" and "learning" meet."""
    for ending in _ENDINGS:
        shortest = _SHORTEST_BEFORE_LY if ending == "ly" else _SHORTEST_STEM
        if word.endswith(ending) and len(word) - len(ending) >= shortest and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


def stems(text: str) -> list[str]:
    """Return the stems of all words and numbers of a text, in order."""
    return [stem(word) for word in _WORD.findall(text.lower())]


def overlap(said: Sequence[str], title: Sequence[str]) -> float:
    """Return the share (0..1) of a title's different stems that a text says too."""
    wanted = set(title)
    return len(wanted.intersection(said)) / len(wanted) if wanted else 0.0
