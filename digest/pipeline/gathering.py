"""Picks and papers → vectors: the stages that make the archive searchable."""

from functools import partial

from digest.paper import Paper
from digest.pipeline.models import encoder_choice, index_of, load, picks_file
from digest.pipeline.workshop import Outcome, StageReport, Workshop, perform
from digest.search.encoder import passage
from digest.select.picks import read_picks
from digest.store.papers import papers_by_id, save_papers
from digest.store.vectors import save_vectors, unembedded
from digest.store.words import are_words_whole, follow_words, rebuild_words

_VECTORS_IN_ONE_TRANSACTION = 512  # some twenty seconds of one core's work


def import_picks(workshop: Workshop) -> StageReport:
    """Store the picks that come with title and abstract, so that they have vectors and can be found.

    Raises:
        UsageError: the file of picks is missing or broken.
    """
    return perform(workshop, "", "picks", lambda: _import_picks(workshop))


def _import_picks(workshop: Workshop) -> Outcome:
    picks = read_picks(picks_file(workshop))
    held = papers_by_id(workshop.store, (pick.arxiv_id for pick in picks))
    missing = [pick for pick in picks if pick.arxiv_id not in held]
    papers = [
        Paper(arxiv_id=pick.arxiv_id, title=pick.title, abstract=pick.abstract)
        for pick in missing
        if pick.title and pick.abstract
    ]
    saved = save_papers(workshop.store, papers)
    counts = {"picks": len(picks), "new": saved.new}
    bare = len(missing) - len(papers)
    warnings = (f"{bare} picks are not held and come without an abstract: they do not count",) if bare else ()
    return Outcome(counts=counts, changed=bool(saved.new), warnings=warnings)


def embed(workshop: Workshop) -> StageReport:
    """Embed every latest version that has no vector of this model, and bring both indexes up to date.

    Raises:
        ModelError: the encoder is missing or is no model.
    """
    return perform(workshop, "", "embed", lambda: _embed(workshop))


def _tell(workshop: Workshop, before: int, of: int, done: int) -> None:
    workshop.progress("embed", before + done, of)


def _embed(workshop: Workshop) -> Outcome:
    choice = encoder_choice(workshop)
    waiting = unembedded(workshop.store, choice.name)
    for start in range(0, len(waiting), _VECTORS_IN_ONE_TRANSACTION):
        batch = waiting[start : start + _VECTORS_IN_ONE_TRANSACTION]
        vectors = load(choice).encode(
            [passage(title, abstract) for _, title, abstract in batch],
            on_batch=partial(_tell, workshop, start, len(waiting)),
        )
        save_vectors(workshop.store, choice.name, [version_id for version_id, _, _ in batch], vectors)
    followed = follow_words(workshop.store, lambda done: workshop.progress("words", done, 0))
    is_damaged = not are_words_whole(workshop.store)
    if is_damaged:
        rebuild_words(workshop.store)
    index = index_of(workshop, is_whole=True)
    changed = bool(waiting or followed or index.followed) or index.rebuilt or is_damaged
    counts = {"papers": len(waiting), "in the index": index.count}
    return Outcome(counts=counts, changed=changed)
