"""What a text about a paper must look like, whatever it says (pure)."""

import re
from collections.abc import Callable, Sequence

from digest.text import fold_title, plain_text
from digest.write.words.wording import content

_FEWEST_WORDS, _MOST_WORDS = 6, 45
_REPEATED = 4  # words in a row that stand twice

_SMALL_NAME = re.compile(r"[a-z]+-?[A-Z0-9]")  # "iLLaMA", "phi-3"
_MARKUP = re.compile(r"https?:|www\.|<[^>]*>|<\||\[/?INST|```|\]\(|[{}\\#*|]|_(?!\d)|\$(?!\d)|\$.*\$")
_FIRST_PERSON = re.compile(r"\b(?:we|our|ours|us|I(?!\.\w)|my|you|your)\b", re.IGNORECASE)
_BOILERPLATE = re.compile(
    r"^(?:this|the) (?:paper|work|article|study|authors?)\b|\b(?:as an ai|abstract:|title:)"
    r"|^\w+ an? (?:recent )?(?:paper|technical report|report|work)\b",
    re.IGNORECASE,
)
_PRAISE = re.compile(
    r"\b(?:groundbreaking|revolutionary|remarkabl[ey]|impressive(?:ly)?|exciting|best paper|must[- ]read)\b",
    re.IGNORECASE,
)


_LEANS = re.compile(
    r"^(?:\S+ ){0,4}(?:that|whether|how|why|because) (?:it|they|this|these|those)\b"
    r"|^\w+ (?:to \w+ )?(?:it|they|them|their|its)\b"
    r"|\bthis (?:problem|issue|concern|question|challenge|gap|limitation|hypothesis|idea|end)\b",
    re.IGNORECASE,
)


_THEIRS = re.compile(r"\b(?:their|they|them|these)\b")
_SEVERAL = re.compile(r"\s(?:\w{2,}s|and|data|people|both)\b")  # after the first word, which is a verb


def _is_whole(text: str, _title: str) -> bool:
    begins = text[:1].isupper() or text[:1].isdigit() or bool(_SMALL_NAME.match(text))
    return text.endswith((".", "!")) and begins and text.count("(") == text.count(")")


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
    theirs = _THEIRS.search(text)
    has_owners = theirs is None or _SEVERAL.search(text, 0, theirs.start())
    return bool(has_owners) and not _LEANS.search(text)


def _says_more_than_the_title(text: str, title: str) -> bool:
    said, named = set(content(text)), set(content(plain_text(title)))
    return fold_title(title) not in fold_title(text) and len(said - named) >= max(2, len(said) // 3)


def _does_not_repeat(text: str, _title: str) -> bool:
    words = re.findall(r"\w+", text.lower())
    runs = [tuple(words[n : n + _REPEATED]) for n in range(len(words) - _REPEATED + 1)]
    return len(runs) == len(set(runs))


CHECKS: Sequence[tuple[str, Callable[[str, str], bool]]] = (
    ("not one whole sentence", _is_whole),
    ("too short or too long", _has_fit_length),
    ("markup or an address", _is_plain),
    ("not English", _is_english),
    ("first person, boilerplate or praise", _speaks_of_the_paper),
    ("leans on a sentence that is not there", _stands_alone),
    ("repeats itself", _does_not_repeat),
    ("says no more than the title", _says_more_than_the_title),
)


def bad_form(text: str, title: str) -> str:
    """Return the name of the first check of form that a text fails, or ""."""
    return next((name for name, holds in CHECKS if not holds(text, title)), "")
