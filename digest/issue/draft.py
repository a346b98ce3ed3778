"""An editor's file as it is, and what the ranking would list → the file with the candidates below a marker (pure)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from digest.paper import Month, split_arxiv_id
from digest.text import normalise

MARKER = "# ──── digest draft ──── Above this line all is yours: digest never changes it."
_HOW = """\
# Below it stand candidates, as comments that mean nothing. To put one in, move its line into `papers` and take
# the "# " away; to keep it out, move it into `hides`. `digest draft` adds what is new at the end, and nothing twice.
"""
_NEW_FILE = """\
# The editor's file of the {name} issue. docs/editor.md explains every key; all of them may be left out.

# title = "What was the month's question?"
# subtitle = "What this issue discusses"
# opening = "opening.md"          # a file beside this one

papers = [
]

hides = [
]
"""
_NAMED = re.compile(r"""\bid\s*=\s*["']([^"'\n]+)["']""")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"'})
_LONGEST_REASON = 160  # characters


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that the editor may put in."""

    arxiv_id: str
    title: str
    score: float
    reason: str  # in words
    is_listed: bool  # by the ranking as it is


def draft(before: bytes, month: Month, candidates: Sequence[Candidate]) -> bytes:
    """Return the editor's file with the candidates that it does not name yet; what it holds stays, byte for byte.

    Args:
        before: the file as it is; empty where there is none.
        month: whose file it is.
        candidates: in the order in which they are written.
    """
    held = before or _NEW_FILE.format(name=month.name).encode()
    text = held.decode("utf-8", errors="replace")
    named = set(_named(text))
    new = [candidate for candidate in candidates if candidate.arxiv_id not in named]
    if not new:
        return held
    lines = [] if MARKER in text.splitlines() else ["", MARKER, *_HOW.splitlines()]
    gap = b"" if held.endswith(b"\n") else b"\n"
    return held + gap + "".join(f"{line}\n" for line in (*lines, *_lines(new))).encode()


def count_new(before: bytes, after: bytes) -> int:
    """Count the candidates that a draft added."""
    return sum(1 for _ in _NAMED.finditer(after[len(before) :].decode("utf-8", errors="replace")))


def _named(text: str) -> Iterator[str]:
    """Yield every paper that the file names, also in comments."""
    for match in _NAMED.finditer(text):
        try:
            yield split_arxiv_id(match[1])[0]
        except ValueError:
            continue


def _lines(candidates: Iterable[Candidate]) -> Iterator[str]:
    for candidate in candidates:
        title = _one_line(candidate.title).translate(_ESCAPES)
        reason = _one_line(candidate.reason)[:_LONGEST_REASON]
        place = "listed by the ranking" if candidate.is_listed else "not listed"
        yield f"# {candidate.score:.3f}, {place}. {reason}"
        yield f'#   {{ id = "{candidate.arxiv_id}", title = "{title}" }},'


def _one_line(text: str) -> str:
    """Keep a paper's words within their comment, and free of what TOML forbids in one."""
    return "".join(char if char.isprintable() else " " for char in normalise(text)).strip()
