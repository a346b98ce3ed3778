"""Two ways to write one thing → one way: dashes, units, number words, prefixes, synonyms of no weight (pure)."""

import re
from functools import lru_cache

from digest.write.words import stem

_NUMBER_WORDS = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12", "twice": "2 ×", "thrice": "3 ×", "half": "0.5", "double": "2 ×",
    "hundred": "100", "thousands": "1000s",
}  # fmt: skip
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_NUMBER_WORDS)})\b", re.IGNORECASE)
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "billion": 1e9, "t": 1e12, "trillion": 1e12}
_SCALED = re.compile(r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)(?:\s?-?\s?(thousand|million|billion|trillion)\b|([KMBT])\b)")
_THOUSANDS = re.compile(r"(?<=\d)[ ,](?=\d{3}(?!\d))")
_FOLD = re.compile(r"(?<=\d)\s?-?\s?(?:x|×|times|fold)(?![\w-])", re.IGNORECASE)
_PERCENT = re.compile(r"(?<=\d)\s?-?\s?(?:%|per ?cent\b)(?!age)", re.IGNORECASE)
# With one of these before it a word means something else, so both are one word here: "non-convex", "self-supervised".
_PREFIX = re.compile(
    r"\b(non|self|semi|un|anti|near|pseudo|quasi|multi|cross|inter|intra|sub|super|co|de|re|pre|post|zero|few|one|high|low"
    r"|large|small|long|short|single|full|half|open|closed|on|off)-(?=[a-z])",
    re.IGNORECASE,
)
_TO = re.compile(r"\b([a-z]+)-to-([a-z]+)\b", re.IGNORECASE)
_SUFFIX = re.compile(r"(?<=[a-z])-(free|less|agnostic|only)\b", re.IGNORECASE)
_BROKEN = re.compile(r"(?<=[a-z])- (?!and\b|or\b|to\b|but\b)(?=[a-z])")  # "Ag- gregation": a line's end
_ACRONYMS = re.compile(r"\b([A-Z][A-Za-z]*[A-Z])s\b")
STOP_WORDS = frozenset(
    (
        "a an the of for in on to and or with by from at as is are be been was were do does did this that these "
        "those it its their which who whom whose using use used uses via than into also how can may such between both "
        "each other through while when where during within over under across about based paper work study authors "
        "approach our we us not no never none neither nor without cannot t s there here then thereby thus so called "
        "named have has had being but yet if only own they them i e g"
    ).split()
)
# Words that say the same of any paper: one stands for all.
_SAME = {
    "amalgamat": "combin", "utiliz": "us", "utilis": "us", "leverag": "us", "emplo": "us", "techniqu": "method",
    "methodolog": "method", "approach": "method", "llm": "languagemodel", "llms": "languagemodel",
    "lm": "languagemodel", "lms": "languagemodel", "analys": "analyz", "modell": "model",
}  # fmt: skip
_MODELS = re.compile(r"\b(?:large )?language models?\b", re.IGNORECASE)
_WORD = re.compile(r"\d[\d,]*\.?\d*|[a-z]+")


@lru_cache(maxsize=4096)
def normal(text: str) -> str:
    """Write dashes, apostrophes, spaces, number words, thousands, K, M, B, T, percent and "times" in one way."""
    text = re.sub(r"\s+", " ", text.replace("–", "-").replace("—", " ").replace("’", "'").replace("\\%", "%"))
    text = _NUMBER_WORD.sub(lambda word: _NUMBER_WORDS[word[0].lower()], text)
    text = _SCALED.sub(_unscaled, _THOUSANDS.sub("", text))
    text = _PERCENT.sub(" %", _FOLD.sub(" ×", text))
    text = _SUFFIX.sub(r"\1", _TO.sub(r"\1to\2", _BROKEN.sub("", text)))
    text = _PREFIX.sub(lambda prefix: prefix[1], text)
    return _MODELS.sub("LLM", _ACRONYMS.sub(r"\1", text))


def _unscaled(match: re.Match[str]) -> str:
    scale = _SCALES[(match[2] or match[3]).lower()]
    return f"{float(match[1].replace(',', '')) * scale:.15g}"


@lru_cache(maxsize=4096)
def content(text: str) -> tuple[str, ...]:
    """Return the stems of a text's words that carry content, numbers among them, in order."""
    return tuple(known(word) for word in _WORD.findall(normal(text).lower()) if word not in STOP_WORDS)


def known(word: str) -> str:
    """Return the stem that stands for a lower-case word and for those that mean no more."""
    short = word if word[0].isdigit() else stem(word)
    return _SAME.get(short, short)
