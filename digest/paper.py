"""What a paper is, and what is said of it: the words that every stage speaks."""

import calendar
import hashlib
import re
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Self

# info.arxiv.org/help/arxiv_identifier.html: new ids since 0704 (five digits since 1501), old with a slash.
_NEW_ID = re.compile(r"(?P<year>\d{2})(?P<month>0[1-9]|1[0-2])\.\d{4,6}", re.ASCII)
_OLD_ID = re.compile(r"[a-z]+(-[a-z]+)?(\.[A-Z]{2})?/(?P<year>\d{2})(?P<month>0[1-9]|1[0-2])\d{3}", re.ASCII)
_BEFORE_ID = re.compile(r"^(arxiv:|https?://(www\.|export\.)?arxiv\.org/(abs|pdf|html)/)", re.IGNORECASE)
_VERSION = re.compile(r"v([1-9]\d{0,2})$", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month in UTC, and the issue that holds the papers submitted in it."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "2024-04".

        Raises:
            ValueError: the text is no month between 1991-07 (arXiv's first) and 2999-12.
        """
        match = re.fullmatch(r"([12]\d{3})-(0[1-9]|1[0-2])", text, re.ASCII)
        if match is None or text < "1991-07":
            raise ValueError(f"{text!r} is not a month: write it like 2024-04")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        """Write it as `parse` reads it."""
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def name(self) -> str:
        """The month in words: "April 2024"."""
        return f"{calendar.month_name[self.month]} {self.year}"

    @property
    def first_day(self) -> date:
        """The first day."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The last day."""
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    def next(self) -> "Month":
        """Return the month after."""
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    def __contains__(self, day: date) -> bool:
        """Tell whether the day lies in this month."""
        return (day.year, day.month) == (self.year, self.month)


def split_arxiv_id(text: str) -> tuple[str, int]:
    """Split an arXiv id into the bare id and its version (0: none was given).

    Understands "2404.07143v2", "hep-th/9901001", "arXiv:2404.07143" and links to abs, pdf and html pages.

    Raises:
        ValueError: it is no arXiv id.
    """
    if _NEW_ID.fullmatch(text):
        return text, 0
    bare = _BEFORE_ID.sub("", text.strip()).removesuffix(".pdf")
    version = _VERSION.search(bare)
    if version is not None:
        bare = bare[: version.start()]
    if not (_NEW_ID.fullmatch(bare) or _OLD_ID.fullmatch(bare)):
        raise ValueError(f"{text[:60]!r} is not an arXiv id: write it like 2404.07143 or hep-th/9901001")
    return bare, int(version[1]) if version else 0


def month_of_id(arxiv_id: str) -> Month:
    """Return the month that a bare arXiv id names: that of its announcement.

    Raises:
        ValueError: it is no arXiv id.
    """
    match = _NEW_ID.fullmatch(arxiv_id) or _OLD_ID.fullmatch(arxiv_id)
    if match is None:
        raise ValueError(f"{arxiv_id[:60]!r} is not an arXiv id: write it like 2404.07143 or hep-th/9901001")
    year = int(match["year"])
    # arXiv began in 1991: two digits from 91 on are the last century's.
    return Month(1900 + year if year >= 91 else 2000 + year, int(match["month"]))  # noqa: PLR2004


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One version of one arXiv submission, as its authors described it.

    What a source does not know is empty: () for authors and categories, None for days, 0 for the version.
    """

    arxiv_id: str  # bare: 2404.07143 or hep-th/9901001
    version: int = 0  # 1 for v1; 0 where the source does not say
    title: str
    abstract: str
    authors: tuple[str, ...] = ()  # in the order of the paper
    authors_line: str | None = None  # as the source wrote them, TeX and affiliations included
    categories: tuple[str, ...] = ()  # primary category first, such as cs.CL
    submitted: date | None = None  # the day (UTC) of version 1
    announced: date | None = None  # the day arXiv announced it
    updated: date | None = None  # the day (UTC) of this version
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    licence: str | None = None  # a URL, as arXiv gives it
    abstract_truncated: bool = False  # the source cut the abstract short
    withdrawn: bool = False

    @property
    def content_hash(self) -> str:
        """SHA-256 of title and abstract: what every embedding and summary of this version rests on."""
        return hashlib.sha256(f"{self.title}\0{self.abstract}".encode()).hexdigest()

    @property
    def primary_category(self) -> str | None:
        """The first category, where known."""
        return self.categories[0] if self.categories else None

    @property
    def month(self) -> Month:
        """The month the paper belongs to: that of its submission; where only the id is known, the id's."""
        if self.submitted is not None:
            return Month(self.submitted.year, self.submitted.month)
        return month_of_id(self.arxiv_id)

    @property
    def url(self) -> str:
        """The abstract page at arXiv, of this version where it is known."""
        return f"https://arxiv.org/abs/{self.arxiv_id}" + (f"v{self.version}" if self.version else "")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The span of the abstract that a sentence rests on."""

    sentence: int  # index among the abstract's sentences, from 0; -1 for the title
    start: int  # first character in the abstract (or title)
    end: int  # one past the last


class Verdict(StrEnum):
    """How a printed text came to be."""

    EXTRACTED = "extracted"  # a sentence of the abstract, by choice
    PASSED = "passed"  # the model's words passed the gate
    RETRIED = "retried"  # they passed at the second try
    FELL_BACK = "fell back"  # they did not pass: an extracted sentence stands in
    EDITED = "edited"  # a person wrote it


@dataclass(frozen=True, slots=True)
class Translation:
    """A printed text in another language, as a model gave it and a gate passed it."""

    language: str  # BCP 47: zh-Hant
    text: str
    model: str  # the translator's name


@dataclass(frozen=True, slots=True)
class Recipe:
    """What makes a summary besides the paper version; another recipe makes another summary."""

    kind: str
    model_hash: str  # SHA-256 of the model file
    prompt_hash: str
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A short text about one paper version, and all that it hangs on."""

    kind: str  # "tldr", "summary", or a field of a paper taken apart: "problem", "method", "result", "limits"
    text: str
    evidence: tuple[Evidence, ...]  # at least one for each sentence of the text; none of an editor's
    verdict: Verdict
    failed_check: str = ""  # what the gate said of the model's words, where it refused them
    model: str = ""  # the writer's name; empty for extracted text without a model
    model_hash: str = ""  # SHA-256 of the model file
    prompt_hash: str = ""
    seed: int = 0
    translations: tuple[Translation, ...] = ()  # at most one for a language


@dataclass(frozen=True, slots=True)
class Topic:
    """One entry of the closed taxonomy."""

    slug: str  # as in the URL: mixture-of-experts
    name: str  # as printed: Mixture of experts
    description: str  # a sentence; its embedding attracts papers
    synonyms: tuple[str, ...] = ()  # phrases that name the topic in a title or abstract
    parent: str = ""  # the group it stands in, as printed: Models


@dataclass(frozen=True, slots=True)
class Tag:
    """A topic given to a paper version."""

    topic: str  # the topic's slug
    score: float  # 0..1, higher is surer


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper found by a query or by its closeness to another."""

    arxiv_id: str
    title: str
    score: float  # cosine similarity, -1..1, higher is nearer


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A paper that a search found, and why."""

    arxiv_id: str
    title: str
    authors: tuple[str, ...] = ()
    day: str = ""  # of submission, ISO; the month where only that is known
    score: float | None  # cosine similarity, -1..1, higher is nearer; None where there is no vector or no text
    recognised_by: str = ""  # "arXiv id" or "title": it is the paper that was named
    matched: tuple[str, ...] = ()  # its words that answer to the query's
    withdrawn: bool = False

    @property
    def why(self) -> str:
        """Say why it was found."""
        parts = [f"is the paper of that {self.recognised_by}"] if self.recognised_by else []
        parts += [", ".join(self.matched)] if self.matched else []
        parts += [f"{self.score:.2f} near in meaning"] if self.score is not None else []
        return ("WITHDRAWN; " if self.withdrawn else "") + "; ".join(parts)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        values = asdict(self) | {"why": self.why, "url": f"https://arxiv.org/abs/{self.arxiv_id}"}
        return values | {"score": None if self.score is None else round(self.score, 4)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A paper chosen for an issue, and why."""

    arxiv_id: str
    score: float  # closeness to the profile, -1..1
    reason: str  # in words, for the reader
    pinned: bool = False  # by the editor
    starred: bool = False  # by the editor
    note: str = ""  # the editor's words, Markdown
    title: str = ""  # the editor's, where the paper was retitled in print
