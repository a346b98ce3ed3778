"""A refused text → the longest beginning of it that passes (pure).

A model says a paper's point first and rounds it off with what is not in the abstract, or not so: "..., improving
results on many tasks". What stands before is a claim of its own, and is held against the abstract like any other.
"""

import re
from collections.abc import Iterator

from digest.text import split_sentences
from digest.write.gate.check import Finding, check

_FEWEST_WORDS = 8  # of what is left: less says too little to be worth more than an extracted sentence
# Where a sentence may end early: before a remark, or before how, when and by what means something is done.
_ENDS = re.compile(
    r"[,;:]? (?=(?:which|where|while|whereas|thereby|thus|resulting|leading|including|such as|as well as|by [a-z]+ing"
    r"|using|via|through|without|across) )|, (?=(?:[a-z]+ing|with|by|and|but|based on|compared (?:to|with)) )"
)
_OPEN = re.compile(r"\b(?:and|or|the|an?|of|to|in|on|for|with|that|is|are|be|its?|their|more|most|by|as|not|without)$")
_REMARK = re.compile(r",? which (?:is|are|was|were|has|have|can|may|could|will)\b[^.]*(?=\.?$)")


def passing(text: str, title: str, abstract: str, most_words: int = 0) -> tuple[str, Finding]:
    """Return the longest beginning of a text that passes the gate, and what it rests on; the text itself if none does.

    A text of which nothing passes comes back with its own verdict. `most_words`: so many it may have; 0 is for any.
    """

    def held(tried: str) -> Finding:
        if most_words and len(tried.split()) > most_words:
            return Finding(failed=f"more than {most_words} words")
        return check(tried, title, abstract)

    verdict = held(text)
    found = ((shorter, held(shorter)) for shorter in _beginnings(text) if not verdict.ok)
    return next(((shorter, finding) for shorter, finding in found if finding.ok), (text, verdict))


def without_remark(text: str) -> str:
    """Leave away what a small model adds to a sentence when it is done: "..., which is a key concept in weaving"."""
    return _REMARK.sub("", text)


def _beginnings(text: str) -> Iterator[str]:
    """Yield the beginnings of a text that can stand as a sentence or more, the longest first."""
    spans = split_sentences(text)
    for _, end in reversed(spans[:-1]):
        yield text[:end]
    if not spans:
        return
    first = text[slice(*spans[0])].rstrip(".")
    for match in reversed(list(_ENDS.finditer(first))):
        begun = first[: match.start()]
        if len(begun.split()) >= _FEWEST_WORDS and not _OPEN.search(begun) and begun.count("(") == begun.count(")"):
            yield f"{begun}."
