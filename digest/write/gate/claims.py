"""A sentence and the sentence it rests on → the first way in which it says more, or something else (pure)."""

import re
from collections.abc import Sequence
from functools import lru_cache

from digest.write.gate.counting import counts_the_same, numbers_are_given
from digest.write.gate.order import goes_the_same_way, keeps_the_object, keeps_the_order
from digest.write.words.verbs import bare_verb
from digest.write.words.wording import LIGHT, SAYING, content, heavy, normal

_SCOPE = 2  # content words that a "not" is taken to speak of
_NAME = re.compile(
    r"\b(?:[A-Za-z]*[A-Z][A-Za-z0-9]*[A-Z0-9][A-Za-z0-9]*|[A-Z][a-z]+|[A-Za-z]+\d[\w]*)(?:[-.][A-Za-z0-9]+)*"
)
_TAIL = re.compile(r"(?:-[a-z]{3,})+$")  # "LLM-based"
_NEGATOR = re.compile(
    r"\b(?:not(?! only)|no|never|none|neither|nor|without|cannot|fail(?:s|ed|ing)?|lack(?:s|ed|ing)?|unable"
    r"|avoid(?:s|ed|ing)?|bypass(?:es|ed|ing)?|instead of|rather than|except|no longer)\b|n't\b",
    re.IGNORECASE,
)
_QUANTIFIER = re.compile(
    r"\b(?:first|last|only|always|all|any|every|each|some|few|up to|at least|at most|over(?= \d)|under(?= \d)"
    r"|almost|nearly|around(?= \d)|state-of-the-art|comprehensive|comparable|exclusively|solely|merely)\b",
    re.IGNORECASE,
)
# Quantifiers that say the same.
_ONE_WAY = {
    "nearly": "almost", "each": "all", "every": "all", "exclusively": "only", "solely": "only", "merely": "only",
}  # fmt: skip
_COMPARED_TO = re.compile(r"\b(?:than|over|against|compared (?:to|with)|relative to)\b", re.IGNORECASE)
_NEAR_A_COMPARISON = 5  # content words around a comparison in the source that may say what it compares


def unsupported(claim: str, source: str) -> str:
    """Return the name of the first thing in a claim that a source does not hold at all, or ""."""
    checks = (
        ("a number the abstract does not give", numbers_are_given(claim, source)),
        ("a name the abstract does not give", _names(claim) <= _all_words(source)),
        ("a comparison the abstract does not make", _are_made(claim, source)),
        ("words the abstract does not use", heavy(claim) <= set(content(source)) | _beside(source)),
    )
    return next((name for name, holds in checks if not holds), "")


def contradicted(claim: str, support: str, title: str) -> str:
    """Return the name of the first check in which a claim departs from its supporting sentence, or ""."""
    checks = (
        ("negation differs from its support", _negates_the_same),
        ("another's work told as the paper's", lambda said, held: _is_own_work(said, held, title)),
        ("a comparison its support does not make", _are_made),
        ("a name its support does not give", lambda said, held: _names(said) & _all_words(held) <= _whole_names(held)),
        ("a number its support does not give", numbers_are_given),
        ("a number that counts something else", counts_the_same),
        ("names or compared things in another order", keeps_the_order),
        ("a modifier told as the thing itself", keeps_the_object),
        ("a direction that its support does not give", goes_the_same_way),
        ("a comparison of something else", _compares_the_same),
    )
    return next((name for name, holds in checks if not holds(claim, support)), "")


def support_of(claim: str, source: str) -> float:
    """Return the share (0..1) of a claim's content stems that the source holds, verbs of saying apart."""
    said = heavy(claim)
    return len(said & (set(content(source)) | _beside(source))) / len(said) if said else 0.0


def strays(claim: str, support: str, title: str) -> bool:
    """Tell whether a claim has a content word that its support lacks, the paper's own name apart.

    Where the title speaks of language models, a sentence of the abstract may leave them out.
    """
    missing = heavy(claim) - set(content(support)) - _beside(support)
    own = _own_name(title) & set(content(claim)[:_LONGEST_NAME])
    return bool(missing - own - (_EVERYWHERE & set(content(title))))


_EVERYWHERE = {"languagemodel"}


def _own_name(title: str) -> set[str]:
    """Return the stems of the name that a title gives its work: "Chameleon: A Generalist"."""
    name, colon, _rest = title.partition(":")
    return set(content(name)) if colon and len(name.split()) <= _LONGEST_NAME else set()


_LONGEST_NAME = 3  # words


# --- negation ------------------------------------------------------------------------------------------------


def _negates_the_same(claim: str, support: str) -> bool:
    """Tell whether a claim denies what its support denies, of what both speak of, and nothing else."""
    denied, held = _denied(claim), _denied(support)
    said = set(content(claim))
    once = {word for one in denied for word in one[:1] if _once(word, claim) and _once(word, support)}
    if any(_times(word, denied) % 2 != _times(word, held) % 2 for word in once):
        return False  # "do not avoid X" denies twice
    return all(any(word in scope for scope in held for word in inner) for inner in denied) and all(
        any(word in inner for inner in denied for word in scope) or not set(scope) <= said for scope in held
    )


