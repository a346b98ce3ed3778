"""A sentence and its support → whether its numbers are there, with their units and what they count (pure)."""

import re
from collections import Counter
from collections.abc import Sequence

from digest.write.words.wording import LIGHT, content, normal

_BEFORE, _AFTER = 4, 6  # content words around a number in the source that may say what it counts
_UNIT = re.compile(
    r"(?<![A-Za-z\d.])(?P<number>\d[\d,]*(?:\.\d+)?)\s*-?\s*(?P<unit>%|percentage points?\b|×|gb\b|mb\b"
    r"|hours?\b|minutes?\b|seconds?\b|days?\b|weeks?\b|bits?\b|tokens?\b|parameters?\b|points?\b)?",
    re.IGNORECASE,
)
# Where the words that a number counts end.
_PHRASE_ENDS = re.compile(
    r"\s(?:of|in|on|for|with|by|from|to|that|which|and|or|than|over|under|across|at|as|is|are|was|were|while|when|using"
    r"|via|between|into|through|among|per|but)\b|[,;:()]|\.(?!\d)",
    re.IGNORECASE,
)


def numbers_are_given(claim: str, source: str) -> bool:
    """Tell whether a source gives every number of a claim, with its unit where the claim names one."""
    given = _quantities(source)
    return _quantities(claim) <= given | _numbers(given)


def _quantities(text: str) -> set[str]:
    """Return numbers with their units, such as "45 %" or "7000000000"."""
    found = set()
    for match in _UNIT.finditer(normal(text)):
        unit = (match["unit"] or "").lower().rstrip("s")
        found.add(f"{match['number'].replace(',', '').rstrip('.')} {unit}".strip())
    return found


def _numbers(quantities: set[str]) -> set[str]:
    """Return numbers without their units, % and × apart: a claim may leave "tokens" out, but not change it."""
    return {quantity.split()[0] for quantity in quantities if not quantity.endswith(("%", "×"))}


def counts_the_same(claim: str, support: str) -> bool:
    """Tell whether each number of a claim counts in the support what it counts in the claim.

    A number that words follow ("7 models") counts these; one that none follow ("by 7 %") measures what stands before.
    """
    said, held = _counted(claim), _contexts(content(support))
    if Counter(number for _, number, _ in said) - Counter(number for _, number, _ in held):
        return False  # one number given twice
    return all(
        any(number == other and _is_near(before, after, previous, following) for previous, other, following in held)
        for before, number, after in said
    )


def _is_near(before: Sequence[str], after: Sequence[str], previous: Sequence[str], following: Sequence[str]) -> bool:
    if after and after[0] == _MEASURED:
        return set(after[1:]) <= {*previous, *following}
    if after:
        just_before = [] if any(word[0].isdigit() for word in previous[-2:]) else previous[-2:]
        return bool({after[0], after[-1]}.intersection(following)) or (
            after[0] in just_before and after[-1] in previous
        )
    return not before or before[-1] in previous or before[-1] in following[:2]


_MEASURED = "%"
_OF_WHAT = re.compile(r" ?[%×](?: (?:in|of|on|for) (?:the )?)?")


def _counted(claim: str) -> list[tuple[Sequence[str], str, Sequence[str]]]:
    """Return for each number of a claim the content stems before it, itself, and those of its own phrase after it."""
    text = normal(claim)
    found: list[tuple[Sequence[str], str, Sequence[str]]] = []
    for match in re.finditer(r"(?<![\w.])\d+(?:,\d+)*(?:\.\d+)?(?!\.?\w)", text):
        unit = _OF_WHAT.match(text, match.end())
        rest = text[unit.end() if unit else match.end() :]
        ends = _PHRASE_ENDS.search(f" {rest}")
        after = [word for word in content(rest[: ends.start()] if ends else rest) if word not in LIGHT]
        if unit and (after := [word for word in after if word[0] != "@"]):
            after = [_MEASURED, *after]
        before = [word for word in content(text[: match.start()]) if word not in LIGHT and not word[0].isdigit()]
        found.append((before, match[0].replace(",", ""), after))
    return found


def _contexts(words: Sequence[str]) -> list[tuple[Sequence[str], str, Sequence[str]]]:
    """Return for each number the content stems shortly before it, itself, and the content stems after it."""
    return [
        (words[max(0, n - _BEFORE) : n], word.rstrip(".").replace(",", ""), words[n + 1 : n + 1 + _AFTER])
        for n, word in enumerate(words)
        if word[0].isdigit()
    ]
