"""A sentence → the ways to cut it where what follows may rest on another sentence (pure)."""

import re
from collections.abc import Iterator
from itertools import combinations, pairwise

from digest.write.words.wording import content, heavy

# Where a claim goes on about its subject: what follows may rest on another sentence. No list is cut at its "and".
_CLAUSE = re.compile(
    r",? (?=(?:that|which|while|whereas|where|in which|so that|but|yet) |and (?:[a-z-]+ly )?[a-z-]+[^s\W]s "
    r"|and (?:its?|a|an|the|is|are|has|have|can) )|, (?=(?:covering|reducing|improving|outperforming|achieving|showing"
    r"|making|saving) )"
)
_PHRASE = re.compile(r",? (?=(?:with|by|using|of|in|on|across|to|through|via|from|based on) )")
_FEWEST_IN_A_PART = 2  # content words
_MOST_PARTS = 3


def in_parts(claim: str) -> Iterator[tuple[str, ...]]:
    """Yield the ways to cut a claim at its joints, those in two parts first, each part with something to say."""
    cuts = [match.start() for match in _CLAUSE.finditer(claim)]
    if not _tells_a_result(claim):
        cuts = sorted({*cuts, *(match.start() for match in _PHRASE.finditer(claim))})
    for count in range(1, _MOST_PARTS):
        for places in combinations(cuts, count):
            edges = pairwise((0, *places, len(claim)))
            parts = tuple(claim[start:end] for start, end in edges)
            if all(len(heavy(part)) >= _FEWEST_IN_A_PART for part in parts):
                yield parts


def _tells_a_result(claim: str) -> bool:
    """Tell whether a claim measures or compares: then "on this task" must stand where the result does."""
    return any(word[0] == "@" for word in content(claim)) or "%" in claim or "state-of-the-art" in claim.lower()