def _once(word: str, text: str) -> bool:
    return content(text).count(word) == 1


def _times(word: str, scopes: Sequence[tuple[str, ...]]) -> int:
    return sum(word in scope for scope in scopes)


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
    r"^(?:[A-Z][a-z]+, )?it\b|\b(?:we|i|my|our|us|this|here|the (?:paper|authors?|article|study|survey|primer))\b",
    re.IGNORECASE,
)
_THERE_IS = re.compile(r"(?:\W|\d)*There (?:is|are)\b")
_TELLS = frozenset({"Finds", "Shows", "Reveals", "Observes", "Identifies", "Discovers", "Demonstrates"})
_ANNOUNCES = re.compile(r"[A-Z][a-z]+s\b")


def tells_of_the_paper(sentence: str, title: str) -> bool:
    """Tell whether a sentence of an abstract speaks of the paper's own work, and not of the field or of others."""
    own = _own_name(title)
    return bool(_OWN_WORK.search(sentence) or _RESULTS.search(sentence) or (own and own <= set(content(sentence))))


_RESULTS = re.compile(
    r"\b(?:experiment\w*|results?|findings|evaluations?|the proposed|outperform\w*|(?:in|of|for) (?:our|this))\b",
    re.IGNORECASE,
)


def _is_own_work(claim: str, support: str, title: str) -> bool:
    """Tell whether "Proposes ..." rests on a sentence about the paper, or on one whose subject the title names."""
    opening = _ANNOUNCES.match(claim)
    if opening is None or bare_verb(opening[0].lower()) is None or _OWN_WORK.search(support):
        return True
    if opening[0] in _TELLS and _THERE_IS.match(support):
        return True
    subject = re.match(r"\w[\w-]*", support)
    return subject is not None and subject[0] in title and not subject[0].istitle()


# --- names ---------------------------------------------------------------------------------------------------


def _names(text: str) -> set[str]:
    """Return capitalised names and acronyms; a sentence's first word only where it is no plain word."""
    text = normal(text)
    words = [match[0] for match in _NAME.finditer(text) if match.start() or not match[0].istitle()]
    return {_TAIL.sub("", word).lower().rstrip("s") for word in words}


def _whole_names(text: str) -> set[str]:
    """Return a text's words, of compounds the whole and what small letters are hung on: no "TFUP" in "TFUP-T"."""
    words = re.findall(r"[A-Za-z0-9][\w.-]*\w|\w", normal(text))
    return {part.lower().rstrip("s") for word in words for part in (word, _TAIL.sub("", word))} | _names(text)


def _all_words(text: str) -> set[str]:
    text = normal(text)
    whole = {word.lower().rstrip("s") for word in re.findall(r"[A-Za-z0-9][\w.-]*\w|\w", text)}
    return whole | {word.lower().rstrip("s") for word in re.findall(r"\w+", text)} | _names(text)


# --- comparisons ---------------------------------------------------------------------------------------------


def _are_made(claim: str, source: str) -> bool:
    """Tell whether a source makes every comparison of a claim."""
    return _comparisons(claim) <= _comparisons(source) | _beside(source)


@lru_cache(maxsize=1024)
def _beside(source: str) -> frozenset[str]:
    """Return the comparisons that a source makes in other words: an improvement over a thing beats it."""
    made = set(content(source))
    if "@up" in made and _COMPARED_TO.search(source):
        return frozenset({"@beats"})
    return frozenset({"@up"} if "@beats" in made else ())


def _comparisons(text: str) -> set[str]:
    found = {match[0].lower() for match in _QUANTIFIER.finditer(normal(text))}
    return {_ONE_WAY.get(word, word) for word in found} | {word for word in content(text) if word[0] == "@"}


def _compares_the_same(claim: str, support: str) -> bool:
    """Tell whether what a claim says to be more, less or better stands near the same comparison in its support."""
    words = [word for word in content(support) if word not in SAYING]
    said = [word for word in content(claim) if word not in SAYING | LIGHT]
    for n, word in enumerate(said):
        if word not in {"@up", "@down", "@worse", "@best", "@least"}:
            continue
        same = {word} | ({"@beats"} if word == "@up" else set())
        places = [place for place, other in enumerate(words) if other in same]
        near = {other for place in places for other in _around(words, place)}
        spoken_of = [other for other in said[n + 1 : n + 2] or said[max(0, n - 1) : n] if other[0] != "@"]
        if spoken_of and not near.intersection(spoken_of):
            return False
    return True


def _around(words: Sequence[str], place: int) -> Sequence[str]:
    """Return the words near a comparison, up to the next one."""
    before = words[max(0, place - _NEAR_A_COMPARISON) : place]
    after = words[place + 1 : place + 1 + _NEAR_A_COMPARISON]
    first = max((n + 1 for n, word in enumerate(before) if word[0] == "@"), default=0)
    last = min((n for n, word in enumerate(after) if word[0] == "@"), default=len(after))
    return [*before[first:], *after[:last]]
