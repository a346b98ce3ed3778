"""Vectors → tags → choices: what a month's issue lists, and why."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from digest.checksum import sha256_of
from digest.issue.editor import EditorFile, Pin, check_titles, load_editor_file
from digest.paper import Choice, Month
from digest.pipeline.models import interests, picks_file, tag_scheme
from digest.pipeline.provenance import code_hash
from digest.pipeline.rating import Second, rater_identity, second_stage
from digest.pipeline.topics import Given, ask_chooser, has_chooser, printed_topics, scored_topics
from digest.pipeline.weighing import Weighed, weigh_month
from digest.pipeline.workshop import LEFT, Outcome, StageReport, Workshop, perform
from digest.select.band import band
from digest.select.rank import Candidate, Limits, Selection, choose
from digest.select.reason import Moved, Rated, held_back, reason
from digest.store import issues
from digest.store.changes import stand
from digest.store.papers import Held, earlier_titles, papers_by_id, papers_of_month, titles
from digest.store.writings import save_tags
from digest.topic_caps import topic_names

_NAMED_PICKS = 2  # picks named in a reason
_CLOSE = 0.65  # cosine similarity, from which two abstracts share more than a field
_NEW = 0.9  # of the month's papers are more like the archive than one that is called new
_ARCHIVE_ENOUGH = 1_000  # papers held from before, below which nothing is called new


@dataclass(frozen=True, slots=True)
class Chosen:
    """A chosen paper, and what its choice rests on."""

    held: Held
    choice: Choice
    topic: str  # its best topic's slug, as it is printed; "" for none
    novelty: float  # 0..1: 1 less the cosine similarity to the nearest paper of the months before
    is_held_back: bool = False  # a cap kept it out, and the reason says which
    topic_by: str = ""  # the name of the model that chose the topic; "" for the one that scores best


def editor_file(workshop: Workshop, month: Month) -> EditorFile:
    """Read the month's editor's file.

    Raises:
        UsageError: it is broken.
    """
    return load_editor_file(workshop.settings.path(workshop.settings.site.content) / str(month))


def pool_of(workshop: Workshop, month: Month, editor: EditorFile) -> dict[str, Held]:
    """Return the papers an issue may list, by arXiv id: the month's, and what the editor pins from elsewhere."""
    month_papers = {held.paper.arxiv_id: held for held in papers_of_month(workshop.store, month)}
    pinned = papers_by_id(workshop.store, (pin.arxiv_id for pin in editor.pins))
    return {arxiv_id: held for arxiv_id, held in (month_papers | pinned).items() if not held.paper.withdrawn}


def tag(workshop: Workshop, month: Month) -> StageReport:
    """Give topics to the month's papers, and to those the editor pins.

    Raises:
        UsageError: the editor's file is broken.
    """
    return perform(workshop, str(month), "tag", lambda: _tag(workshop, month))


def _tag(workshop: Workshop, month: Month) -> Outcome:
    pool = pool_of(workshop, month, editor_file(workshop, month))
    given, is_new = scored_topics(workshop, pool.values())
    if is_new:
        save_tags(workshop.store, tag_scheme(workshop), given)
    return Outcome(counts={"papers": len(given)}, changed=is_new)


def choose_topics(workshop: Workshop, month: Month) -> list[StageReport]:
    """Let the model that the settings name, if any, choose the topics of the listed papers among the likeliest.

    Raises:
        UsageError: the editor's file is broken; the model is too small, or is a server's and has no name.
    """
    if not has_chooser(workshop):
        return []

    def pool() -> Collection[Held]:
        return pool_of(workshop, month, editor_file(workshop, month)).values()

    return [perform(workshop, str(month), "topics", lambda: ask_chooser(workshop, month, pool))]


def select(workshop: Workshop, month: Month) -> StageReport:
    """Choose the month's papers by the picks and the interests; the editor's file wins.

    Raises:
        UsageError: the editor's file or the picks are broken, or a pinned title belongs to another paper.
    """
    return perform(workshop, str(month), "select", lambda: _select(workshop, month))


