"""A title and an abstract → the sentence that says what the paper does, lightly trimmed (pure)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from digest.paper import Evidence, Summary, Verdict
from digest.text import plain_text, plain_title, split_sentences
from digest.write.ask.writer import Writer
from digest.write.extract.alone import leans
from digest.write.extract.telling import Reading, read, sentence_worth
from digest.write.extract.trim import FIRST_PERSON, shortened
from digest.write.gate.form import bad_form

_CODE = re.compile(
    r"https?://|www\.|\\url|github\.com|\bcodes? (?:is|are|and|will|has|for th)|source codes?\b"
    r"|(?:publicly|freely) available|project page|\bdemo\b",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(r"\bet al\b")
_SOURCE = re.compile(r"[\\{}]|\. [a-z]+ the\b")  # TeX that is not understood, a sentence broken in two
_FURTHER = re.compile(
    r"(?:first|second|third|fourth|final|last|additional)(?:ly)?,|moreover|furthermore"
    r"|in (?:addition|conclusion|summary)|overall,|taken together|also\b|we (?:also|further)\b",
    re.IGNORECASE,
)
_COUNTS_UP = re.compile(r"\((?:\d|[ivx]+|[a-d])\)")
# By eye, on April 2024: a question, a sentence that leans on the one before, and what others did or the field is like
# (said before the authors say what they do) tell a reader little by themselves.
_QUESTION_WEIGHT, _LEANS_WEIGHT, _BACKGROUND_WEIGHT = -0.15, -0.12, -0.15
# A list reads as one where each of its texts says what the paper does, none of them in the authors' person.
_FIRST_PERSON_WEIGHT, _FURTHER_WEIGHT, _COUNTS_UP_WEIGHT, _SOURCE_WEIGHT = -0.10, -0.05, -0.06, -0.3
# What a number needs to say something by itself: a unit, or a size.
_MEASURED = re.compile(
    r"\d[\d,.]*(?:\s?%|\s?[×x]\b|[KMBT]\b|[ -](?:times|fold|points?|percent|thousand|million|billion|trillion|tokens"
    r"|parameters|hours|languages|tasks|datasets|benchmarks|examples|papers|images|questions|models)\b)"
)
_LINKS = re.compile(
    r"(?:moreover|furthermore|additionally|in addition|notably|specifically|finally|lastly|for (?:example|instance)"
    r"|in particular|remarkably|also|importantly|overall|as a result|consequently|interestingly|surprisingly|further"
    r"|as expected|most notably|concretely|as an additional benefit|however|ultimately|in conclusion|in summary"
    r"|therefore|thus|hence|nevertheless|in short|taken together"
    r"|(?:in order )?to [a-z]+ (?:this|these|those|such)\b[^,]{0,60}),\s+",
    re.IGNORECASE,
)
_MOST_WORDS_OF_A_FINDING, _MOST_WORDS = 40, 60  # by itself, and with the TLDR
_SAME_VERB_WEIGHT = -0.05  # "Proposes X. Proposes Y." is dull
_FEW_WORDS = 9  # of a TLDR that says little more than a name
_NEVER = -9.0  # a sentence about the code, or cut short, is taken only where there is no other
_TOO_SHORT = 5  # words
# A small model stitches a whole abstract into something else; from two sentences it keeps to one of them: 12 of 59
# summaries passed the gate instead of 5, in half the time.
_SENTENCES_FOR_A_SMALL_MODEL = 2


def extract_tldr(title: str, abstract: str) -> Summary:
    """Return the abstract's sentence that best says what the paper does, trimmed; its evidence is the whole of it.

    Words are only left out ("In this paper, we propose X, which ..." → "Proposes X"), never changed. An empty abstract
    gives the title.
    """
    spans = split_sentences(abstract)
    if not spans:
        return _extracted(plain_title(title), Evidence(-1, 0, len(title)))
    return _best_sentence(spans, _read(title, abstract, spans))


def extract_summary(title: str, abstract: str) -> Summary:
    """Return the TLDR and, where it gives no number, the sentence after it that best tells one, trimmed as safely.

    After a TLDR of a few words ("Proposes the Loom method.") one without a number does as well. That sentence must
    stand by itself: no "we", no "these models", nothing about code.
    """
    spans = split_sentences(abstract)
    if not spans:
        return replace(extract_tldr(title, abstract), kind="summary")
    reading = _read(title, abstract, spans)
    tldr = replace(_best_sentence(spans, reading), kind="summary")
    if _MEASURED.search(tldr.text):
        return tldr
    first, room = tldr.evidence[0].sentence, _MOST_WORDS - len(tldr.text.split())
    findings = [
        (*finding, n) for n in range(first + 1, len(spans)) for finding in _findings(reading, n, title, tldr.text)
    ]
    fitting = [finding for finding in findings if len(finding[1].split()) <= room]
    measured = [finding for finding in fitting if _MEASURED.search(finding[1])]
    if not measured and (not fitting or len(tldr.text.split()) > _FEW_WORDS):
        return tldr
    opening = tldr.text.split()[0]
    _score, text, n = max(
        measured or fitting,
        key=lambda finding: (finding[0] + _SAME_VERB_WEIGHT * finding[1].startswith(opening), -finding[2]),
    )
    return replace(tldr, text=f"{tldr.text} {text}", evidence=(*tldr.evidence, Evidence(n, *spans[n])))


def _read(title: str, abstract: str, spans: Sequence[tuple[int, int]]) -> Reading:
    return read(plain_title(title), [plain_text(abstract[start:end]) for start, end in spans])


def _best_sentence(spans: Sequence[tuple[int, int]], reading: Reading) -> Summary:
    best = [_best_cut(reading, n) for n in range(len(spans))]
    chosen = max(range(len(spans)), key=lambda n: (best[n][0], -n))
    return _extracted(best[chosen][1], Evidence(chosen, *spans[chosen]))


def _findings(reading: Reading, n: int, title: str, before: str) -> Iterator[tuple[float, str]]:
    """Yield what of sentence n may follow the TLDR before it, with its worth."""
    sentence = reading.sentences[n]
    if _CODE.search(sentence) or _OF_OTHERS.search(sentence):
        return
    for text in shortened(_unlinked(sentence)):
        if len(text.split()) <= _MOST_WORDS_OF_A_FINDING and not leans(text, before) and not bad_form(text, title):
            yield sentence_worth(reading, n, text), text


def _unlinked(sentence: str) -> str:
    """Leave out the word that ties a sentence to the one before it: "However, ..."."""
    if not _LINKS.match(sentence):
        return sentence
    told = _LINKS.sub("", sentence, count=1)
    return told[:1].upper() + told[1:]


def shown_to(writer: Writer, title: str, text: str) -> str:
    """Return what a writer is shown of a text about a paper: all of it, or what a small model can keep to."""
    return most_telling(title, text, _SENTENCES_FOR_A_SMALL_MODEL) if writer.is_small else text


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
    cuts = [(sentence_worth(reading, n, text) + _form(text), text) for text in shortened(_unlinked(sentence))]
    score, text = max(cuts, key=lambda cut: cut[0])
    score += _NEVER * bool(_CODE.search(sentence)) + _FURTHER_WEIGHT * bool(_FURTHER.match(sentence))
    score += _BACKGROUND_WEIGHT * _is_background(reading, n)
    return score, text


def _is_background(reading: Reading, n: int) -> bool:
    """Tell whether a sentence stands before the one that announces the work, and does not speak of the work itself."""
    if reading.ours[n]:
        return False
    later = zip(reading.ours[n + 1 :], reading.sentences[n + 1 :], strict=True)
    return (
        bool(_OF_OTHERS.search(reading.sentences[n]))
        or any(reading.speaks[n + 1 :])
        or any(is_ours and not _CODE.search(sentence) for is_ours, sentence in later)
    )


def _form(text: str) -> float:
    whole = text.rstrip("\"'”’)]}").endswith((".", "!", "?", "。"))
    return (
        _LEANS_WEIGHT * leans(text)
        + _FIRST_PERSON_WEIGHT * bool(FIRST_PERSON.search(text))
        + _COUNTS_UP_WEIGHT * bool(_COUNTS_UP.search(text))
        + _SOURCE_WEIGHT * bool(_SOURCE.search(text))
        + _QUESTION_WEIGHT * text.endswith("?")
        + _NEVER * (len(text.split()) < _TOO_SHORT or not whole)
    )
