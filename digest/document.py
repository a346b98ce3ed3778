"""What a paper's text is: passages in their order, each with its section and the place where it can be found."""

import re
from dataclasses import dataclass

_BACK_MATTER = re.compile(r"[\dA-Z.\s]*\b(references|bibliography|acknowledge?ments?)\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, or what stands of a section on a page."""

    text: str  # on one line
    section: str  # its heading with its number, such as "3.2 Results"; "" before the first
    anchor: str  # the fragment of an address: S3.SS2.p1, page=4; "" where there is none
    start: int = 0  # where it was cut out of a longer text, its first character there


@dataclass(frozen=True, slots=True)
class Document:
    """A text that was read."""

    source: str  # what it was read from, in words: "the abstract", "arXiv's HTML", a file's name
    url: str  # where a reader finds it, to which anchors are added; "" for a file on disk
    passages: tuple[Passage, ...]


def is_back_matter(section: str) -> bool:
    """Tell whether a heading opens references or thanks, which say nothing of the paper's work."""
    return bool(_BACK_MATTER.fullmatch(section))
