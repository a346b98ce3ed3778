"""The tables, as SQLModel classes; no row of theirs leaves this folder."""

from datetime import date, datetime

from sqlalchemy import JSON, Column, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel


class PaperRow(SQLModel, table=True):
    """One arXiv id, and what holds for all its versions."""

    __tablename__ = "paper"

    arxiv_id: str = Field(primary_key=True)
    month: str = Field(index=True)  # of submission; of the id where only that is known: 2024-04
    primary_category: str | None = Field(default=None, index=True)
    submitted: date | None = None
    announced: date | None = None
    withdrawn: bool = False


class PaperVersionRow(SQLModel, table=True):
    """One version of a paper as it was seen: a changed title or abstract makes a new row."""

    __tablename__ = "paper_version"
    __table_args__ = (
        UniqueConstraint("arxiv_id", "version", "content_hash", name="paper_version_identity"),
        Index("paper_version_latest", "latest", "arxiv_id"),
    )

    id: int | None = Field(default=None, primary_key=True)  # the int64 id of the FAISS index
    arxiv_id: str = Field(foreign_key="paper.arxiv_id")
    version: int
    content_hash: str
    latest: bool  # the one to print; exactly one for each paper
    title: str
    abstract: str
    authors: list[str] = Field(sa_column=Column(JSON, nullable=False))
    authors_line: str | None = None  # as the source wrote them
    categories: list[str] = Field(sa_column=Column(JSON, nullable=False))
    updated: date | None = None
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    licence: str | None = None
    abstract_truncated: bool = False


class EmbeddingRow(SQLModel, table=True):
    """A version's unit vector, and the model that made it."""

    __tablename__ = "embedding"

    version_id: int = Field(foreign_key="paper_version.id", primary_key=True)
    model: str = Field(primary_key=True)
    dims: int
    vector: bytes = Field(sa_column=Column(LargeBinary, nullable=False))  # float32, little-endian
    vector_hash: str  # SHA-256 of the vector's bytes


class SummaryRow(SQLModel, table=True):
    """A text about a version, and all that made it; a new prompt or model makes a new row."""

    __tablename__ = "summary"
    __table_args__ = (
        UniqueConstraint("version_id", "kind", "model_hash", "prompt_hash", "seed", name="summary_identity"),
    )

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="paper_version.id")
    kind: str
    model: str
    model_hash: str
    prompt_hash: str
    seed: int
    text: str
    evidence: list[list[int]] = Field(sa_column=Column(JSON, nullable=False))  # [sentence, start, end]
    verdict: str
    failed_check: str


class TaggingRow(SQLModel, table=True):
    """A topic given to a version under one taxonomy and model."""

    __tablename__ = "tagging"
    __table_args__ = (Index("tagging_topic", "scheme", "topic"),)

    version_id: int = Field(foreign_key="paper_version.id", primary_key=True)
    scheme: str = Field(primary_key=True)  # hash of the taxonomy and the encoder's name
    rank: int = Field(primary_key=True)  # 0 for the best topic
    topic: str
    score: float


class IssueEntryRow(SQLModel, table=True):
    """A version's place in a month's issue."""

    __tablename__ = "issue_entry"

    month: str = Field(primary_key=True)
    version_id: int = Field(foreign_key="paper_version.id", primary_key=True)
    rank: int
    score: float
    reason: str
    pinned: bool
    starred: bool
    note: str
    title: str


class ChoiceMarkRow(SQLModel, table=True):
    """What a month's choices were made from."""

    __tablename__ = "choice_mark"

    month: str = Field(primary_key=True)
    mark: str  # a hash of all that shapes them


class SearchChangeRow(SQLModel, table=True):
    """The last change of a version that an index of the search must follow; triggers write it (migration 0004)."""

    __tablename__ = "search_change"
    __table_args__ = (UniqueConstraint("version_id", name="search_change_version"), {"sqlite_autoincrement": True})

    seq: int | None = Field(default=None, primary_key=True)  # grows with each change, and is never given twice
    version_id: int  # no foreign key: it may be gone


class SearchStateRow(SQLModel, table=True):
    """What the indexes are checked against: "store", this database's own name; "words", the last change followed."""

    __tablename__ = "search_state"

    name: str = Field(primary_key=True)
    value: str


class SearchableRow(SQLModel, table=True):
    """A latest version that the index of words holds, and what hits are filtered by."""

    __tablename__ = "searchable"
    __table_args__ = (Index("searchable_days", "last_day", "first_day"),)

    version_id: int = Field(primary_key=True)
    first_day: str  # the days between which it was submitted: one day, or the month where only that is known
    last_day: str
    withdrawn: bool = Field(index=True)
    title_key: str = Field(index=True)  # of the folded title: titles are recognised by it


class RunRow(SQLModel, table=True):
    """What one stage did in one run."""

    __tablename__ = "run"

    id: int | None = Field(default=None, primary_key=True)
    month: str
    stage: str
    started: datetime  # UTC
    seconds: float
    counts: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    failure: str  # "" when the stage was done
    night: str = Field(
        default="", index=True, sa_column_kwargs={"server_default": ""}
    )  # the run it belongs to; "" for a stage that ran alone


class DeliveryRow(SQLModel, table=True):
    """An issue that was sent to someone."""

    __tablename__ = "delivery"

    channel: str = Field(primary_key=True)  # "mail" or "notice"
    month: str = Field(primary_key=True)
    recipient: str = Field(primary_key=True)  # SHA-256 of the address: enough to know it again
    sent: datetime  # UTC


class QuarantineRow(SQLModel, table=True):
    """A record a source gave that is no paper, kept with the reason."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("source", "position", "reason", name="quarantine_identity"),)

    id: int | None = Field(default=None, primary_key=True)
    source: str  # a file's name or an address
    position: int  # line number, or place in the answer, from 1
    reason: str
    excerpt: str


class CursorRow(SQLModel, table=True):
    """How far a list of a source was read, so that the next harvest goes on from there."""

    __tablename__ = "cursor"

    source: str = Field(primary_key=True)
    scope: str = Field(primary_key=True)  # a category or a query
    since: date | None = None  # all changes from this day on were read
    finished: date | None = None  # the source's day when the last list that was read to its end was begun
    resume_since: date | None = None  # the first day of a list that is being read
    resume_from: date | None = None  # how far it came


class AnnouncementRow(SQLModel, table=True):
    """A paper on a category's list of a day."""

    __tablename__ = "announcement"

    arxiv_id: str = Field(primary_key=True)  # no foreign key: what is not held is what the ledger is for
    category: str = Field(primary_key=True)
    day: date = Field(primary_key=True, index=True)
    kind: str


class ExpectationRow(SQLModel, table=True):
    """How many papers a source says there are, to hold what is stored against."""

    __tablename__ = "expectation"

    source: str = Field(primary_key=True)
    month: str = Field(primary_key=True)
    day: str = Field(primary_key=True)  # "" for the whole month
    category: str = Field(primary_key=True)  # or several, joined by a blank
    papers: int | None = None  # None: it could not be asked
    reason: str  # why some are missing, where known
