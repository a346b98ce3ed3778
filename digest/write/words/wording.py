"""Two ways to write one thing → one way: dashes, units, number words, prefixes, synonyms of no weight (pure)."""

import re
from collections.abc import Mapping
from functools import lru_cache

from digest.write.words.stems import stem
from digest.write.words.synonyms import COMPARED, GROUPS, LIGHT_WORDS, SAYING_VERBS

_NUMBER_WORDS = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12", "twice": "2 ×", "thrice": "3 ×", "half": "0.5", "double": "2 ×",
    "hundred": "100", "thousands": "1000s",
}  # fmt: skip
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_NUMBER_WORDS)})\b", re.IGNORECASE)
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "billion": 1e9, "t": 1e12, "trillion": 1e12}
_SCALED = re.compile(r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)(?:\s?-?\s?(thousand|million|billion|trillion)\b|([KMBT])\b)")
_THOUSANDS = re.compile(r"(?<=\d)(?:[ ,]|, )(?=\d{3}(?!\d))")
_FOLD = re.compile(r"(?<=\d)\s?-?\s?(?:x|×|times|fold)(?![\w-])", re.IGNORECASE)
_PERCENT = re.compile(r"(?<=\d)\s?-?\s?(?:%|per ?cent\b)(?!age)", re.IGNORECASE)
# With one of these before it a word means something else, so both are one word here: "non-convex", "self-supervised".
_PREFIX = re.compile(
    r"\b(non|self|semi|un|anti|near|pseudo|quasi|multi|cross|inter|intra|sub|super|co|de|re|pre|post|zero|few|one|high|low"
    r"|large|small|long|short|single|full|half|open|closed|on|off)-(?=[a-z])",
    re.IGNORECASE,
)
_TO = re.compile(r"\b([a-z]+)-to-([a-z]+)\b", re.IGNORECASE)
_SUFFIX = re.compile(r"(?<=[a-z])-(less|agnostic|only)\b", re.IGNORECASE)
_ENHANCED = re.compile(r"(?<=[A-Za-z])-(enhanc|improv|boost|reduc|increas)(?:ed|ing)\b", re.IGNORECASE)
_FREE_OF = re.compile(r"\b(?:([a-z]+(?:-[a-z]+)?)-free\b|free (?:of|from)\b)", re.IGNORECASE)
_BROKEN = re.compile(r"(?<=[a-z])- (?!and\b|or\b|to\b|but\b)(?=[a-z])")  # "Ag- gregation": a line's end
_ACRONYMS = re.compile(r"\b([A-Z][A-Za-z]*[A-Z])s\b")
STOP_WORDS = frozenset(
    (
        "a an the of for in on to and or with by from at as is are be been was were do does did this that these "
        "those it its their which who whom whose using use used uses via than into also how can may such between both "
        "each other through while when where during within over under across about based paper work study authors "
        "approach our we us not no never none neither nor without cannot t s there here then thereby thus so called "
        "named have has had being but yet if only own they them ones i e g"
    ).split()
)
_MODELS_ALIKE = {"llm": "languagemodel", "llms": "languagemodel", "lm": "languagemodel", "lms": "languagemodel"}
_MODELS = re.compile(r"\b(?:large )?language models?\b", re.IGNORECASE)
# Endings of stems, and so many letters that must stay.
_DERIVED = (
    ("ativ", 4), ("abilit", 4), ("ibilit", 4), ("abl", 4), ("ab", 4), ("ibl", 4), ("ment", 4), ("ison", 4), ("ual", 4),
    ("ness", 4), ("enc", 5), ("anc", 5), ("ent", 5), ("ant", 5), ("ion", 4), ("iv", 4), ("at", 4), ("al", 6),
    ("ic", 4), ("ou", 4),
)  # fmt: skip
_SHORTEST_ITY = 7  # letters: "quality" is no "qual"
_SHORTEST_ISE = 5  # letters: "basis" is no "basize"
_UNDOUBLED = re.compile(r"([lpt])\1$")  # "modelling", "labelled"
_WORD = re.compile(r"\d+(?:,\d+)*(?:\.\d+)?|[a-z]+(?:\d+(?:\.\d+)?)?")
# A number that is part of a name counts nothing: "Rho-1", "Llama 2", "3D".
_IN_A_NAME = re.compile(r"(?<=[A-Za-z])-(?=\d)|(?<=[a-z,] )([A-Z][A-Za-z]*[A-Za-z]) (?=\d(?:\.\d)?\b(?!\.?\d| ?[%×]))")
_MORE_THAN = re.compile(r"(?:\b(?:more than|above|exceeding|greater than)|(?<!\w)>) ?(?=[~\d])", re.IGNORECASE)
_LESS_THAN = re.compile(r"(?:\b(?:less than|fewer than|below)|(?<!\w)<) ?(?=[~\d])", re.IGNORECASE)
_DIMENSIONS = re.compile(r"\b([1-4])[- ]?(?:D|dimensional)\b")


