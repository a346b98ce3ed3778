"""The bytes that a site may have → what it has no room for (pure).

Pages and feeds are never left out, for their addresses stay for ever; nor is anything of an issue's, which has all that
its papers' own files have. The rest is spare: it goes in while there is room, what is needed most first.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from digest.errors import DigestError
from digest.publish.addresses import paper_address
from digest.publish.cards import CARD_FILE
from digest.publish.draft import Drafts

_TO_SAY_SO = 20_000  # bytes kept free for what the site says of what it leaves out


@dataclass(frozen=True)
class LeftOut:
    """What a site leaves out, by the names of the drafts."""

    names: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Tell whether anything is left out."""
        return bool(self.names)

    def has_card(self, arxiv_id: str) -> bool:
        """Tell whether a paper's picture is in the site, where the site has pictures."""
        return paper_address(arxiv_id) + CARD_FILE not in self.names

    def has_files(self, arxiv_id: str) -> bool:
        """Tell whether a paper's citations and Markdown are in the site by themselves."""
        return paper_address(arxiv_id) not in self.names

    @cached_property
    def cards(self) -> int:
        """The number of papers whose picture is left out."""
        return sum(name.endswith(CARD_FILE) for name in self.names)

    @property
    def papers(self) -> int:
        """The number of papers without citations and Markdown of their own."""
        return len(self.names) - self.cards

    @property
    def counts(self) -> dict[str, int]:
        """Both numbers, for programs."""
        return {"cards": self.cards, "citations": self.papers}


NOTHING = LeftOut()


@dataclass(frozen=True)
class Room:
    """How large a site may grow, and how it is drafted without something."""

    max_bytes: int
    drafts: Callable[[LeftOut], Drafts]


@dataclass
class Filling:
    """A site that is filled until it is full: first all that must be in it, then what is spare, in order of need."""

    max_bytes: int  # 0: no bound
    needed: int = 0
    spare: int = 0
    left_out: set[str] = field(default_factory=set)

    @property
    def _room(self) -> int:
        return self.max_bytes - _TO_SAY_SO

    @property
    def is_full(self) -> bool:
        """Whether nothing spare goes in any more."""
        return bool(self.left_out)

    @property
    def is_over(self) -> bool:
        """Whether what must be in it has no room."""
        return bool(self.max_bytes) and self.needed > self._room

    def need(self, size: int) -> None:
        """Put in what must be in it."""
        self.needed += size

    def takes(self, size: int) -> bool:
        """Put in something spare, where there is room for it."""
        if self.max_bytes and self.needed + self.spare + size > self._room:
            return False
        self.spare += size
        return True

    def check(self) -> None:
        """Refuse a site that is too large without anything spare.

        Raises:
            DigestError: the message says how to make it smaller.
        """
        if self.is_over:
            raise DigestError(
                f"the pages and feeds alone have {_megabytes(self.needed)}, and site.max_bytes is "
                f"{_megabytes(self.max_bytes)}: raise site.author_papers, name fewer site.languages, list "
                "fewer papers, or serve the site from where more is allowed and raise site.max_bytes (0: no bound)"
            )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def told(left_out: LeftOut, max_bytes: int) -> str:
    """Return what was left out as a line for the editor."""
    return (
        f"site.max_bytes is {_megabytes(max_bytes)}, so that the pictures of {left_out.cards:,} papers and the "
        f"citations and Markdown of {left_out.papers:,} were left out, the oldest first (docs/site.md)"
    )
