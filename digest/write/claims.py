"""A sentence and the sentence it rests on → the first way in which it says more, or something else (pure)."""

import re
from collections.abc import Sequence

from digest.write.verbs import bare_verb
from digest.write.wording import STOP_WORDS, content, known, normal

_NEAR_A_NUMBER = 4  # content words before a number in the source that may say what it counts
_SCOPE = 2  # content words that a "not" is taken to speak of
_UNIT = re.compile(
    r"(?P<number>\d[\d,]*(?:\.\d+)?)\s*-?\s*(?P<unit>%|percentage points?\b|×|gb\b|mb\b|hours?\b|minutes?\b|seconds?\b"
    r"|days?\b|weeks?\b|bits?\b|tokens?\b|parameters?\b|points?\b)?",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"\b(?:[A-Za-z]*[A-Z][A-Za-z0-9]*[A-Z0-9][A-Za-z0-9]*|[A-Z][a-z]+|[A-Za-z]+\d[\w]*)(?:[-.][A-Za-z0-9]+)*"
)
_NEGATOR = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|fail(?:s|ed)?|lack(?:s|ed|ing)?|unable|avoid(?:s|ed|ing)?"
    r"|instead of|rather than)\b|n't\b",
    re.IGNORECASE,
)
_COMPARISON = re.compile(
    r"\b(?:outperform\w*|underperform\w*|surpass\w*|exceed\w*|better|worse|worst|faster|slower|fewer|fewest|less|least"
    r"|more|most|higher|highest|lower|lowest|larger|largest|smaller|smallest|stronger|weaker|superior|inferior|best|first"
    r"|last|only|always|all|any|every|each|some|many|few|several|up to|at least|at most|over|under|almost|nearly|around"
    r"|state-of-the-art|improv\w*|reduc\w*|increas\w*|decreas\w*|degrad\w*|novel|new|comprehensive|significant\w*"
    r"|rival\w*|comparable|exclusively|solely|merely)\b",
    re.IGNORECASE,
)
_ORDERED_BY_ROLE = frozenset("in on for with by through using from via under across when while during among".split())
_SAYING_VERBS = (
    "propose introduce present describe develop investigate study explore examine address show demonstrate discuss "
    "focus aim provide review survey analyze evaluate offer tackle argue report find suggest use contribute design"
).split()
# Verbs by which any paper may be told, in every form, and the nouns of no weight.
SAYING = frozenset(
    known(f"{bare}{ending}")
    for verb in _SAYING_VERBS
    for bare, endings in ((verb, ("", "s", "es")), (verb[:-1], ("ies",)), (verb.removesuffix("e"), ("ed", "ing")))
    for ending in endings
) | {"method"}


def unsupported(claim: str, source: str) -> str:
    """Return the name of the first thing in a claim that a source does not hold at all, or ""."""
    checks = (
        ("a number the abstract does not give", _quantities(claim) <= _quantities(source) | _numbers(source)),
        ("a name the abstract does not give", _names(claim) <= _all_words(source)),
        ("a comparison the abstract does not make", _comparisons(claim) <= _comparisons(source)),
        ("words the abstract does not use", set(content(claim)) - SAYING <= set(content(source))),
    )
    return next((name for name, holds in checks if not holds), "")


def contradicted(claim: str, support: str, title: str) -> str:
    """Return the name of the first check in which a claim departs from its supporting sentence, or ""."""
    checks = (
        ("negation differs from its support", _negates_the_same(claim, support)),
        ("another's work told as the paper's", _is_own_work(claim, support, title)),
        ("a comparison its support does not make", _comparisons(claim) <= _comparisons(support)),
        ("a number its support does not give", _quantities(claim) <= _quantities(support) | _numbers(support)),
        ("a number that counts something else", _counts_the_same(claim, support)),
        ("names or compared things in another order", _keeps_the_order(claim, support)),
        ("a direction that its support does not give", _goes_the_same_way(claim, support)),
    )
    return next((name for name, holds in checks if not holds), "")


def support_of(claim: str, source: str) -> float:
    """Return the share (0..1) of a claim's content stems that the source holds, verbs of saying apart."""
    said = set(content(claim)) - SAYING
    return len(said & set(content(source))) / len(said) if said else 0.0


def strays(claim: str, support: str, title: str) -> bool:
    """Tell whether a claim has a content word that its support lacks, names that the title gives apart."""
    missing = set(content(claim)) - SAYING - set(content(support))
    named = {stem for name in _names(claim) for stem in content(name)}
    return bool(missing - (named & set(content(title))))


# --- negation ------------------------------------------------------------------------------------------------


def _negates_the_same(claim: str, support: str) -> bool:
    """Tell whether a claim denies what its support denies, of what both speak of, and nothing else."""
    denied, held = _denied(claim), _denied(support)
    said = set(content(claim))
    return all(any(word in scope for scope in held for word in inner) for inner in denied) and all(
        any(word in inner for inner in denied for word in scope) or not set(scope) <= said for scope in held
    )


