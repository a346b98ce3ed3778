"""A model's sentences and the abstract they claim to rest on → passed, or the check that failed (pure)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from digest.paper import Evidence
from digest.text import fold_title, plain_text, split_sentences

# Part of every summary's identity: change it with any rule here or in extract.py, and texts are written anew.
RULES = "2026-11-7"

_FEWEST_WORDS, _MOST_WORDS = 8, 45
# Share of content stems found in the best single sentence. Of 12 sentences read by hand, the 4 stitched from several
# or stretched had at most 0.87, the 8 true ones at least 0.90 (docs/writing.md).
_SUPPORT_OF_ONE = 0.88
_REPEATED = 4  # words in a row that stand twice
_NEAR_A_NUMBER = 4  # content words before a number in the source that may say what it counts


@dataclass(frozen=True, slots=True)
class Finding:
    """What the gate says of a text."""

    failed: str = ""  # the name of the first check that failed; "" where all passed
    evidence: tuple[Evidence, ...] = ()  # the supporting sentence of each sentence

    @property
    def ok(self) -> bool:
        """Whether the text may be printed."""
        return not self.failed


def check(text: str, title: str, abstract: str) -> Finding:
    """Hold a text against a paper's title and abstract; every check must pass."""
    for name, holds in _FORM_CHECKS:
        if not holds(text, title):
            return Finding(failed=name)
    spans = split_sentences(abstract)
    sentences = [plain_text(abstract[start:end]) for start, end in spans]
    source = _normalise(" ".join([plain_text(title), *sentences]))
    evidence = []
    for start, end in split_sentences(text):
        claim = text[start:end]
        failed = _unsupported(claim, source)
        best = max(range(len(sentences)), key=lambda n: (_support(claim, sentences[n]), -n), default=-1)
        if best < 0 or failed:
            return Finding(failed=failed or "no abstract")
        if _support(claim, sentences[best]) < _SUPPORT_OF_ONE:
            return Finding(failed="no single supporting sentence")
        failed = _contradicted(claim, sentences[best])
        if failed:
            return Finding(failed=failed)
        evidence.append(Evidence(best, *spans[best]))
    return Finding(evidence=tuple(evidence))


def refused_so_far(begun: str, title: str, abstract: str) -> str:
    """Return the check that a sentence fails already, however it goes on, or ""; its last word may be cut."""
    whole_words = begun[: begun.rfind(" ") + 1]
    return _unsupported(whole_words, _normalise(f"{plain_text(title)} {plain_text(abstract)}"))


# --- form: what the text looks like by itself ---------------------------------------------------------------

_MARKUP = re.compile(r"https?:|www\.|<[^>]*>|<\||\[/?INST|```|\]\(|[{}\\#*|_]|\$")
_FIRST_PERSON = re.compile(r"\b(?:we|our|ours|us|I|my|you|your)\b", re.IGNORECASE)
_BOILERPLATE = re.compile(
    r"^(?:this|the) (?:paper|work|article|study|authors?)\b|\b(?:as an ai|abstract:|title:)"
    r"|^\w+ an? (?:recent )?(?:study|paper|technical report|report|work)\b",
    re.IGNORECASE,
)
_PRAISE = re.compile(
    r"\b(?:groundbreaking|revolutionary|remarkabl[ey]|impressive(?:ly)?|exciting|best paper|must[- ]read)\b",
    re.IGNORECASE,
)


_LEANS = re.compile(
    r"\b(?:that|whether|how|why|because) (?:it|they|this|these|those)\b|^\w+ (?:to \w+ )?(?:it|they|them|their|its)\b"
    r"|\bthis (?:problem|issue|concern|question|challenge|gap|limitation|hypothesis|idea|end)\b",
    re.IGNORECASE,
)


def _is_whole(text: str, _title: str) -> bool:
    return text.endswith((".", "!")) and text[:1].isupper() and text.count("(") == text.count(")")


def _has_fit_length(text: str, _title: str) -> bool:
    return _FEWEST_WORDS <= len(text.split()) <= _MOST_WORDS


def _is_plain(text: str, _title: str) -> bool:
    return text.isprintable() and not _MARKUP.search(text)


