"""A word of a name that nobody bears → the words that were probably meant (pure)."""

from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

_SHORTEST = 4  # letters; of a shorter word every other one would do
_LONG = 8  # letters from which two slips are forgiven
_MOST = 4


def nearest_words(word: str, vocabulary: Sequence[str]) -> list[str]:
    """Return the words within one slip of the pen (two from eight letters on), nearest first and at most four.

    A slip is a letter too many, too few or wrong, or two letters that changed places (Damerau's four).
    """
    if len(word) < _SHORTEST:
        return []
    slips = 2 if len(word) >= _LONG else 1
    found = process.extract(word, vocabulary, scorer=OSA.distance, score_cutoff=slips, limit=_MOST)
    nearest = min((distance for _, distance, _ in found), default=0)
    return [meant for meant, distance, _ in found if distance == nearest]
