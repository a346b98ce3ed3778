"""What is derived → made anew: leftovers, damaged vectors, indexes, the site. Papers and texts are never touched."""

import shutil
from pathlib import Path

from digest.errors import StoreError
from digest.pipeline import gathering, printing
from digest.pipeline.publishing import REPOSITORY
from digest.pipeline.workshop import Outcome, StageReport, Workshop, perform
from digest.store.backup import backups
from digest.store.papers import count_papers
from digest.store.repair import drop_damaged_vectors, faults
from digest.store.words import rebuild_words

_BESIDE_SITE = ("new", "before", "made.json", "made.json.new", "words", "words.new")


def repair(workshop: Workshop) -> list[StageReport]:
    """Examine the store, remove what cut-off runs left, and make anew what is derived.

    Raises:
        StoreError: the store itself is damaged: papers and texts cannot be derived, a backup must be restored.
        ModelError: the encoder is missing, so that vectors cannot be made.
    """
    return [
        perform(workshop, "", "store", lambda: _examine(workshop)),
        perform(workshop, "", "tidy", lambda: _tidy(workshop)),
        perform(workshop, "", "vectors", lambda: _drop(workshop)),
        perform(workshop, "", "words", lambda: _reindex(workshop)),
        gathering.embed(workshop),
        printing.build(workshop),
    ]


def _examine(workshop: Workshop) -> Outcome:
    found = faults(workshop.store)
    if found:
        kept = backups(workshop.store.path)
        mend = f"restore {kept[-1]}" if kept else "restore a copy, or move it away and harvest anew"
        raise StoreError(f"{workshop.store.path} is damaged ({len(found)} faults, the first: {found[0]}): {mend}")
    return Outcome(counts={"faults": 0}, changed=False)


def _tidy(workshop: Workshop) -> Outcome:
    """Remove what runs that were cut off left, and what the next build and publish can make anew."""
    leftovers = [place for place in _leftovers(workshop) if place.exists()]
    for place in leftovers:
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink()
    return Outcome(counts={"leftovers removed": len(leftovers)}, changed=bool(leftovers))


def _leftovers(workshop: Workshop) -> list[Path]:
    settings = workshop.settings
    site, store, index = (settings.path(p) for p in (settings.site.output, settings.store, settings.index))
    beside = [site.with_name(f".{site.name}.{kind}") for kind in _BESIDE_SITE]
    old = site.with_name(f".{site.name}.old")
    return [
        *beside,
        *([old] if site.exists() else []),  # where a swap was cut off, it is the site, and the build puts it back
        *store.parent.glob(f"{store.name}.*.new"),
        *(file for pattern in ("*.faiss", "*.f32", "*.i64", "manifest.json", "*.new") for file in index.glob(pattern)),
        store.with_name(REPOSITORY),
        *settings.path(settings.site.content).glob("*/.*.new"),
    ]


def _drop(workshop: Workshop) -> Outcome:
    damaged = drop_damaged_vectors(workshop.store)
    return Outcome(counts={"damaged vectors dropped": damaged}, changed=bool(damaged))


def _reindex(workshop: Workshop) -> Outcome:
    rebuild_words(workshop.store)
    return Outcome(counts={"papers": count_papers(workshop.store)}, changed=True)
