"""Choices, papers, texts and the editor's words → one Issue (pure)."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from digest.edition import Chooser, Entry, Erratum, Feature, Issue, Quality
from digest.figure import Figure
from digest.issue.editor import EditorFile
from digest.paper import Choice, Hit, Month, Paper, Summary, Topic, Verdict, month_of_id
from digest.text import plain_title

_TOPICS_NAMED = 3
_ARXIV_LINK = re.compile(r"\]\(https?://(?:www\.)?arxiv\.org/(?:abs|html|pdf)/((?:[a-z-]+/)?[\d.]+\d)")  # in Markdown


@dataclass(frozen=True, slots=True)
class Listed:
    """Everything that is known of one chosen paper."""

    choice: Choice
    paper: Paper
    summary: Summary
    tldr: Summary
    topics: tuple[Topic, ...]
    similar: tuple[Hit, ...]
    vector: str = ""  # of the encoder, as `Entry` has it
    aspects: tuple[Summary, ...] = ()  # problem, method, result, limits: what was written of them
    topics_choice: Summary | None = None  # as `Entry` has it


@dataclass(frozen=True, slots=True)
class Making:
    """What the issue was made with."""

    considered: int  # papers of the month in the store
    writer: str  # the model's name, or "none"
    writer_hash: str
    encoder: str
    encoder_hash: str = ""
    writer_licence: str = ""  # as the model's file states it
    encoder_licence: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """All that an issue is made of besides the editor's words; `lock.py` keeps it, whatever it holds."""

    listed: tuple[Listed, ...]
    making: Making
    errata: tuple[Erratum, ...] = ()  # since the issue was first printed, in the order in which they were seen
    figures: tuple[Figure, ...] = ()  # the month in figures


def compose(month: Month, editor: EditorFile, material: Material) -> Issue:
    """Put an issue together: entries newest first, the editor's words in their places.

    A month that nobody edits has a plain title, no opening and no features.
    """
    making = material.making
    features = tuple(feature for feature in editor.features if feature.markdown.strip())
    places = _places(features)
    errata = sorted(material.errata, key=lambda erratum: erratum.day)
    own = {pin.arxiv_id: pin.summary for pin in editor.pins if pin.summary}
    listed = [_in_the_editors_words(one, own) for one in _in_order(material.listed, editor.order)]
    entries = [_entry(one, month, places, errata) for one in listed]
    return Issue(
        month=month,
        title=editor.title or f"arXiv in {month.name}",
        subtitle=editor.subtitle or _in_short(entries, making.considered),
        editor=editor.editor,
        published=editor.published or month.next().first_day,
        opening=editor.opening,
        features=features,
        figures=material.figures,
        entries=tuple(entries),
        quality=_quality(entries, editor, making),
        is_edited=replace(editor, name="") != EditorFile(),
    )


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the features speak of which papers."""

    treated: Mapping[str, str]  # arXiv id → slug of the feature
    linked: Mapping[str, tuple[str, ...]]  # arXiv id → slugs of the features whose words link to it


def _places(features: Sequence[Feature]) -> _Places:
    linked: dict[str, list[str]] = {}
    for feature in features:
        for arxiv_id in dict.fromkeys(_ARXIV_LINK.findall(feature.markdown)):
            linked.setdefault(arxiv_id, []).append(feature.slug)
    treated = {arxiv_id: feature.slug for feature in reversed(features) for arxiv_id in feature.papers}
    return _Places(treated, {arxiv_id: tuple(slugs) for arxiv_id, slugs in linked.items()})


def _in_short(entries: Sequence[Entry], considered: int) -> str:
    """Say of a month that nobody edits how many papers there were, and what most of the chosen treat."""
    counts = Counter(topic.name for entry in entries for topic in entry.topics)
    most = sorted((-count, name) for name, count in counts.items() if count > 1)[:_TOPICS_NAMED]
    *first, last = [f"“{name}”" for _, name in most] or [""]
    told = f"; above all on {', '.join(first)}{' and ' if first else ''}{last}" if last else ""
    return f"Chosen from {considered:,} {'paper' if considered == 1 else 'papers'}{told}"


def _in_order(listed: Sequence[Listed], first: Sequence[str]) -> list[Listed]:
    """Put first what the editor put first, and the rest newest first."""
    place = {arxiv_id: n for n, arxiv_id in enumerate(first)}
    return sorted(_newest_first(listed), key=lambda one: place.get(one.paper.arxiv_id, len(place)))


def _newest_first(listed: Sequence[Listed]) -> list[Listed]:
    """Order by the day of submission if every paper's is known, else by the id, whose number grows with time."""
    days_known = all(one.paper.submitted for one in listed)

    def age(one: Listed) -> tuple[date, Month, str]:
        day = one.paper.submitted if days_known and one.paper.submitted else date.min
        return day, month_of_id(one.paper.arxiv_id), one.paper.arxiv_id

    return sorted(listed, key=age, reverse=True)


