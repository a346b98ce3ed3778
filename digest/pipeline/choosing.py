"""Vectors → tags → choices: what a month's issue lists, and why."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from digest.issue.editor import EditorFile, Pin, check_titles, load_editor_file
from digest.paper import Choice, Month
from digest.pipeline.models import encoder_choice, load, picks_file, taxonomy
from digest.pipeline.workshop import Outcome, StageReport, Workshop, perform
from digest.select.picks import Pick, read_picks
from digest.select.profile import learn_profile
from digest.select.rank import Candidate, choose, reason
from digest.store import issues
from digest.store.papers import Held, earlier_titles, papers_by_id, papers_of_month, titles
from digest.store.vectors import vectors_of
from digest.store.writings import save_tags, tags
from digest.text import plain_title
from digest.write.tags import tag_papers, topic_texts

_NAMED_PICKS = 2  # picks named in a reason

Vector = npt.NDArray[np.float32]  # shape (dim,)
Matrix = npt.NDArray[np.float32]  # shape (papers, dim)


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


def tag_scheme(workshop: Workshop) -> str:
    """Name what tags hang on besides the papers: the taxonomy and the encoder."""
    _, taxonomy_hash = taxonomy()
    return hashlib.sha256(f"{taxonomy_hash} {encoder_choice(workshop).name}".encode()).hexdigest()[:16]


def tag(workshop: Workshop, month: Month) -> StageReport:
    """Give topics to the month's papers, and to those the editor pins.

    Raises:
        UsageError: the editor's file is broken.
    """
    return perform(workshop, str(month), "tag", lambda: _tag(workshop, month))


def _tag(workshop: Workshop, month: Month) -> Outcome:
    pool = pool_of(workshop, month, editor_file(workshop, month))
    encoder, scheme = encoder_choice(workshop), tag_scheme(workshop)
    vectors = vectors_of(workshop.store, encoder.name, (held.version_id for held in pool.values()))
    papers = [held for held in pool.values() if held.version_id in vectors]
    tagged = tags(workshop.store, scheme, vectors)
    if len(tagged) == len(papers):
        return Outcome(counts={"papers": len(papers)}, changed=False)
    topics, _ = taxonomy()
    matrix = np.stack([vectors[held.version_id] for held in papers])
    texts = [(held.paper.title, held.paper.abstract) for held in papers]
    given = tag_papers(matrix, load(encoder).encode(topic_texts(topics)), texts, topics)
    save_tags(workshop.store, scheme, dict(zip((held.version_id for held in papers), given, strict=True)))
    return Outcome(counts={"papers": len(papers)}, changed=True)


def select(workshop: Workshop, month: Month) -> StageReport:
    """Choose the month's papers by closeness to the picks; the editor's file wins.

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
    choices = _choices(workshop, month, editor, pool)
    before = issues.choices(workshop.store, month)
    changed = choices != before
    if changed:
        issues.save_choices(workshop.store, month, choices)
    counts = {"considered": len(pool), "chosen": len(choices), "pinned": sum(choice.pinned for _, choice in choices)}
    withdrawn = (pin.arxiv_id for pin in editor.pins if pin.arxiv_id not in pool)
    warnings = tuple(f"{arxiv_id} is pinned but was withdrawn at arXiv: it is left out" for arxiv_id in withdrawn)
    return Outcome(counts=counts, changed=changed, warnings=warnings)


def candidates(workshop: Workshop, month: Month, editor: EditorFile, *, beyond: int) -> list[tuple[Held, Choice]]:
    """Return what the month would list, and so many papers beyond it; nothing is kept.

    Raises:
        UsageError: the picks are broken.
    """
    pool = pool_of(workshop, month, editor)
    held = {one.version_id: one for one in pool.values()}
    entries = (editor.caps.entries or workshop.settings.select.entries) + beyond
    wider = replace(editor, caps=replace(editor.caps, entries=entries))
    return [(held[version_id], choice) for version_id, choice in _choices(workshop, month, wider, pool)]