def _is_english(text: str, _title: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    return bool(letters) and sum(char.isascii() or char in "αβγδεμπσλΩéèöäü" for char in letters) > 0.97 * len(letters)


def _speaks_of_the_paper(text: str, _title: str) -> bool:
    return not (_FIRST_PERSON.search(text) or _BOILERPLATE.search(text) or _PRAISE.search(text))


def _stands_alone(text: str, _title: str) -> bool:
    return not _LEANS.search(text)


def _says_more_than_the_title(text: str, title: str) -> bool:
    said, named = _stems(text), _stems(plain_text(title))
    return fold_title(title) not in fold_title(text) and len(said - named) >= max(3, len(said) // 3)


def _does_not_repeat(text: str, _title: str) -> bool:
    words = re.findall(r"\w+", text.lower())
    runs = [tuple(words[n : n + _REPEATED]) for n in range(len(words) - _REPEATED + 1)]
    return len(runs) == len(set(runs))


_FORM_CHECKS: Sequence[tuple[str, Callable[[str, str], bool]]] = (
    ("not one whole sentence", _is_whole),
    ("too short or too long", _has_fit_length),
    ("markup or an address", _is_plain),
    ("not English", _is_english),
    ("first person, boilerplate or praise", _speaks_of_the_paper),
    ("leans on a sentence that is not there", _stands_alone),
    ("repeats itself", _does_not_repeat),
    ("says no more than the title", _says_more_than_the_title),
)

# --- substance: what the text claims ------------------------------------------------------------------------

_UNIT = re.compile(
    r"(?P<number>\d[\d,]*(?:\.\d+)?)\s*-?\s*(?P<unit>%|percent\b|percentage points?\b|×|x\b|times\b|k\b|m\b|b\b|t\b|"
    r"thousand\b|million\b|billion\b|trillion\b|gb\b|hours?\b|bits?\b|tokens?\b|parameters?\b|points?\b)?",
    re.IGNORECASE,
)
_SAME_UNIT = {
    "percent": "%", "percentage point": "point", "percentage points": "point", "points": "point", "x": "×",
    "times": "×", "k": "thousand", "m": "million", "b": "billion", "t": "trillion", "hours": "hour", "bits": "bit",
    "tokens": "token", "parameters": "parameter",
}  # fmt: skip
_NUMBER_WORDS = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12", "twice": "2 ×", "thrice": "3 ×", "half": "0.5", "double": "2 ×",
    "hundred": "100",
}  # fmt: skip
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_NUMBER_WORDS)})\b", re.IGNORECASE)
_SCALE = re.compile(r"(?<=\d)([KMBTkmbt])\b")
_NAME = re.compile(
    r"\b(?:[A-Za-z]*[A-Z][A-Za-z0-9]*[A-Z0-9][A-Za-z0-9]*|[A-Z][a-z]+|[A-Za-z]+\d[\w]*)(?:[-.][A-Za-z0-9]+)*"
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|fails? to|lacks?|unable|n't)\b|n't\b", re.IGNORECASE
)
_COMPARISON = re.compile(
    r"\b(?:outperform\w*|surpass\w*|exceed\w*|better|worse|faster|slower|fewer|less|more|higher|lower|larger|smaller|"
    r"superior|inferior|best|first|only|always|all|every|state-of-the-art|improv\w*|reduc\w*|increas\w*|decreas\w*|"
    r"novel|new|comprehensive|significant\w*|rival\w*|comparable)\b",
    re.IGNORECASE,
)
_STOP_WORDS = frozenset(
    (
        "a an the of for in on to and or with by from at as is are be been was were do does did not this that these "
        "those it its their which who whom whose using use used uses via than into also how can may such between both "
        "each other through while when where during within over under across about based paper work study authors "
        "approach"
    ).split()
)
_VERBS_OF_SAYING = frozenset(
    (
        "propos introduc present describ develop investigat studi study explor examin address show demonstrat discuss "
        "focus aim provid review survey analyz analys evaluat offer tackl argu report find suggest"
    ).split()
)


def _normalise(text: str) -> str:
    """Write dashes, apostrophes, spaces, number words and the units K, M, B, T and percent in one way."""
    text = re.sub(r"\s+", " ", text.replace("–", "-").replace("—", " ").replace("’", "'"))
    text = _NUMBER_WORD.sub(lambda word: _NUMBER_WORDS[word[0].lower()], text)
    text = _SCALE.sub(lambda unit: f" {_SAME_UNIT[unit[1].lower()]}", text)
    return re.sub(r"(?<=\d) ?per ?cent\b", "%", text)


def _unsupported(claim: str, source: str) -> str:
    """Return the name of the first thing in a claim that the source does not hold, or ""."""
    claim = _normalise(claim)
    checks = (
        ("a number the abstract does not give", _quantities(claim) <= _quantities(source) | _numbers(source)),
        ("a name the abstract does not give", _names(claim) <= _names(source) | _all_words(source)),
        ("a comparison the abstract does not make", _comparisons(claim) <= _comparisons(source)),
        ("words the abstract does not use", not _own_words(claim, source)),
    )
    return next((name for name, holds in checks if not holds), "")


