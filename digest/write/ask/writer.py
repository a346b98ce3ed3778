"""What every writer is: tasks in, answers out, in whatever order they are done (pure)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, Self


class Kind(StrEnum):
    """What is written about a paper."""

    TLDR = "tldr"  # one sentence of at most thirty words
    SUMMARY = "summary"  # one sentence or two: what it is, what it does or finds, one number
    STRUCTURED = "structured"  # problem, method, result and limits, a sentence each
    TRANSLATION = "translation"  # a printed text, in Traditional Chinese
    READING = "reading"  # an answer to one question about a paper, from passages of it
    RATING = "rating"  # how well it fits a reader, and why; nothing of it is printed as a summary
    TOPICS = "topics"  # which of the topics that it may have it has


FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.TLDR: ("tldr",),
    Kind.SUMMARY: ("summary",),
    Kind.STRUCTURED: ("problem", "method", "result", "limits"),
    Kind.TRANSLATION: ("translation",),
    Kind.READING: ("answer",),
    Kind.RATING: ("reason", "rating"),
    Kind.TOPICS: ("topics",),
}
# Fields that hold one of these words, best first.
CHOICES: Mapping[str, tuple[str, ...]] = {"rating": ("essential", "relevant", "marginal", "irrelevant")}
# Fields that hold one to so many of the words that the task offers, best first.
LISTS: Mapping[str, int] = {"topics": 3}

# Tokens of an answer at most; Chinese takes one to three tokens a character, and a question up to three sentences.
MOST_TOKENS: Mapping[Kind, int] = {kind: 110 * len(FIELDS[kind]) for kind in Kind} | {
    Kind.TRANSLATION: 400,
    Kind.READING: 240,
    Kind.TOPICS: 160,
}

SEED = 0  # decoding is greedy; the seed is kept so that a sampling writer can be told apart

# A smaller model writes one sentence after an opening it is given; a larger one answers in JSON (docs/writing.md).
SMALL = 950_000_000  # parameters: what is called "1B" may have a few less than a billion


def is_held_to_form(kind: Kind, *, is_small: bool) -> bool:
    """Tell whether an answer is JSON that a grammar holds to its form; a small model's sentence is not."""
    return kind in {Kind.RATING, Kind.TOPICS} or not is_small


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One text to write about one paper.

    Of a translation, abstract and what is shown are the text to translate; of a reading, the passages.
    """

    kind: Kind
    title: str
    abstract: str  # all of it: what the text is held against
    shown: str  # what the model reads of it
    refused: str = ""  # what the gate said of the first try; "" at the first try
    given: str = ""  # what else the model must know, where the kind has a place for it: a reader's wishes, a question
    offered: tuple[str, ...] = ()  # the words that a list may hold: small letters, digits and hyphens


@dataclass(frozen=True, slots=True)
class Answer:
    """What a writer gave: its words as they came, or why there are none."""

    text: str = ""
    failure: str = ""


class Writer(Protocol):
    """Writes about papers; the same task gives the same text. Used in a `with` block, which frees what it holds."""

    name: str
    model_hash: str  # SHA-256 of the model file, or of the name by which a server calls its model
    form: str  # the number format that the weights were turned into to be faster; "" where they are the file's own
    is_small: bool

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def write(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Answer]]:
        """Yield each task's place and its answer as it is done.

        Raises:
            ModelError: the writer failed for good; tasks that it gave no answer to may be tried another day.
        """
        ...
