"""A paper as a PDF → its passages (pure)."""

import io
import logging
import re
from collections.abc import Iterator

from pypdf import PdfReader

from digest.document import Passage, is_back_matter
from digest.errors import UsageError
from digest.text import normalise

_MOST_PAGES = 400
_LEAST = 30  # characters: less is a page number, no passage
_NUMBERED = re.compile(r"(?:[A-H]|\d{1,2})(?:\.\d{1,2}){0,3}\.?\s+[A-Z][^.!?;]{2,70}")
_NAMED = re.compile(
    r"(?:Abstract|Introduction|Background|Related Work|Preliminaries|Methods?|Experiments?|Results|Discussion"
    r"|Limitations|Conclusions?|References|Acknowledge?ments?|Appendix)",
    re.IGNORECASE,
)


def read_pdf(content: bytes, name: str) -> tuple[Passage, ...]:
    """Return the text of each section on each page; a PDF tells no paragraphs.

    Raises:
        UsageError: it is no PDF, is locked by a password, or holds pictures of text only.
    """
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it tells of each odd font
    try:
        reader = PdfReader(io.BytesIO(content))
        pages = [reader.pages[number].extract_text() for number in range(min(len(reader.pages), _MOST_PAGES))]
    except Exception as error:  # a damaged file makes the reader stumble in many ways
        raise UsageError(f"{name} cannot be read as a PDF ({error}): save it anew, without a password") from error
    passages = tuple(_passages(pages))
    if not passages:
        raise UsageError(f"{name} holds no text, only pictures of it: take the paper's HTML page")
    return passages


def _passages(pages: list[str]) -> Iterator[Passage]:
    section = ""
    for number, page in enumerate(pages, start=1):
        lines: list[str] = []
        for line in [*page.splitlines(), None]:
            if line is not None and not _is_heading(line.strip()):
                lines.append(line)
                continue
            text = _joined(lines)
            if len(text) >= _LEAST and not is_back_matter(section):
                yield Passage(text, section, f"page={number}")
            section, lines = section if line is None else normalise(line), []


def _is_heading(line: str) -> bool:
    return bool(_NAMED.fullmatch(line) or (_NUMBERED.fullmatch(line) and not line.endswith((",", "-", "="))))


def _joined(lines: list[str]) -> str:
    """Join the lines, and the words that were cut at their ends."""
    return normalise(re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", "\n".join(line.strip() for line in lines)))
