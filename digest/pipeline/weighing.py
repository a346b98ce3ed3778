"""Store, picks and interests → how much each of a month's papers is wanted, and how new it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from digest.paper import Month
from digest.pipeline.models import encoder_choice, interests, load, picks_file
from digest.pipeline.workshop import Workshop
from digest.select.band import wishes
from digest.select.corpus import Corpus, Scores
from digest.select.picks import Pick, read_picks
from digest.select.taste import Picks, Ranking, novelty, weigh
from digest.store import issues
from digest.store.papers import Held, earlier_versions, papers_by_id, papers_by_version
from digest.store.vectors import vectors_of
from digest.text import plain_title

PASSED_OVER = 3_000  # earlier papers that stand for all that was not picked: more do not rank better
_PRINTED = 8.0  # picks that a pin of an earlier issue counts for: it is the magazine's own (docs/choosing.md)
_ARCHIVE = 20_000  # the newest earlier papers, which novelty is measured against


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """A month's papers, their ranking, and what it rests on."""

    papers: Corpus
    ranking: Ranking
    picks: Corpus
    novelty: Scores
    archive: int  # papers that novelty was measured against
    wishes: str = ""  # what the reader wants, in words that a model may read


def _corpus_of(papers: Iterable[Held], vectors: Mapping[int, np.ndarray]) -> Corpus:
    """Return the papers that have a vector, in their order."""
    kept = [one for one in papers if one.version_id in vectors]
    return Corpus(
        tuple(one.paper.arxiv_id for one in kept),
        tuple(plain_title(one.paper.title) for one in kept),
        tuple(one.paper.abstract for one in kept),
        tuple(one.paper.authors for one in kept),
        np.stack([vectors[one.version_id] for one in kept]) if kept else np.empty((0, 0), np.float32),
    )


def weigh_month(workshop: Workshop, month: Month, pool: Mapping[str, Held]) -> Weighed:
    """Weigh a month's papers.

    Raises:
        UsageError: the picks are missing or broken.
        ModelError: the encoder is missing or is no model.
    """
    model = encoder_choice(workshop).name
    papers = _corpus_of(pool.values(), vectors_of(workshop.store, model, (one.version_id for one in pool.values())))
    picks = _picks(workshop, month, model)
    picked = set(picks.papers.ids)
    earlier = [one for one in earlier_versions(workshop.store, month) if one[1] not in pool]
    archive = vectors_of(workshop.store, model, (version_id for version_id, _ in earlier[-_ARCHIVE:]))
    passed = [one for one in earlier if one[1] not in picked]
    sample = sorted(passed, key=lambda one: crc32(one[1].encode()))[:PASSED_OVER]  # the same ones each time
    held = papers_by_version(workshop.store, (version_id for version_id, _ in sample))
    past = _corpus_of(held.values(), vectors_of(workshop.store, model, held))
    wants = interests(workshop)
    wanted = load(encoder_choice(workshop)).encode(wants) if wants and len(papers) else papers.vectors[:0]
    empty = papers.vectors[:0]
    fitting = [one if len(one) else Corpus((), (), (), (), empty) for one in (picks.papers, past)]
    ranking = weigh(Picks(fitting[0], picks.ages_days, picks.weights), fitting[1], papers, wants, wanted)
    known = np.stack(list(archive.values())) if archive else empty
    return Weighed(papers, ranking, fitting[0], novelty(papers.vectors, known), len(known), wishes(picks, wants))


def _picks(workshop: Workshop, month: Month, model: str) -> Picks:
    """Return the picks that are held and embedded: those of the file, and what editors pinned in earlier issues."""
    picks = {pick.arxiv_id: pick for pick in [*read_picks(picks_file(workshop)), *_pinned_before(workshop, month)]}
    held = papers_by_id(workshop.store, picks)
    papers = _corpus_of(held.values(), vectors_of(workshop.store, model, (one.version_id for one in held.values())))
    of_store = [picks[arxiv_id] for arxiv_id in papers.ids]
    ages = [float((month.first_day - (pick.picked or month.first_day)).days) for pick in of_store]
    return Picks(papers, ages, [pick.weight for pick in of_store])


def _pinned_before(workshop: Workshop, month: Month) -> Sequence[Pick]:
    return [
        Pick(choice.arxiv_id, picked=before.last_day, weight=_PRINTED)
        for before in issues.months(workshop.store)
        if before < month
        for _, choice in issues.choices(workshop.store, before)
        if choice.pinned
    ]