@lru_cache(maxsize=4096)
def normal(text: str) -> str:
    """Write dashes, apostrophes, spaces, number words, thousands, K, M, B, T, percent and "times" in one way."""
    text = re.sub(r"\s+", " ", text.replace("–", "-").replace("—", " ").replace("’", "'").replace("\\%", "%"))
    text = _DIMENSIONS.sub(lambda many: f"dimensional{many[1]}", _IN_A_NAME.sub(lambda name: name[1] or "", text))
    text = _LESS_THAN.sub("under ", _MORE_THAN.sub("over ", text))
    text = _NUMBER_WORD.sub(lambda word: _NUMBER_WORDS[word[0].lower()], text)
    text = _SCALED.sub(_unscaled, _THOUSANDS.sub("", text))
    text = _PERCENT.sub(" %", _FOLD.sub(" ×", text))
    text = _FREE_OF.sub(lambda free: f"without {free[1]}" if free[1] else "without", text)
    text = _ENHANCED.sub(r"\1like", text)
    text = _SUFFIX.sub(r"\1", _TO.sub(r"\1to\2", _BROKEN.sub("", text)))
    text = _PREFIX.sub(lambda prefix: prefix[1], text)
    return _MODELS.sub("LLM", _ACRONYMS.sub(r"\1", text))


def _unscaled(match: re.Match[str]) -> str:
    scale = _SCALES[(match[2] or match[3]).lower()]
    return f"{float(match[1].replace(',', '')) * scale:.15g}"


_DEFINED = re.compile(r"\(([A-Z][A-Za-z]*[A-Z])s?\)")
_LONGEST_DEFINITION = 120  # characters


def acronyms_in(text: str) -> dict[str, str]:
    """Return what each acronym that a text introduces stands for: "reinforcement learning (RL)"."""
    found = {}
    for match in _DEFINED.finditer(text):
        before = text[max(0, match.start() - _LONGEST_DEFINITION) : match.start()]
        words = list(re.finditer(r"[A-Za-z]+", before))[-len(match[1]) :]
        initials = "".join(word[0][0] for word in words)
        # No word of it may be an acronym itself, so that none grows when they are written out.
        if initials.lower() == match[1].lower() and all(word[0][1:].islower() or len(word[0]) == 1 for word in words):
            found[match[1]] = before[words[0].start() :].strip()
    return found


def spelt_out(text: str, acronyms: Mapping[str, str]) -> str:
    """Write acronyms out, and leave their introductions away."""
    for short, words in acronyms.items():
        literal = words.replace("\\", r"\\")  # TeX that is not understood would be taken for an escape
        text = re.sub(rf"{re.escape(words)}s? ?\({short}s?\)", literal, text, flags=re.IGNORECASE)
        text = re.sub(rf"(?<![\w-]){short}s?(?![\w-])", literal, text)
    return text


@lru_cache(maxsize=4096)
def content(text: str) -> tuple[str, ...]:
    """Return the stems of a text's words that carry content, numbers among them, in order."""
    return tuple(known(word) for word in _WORD.findall(normal(text).lower()) if word not in STOP_WORDS)


@lru_cache(maxsize=50_000)
def known(word: str) -> str:
    """Return the stem that stands for a lower-case word and for those that mean no more."""
    if word[0].isdigit():
        return word
    root = _root_of(word)
    return _MODELS_ALIKE.get(word) or _ALIKE.get(root, root)


def _root_of(word: str) -> str:
    """Cut what makes another kind of word: "retrieval" and "retrieves", "efficiency" and "efficient"."""
    root = stem(word[:-3] if word.endswith("ity") and len(word) > _SHORTEST_ITY else word)
    for _ in range(2):  # "effectively", "orthogonality"
        root = root.removesuffix("e") if len(root) < _SHORTEST_ISE else root.rstrip("ei")
        kept = (root[: -len(end)] for end, least in _DERIVED if root.endswith(end) and len(root) - len(end) >= least)
        root = next(kept, root)
    if len(root) > _SHORTEST_ISE and root.endswith("is"):
        root = f"{root[:-1]}z"  # "summarise", "summarize"
    return _UNDOUBLED.sub(r"\1", root)


def _alike(groups: str) -> dict[str, str]:
    """Return for the root of each word of the groups what stands for its group."""
    found: dict[str, str] = {}
    for line in groups.split("\n"):
        words = line.split()
        for word in words:
            if not word.startswith("@"):
                found.setdefault(
                    _root_of(word.replace("-", "")), words[0] if words[0].startswith("@") else _root_of(words[0])
                )
    return found


_ALIKE = _alike(COMPARED) | _alike(GROUPS)

# Verbs by which any paper may be told, in every form, and the nouns of no weight.
SAYING = frozenset(
    known(f"{bare}{ending}")
    for verb in SAYING_VERBS.split()
    for bare, endings in ((verb, ("", "s", "es")), (verb[:-1], ("ies",)), (verb.removesuffix("e"), ("ed", "ing")))
    for ending in endings
) | {"method"}
# Words that carry no claim by themselves: whatever a text says with them, it says with the others.
LIGHT = frozenset(known(word) for word in LIGHT_WORDS.split()) - {"new"}


@lru_cache(maxsize=4096)
def heavy(text: str) -> frozenset[str]:
    """Return the stems of a text's words that claim something, numbers among them."""
    return frozenset(content(text)) - SAYING - LIGHT
