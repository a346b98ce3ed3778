"""The record and the store → how the last nights went, what waits to be done, and what it takes on the disk."""

import os
import shutil
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from digest.errors import DigestError
from digest.paper import Month
from digest.pipeline.amending import stale_months
from digest.pipeline.making import unwritten
from digest.pipeline.models import encoder_choice
from digest.pipeline.night import NIGHT, due_months, owed_months
from digest.pipeline.notifying import unsent
from digest.pipeline.topics import unchosen
from digest.pipeline.translating import untranslated
from digest.pipeline.workshop import LEFT, Workshop, is_locked
from digest.settings import Settings
from digest.store import issues, ledger
from digest.store.runs import StageRun, count_quarantined, latest, nights
from digest.store.vectors import unembedded
from digest.write.ask.writer import Kind


@dataclass(frozen=True, slots=True)
class Night:
    """One run of the whole, as its record tells it."""

    began: datetime  # UTC
    ended: str  # its exit status, or "cut off" where it was killed
    seconds: float
    did: str  # the stages that it came through
    failure: str  # "" for none


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand."""

    nights: list[Night]  # newest first
    waiting: dict[str, int]  # what is not done yet, by what it is; only what there is of it
    disk: dict[str, int]  # bytes
    at_work: bool  # another process holds the store

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self) | {"nights": [asdict(night) | {"began": night.began.isoformat()} for night in self.nights]}


def nothing_yet(settings: Settings) -> Status:
    """Return how things stand where there is no store."""
    return Status([], {}, _disk(settings), at_work=False)


def look(workshop: Workshop, last: int) -> Status:
    """Return how things stand; nothing is changed."""
    kept = [_night(stages) for stages in nights(workshop.store, last)]
    at_work = is_locked(workshop.settings.path(workshop.settings.store))
    return Status(kept, _waiting(workshop), _disk(workshop.settings), at_work)


def _night(stages: list[StageRun]) -> Night:
    whole = next((stage for stage in stages if stage.stage == NIGHT), None)
    done = ", ".join(dict.fromkeys(stage.stage for stage in stages if stage.stage != NIGHT and not stage.failure))
    failure = next((stage.failure for stage in stages if stage.failure), "")
    if whole is None:
        return Night(stages[0].started, "cut off", sum(stage.seconds for stage in stages), done, failure)
    return Night(whole.started, str(whole.counts.get("status", "")), whole.seconds, done, failure)


def _waiting(workshop: Workshop) -> dict[str, int]:
    due = due_months(workshop.clock().date())
    months = (*owed_months(workshop, due), *due)
    others = [kind for kind in Kind if kind is not Kind.SUMMARY]
    counts: dict[str, Callable[[], int]] = {
        "announced papers to fetch": lambda: len(ledger.missing_papers(workshop.store)),
        "papers to embed": lambda: len(unembedded(workshop.store, encoder_choice(workshop).name)),
        "papers to rate": lambda: sum(_left(workshop, "select", str(month)) for month in months),
        "papers whose topics a model is to choose": lambda: sum(unchosen(workshop, month) for month in months),
        "summaries to write": lambda: sum(len(unwritten(workshop, month)) for month in months),
        **_unasked(workshop, months),
        "other texts to write": lambda: sum(len(unwritten(workshop, one, kind)) for one in months for kind in others),
        "texts to translate": lambda: sum(untranslated(workshop, month) for month in months),
        "issues with newer versions to print": lambda: len(stale_months(workshop)),
        "site to publish": lambda: _unpublished(workshop),
        "letters and notices to send": lambda: unsent(workshop, due),
        "records set aside": lambda: count_quarantined(workshop.store),
    }
    return {what: count for what, counting in counts.items() if (count := _count(counting))}


def _unasked(workshop: Workshop, nightly: Collection[Month]) -> dict[str, Callable[[], int]]:
    """Count what the last run of a month left unwritten that no night comes back to: one that was asked for by name."""
    others = [str(month) for month in issues.months(workshop.store) if month not in nightly]
    return {
        f"texts of {month} that no night writes (`digest run --month {month}` does)": partial(
            _left, workshop, "write", month
        )
        for month in others
    }


def _left(workshop: Workshop, stage: str, month: str) -> int:
    """Return what a stage had no time for the last time, as its record tells it."""
    last = latest(workshop.store, stage, month)
    return last.counts.get(LEFT, 0) if last else 0


def _unpublished(workshop: Workshop) -> int:
    """Tell whether the site was built and not sent since, as their records have it: 1 or 0."""
    built, sent = (latest(workshop.store, stage) for stage in ("build", "publish"))
    if not workshop.settings.publish.remote or built is None:
        return 0
    return int(sent is None or bool(sent.failure) or sent.started < built.started)


def _count(counting: Callable[[], int]) -> int:
    with suppress(DigestError):  # a model that is missing is the doctor's to tell
        return counting()
    return 0


def _disk(settings: Settings) -> dict[str, int]:
    store = settings.path(settings.store)
    places = {"store": store, "index": settings.path(settings.index), "site": settings.path(settings.site.output)}
    sizes = {what: _size(place) for what, place in places.items()}
    above = next((folder for folder in (store.parent, *store.parents) if folder.exists()), Path(store.anchor))
    return sizes | {"free": shutil.disk_usage(above).free}


def _size(place: Path) -> int:
    """Return the bytes of a folder, or of a file and those named after it; what goes away meanwhile has none."""
    if place.is_dir():
        return sum(_bytes(Path(folder, name)) for folder, _, names in os.walk(place) for name in names)
    return sum(_bytes(file) for file in place.parent.glob(f"{place.name}*") if file.is_file())


def _bytes(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