def _denied(text: str) -> list[tuple[str, ...]]:
    """Return for each negation the first content stems after it, or where there are none the last before it."""
    text = normal(text)
    scopes = (
        content(text[match.end() :])[:_SCOPE] or content(text[: match.start()])[-_SCOPE:]
        for match in _NEGATOR.finditer(text)
    )
    return [scope for scope in scopes if scope]


# --- whose work ----------------------------------------------------------------------------------------------

_OWN_WORK = re.compile(
    r"\b(?:we|i|my|our|us|this|here|the (?:paper|authors?|article|study|survey|primer))\b", re.IGNORECASE
)
_ANNOUNCES = re.compile(r"[A-Z][a-z]+s\b")


def _is_own_work(claim: str, support: str, title: str) -> bool:
    """Tell whether "Proposes ..." rests on a sentence about the paper, or on one whose subject the title names."""
    opening = _ANNOUNCES.match(claim)
    if opening is None or bare_verb(opening[0].lower()) is None or _OWN_WORK.search(support):
        return True
    subject = re.match(r"\w[\w-]*", support)
    return subject is not None and subject[0] in title and not subject[0].istitle()


# --- order ---------------------------------------------------------------------------------------------------


def _keeps_the_order(claim: str, support: str) -> bool:
    """Tell whether a claim's words stand in their support's order; a phrase may move with its preposition.

    "A outperforms B" and "B outperforms A" hold the same words. Words that stand twice in either are passed over.
    """
    said, held = _with_roles(claim), _with_roles(support)
    stems_said, stems_held = [word for word, _ in said], [word for word, _ in held]
    previous = -1
    for word, role in said:
        if word in SAYING or stems_said.count(word) != 1 or stems_held.count(word) != 1:
            continue
        place = stems_held.index(word)
        if place < previous and (role not in _ORDERED_BY_ROLE or role != held[place][1]):
            return False
        previous = place
    return True


def _with_roles(text: str) -> list[tuple[str, str]]:
    """Return each content stem with the preposition or comma that its phrase begins with, where it is the first."""
    pairs, role = [], ""
    for word in re.findall(r"\d[\d,]*\.?\d*|[a-z]+|[,;:()]", normal(text).lower()):
        if word in _ORDERED_BY_ROLE:
            role = word
        elif word in ",;:()":
            role = ","
        elif word not in STOP_WORDS:
            pairs.append((known(word), role))
            role = ""
    return pairs


_DIRECTION = re.compile(r"\b(into|onto|than|from|against)\b")


def _goes_the_same_way(claim: str, support: str) -> bool:
    """Tell whether what follows "into", "than", "from" or "against" in a claim follows it in the support."""
    said, held = _after_directions(claim), _after_directions(support)
    return all(any(word == other and words[0] in near for other, near in held) for word, words in said if words)


def _after_directions(text: str) -> list[tuple[str, tuple[str, ...]]]:
    text = normal(text).lower()
    return [(match[1], content(text[match.end() :])[:_NEAR_A_NUMBER]) for match in _DIRECTION.finditer(text)]


# --- numbers, names, comparisons -----------------------------------------------------------------------------


def _counts_the_same(claim: str, support: str) -> bool:
    """Tell whether each number of a claim stands in the support between the same content words, where it has any."""
    held = _number_contexts(content(support))
    return all(
        any(
            number == other
            and (not after or not following or after[0] in following)
            and (not before or before[-1] in previous)
            for previous, other, following in held
        )
        for before, number, after in _number_contexts(content(claim))
    )


def _number_contexts(words: Sequence[str]) -> list[tuple[Sequence[str], str, Sequence[str]]]:
    """Return for each number the content stems shortly before it, itself, and the content stems after it."""
    return [
        (words[max(0, n - _NEAR_A_NUMBER) : n], word.rstrip(".").replace(",", ""), words[n + 1 : n + 1 + _SCOPE])
        for n, word in enumerate(words)
        if word[0].isdigit()
    ]


def _quantities(text: str) -> set[str]:
    """Return numbers with their units, such as "45 %" or "7000000000"."""
    found = set()
    for match in _UNIT.finditer(normal(text)):
        unit = (match["unit"] or "").lower().rstrip("s")
        found.add(f"{match['number'].replace(',', '').rstrip('.')} {unit}".strip())
    return found


def _numbers(text: str) -> set[str]:
    """Return numbers without their units, % and × apart: a claim may leave "tokens" out, but not change it."""
    return {quantity.split()[0] for quantity in _quantities(text) if not quantity.endswith(("%", "×"))}


def _names(text: str) -> set[str]:
    """Return capitalised names and acronyms; a sentence's first word only where it is no plain word."""
    text = normal(text)
    words = [match[0] for match in _NAME.finditer(text) if match.start() or not match[0].istitle()]
    return {word.lower().rstrip("s") for word in words}


def _all_words(text: str) -> set[str]:
    text = normal(text)
    whole = {word.lower().rstrip("s") for word in re.findall(r"[A-Za-z0-9][\w.-]*\w|\w", text)}
    return whole | {word.lower().rstrip("s") for word in re.findall(r"\w+", text)} | _names(text)


def _comparisons(text: str) -> set[str]:
    return {match[0].lower()[:6] for match in _COMPARISON.finditer(text)}
