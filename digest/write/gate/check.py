"""A text and the title and abstract it claims to rest on → passed, or the check that failed (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from digest.paper import Evidence
from digest.text import plain_text, split_sentences
from digest.write.gate.claims import contradicted, strays, support_of, tells_of_the_paper, unsupported
from digest.write.gate.form import bad_form
from digest.write.gate.parts import in_parts
from digest.write.words.wording import acronyms_in, spelt_out

# Part of every summary's identity: change it with any rule of the gate, of digest/write/extract or of what they call.
RULES = "2026-11-26.3"

_NONE = "no single supporting sentence"
_TRIED = 3  # sentences, those that hold most of a claim first
_MAY_GO_ON = 3  # last words of a text that is being written, which others may change


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
    if failed := bad_form(text, title):
        return Finding(failed=failed)
    spans = split_sentences(abstract)
    acronyms = acronyms_in(plain_text(abstract))
    sentences = [spelt_out(plain_text(abstract[start:end]), acronyms) for start, end in spans]
    paper = _Paper.of(spelt_out(plain_text(title), acronyms), sentences)
    evidence: list[Evidence] = []
    for start, end in split_sentences(text):
        failed, rests_on = _rests_on(spelt_out(text[start:end], acronyms), paper)
        if failed:
            return Finding(failed=failed)
        evidence += [Evidence(n, *spans[n]) for n in rests_on]
    return Finding(evidence=tuple(evidence))


@dataclass(frozen=True, slots=True)
class _Paper:
    title: str
    sentences: Sequence[str]  # of the abstract
    whole: str  # title and abstract

    @classmethod
    def of(cls, title: str, sentences: Sequence[str]) -> Self:
        return cls(title, sentences, " ".join([title, *sentences]))


def _rests_on(claim: str, paper: _Paper) -> tuple[str, tuple[int, ...]]:
    """Return the check that a sentence fails, or "", and the numbers of its supporting sentences."""
    failed = unsupported(claim, paper.whole)
    if failed or not paper.sentences:
        return failed or "no abstract", ()
    failed, best = _rests_on_one(claim, paper)
    if failed != _NONE:
        return failed, (best,)
    for parts in in_parts(claim):  # "proposes A, which does B": the abstract may say so in two sentences
        found = [_rests_on_one(part, paper) for part in parts]
        numbers = tuple(dict.fromkeys(n for _, n in found))
        if len(numbers) > 1 and not all(tells_of_the_paper(paper.sentences[n], paper.title) for n in numbers):
            continue
        if all(not why for why, _ in found) and all(_agree(parts, found, n, paper) for n in numbers):
            return "", numbers
    return failed, (best,)


def _agree(parts: Sequence[str], found: Sequence[tuple[str, int]], number: int, paper: _Paper) -> bool:
    """Tell whether those parts of a claim that rest on one sentence rest on it together too."""
    together = "".join(part for part, (_, n) in zip(parts, found, strict=True) if n == number)
    return not contradicted(together, paper.sentences[number], paper.title)


def _rests_on_one(claim: str, paper: _Paper) -> tuple[str, int]:
    """Return the check that a claim fails against the likeliest sentence, or "", and that sentence's number."""
    support = [support_of(claim, sentence) for sentence in paper.sentences]
    likeliest = sorted(range(len(support)), key=lambda n: (-support[n], n))
    verdicts = [(_departs(claim, paper, n, support[n]), n) for n in likeliest[:_TRIED]]
    return next((verdict for verdict in verdicts if not verdict[0]), verdicts[0])


def _departs(claim: str, paper: _Paper, number: int, support: float) -> str:
    """Return the first way in which a sentence departs from one that should support it, or ""."""
    sentence = paper.sentences[number]
    if not support or strays(claim, sentence, paper.title):
        return _NONE
    return contradicted(claim, sentence, paper.title)


def refused_so_far(begun: str, title: str, abstract: str) -> str:
    """Return the check that a sentence fails already, however it goes on, or ""; its last word may be cut.

    The last words may yet become part of what the gate reads as one: "large language" models, "30" million, or "more"
    than.
    """
    whole_words = begun[: begun.rfind(" ") + 1]
    source, acronyms = _spelt_out(title, abstract)
    failed = ""
    for _ in range(_MAY_GO_ON + 1):
        failed = unsupported(spelt_out(whole_words, acronyms), source)
        if not failed:
            return ""
        whole_words = whole_words[: whole_words.rstrip().rfind(" ") + 1]
    return failed


@lru_cache(maxsize=64)  # asked again with each piece of a text
def _spelt_out(title: str, abstract: str) -> tuple[str, dict[str, str]]:
    acronyms = acronyms_in(plain_text(abstract))
    return spelt_out(f"{plain_text(title)} {plain_text(abstract)}", acronyms), acronyms
