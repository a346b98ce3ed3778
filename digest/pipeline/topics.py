"""Papers → their topics: those that score best, and of listed papers those that a model chooses among the likeliest."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from digest.errors import ModelError
from digest.paper import Month, Summary, Tag, Topic
from digest.pipeline.models import encoder_choice, large_model_of, load, tag_scheme, taxonomy, unhelpful
from digest.pipeline.opinions import keep_opinions
from digest.pipeline.workshop import LEFT, Outcome, Workshop
from digest.store import issues
from digest.store.papers import Held, papers_by_version
from digest.store.vectors import vectors_of
from digest.store.writings import newest_summaries, save_tags, summaries_by_prompt, tags
from digest.write.ask.writer import Writer
from digest.write.summarise import Subject
from digest.write.tags import Embeddings, candidates, tag_papers, topic_texts
from digest.write.topics import FIELD, Offer, choose_topics, topic_recipes


@dataclass(frozen=True, slots=True)
class Given:
    """The topics that a paper is printed with."""

    topics: tuple[Topic, ...]  # best first
    choice: Summary | None = None  # the model's that chose them; None for those that score best

    @property
    def by(self) -> str:
        """The name of the model that chose them; "" for those that score best."""
        return self.choice.model if self.choice else ""


NO_TOPICS = Given(())

Vector = npt.NDArray[np.float32]  # shape (dims,)


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    """Papers that have a vector, and all that their topics are weighed by."""

    version_ids: Sequence[int]
    weighed: tuple[Embeddings, Embeddings, Sequence[tuple[str, str]], Sequence[Topic]]  # as `tag_papers` takes them


def _vectors(workshop: Workshop, pool: Collection[Held]) -> dict[int, Vector]:
    return vectors_of(workshop.store, encoder_choice(workshop).name, (held.version_id for held in pool))


def _measured(workshop: Workshop, pool: Collection[Held], vectors: Mapping[int, Vector]) -> _Measured:
    topics, _ = taxonomy()
    papers = [held for held in pool if held.version_id in vectors]
    descriptions = load(encoder_choice(workshop)).encode(topic_texts(topics))
    matrix = np.stack([vectors[held.version_id] for held in papers]) if papers else descriptions[:0]
    texts = [(held.paper.title, held.paper.abstract) for held in papers]
    return _Measured([held.version_id for held in papers], (matrix, descriptions, texts, topics))


def scored_topics(workshop: Workshop, pool: Collection[Held]) -> tuple[Mapping[int, Sequence[Tag]], bool]:
    """Return the topics that score best of papers that have a vector, by version, and whether the store lacks some."""
    vectors = _vectors(workshop, pool)
    tagged = tags(workshop.store, tag_scheme(workshop), vectors)
    if len(tagged) == len(vectors):
        return tagged, False
    measured = _measured(workshop, pool, vectors)
    return dict(zip(measured.version_ids, tag_papers(*measured.weighed), strict=True)), True


def printed_topics(workshop: Workshop, version_ids: Sequence[int]) -> dict[int, Given]:
    """Return the topics that each version is printed with, where it has any.

    A paper that this model was not asked about keeps what another chose last; one without a choice, what scores best.
    """
    topic_by_slug = {topic.slug: topic for topic in taxonomy()[0]}
    scored = tags(workshop.store, tag_scheme(workshop), version_ids)
    given = {n: Given(tuple(topic_by_slug[tag.topic] for tag in found)) for n, found in scored.items()}
    for version_id, choice in _choices(workshop, version_ids).items():
        slugs = choice.text.split()
        if slugs and topic_by_slug.keys() >= set(slugs):  # of an earlier taxonomy there may be others
            given[version_id] = Given(tuple(topic_by_slug[slug] for slug in slugs), choice)
    return given


def _choices(workshop: Workshop, version_ids: Sequence[int]) -> dict[int, Summary]:
    """Return what a model chose of each version: the one that the settings name, or else the last that did."""
    if not has_chooser(workshop):
        return {}
    found = newest_summaries(workshop.store, FIELD, version_ids)
    with suppress(ModelError):  # a model that is missing is told by the stage that asks it
        found |= _Offering.of(workshop).choices(version_ids)
    return found


def ask_chooser(workshop: Workshop, month: Month, pool: Callable[[], Collection[Held]]) -> Outcome:
    """Let the model choose the topics of a month's listed papers of which it has not chosen yet; keep each choice.

    `pool` returns the papers that the month may list, by which the likeliest topics of a paper are found. Those are
    kept too, so that it is asked about once. A model that is missing or fails ends nothing: what it did not choose
    waits for the next run.

    Raises:
        UsageError: the model is too small, or is a server's and has no name.
    """
    listed, asked, doubt = issues.listed(workshop.store, month), 0, ""
    waiting = len(listed)
    try:
        offering = _Offering.of(workshop)
        before = len(offering.choices(listed))
        doubt = unhelpful(workshop.settings, "tags.chooser", offering.chooser.name) if before < waiting else ""
        failure = "" if workshop.is_late() else offering.ask(listed, pool)
        waiting -= len(offering.choices(listed))
        asked = len(listed) - before - waiting
    except ModelError as error:
        failure = str(error)
    if failure:
        failure += "; papers of which it chose no topics keep those that score best until the next run"
    counts = {"asked": asked} | ({LEFT: waiting} if waiting else {})
    return Outcome(counts=counts, changed=bool(asked), warnings=tuple(filter(None, (doubt, failure))))


def unchosen(workshop: Workshop, month: Month) -> int:
    """Count a month's listed papers that wait for this model's choice of topics.

    Raises:
        ModelError: the model is missing.
        UsageError: it is too small, or is a server's and has no name.
    """
    listed = issues.listed(workshop.store, month)
    return len(listed) - len(_Offering.of(workshop).choices(listed)) if has_chooser(workshop) else 0


def half_chosen(workshop: Workshop) -> list[Month]:
    """Return the months of which this model chose topics of some papers and not yet of others: a night was cut short.

    Raises:
        ModelError, UsageError: as above.
    """
    if not has_chooser(workshop):
        return []
    return [
        month
        for month in issues.months(workshop.store)
        if 0 < unchosen(workshop, month) < len(issues.listed(workshop.store, month))
    ]


def has_chooser(workshop: Workshop) -> bool:
    """Tell whether the settings let a model choose topics."""
    return workshop.settings.tags.chooser not in {"", "none"}


@dataclass(frozen=True, slots=True)
class _Offering:
    """The model that chooses topics, and the topics that it is offered of each paper."""

    workshop: Workshop
    chooser: Writer
    scheme: str  # what the offered topics are kept under

    @classmethod
    def of(cls, workshop: Workshop) -> Self:
        chooser, count = large_model_of(workshop, "tags.chooser"), workshop.settings.tags.candidates
        if chooser is None:
            raise ModelError('tags.chooser is "none": name a model')
        told = f"{tag_scheme(workshop)} {count} likeliest"
        return cls(workshop, chooser, hashlib.sha256(told.encode()).hexdigest()[:16])

    def choices(self, version_ids: Sequence[int]) -> dict[int, Summary]:
        """Return what the model said of each version that it was asked about, also where that is no choice."""
        offers = self._offers(version_ids)
        recipes = topic_recipes(list(offers.values()), self.chooser)
        kept = summaries_by_prompt(self.workshop.store, FIELD, self.chooser.model_hash)
        keys = {n: (n, recipe.prompt_hash) for n, recipe in zip(offers, recipes, strict=True)}
        return {n: kept[key] for n, key in keys.items() if key in kept}

    def ask(self, version_ids: Sequence[int], pool: Callable[[], Collection[Held]]) -> str:
        """Ask about the versions that have no answer; return what went wrong, or ""."""
        answered = self.choices(version_ids)
        unasked = [n for n in version_ids if n not in answered]
        unoffered = set(unasked) - self._offers(unasked).keys()
        if unoffered:
            save_tags(self.workshop.store, self.scheme, self._likeliest(unoffered, pool()))
        offers = self._offers(unasked)
        if not offers:
            return ""
        said = ((n, (choice,)) for n, choice in choose_topics(list(offers.values()), self.chooser))
        return keep_opinions(self.workshop, self.chooser, said, list(offers), "topics")

    def _offers(self, version_ids: Sequence[int]) -> dict[int, Offer]:
        """Return what is offered of each version whose likeliest topics are known."""
        store, topic_by_slug = self.workshop.store, {topic.slug: topic for topic in taxonomy()[0]}
        likeliest, held = tags(store, self.scheme, version_ids), papers_by_version(store, version_ids)
        return {
            n: Offer(
                Subject(held[n].paper.title, held[n].paper.abstract), tuple(topic_by_slug[tag.topic] for tag in found)
            )
            for n, found in likeliest.items()
        }

    def _likeliest(self, version_ids: Collection[int], pool: Collection[Held]) -> dict[int, tuple[Tag, ...]]:
        measured = _measured(self.workshop, pool, _vectors(self.workshop, pool))
        found = candidates(*measured.weighed, self.workshop.settings.tags.candidates)
        return {n: given for n, given in zip(measured.version_ids, found, strict=True) if n in version_ids}
