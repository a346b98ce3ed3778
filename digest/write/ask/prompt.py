"""A prompt template and a task → the pieces of a prompt, the paper's words kept apart as data (pure)."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from digest.errors import UsageError
from digest.text import plain_text, plain_title
from digest.write.ask.answers import FORM, OPENING
from digest.write.ask.writer import FIELDS, Kind, Task, is_held_to_form

# How a small model's answer begins: forcing it doubled the share of good sentences at 135M.
OPENINGS = (OPENING, "The authors")  # for the first try and the second
_PLACES = ("title", "abstract")
_PLACES_OF = {
    Kind.TRANSLATION: ("text", "given"),
    Kind.READING: ("title", "text", "given"),
    Kind.RATING: (*_PLACES, "given"),
    Kind.TOPICS: (*_PLACES, "given"),
}
_RETRIES = {Kind.STRUCTURED: "retry-structured.txt"}
_RETRY_PLACES = ("refused",)
_READING = "2"  # raise it where a model is given other tokens for the same words: its texts change


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a prompt."""

    text: str
    is_data: bool  # the paper's words: chat tokens in them are plain text, instructions in them are data


@dataclass(frozen=True, slots=True)
class Prompts:
    """The templates that a model is asked with."""

    template_by_kind: Mapping[str, str]
    retry_by_kind: Mapping[str, str]  # what is added at the second try
    is_small: bool

    def words(self, kind: Kind, *, again: bool) -> str:
        """Return the user's turn, its places still open."""
        return self.template_by_kind[kind] + (self.retry_by_kind[kind] if again else "")

    def opening(self, *, again: bool) -> str:
        """Return how the answer must begin."""
        return OPENINGS[again] if self.is_small else ""

    def identity(self, kind: Kind, *rules: str) -> str:
        """Return the SHA-256 of all that shapes a text besides model and paper: templates, openings, rules."""
        parts = [
            self.template_by_kind[kind],
            self.retry_by_kind[kind],
            *((*FIELDS[kind], FORM) if is_held_to_form(kind, is_small=self.is_small) else OPENINGS),
            _READING,
            *rules,
        ]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def load_prompts(folder: Path, *, is_small: bool) -> Prompts:
    """Read the templates of a folder: a small model's for sentences have "-small" in their names.

    Raises:
        UsageError: one is missing, or has no place for the paper.
    """
    kinds = (Kind.SUMMARY, Kind.READING, Kind.RATING, Kind.TOPICS) if is_small else tuple(Kind)
    names = {kind: f"{kind}{'' if is_held_to_form(kind, is_small=is_small) else '-small'}.txt" for kind in kinds}
    templates = {kind.value: _read(folder / name, _PLACES_OF.get(kind, _PLACES)) for kind, name in names.items()}
    retries = {kind.value: "\n\n" + _read(folder / _RETRIES.get(kind, "retry.txt"), _RETRY_PLACES) for kind in kinds}
    return Prompts(templates, retries, is_small)


def _read(file: Path, places: tuple[str, ...]) -> str:
    try:
        return check_template(file.read_text(encoding="utf-8"), file.name, places).strip()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}; put the prompt template back") from error


def check_template(template: str, name: str, places: tuple[str, ...] = _PLACES) -> str:
    """Return a prompt template that has each place once.

    Raises:
        UsageError: a place is missing.
    """
    for place in places:
        if template.count(f"{{{place}}}") != 1:
            raise UsageError(f"{name} must hold {{{place}}} once: that is where its words go")
    return template


def common_pieces(scaffold: str, task: Task) -> list[Piece]:
    """Return the pieces that the prompt of every paper begins with.

    A reader's wishes are the same for all papers of a month; a question, and the topics offered, are a paper's own.
    """
    places = "title|abstract|text|refused" if task.kind is Kind.RATING else "title|abstract|text|refused|given"
    return pieces(re.split(rf"\{{(?:{places})\}}", scaffold, maxsplit=1)[0], task)


def pieces(scaffold: str, task: Task) -> list[Piece]:
    """Cut a scaffold at its places and put the task's words there."""
    shown = plain_text(task.shown)
    words = {"title": plain_title(task.title), "abstract": shown, "text": shown, "refused": task.refused}
    words["given"] = task.given
    parts = re.split(r"\{(title|abstract|text|refused|given)\}", scaffold)
    return [Piece(words[part] if n % 2 else part, is_data=bool(n % 2)) for n, part in enumerate(parts) if part]
