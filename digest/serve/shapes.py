"""What may be asked and what is answered: the same limits and shapes over HTTP and for assistants."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from digest.paper import Found, Paper
from digest.text import plain_text, plain_title

_MOST_PAPERS = 100  # in one answer
_LONGEST_TEXT = 2_000  # characters of a query: as many as are read of one
_LONGEST_VALUE = 100
_MOST_VALUES = 8  # of one filter: as many as are read

# A year, a month or a day, and nothing; a day that its month does not have is told apart later.
_DAY = "^([0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?)?$"
_ISSUE = "^((any|[12][0-9]{3}-(0[1-9]|1[0-2])))?$"
# What digest.paper.split_arxiv_id understands, links left out (info.arxiv.org/help/arxiv_identifier.html).
_ID = (
    "^([0-9]{2}(0[1-9]|1[0-2])[.][0-9]{4,6}|[a-z]+(-[a-z]+)?([.][A-Z]{2})?/[0-9]{2}(0[1-9]|1[0-2])[0-9]{3})"
    "(v[1-9][0-9]{0,2})?$"
)

Text = Annotated[
    str,
    Field(
        max_length=_LONGEST_TEXT,
        description='Words, "phrases", -without, author: cat: tag: since: until: issue: is:, an arXiv id or a title.',
        examples=["bounded memory for infinitely long inputs"],
    ),
]
Count = Annotated[int, Field(ge=1, le=_MOST_PAPERS, description="How many papers at most.")]
Since = Annotated[str, Field(pattern=_DAY, description="Submitted then or later: 2024, 2024-04 or 2024-04-01.")]
Until = Annotated[str, Field(pattern=_DAY, description="Submitted then or before.")]
_Value = Annotated[str, Field(max_length=_LONGEST_VALUE)]
Categories = Annotated[list[_Value], Field(max_length=_MOST_VALUES, description="Such as cs.CL, or cs; all must hold.")]
Authors = Annotated[list[_Value], Field(max_length=_MOST_VALUES, description="Names; small slips are forgiven.")]
Tags = Annotated[list[_Value], Field(max_length=_MOST_VALUES, description="Topics, such as agents.")]
Issue = Annotated[str, Field(pattern=_ISSUE, description='Listed in that month\'s issue, or in "any".')]
Withdrawn = Annotated[bool, Field(description="Withdrawn papers too.")]
ArxivId = Annotated[
    str,
    Field(
        pattern=_ID,
        max_length=40,
        description="An arXiv id, old or new, with a version or without: 2404.07143, hep-th/9901001.",
        examples=["2404.07143"],
    ),
]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Question(_Asked):
    """A search, as `digest search` takes it."""

    q: Text = ""
    k: Count = 10
    since: Since = ""
    until: Until = ""
    category: Categories = []
    author: Authors = []
    tag: Tags = []
    issue: Issue = ""
    withdrawn: Withdrawn = False

    @property
    def filters(self) -> list[tuple[str, str]]:
        """The filters as the query language names them."""
        single = [("since", self.since), ("until", self.until), ("issue", self.issue)]
        listed = (("cat", self.category), ("author", self.author), ("tag", self.tag))
        return [
            *single,
            ("is", "any" if self.withdrawn else ""),
            *((name, value) for name, values in listed for value in values),
        ]


class HowMany(_Asked):
    """How many papers are wanted."""

    k: Count = 10


class FoundPaper(BaseModel):
    """A paper that was found, and why; what `digest search --json` prints of it."""

    arxiv_id: str
    title: str
    authors: list[str]
    day: str = Field(description="Of submission, ISO; the month where only that is known.")
    score: float | None = Field(description="Cosine similarity, -1 to 1; null where there is no vector or no text.")
    recognised_by: str = Field(description='"arXiv id" or "title" where it is the paper that was named.')
    matched: list[str] = Field(description="Its words that answer to the query's.")
    withdrawn: bool
    why: str
    url: str

    @classmethod
    def of(cls, paper: Found) -> Self:
        """Tell of a paper that was found."""
        return cls(**paper.as_json())


class Answers(BaseModel):
    """Papers, best first, and what the person who asked should know."""

    papers: list[FoundPaper]
    notes: list[str]


class HeldPaper(BaseModel):
    """The latest version of a paper that is held; what is not known of it is null or empty."""

    arxiv_id: str
    version: int | None
    title: str
    abstract: str
    abstract_truncated: bool = Field(description="The source cut the abstract short.")
    authors: list[str]
    categories: list[str] = Field(description="The primary one first.")
    submitted: date | None
    updated: date | None
    comment: str | None
    journal_ref: str | None
    doi: str | None
    licence: str | None
    withdrawn: bool
    url: str

    @classmethod
    def of(cls, paper: Paper) -> Self:
        """Tell of a paper that is held."""
        return cls(
            arxiv_id=paper.arxiv_id,
            version=paper.version or None,
            title=plain_title(paper.title),
            abstract=paper.abstract,
            abstract_truncated=paper.abstract_truncated,
            authors=[plain_text(name) for name in paper.authors],
            categories=list(paper.categories),
            submitted=paper.submitted,
            updated=paper.updated,
            comment=paper.comment,
            journal_ref=paper.journal_ref,
            doi=paper.doi,
            licence=paper.licence,
            withdrawn=paper.withdrawn,
            url=paper.url,
        )


class Problem(BaseModel):
    """Why there is no answer (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
