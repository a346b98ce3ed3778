"""A prompt template and a paper → the pieces of a prompt, the paper's words kept apart as data (pure)."""

import hashlib
import re
from dataclasses import dataclass

from digest.errors import UsageError

# How the model's answer begins: forcing it doubled the share of good sentences at 135M parameters (docs/writing.md).
OPENINGS = ("This paper", "The authors")  # for the first try and the second
_FIELDS = ("title", "abstract")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a prompt."""

    text: str
    is_paper: bool  # the paper's words: chat tokens in them are plain text, instructions in them are data


def check_template(template: str, name: str) -> str:
    """Return a prompt template that has a place for the title and one for the abstract.

    Raises:
        UsageError: a place is missing.
    """
    for field in _FIELDS:
        if template.count(f"{{{field}}}") != 1:
            raise UsageError(f"{name} must hold {{{field}}} once: that is where the paper's words go")
    return template


def pieces(scaffold: str, title: str, abstract: str) -> list[Piece]:
    """Cut a scaffold at its {title} and {abstract} and put the paper's words there."""
    words = {"title": title, "abstract": abstract}
    parts = re.split(r"\{(title|abstract)\}", scaffold)
    return [Piece(words[part] if n % 2 else part, is_paper=bool(n % 2)) for n, part in enumerate(parts) if part]


def prompt_hash(template: str, *rules: str) -> str:
    """Return the SHA-256 of all that shapes a text besides model and paper: template, openings, the gate's rules."""
    return hashlib.sha256("\0".join([template, *OPENINGS, *rules]).encode()).hexdigest()