def _select(workshop: Workshop, month: Month) -> Outcome:
    editor = editor_file(workshop, month)
    if editor.named:
        earlier = earlier_titles(workshop.store, (one.arxiv_id for one in editor.named))
        check_titles(editor, titles(workshop.store), earlier)
    pool = pool_of(workshop, month, editor)
    before = issues.choices(workshop.store, month)
    kept, made_from = issues.mark(workshop.store, month), _made_from(workshop, month, editor)
    choices, rating = before, Second(np.empty(0), {})
    if kept != made_from:
        selected, rating = _choices(workshop, month, pool, _Wish(editor, ask=True))
        choices = [(one.held.version_id, one.choice) for one in _listed(selected)]
    changed = choices != before
    if changed:
        issues.save_choices(workshop.store, month, choices)
        made_from = _made_from(workshop, month, editor)  # saving them is a change of the store too
    if kept != made_from and not rating.waiting:  # what waits for a rating is asked for again the next time
        issues.save_mark(workshop.store, month, made_from)
    counts = {"considered": len(pool), "chosen": len(choices), "pinned": sum(choice.pinned for _, choice in choices)}
    counts |= {"rated": rating.asked} if rating.asked else {}
    counts |= {LEFT: rating.waiting} if rating.waiting else {}
    withdrawn = (pin.arxiv_id for pin in editor.pins if pin.arxiv_id not in pool)
    warnings = tuple(f"{arxiv_id} is pinned but was withdrawn at arXiv: it is left out" for arxiv_id in withdrawn)
    return Outcome(counts=counts, changed=changed or bool(rating.asked), warnings=(*rating.warnings, *warnings))


def _made_from(workshop: Workshop, month: Month, editor: EditorFile) -> str:
    """Return a hash of all that shapes a month's choices: where it is as before, so are they, seconds saved."""
    told = (
        code_hash(),
        stand(workshop.store),
        tag_scheme(workshop),
        sha256_of(picks_file(workshop)),
        interests(workshop),
        workshop.settings.select,
        rater_identity(workshop),
        sorted(_printed_before(workshop, month)),
        editor,
    )
    return hashlib.sha256(repr(told).encode()).hexdigest()


def candidates(workshop: Workshop, month: Month, editor: EditorFile, *, beyond: int) -> list[tuple[Held, Choice]]:
    """Return what the month would list, and so many papers beyond it; nothing is kept.

    Raises:
        UsageError: the picks are broken.
    """
    chosen, _ = _choices(workshop, month, pool_of(workshop, month, editor), _Wish(editor, beyond))
    return [(one.held, one.choice) for one in _listed(chosen)]


def explain(workshop: Workshop, month: Month, *, with_editor: bool) -> list[Chosen]:
    """Return what the month lists, best first, or would list without its editor's file, and then what a cap kept out.

    Nothing is kept.

    Raises:
        UsageError: the editor's file or the picks are broken.
    """
    editor = editor_file(workshop, month) if with_editor else EditorFile()
    chosen = _choices(workshop, month, pool_of(workshop, month, editor), _Wish(editor))[0]
    printed = printed_topics(workshop, [one.held.version_id for one in _listed(chosen)])
    return [_as_printed(one, printed.get(one.held.version_id)) for one in chosen]


def _as_printed(one: Chosen, given: Given | None) -> Chosen:
    return replace(one, topic=given.topics[0].slug, topic_by=given.by) if given and given.by else one


def _listed(chosen: Iterable[Chosen]) -> list[Chosen]:
    return [one for one in chosen if not one.is_held_back]


@dataclass(frozen=True, slots=True)
class _Wish:
    """How a month is chosen."""

    editor: EditorFile
    beyond: int = 0  # papers more than the issue lists
    ask: bool = False  # for the ratings that are missing


def _choices(workshop: Workshop, month: Month, pool: Mapping[str, Held], wish: _Wish) -> tuple[list[Chosen], Second]:
    """Return what the month lists, best first, and then what only a cap kept out; and what was rated."""
    weighed = weigh_month(workshop, month, pool)
    ids = weighed.papers.ids
    if not ids:
        return [], Second(weighed.ranking.scores, {})
    editor, limits = wish.editor, _limits(workshop, wish.editor)
    hides = {*editor.hides, *_printed_before(workshop, month)}
    pins = {pin.arxiv_id: pin for pin in editor.pins}
    rows = band(weighed.ranking.scores, ids, limits.entries, workshop.settings.select.band, {*pins, *hides})
    second = second_stage(workshop, weighed, {row: pool[ids[row]] for row in rows}, ask=wish.ask)
    topics, _ = scored_topics(workshop, [pool[key] for key in ids])  # a month that is only looked at may have none yet
    ranked = [
        Candidate(key, float(score), tuple(tag.topic for tag in topics.get(pool[key].version_id, ())))
        for key, score in zip(ids, second.scores, strict=True)
    ]
    vectors = dict(zip(ids, weighed.papers.vectors, strict=True))
    wider = replace(limits, entries=limits.entries + wish.beyond)
    selection = choose(ranked, wider, pins=pins, hides=hides, vectors=vectors)
    return _told(weighed, pool, selection, pins, second.rated), second


