"""What every source of papers gives: records, each a paper or the reason why it is none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from digest.errors import SourceError
from digest.paper import Month, Paper
from digest.text import normalise

_LONGEST_EXCERPT = 200  # characters


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that is no paper: kept aside with its reason, while the rest goes on."""

    position: int  # from 1: the line in a file, the place in a list of results
    reason: str
    excerpt: str  # the beginning of the record, at most 200 characters, fit to print


@dataclass(frozen=True, slots=True)
class Deleted:
    """A paper that the source says is gone: kept, and marked as withdrawn."""

    arxiv_id: str


@dataclass(frozen=True, slots=True)
class Total:
    """How many papers the source says there are of the whole month, so that it can be held to it; it comes first."""

    papers: int


Record = Paper | Rejected | Deleted


class Source(Protocol):
    """A service that papers come from, month by month; a file gives the same records (`snapshot.py`)."""

    def fetch(self, month: Month, categories: Sequence[str]) -> Iterator[Paper | Rejected | Total]:
        """Yield the records of papers submitted in the month (UTC) to any of the categories, as they arrive.

        Raises:
            UsageError: what the person named is no source or no category; nothing was yielded.
            SourceError: the source failed on the way; what was yielded before stands.
        """
        ...


class PassingFault(SourceError):  # noqa: N818  it is no failure until the tries are used up
    """A fault that may be gone at the next try."""

    def __init__(self, message: str, wait_seconds: float = 0) -> None:
        super().__init__(message, wait_seconds)
        self.message, self.wait_seconds = message, wait_seconds

    def __str__(self) -> str:
        """Write the message alone."""
        return self.message


def reject(position: int, reason: str, record: str | bytes) -> Rejected:
    """Put a record aside, with no more of it than a person needs to find it."""
    beginning = record[: 4 * _LONGEST_EXCERPT]
    text = beginning.decode(errors="replace") if isinstance(beginning, bytes) else beginning
    return Rejected(position, reason, normalise(text)[:_LONGEST_EXCERPT])