def _in_the_editors_words(one: Listed, own: Mapping[str, str]) -> Listed:
    """Put the editor's summary, where there is one by the paper's id, in the place of the machine's."""
    text = own.get(one.paper.arxiv_id)
    edited = text and Summary(kind="summary", text=" ".join(text.split()), evidence=(), verdict=Verdict.EDITED)
    return replace(one, summary=edited) if edited else one


def _entry(one: Listed, month: Month, places: _Places, errata: Sequence[Erratum]) -> Entry:
    treated = places.treated.get(one.paper.arxiv_id, "")
    return Entry(
        paper=one.paper,
        title=one.choice.title or plain_title(one.paper.title),
        summary=one.summary,
        tldr=one.tldr,
        aspects=one.aspects,
        topics=one.topics,
        topics_choice=one.topics_choice,
        reason=one.choice.reason,
        starred=one.choice.starred,
        pinned=one.choice.pinned,
        late=month_of_id(one.paper.arxiv_id) > month,
        note=one.choice.note,
        feature=treated,
        mentioned=tuple(slug for slug in places.linked.get(one.paper.arxiv_id, ()) if slug != treated),
        similar=one.similar,
        vector=one.vector,
        retitled=bool(one.choice.title),
        errata=tuple(erratum for erratum in errata if erratum.arxiv_id == one.paper.arxiv_id),
    )


def _quality(entries: Sequence[Entry], editor: EditorFile, making: Making) -> Quality:
    verdicts = Counter(entry.summary.verdict for entry in entries)
    listed = {entry.paper.arxiv_id for entry in entries}
    return Quality(
        considered=making.considered,
        listed=len(entries),
        passed=verdicts[Verdict.PASSED],
        retried=verdicts[Verdict.RETRIED],
        fell_back=verdicts[Verdict.FELL_BACK],
        extracted=verdicts[Verdict.EXTRACTED],
        writer=making.writer,
        writer_hash=making.writer_hash,
        encoder=making.encoder,
        encoder_hash=making.encoder_hash,
        writer_licence=making.writer_licence,
        encoder_licence=making.encoder_licence,
        pinned=sum(entry.pinned for entry in entries),
        starred=sum(entry.starred for entry in entries),
        hidden=len(editor.hidden),
        retitled=sum(bool(pin.retitle) for pin in editor.pins if pin.arxiv_id in listed),
        summarised=verdicts[Verdict.EDITED],
        noted=sum(bool(entry.note) for entry in entries),
        features=sum(bool(feature.markdown.strip()) for feature in editor.features),
        ordered=sum(arxiv_id in listed for arxiv_id in editor.order),
        refusals=_refusals(entries),
        errata=sum(len(entry.errata) for entry in entries),
        missing=tuple(pin.arxiv_id for pin in editor.pins if pin.arxiv_id not in listed),
        choosers=_choosers(entries),
    )


def _choosers(entries: Sequence[Entry]) -> tuple[Chooser, ...]:
    choices = (entry.topics_choice for entry in entries)
    counts = Counter((choice.model, choice.model_hash) for choice in choices if choice)
    return tuple(Chooser(*model, papers) for model, papers in sorted(counts.items()))


def _refusals(entries: Sequence[Entry]) -> tuple[tuple[str, int], ...]:
    counts = Counter(entry.summary.failed_check for entry in entries if entry.summary.verdict is Verdict.FELL_BACK)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
