"""Sources → papers → vectors: the stages that fill the archive."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from digest.errors import SourceError
from digest.harvest.atom import ArxivSource
from digest.harvest.snapshot import read_snapshot
from digest.harvest.source import Rejected
from digest.paper import Month, Paper
from digest.pipeline.models import encoder_choice, index_of, load, picks_file
from digest.pipeline.workshop import Outcome, StageReport, Workshop, perform
from digest.search.encoder import passage
from digest.select.picks import read_picks
from digest.store.papers import Saved, count_papers, papers_by_id, save_papers
from digest.store.runs import save_quarantine
from digest.store.vectors import save_vectors, unembedded

_PAPERS_IN_ONE_TRANSACTION = 2_000  # what a crash can lose of a long import
_VECTORS_IN_ONE_TRANSACTION = 512  # some twenty seconds of one core's work


def harvest_file(workshop: Workshop, file: Path) -> StageReport:
    """Store the papers of a JSONL file, setting aside the lines that are none.

    Raises:
        UsageError: the file is missing, cannot be read, or holds no JSON lines.
    """
    return perform(workshop, "", "harvest", lambda: _take(workshop, read_snapshot(file), str(file)))


def harvest_month(workshop: Workshop, month: Month, categories: tuple[str, ...]) -> StageReport:
    """Store a month's papers from arXiv's API; those of the settings' categories where none is named.

    Raises:
        SourceError: arXiv refused, timed out or sent nonsense; what was fetched before is kept.
    """
    harvest = workshop.settings.harvest
    source = ArxivSource(api_url=harvest.api_url, contact=harvest.contact)
    records = source.fetch(month, categories or harvest.categories)
    return perform(workshop, str(month), "harvest", lambda: _take(workshop, records, harvest.api_url))


def _take(workshop: Workshop, records: Iterable[Paper | Rejected], source: str) -> Outcome:
    saved, quarantined, first = Saved(), 0, ""
    for batch in _batches(records, _PAPERS_IN_ONE_TRANSACTION):
        saved += save_papers(workshop.store, (record for record in batch if isinstance(record, Paper)))
        rejected = [record for record in batch if isinstance(record, Rejected)]
        save_quarantine(workshop.store, source, ((r.position, r.reason, r.excerpt) for r in rejected))
        quarantined += len(rejected)
        first = first or next((f"number {r.position}: {r.reason}" for r in rejected), "")
        workshop.progress("harvest", saved.new + saved.changed + saved.same, 0)
    counts = {"new": saved.new, "changed": saved.changed, "known before": saved.same, "set aside": quarantined}
    counts["held in all"] = count_papers(workshop.store)
    warnings = (f"{quarantined} records of {source} are no papers and were set aside; {first}",) if quarantined else ()
    return Outcome(counts=counts, changed=bool(saved.new or saved.changed), warnings=warnings)


def _batches(records: Iterable[Paper | Rejected], size: int) -> Iterator[list[Paper | Rejected]]:
    """Yield the records in lists; where the source fails, first what it gave until then."""
    batch: list[Paper | Rejected] = []
    try:
        for record in records:
            batch.append(record)
            if len(batch) == size:
                yield batch
                batch = []
    except SourceError:
        yield batch
        raise
    if batch:
        yield batch


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
    """Embed every latest version that has no vector of this model, and bring the index up to date.

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
    index = index_of(workshop)
    counts = {"papers": len(waiting), "in the index": index.count}
    return Outcome(counts=counts, changed=bool(waiting) or index.rebuilt)
