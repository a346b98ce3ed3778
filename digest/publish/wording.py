"""Values of an issue → the words that are printed for them (pure)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from digest.paper import Evidence, Month, Paper, Verdict
from digest.text import plain_text

_LABELS = {
    Verdict.PASSED: "machine-written",
    Verdict.RETRIED: "machine-written",
    Verdict.EXTRACTED: "extracted",
    Verdict.FELL_BACK: "extracted",
}
_HOW = {
    Verdict.PASSED: "Written by {model} from the abstract; every sentence was checked against it.",
    Verdict.RETRIED: "Written by {model} from the abstract at the second try; every sentence was checked against it.",
    Verdict.EXTRACTED: "A sentence of the abstract, chosen by rule and lightly trimmed; no model wrote it.",
    Verdict.FELL_BACK: "A sentence of the abstract, lightly trimmed: the checks refused what {model} wrote{check}.",
}


def printable(text: str) -> str:
    """Return the text without what does not show: controls, bidirectional marks, private characters."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in "\n\t" else " " if char.isspace() else "" for char in text)


def day_of(paper: Paper) -> str:
    """Write the day of submission, "30 Apr 2024"; where it is not known, the month of the id, "Apr 2024"."""
    if paper.submitted is None:
        return _short_month(paper)
    return f"{paper.submitted.day} {_short_month(paper)}"


def day_for_machines(paper: Paper) -> str:
    """Write what `day_of` says in the way of an HTML time element."""
    return str(paper.submitted or paper.month)


def _short_month(paper: Paper) -> str:
    name, year = paper.month.name.split()
    return f"{name[:3]} {year}"


def written_day(day: date) -> str:
    """Write a day in full: "12 May 2024"."""
    return f"{day.day} {Month(day.year, day.month).name}"


def label_of(verdict: Verdict) -> str:
    """Say in a word or two who wrote a summary."""
    return _LABELS[verdict]


def how_written(verdict: Verdict, model: str, failed_check: str) -> str:
    """Say in a sentence how a summary came to be."""
    check = f" ({failed_check})" if failed_check else ""
    return _HOW[verdict].format(model=model or "the model", check=check)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of an abstract, as printed."""

    text: str
    mark: int  # which piece of evidence it is, from 1; 0: none


def split_by_evidence(abstract: str, evidence: tuple[Evidence, ...]) -> list[Segment]:
    """Cut an abstract at the spans a summary rests on, and turn each piece into print.

    The spans count characters of the stored abstract, so the cutting comes before any decoding. A span of the
    title (sentence -1) or beyond the end marks nothing.
    """
    return [segment for segment in _cut(abstract, _spans(abstract, evidence)) if segment.text]


def _spans(abstract: str, evidence: tuple[Evidence, ...]) -> list[tuple[int, int]]:
    wanted = {(max(0, one.start), min(len(abstract), one.end)) for one in evidence if one.sentence >= 0}
    spans: list[tuple[int, int]] = []
    for start, end in sorted(span for span in wanted if span[0] < span[1]):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _cut(abstract: str, spans: list[tuple[int, int]]) -> Iterator[Segment]:
    last = 0
    for number, (start, end) in enumerate(spans, start=1):
        yield Segment(_plain_piece(abstract[last:start]), 0)
        yield Segment(_plain_piece(abstract[start:end]), number)
        last = end
    yield Segment(_plain_piece(abstract[last:]), 0)


def _plain_piece(piece: str) -> str:
    """Decode a piece as `plain_text` does, and keep the white space at its ends."""
    plain = plain_text(piece)
    before = " " if piece[:1].isspace() and plain.strip() else ""
    after = " " if piece[-1:].isspace() else ""
    return before + plain.strip() + after
