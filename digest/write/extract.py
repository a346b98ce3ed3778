"""A title and an abstract → the sentence that says what the paper does, lightly trimmed (pure)."""

import re
from collections.abc import Sequence

from digest.paper import Evidence, Summary, Verdict
from digest.text import plain_text, plain_title, split_sentences
from digest.write.telling import Reading, read, sentence_worth
from digest.write.trim import shortened, trim_opening

__all__ = ["extract_tldr", "most_telling", "score_sentences", "trim_opening"]

_CODE = re.compile(
    r"https?://|www\.|\\url|github\.com|\bcodes? (?:is|are|and|will|has|for th)|source codes?\b"
    r"|(?:publicly|freely) available|project page|\bdemo\b",
    re.IGNORECASE,
)
_DANGLING = re.compile(
    r"(?:besides|nevertheless|afterwards?|in contrast|the rest|the others?|second|third|fourth|also|it|they"
    r"|these|those|such|its)\b"
    r"|.*\bthis (?:problem|issue|concern|question|challenge|gap|limitation|hypothesis|setting|idea|concept"
    r"|phenomenon|task|effect)\b"
    r"|.*\bthe (?:above|aforementioned)\b|.*\b(?:that|whether) (?:it|they|this|these)\b",
    re.IGNORECASE,
)
# By eye, on April 2024: a question, or a sentence that leans on the one before, tells a reader little by itself.
_QUESTION_WEIGHT, _DANGLING_WEIGHT = -0.15, -0.08
_NEVER = -9.0  # a sentence about the code, or cut short, is taken only where there is no other
_TOO_SHORT = 5  # words


def extract_tldr(title: str, abstract: str) -> Summary:
    """Return the abstract's sentence that best says what the paper does, trimmed; its evidence is the whole of it.

    Words are only left out ("In this paper, we propose X, which ..." → "Proposes X"), never changed. An empty abstract
    gives the title.
    """
    spans = split_sentences(abstract)
    if not spans:
        return _extracted(plain_title(title), Evidence(-1, 0, len(title)))
    sentences = [plain_text(abstract[start:end]) for start, end in spans]
    reading = read(plain_title(title), sentences)
    best = [_best_cut(reading, n) for n in range(len(sentences))]
    chosen = max(range(len(sentences)), key=lambda n: (best[n][0], -n))
    return _extracted(best[chosen][1], Evidence(chosen, *spans[chosen]))


def most_telling(title: str, abstract: str, count: int) -> str:
    """Return the abstract's sentences that best say what the paper does, `count` at most, in their order."""
    spans = split_sentences(abstract)
    scores = score_sentences(title, [plain_text(abstract[start:end]) for start, end in spans])
    best = sorted(range(len(spans)), key=lambda n: (-scores[n], n))[:count]
    return " ".join(abstract[slice(*spans[n])] for n in sorted(best))


def score_sentences(title: str, sentences: Sequence[str]) -> list[float]:
    """Return for each sentence of an abstract how well it, trimmed, would stand for the paper; higher is better."""
    reading = read(plain_title(title), sentences)
    return [_best_cut(reading, n)[0] for n in range(len(sentences))]


def _extracted(text: str, evidence: Evidence) -> Summary:
    return Summary(kind="tldr", text=text, evidence=(evidence,), verdict=Verdict.EXTRACTED)


def _best_cut(reading: Reading, n: int) -> tuple[float, str]:
    """Return the score of sentence n in its best short form, and that form; among equals the longest."""
    sentence = reading.sentences[n]
    cuts = [(sentence_worth(reading, n, text) + _form(text), text) for text in shortened(sentence)]
    score, text = max(cuts, key=lambda cut: cut[0])
    return score + _NEVER * bool(_CODE.search(sentence)), text


def _form(text: str) -> float:
    whole = text.rstrip("\"'”’)]}").endswith((".", "!", "?", "。"))
    return (
        _DANGLING_WEIGHT * bool(_DANGLING.match(text))
        + _QUESTION_WEIGHT * text.endswith("?")
        + _NEVER * (len(text.split()) < _TOO_SHORT or not whole)
    )