_OWN_WORK = re.compile(r"\b(?:we|our|us|this|here|the (?:paper|authors?|article|study|survey|primer))\b", re.IGNORECASE)
_ANNOUNCES = re.compile(r"[A-Z][a-z]+s\b")  # "Proposes ...", said of the paper itself


def _contradicted(claim: str, support: str) -> str:
    """Return the name of the first check in which a claim departs from its supporting sentence, or ""."""
    checks = (
        ("negation differs from its support", _negations(claim) == _negations(support)),
        ("another's work told as the paper's", not _ANNOUNCES.match(claim) or bool(_OWN_WORK.search(support))),
        ("a number that counts something else", _counts_the_same(claim, support)),
        ("names or compared things in another order", _keeps_the_order(claim, support)),
    )
    return next((name for name, holds in checks if not holds), "")


def _keeps_the_order(claim: str, support: str) -> bool:
    """Tell whether a claim names things in its support's order; where it compares, every word must keep it.

    "A outperforms B" and "B outperforms A" hold the same words. Words that stand twice in either are passed over.
    """
    said, held = _stem_sequence(claim), _stem_sequence(support)
    watched = set(said) - _VERBS_OF_SAYING if _comparisons(claim) else _stems(" ".join(_names(claim)))
    places = [held.index(stem) for stem in said if stem in watched and said.count(stem) == held.count(stem) == 1]
    return places == sorted(places)


def _stem_sequence(text: str) -> list[str]:
    words = re.findall(r"[a-z0-9]+", _normalise(text).lower())
    return [_stem(word) for word in words if word not in _STOP_WORDS]


def _counts_the_same(claim: str, support: str) -> bool:
    """Tell whether each number of a claim stands in the support between the same content words, where it has any."""
    held = _number_contexts(support)
    return all(
        any(
            number == other and after in {"", following} and (not before or before[-1] in previous)
            for previous, other, following in held
        )
        for before, number, after in _number_contexts(claim)
    )


def _number_contexts(text: str) -> list[tuple[list[str], str, str]]:
    """Return for each number the content stems shortly before it, itself, and the content stem after it."""
    words = [word.replace(",", "") for word in re.findall(r"\d[\d,.]*\d|\d|[a-z]+", _normalise(text).lower())]
    kept = [word if word[0].isdigit() else _stem(word) for word in words if word not in _STOP_WORDS]
    return [
        (kept[max(0, n - _NEAR_A_NUMBER) : n], word, kept[n + 1] if n + 1 < len(kept) else "")
        for n, word in enumerate(kept)
        if word[0].isdigit()
    ]


def _quantities(text: str) -> set[str]:
    """Return numbers with their units, such as "45 %" or "7 billion", from a normalised text."""
    found = set()
    for match in _UNIT.finditer(text):
        unit = (match["unit"] or "").lower()
        found.add(f"{match['number'].replace(',', '').rstrip('.')} {_SAME_UNIT.get(unit, unit)}".strip())
    return found


def _numbers(text: str) -> set[str]:
    """Return numbers without their units: a claim may leave a unit out, but not change it."""
    return {quantity.split()[0] for quantity in _quantities(text)}


def _names(text: str) -> set[str]:
    """Return capitalised names and acronyms; a sentence's first word only where it is no plain word."""
    words = [match[0] for match in _NAME.finditer(text) if match.start() or not match[0].istitle()]
    return {word.lower().rstrip("s") for word in words}


def _all_words(text: str) -> set[str]:
    return {word.lower().rstrip("s") for word in re.findall(r"[A-Za-z0-9][\w.-]*\w|\w", text)}


def _comparisons(text: str) -> set[str]:
    return {match[0].lower()[:6] for match in _COMPARISON.finditer(text)}


def _negations(text: str) -> bool:
    return bool(_NEGATION.search(text))


def _stems(text: str) -> set[str]:
    return set(_stem_sequence(text))


def _stem(word: str) -> str:
    for ending in ("ations", "ation", "ings", "ing", "ies", "ed", "es", "ly", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:  # noqa: PLR2004
            return word[: -len(ending)]
    return word


def _own_words(claim: str, source: str) -> set[str]:
    """Return the content stems of a claim that the source does not hold, verbs of saying apart."""
    return _stems(claim) - _VERBS_OF_SAYING - _stems(source)


def _support(claim: str, source: str) -> float:
    """Return the share (0..1) of a claim's content stems that the source holds."""
    said = _stems(claim) - _VERBS_OF_SAYING
    return len(said & _stems(source)) / len(said) if said else 0.0