def _told(
    weighed: Weighed,
    pool: Mapping[str, Held],
    selection: Selection,
    pins: Mapping[str, Pin],
    rated: Mapping[str, Rated],
) -> list[Chosen]:
    """Give each paper that was chosen or held back its reason in words."""
    row_of = {key: row for row, key in enumerate(weighed.papers.ids)}
    new = np.quantile(weighed.novelty, _NEW) if weighed.archive >= _ARCHIVE_ENOUGH else np.inf
    found = []
    for one in selection.papers:
        row, pin = row_of[one.arxiv_id], pins.get(one.arxiv_id)
        novelty = float(weighed.novelty[row])
        moved = _moved(weighed, row, is_new=novelty > new)
        words = reason(moved, pinned=pin is not None, rated=rated.get(one.arxiv_id))
        found.append(Chosen(pool[one.arxiv_id], _choice(one, pin, words), one.topic, novelty))
    for one, full in selection.held_back:
        words = held_back(topic_names().get(full.topic, full.topic), full.cap)
        novelty = float(weighed.novelty[row_of[one.arxiv_id]])
        found.append(Chosen(pool[one.arxiv_id], _choice(one, None, words), full.topic, novelty, is_held_back=True))
    return found


def _limits(workshop: Workshop, editor: EditorFile) -> Limits:
    """Return the settings' limits, and the editor's in their place where there are any."""
    settings, caps = workshop.settings.select, editor.caps
    return Limits(
        entries=caps.entries or settings.entries,
        per_topic=caps.per_topic or settings.per_topic,
        caps={**settings.caps, **caps.topics},
        diversity=settings.diversity,
    )


def _printed_before(workshop: Workshop, month: Month) -> set[str]:
    """Return what earlier issues list: a late arrival of the last issue is no news in this one."""
    earlier = [one for one in issues.months(workshop.store) if one < month]
    return {choice.arxiv_id for one in earlier for _, choice in issues.choices(workshop.store, one)}


def _moved(weighed: Weighed, row: int, *, is_new: bool) -> Moved:
    """Gather what moved the score of one of the month's papers."""
    ranking, near = weighed.ranking, _nearest_picks(weighed, row)
    return Moved(
        by_phrases=float(ranking.phrases.scores[row]),
        by_likeness=float(ranking.meaning.scores[row] + ranking.closeness.scores[row]),
        by_interests=float(ranking.interests.scores[row]),
        by_authors=float(ranking.authors.scores[row]),
        phrases=ranking.phrases.names[row],
        interest=next(iter(ranking.interests.names[row]), ""),
        author=next(iter(ranking.authors.names[row]), ""),
        near=[title for title, _ in near],
        is_near=any(likeness >= _CLOSE for _, likeness in near),
        is_new=is_new,
    )


def _nearest_picks(weighed: Weighed, row: int) -> list[tuple[str, float]]:
    """Name the nearest pick and a second that is close, each with its likeness; a paper is not its own pick."""
    if not len(weighed.picks):
        return []
    likeness = weighed.picks.vectors @ weighed.papers.vectors[row]
    order = np.argsort(-likeness, kind="stable")
    others = [pick for pick in order[: _NAMED_PICKS + 1] if weighed.picks.ids[pick] != weighed.papers.ids[row]]
    named = [(weighed.picks.titles[pick], float(likeness[pick])) for pick in others[:_NAMED_PICKS]]
    return named[:1] + [one for one in named[1:] if one[1] >= _CLOSE]


def _choice(candidate: Candidate, pin: Pin | None, words: str) -> Choice:
    return Choice(
        arxiv_id=candidate.arxiv_id,
        score=candidate.score,
        reason=words,
        pinned=pin is not None,
        starred=pin is not None and pin.starred,
        note=pin.note if pin else "",
        title=pin.retitle if pin else "",
    )
