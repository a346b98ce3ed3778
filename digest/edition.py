"""What an issue of the magazine is: values that the issue stage composes and the publish stage renders."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from digest.figure import Figure
from digest.paper import Hit, Month, Paper, Summary, Topic


class Change(StrEnum):
    """What became of a paper after it was printed."""

    TITLE = "title"
    ABSTRACT = "abstract"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erratum:
    """One change of a printed paper, as arXiv shows it now."""

    arxiv_id: str
    day: date  # of the new version; where it does not say, the day on which the change was seen
    change: Change
    before: str = ""  # the title, or the sentences that are gone; plain text
    after: str = ""  # the title, the sentences that are new, or the authors' comment on withdrawing
    version_before: int = 0  # 0: not known
    version_after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A paper's place in an issue, with everything its line and its page print."""

    paper: Paper
    title: str  # as printed, plain text: the paper's own, or the editor's retitle
    summary: Summary  # what the list prints
    tldr: Summary  # one sentence: extracted, or the model's where one was asked for and passed
    aspects: tuple[Summary, ...] = ()  # its problem, method, result and limits, by their kind, each where it passed
    topics: tuple[Topic, ...]  # best first
    topics_choice: Summary | None = None  # a model's, that chose them among the likeliest; None: they score best
    reason: str  # why it was chosen, in words
    starred: bool = False  # the editor's favourite
    pinned: bool = False  # put in by the editor, not by the ranking
    late: bool = False  # announced after the month though submitted in it
    note: str = ""  # the editor's words, Markdown
    feature: str = ""  # slug of the feature that treats it; "" for none
    mentioned: tuple[str, ...] = ()  # slugs of other features, in their order, whose words link to it
    similar: tuple[Hit, ...] = ()  # nearest papers in the store, nearest first
    vector: str = ""  # the paper's vector as int8 in base64, to rank by in the browser; "" where there is none
    retitled: bool = False  # the title is the editor's
    errata: tuple[Erratum, ...] = ()  # oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A long section, written by the editor in Markdown."""

    slug: str  # its anchor in the issue
    title: str
    markdown: str
    papers: tuple[str, ...] = ()  # arXiv ids it treats
    figures: tuple[Figure, ...] = ()  # that its Markdown asks for, in its order


@dataclass(frozen=True, slots=True)
class Chooser:
    """A model that chose papers' topics."""

    name: str
    model_hash: str
    papers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How an issue was made: printed in its quality box."""

    considered: int  # papers of the month in the store
    listed: int
    passed: int  # summaries whose model text passed the gate at once
    retried: int  # ... at the second try
    fell_back: int  # ... never: an extracted sentence stands in
    extracted: int  # written without a model by choice
    writer: str  # the model's name, or "none"
    writer_hash: str
    encoder: str
    pinned: int
    starred: int
    hidden: int
    retitled: int
    noted: int
    encoder_hash: str = ""
    writer_licence: str = ""  # as the model's file states it
    encoder_licence: str = ""
    summarised: int = 0  # summaries that are the editor's
    features: int = 0  # articles of the editor's
    ordered: int = 0  # papers that the editor put first
    refusals: tuple[tuple[str, int], ...] = ()  # what the gate said of refused texts and how often, commonest first
    errata: int = 0  # since the issue was printed
    choosers: tuple[Chooser, ...] = ()
    missing: tuple[str, ...] = ()  # arXiv ids the editor put in but the store lacks, or has as withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One month of the magazine."""

    month: Month
    title: str
    subtitle: str
    editor: str
    published: date
    opening: str  # Markdown, the editor's; "" where nobody wrote one
    features: tuple[Feature, ...]
    entries: tuple[Entry, ...]  # newest first, late arrivals among them marked
    quality: Quality
    figures: tuple[Figure, ...] = ()  # the month in figures, counted in the store
    is_edited: bool = True  # a person wrote, chose or kept out something

    @property
    def list_title(self) -> str:
        """What the list of its papers is headed: they are others only where some are featured."""
        other = "Other interesting" if self.features else "Interesting"
        return f"{other} research papers in {self.month.name}"