def _choices(
    workshop: Workshop, month: Month, editor: EditorFile, pool: Mapping[str, Held]
) -> list[tuple[int, Choice]]:
    model = encoder_choice(workshop).name
    vectors = vectors_of(workshop.store, model, (held.version_id for held in pool.values()))
    papers = {arxiv_id: held for arxiv_id, held in pool.items() if held.version_id in vectors}
    if not papers:
        return []
    matrix = np.stack([vectors[held.version_id] for held in papers.values()])
    picks, pick_matrix = _pick_vectors(workshop, model)
    scores = _scores(month, picks, pick_matrix, matrix)
    topic_of = tags(workshop.store, tag_scheme(workshop), vectors)
    ranked = [
        Candidate(arxiv_id, float(score), next((tag.topic for tag in topic_of.get(held.version_id, ())), ""))
        for (arxiv_id, held), score in zip(papers.items(), scores, strict=True)
    ]
    limits = workshop.settings.select
    pins = {pin.arxiv_id: pin for pin in editor.pins}
    entries, per_topic = editor.caps.entries or limits.entries, editor.caps.per_topic or limits.per_topic
    chosen = choose(ranked, pins=pins, hides=editor.hides, entries=entries, per_topic=per_topic)
    return [
        (papers[candidate.arxiv_id].version_id, _choice(candidate, pins.get(candidate.arxiv_id), near))
        for candidate, near in zip(chosen, _nearest_picks(chosen, papers, vectors, picks, pick_matrix), strict=True)
    ]


def _pick_vectors(workshop: Workshop, model: str) -> tuple[list[tuple[Pick, str]], Matrix]:
    """Return the picks that are held and embedded, each with its stored title, and their vectors in one order."""
    picks = read_picks(picks_file(workshop))
    held = papers_by_id(workshop.store, (pick.arxiv_id for pick in picks))
    vectors = vectors_of(workshop.store, model, (one.version_id for one in held.values()))
    known = [pick for pick in picks if pick.arxiv_id in held and held[pick.arxiv_id].version_id in vectors]
    rows = [vectors[held[pick.arxiv_id].version_id] for pick in known]
    matrix = np.stack(rows) if rows else np.empty((0, 0), np.float32)
    return [(pick, plain_title(held[pick.arxiv_id].paper.title)) for pick in known], matrix


def _scores(
    month: Month, picks: Sequence[tuple[Pick, str]], pick_matrix: Matrix, papers: Matrix
) -> npt.NDArray[np.float64]:
    """Score papers by the profile; where there are no picks, by closeness to the middle of the month."""
    if not picks:
        return np.asarray(papers @ papers.mean(axis=0), np.float64)
    ages = [float((month.first_day - (pick.picked or month.first_day)).days) for pick, _ in picks]
    return learn_profile(pick_matrix, ages, papers).score(papers)


def _nearest_picks(
    chosen: Sequence[Candidate],
    papers: Mapping[str, Held],
    vectors: Mapping[int, Vector],
    picks: Sequence[tuple[Pick, str]],
    pick_matrix: Matrix,
) -> list[list[str]]:
    """Name for each chosen paper the picks it is closest to; a paper is not its own pick."""
    if not picks:
        return [[] for _ in chosen]
    near = []
    for candidate in chosen:
        order = np.argsort(-(pick_matrix @ vectors[papers[candidate.arxiv_id].version_id]), kind="stable")
        others = [picks[row][1] for row in order[: _NAMED_PICKS + 1] if picks[row][0].arxiv_id != candidate.arxiv_id]
        near.append(others[:_NAMED_PICKS])
    return near


def _choice(candidate: Candidate, pin: Pin | None, near: Sequence[str]) -> Choice:
    return Choice(
        arxiv_id=candidate.arxiv_id,
        score=candidate.score,
        reason=reason(pinned=pin is not None, nearest_picks=near),
        pinned=pin is not None,
        starred=pin is not None and pin.starred,
        note=pin.note if pin else "",
        title=pin.retitle if pin else "",
    )
