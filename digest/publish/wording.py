"""Values of an issue → the words that are printed for them (pure)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from digest.figure import Source
from digest.paper import Evidence, Paper, Verdict
from digest.text import formula_spans

_LABELS = {
    Verdict.PASSED: "machine-written",
    Verdict.RETRIED: "machine-written",
    Verdict.EXTRACTED: "extracted",
    Verdict.FELL_BACK: "extracted",
    Verdict.EDITED: "editor",
}
_HOW = {
    Verdict.PASSED: "Written by %(model)s from the abstract; every sentence was checked against it.",
    Verdict.RETRIED: "Written by %(model)s from the abstract at the second try; every sentence was checked against it.",
    Verdict.EXTRACTED: (
        "Words of the abstract, chosen by rule, shortened and put in the third person; no model wrote them."
    ),
    Verdict.FELL_BACK: (
        "Words of the abstract, shortened and put in the third person: "
        "the checks refused what %(model)s wrote%(check)s."
    ),
    Verdict.EDITED: "Written by the editor.",
}
NO_REASON = "a reason not kept"
# What the gate calls its checks, as readers meet them where a text was refused.
CHECKS = (
    "not one whole sentence",
    "too short or too long",
    "markup or an address",
    "not English",
    "first person, boilerplate or praise",
    "leans on a sentence that is not there",
    "repeats itself",
    "says no more than the title",
    "no abstract",
    "no answer",
    "no single supporting sentence",
    "a number the abstract does not give",
    "a name the abstract does not give",
    "a comparison the abstract does not make",
    "words the abstract does not use",
    "negation differs from its support",
    "another's work told as the paper's",
    "a comparison its support does not make",
    "a name its support does not give",
    "a number its support does not give",
    "a number that counts something else",
    "names or compared things in another order",
    "a modifier told as the thing itself",
    "a direction that its support does not give",
    "a comparison of something else",
    NO_REASON,
)
_SHARED_HOSTS = {"github.com", "huggingface.co"}  # whose addresses begin with an owner and a name
_DOUBTFUL = re.compile(r"[^\n\t -~]")  # beyond printable ASCII; most texts hold none


def printable(text: str) -> str:
    """Return the text without what does not show: controls, bidirectional marks, private characters."""
    return text if text.isprintable() else _DOUBTFUL.sub(_shown, text)


def _shown(match: re.Match[str]) -> str:
    char = match[0]
    return char if char.isprintable() else " " if char.isspace() else ""


def day_for_machines(paper: Paper) -> str:
    """Write the day of submission, or else the month of the id, in the way of an HTML time element."""
    return str(paper.submitted or paper.month)


def label_of(verdict: Verdict) -> str:
    """Say in a word or two who wrote a summary."""
    return _LABELS[verdict]


def how_written(verdict: Verdict) -> str:
    """Return the sentence that says how a summary came to be; it names %(model)s and %(check)s."""
    return _HOW[verdict]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of an abstract, as the source wrote it."""

    text: str
    mark: int  # which piece of evidence it is, from 1; 0: none


def split_by_evidence(abstract: str, evidence: tuple[Evidence, ...]) -> list[Segment]:
    """Cut an abstract at the spans a summary rests on, each widened so that no formula is cut.

    The spans count characters of the stored abstract, so the cutting comes before any decoding. A span of the
    title (sentence -1) or beyond the end marks nothing.
    """
    return [segment for segment in _cut(abstract, _spans(abstract, evidence)) if segment.text]


def marks_of(abstract: str, evidence: tuple[Evidence, ...], mine: tuple[Evidence, ...]) -> list[int]:
    """Return at which of the marks that all the evidence makes stands what one text rests on."""
    spans = enumerate(_spans(abstract, evidence), start=1)
    held = [one for one in mine if one.sentence >= 0]
    return [n for n, span in spans if any(one.start < span[1] and span[0] < one.end for one in held)]


def _spans(abstract: str, evidence: tuple[Evidence, ...]) -> list[tuple[int, int]]:
    wanted = {(max(0, one.start), min(len(abstract), one.end)) for one in evidence if one.sentence >= 0}
    formulas = formula_spans(abstract) if wanted else []
    spans: list[tuple[int, int]] = []
    for start, end in sorted(_widened(span, formulas) for span in wanted if span[0] < span[1]):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _widened(span: tuple[int, int], formulas: list[tuple[int, int]]) -> tuple[int, int]:
    start, end = span
    for first, last in formulas:
        start = first if first < start < last else start
        end = last if first < end < last else end
    return start, end


def _cut(abstract: str, spans: list[tuple[int, int]]) -> Iterator[Segment]:
    last = 0
    for number, (start, end) in enumerate(spans, start=1):
        yield Segment(abstract[last:start], 0)
        yield Segment(abstract[start:end], number)
        last = end
    yield Segment(abstract[last:], 0)


def host_of(url: str) -> str:
    """Return the site that an address leads to, as a reader knows it: "arxiv.org"."""
    return urlsplit(url).netloc.removeprefix("www.")


def named_sources(sources: Iterable[Source]) -> list[tuple[str, str]]:
    """Return (name, address) of what a figure was drawn from, each name once with the first page that bears it.

    A paper is named by its id, what lies on GitHub or Hugging Face by its owner and name, and all else by its site.
    """
    url_by_name: dict[str, str] = {}
    for source in sources:
        url_by_name.setdefault(_name_of(source.url), source.url)
    return list(url_by_name.items())


def _name_of(url: str) -> str:
    host, folders = host_of(url), [part for part in urlsplit(url).path.split("/") if part]
    if host == "arxiv.org":
        return f"arXiv:{'/'.join(folders[1:])}"
    return "/".join((host, *folders[:2])) if host in _SHARED_HOSTS else host
