"""Sources → papers: the stages that fill the archive, and that know how far each source was read."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from digest.errors import SourceError, UsageError
from digest.harvest.announce import MOST_ENTRIES, Announcement, AnnouncementFeed
from digest.harvest.feed import window_query
from digest.harvest.oai import OaiSource
from digest.harvest.snapshot import read_snapshot
from digest.harvest.source import Deleted, Record, Rejected, Total
from digest.paper import Month, Paper
from digest.pipeline.sources import announcement_feed, atom_source, oai_source
from digest.pipeline.workshop import Outcome, StageReport, Workshop, perform
from digest.store import ledger
from digest.store.ledger import Cursor, Expectation
from digest.store.papers import Saved, count_papers, mark_withdrawn, save_papers
from digest.store.runs import save_quarantine

_PAPERS_IN_ONE_TRANSACTION = 2_000  # what a crash can lose of a long import
_PAPERS_OF_A_PAGE = 200  # what it can lose of what arXiv was asked for
_OVERLAP = timedelta(days=2)  # a record that changes while a list is read can slip past its offsets
_ATOM, _OAI, _FEED = "Atom API", "OAI-PMH", "announcements"
_MOST_HEALED = 2_000  # papers asked for by id in one night: twenty requests


@dataclass(frozen=True, slots=True)
class Taken:
    """What a source gave, as it was stored."""

    saved: Saved = field(default_factory=Saved)
    set_aside: int = 0
    withdrawn: int = 0  # that the source deleted
    first_fault: str = ""

    def __add__(self, other: "Taken") -> "Taken":
        """Add up the counts."""
        return Taken(
            self.saved + other.saved,
            self.set_aside + other.set_aside,
            self.withdrawn + other.withdrawn,
            self.first_fault or other.first_fault,
        )


def harvest_file(workshop: Workshop, file: Path) -> StageReport:
    """Store the papers of a JSONL file, setting aside the lines that are none.

    Raises:
        UsageError: the file is missing, cannot be read, or holds no JSON lines.
    """
    name = str(file).encode(errors="backslashreplace").decode()  # a name that is not UTF-8 has no place in the store
    return perform(workshop, "", "harvest", lambda: _outcome(workshop, _take(workshop, read_snapshot(file), name)))


def harvest_month(workshop: Workshop, month: Month, categories: tuple[str, ...]) -> StageReport:
    """Store a month's papers from arXiv's API; those of the settings' categories where none is named.

    What was read to its end today is not asked for again: arXiv's data change once a day.

    Raises:
        UsageError: the month has not begun.
        SourceError: arXiv refused, timed out or sent nonsense; what was fetched before is kept.
    """
    if month.first_day > workshop.clock().date():
        raise UsageError(f"{month} has not come yet: arXiv has no papers of it")
    asked = categories or workshop.settings.harvest.categories
    return perform(workshop, str(month), "harvest", lambda: _read_month(workshop, month, asked))


def _read_month(workshop: Workshop, month: Month, categories: tuple[str, ...]) -> Outcome:
    today = workshop.clock().date()
    query = window_query(month.first_day, month.last_day, categories)
    if ledger.cursor(workshop.store, _ATOM, query).finished == today:
        return _outcome(workshop, Taken())
    seen = _Seen(month, categories, _total_before(workshop, month, categories))
    records = atom_source(workshop).fetch(month, categories)
    taken, failure = Taken(), "the reading was broken off"  # by a signal, or for want of a contact that can be sent
    try:
        for batch in _batches(seen.watch(records), _PAPERS_OF_A_PAGE):
            taken += _store(workshop, batch, _ATOM)
        failure = ""
    except SourceError as error:
        failure = str(error)
        raise
    finally:
        reason = failure or (f"{taken.set_aside} set aside" if taken.set_aside else "")
        ledger.save_expectations(workshop.store, _ATOM, month, seen.expectations(reason, is_whole=not failure))
    ledger.save_cursor(workshop.store, _ATOM, query, Cursor(since=month.first_day, finished=today))
    return _outcome(workshop, taken)


def _total_before(workshop: Workshop, month: Month, categories: tuple[str, ...]) -> int | None:
    """Return how many papers arXiv said the last time that there are; None where it never did."""
    said = ledger.expectations(workshop.store, month)
    whole = (_ATOM, "", " ".join(categories))
    return next((one.papers for one in said if (one.source, one.day, one.category) == whole), None)


class _Seen:
    """What went past of a month, counted by day and category."""

    def __init__(self, month: Month, categories: tuple[str, ...], total: int | None) -> None:
        self._month, self._categories = month, categories
        self._total = total  # of the last time, until the source says it anew
        self._counts: Counter[tuple[date, str]] = Counter()

    def watch(self, records: Iterable[Paper | Rejected | Total]) -> Iterator[Paper | Rejected]:
        """Pass the records on."""
        for record in records:
            if isinstance(record, Total):
                self._total = record.papers
                continue
            if isinstance(record, Paper) and record.submitted is not None:
                self._counts.update((record.submitted, c) for c in record.categories if c in self._categories)
            yield record

    def expectations(self, reason: str, *, is_whole: bool) -> list[Expectation]:
        """Return what the source says there is; of the days it did not come to, only that it could not be asked."""
        last = max((day for day, _ in self._counts), default=self._month.first_day)
        days = [self._month.first_day + timedelta(days=n) for n in range(self._month.last_day.day)]
        known = [
            Expectation(_ATOM, str(day), category, self._counts[day, category])
            for day in days
            for category in self._categories
            if self._counts[day, category] and (is_whole or day < last)
        ]
        cut = [Expectation(_ATOM, str(day), "", None, reason) for day in days if not is_whole and day >= last]
        whole = Expectation(_ATOM, "", " ".join(self._categories), self._total, reason)
        return [whole, *known, *cut]


def harvest_changes(workshop: Workshop, since: date, categories: tuple[str, ...] = ()) -> StageReport:
    """Store all that changed since the last harvest, from OAI-PMH; a first harvest begins at `since`.

    Raises:
        SourceError: arXiv refused, timed out or sent nonsense; the next harvest goes on from there.
    """
    asked = categories or workshop.settings.harvest.categories
    return perform(workshop, "", "harvest", lambda: _read_changes(workshop, since, asked))


def _read_changes(workshop: Workshop, since: date, categories: Sequence[str]) -> Outcome:
    taken, source = Taken(), oai_source(workshop)
    for category in categories:
        taken += _read_list(workshop, source, category, since)
    return _outcome(workshop, taken)


def _read_list(workshop: Workshop, source: OaiSource, category: str, since: date) -> Taken:
    """Read a category's changes from where the last harvest stood."""
    before = ledger.cursor(workshop.store, _OAI, category)
    first, start = _beginning(before, since)
    taken, finished = Taken(), before.finished
    for batch in source.changes(category, start):
        taken += _store(workshop, batch.records, _OAI)
        moved = replace(before, resume_since=first, resume_from=batch.resume_from)
        if moved != ledger.cursor(workshop.store, _OAI, category):
            ledger.save_cursor(workshop.store, _OAI, category, moved)
        finished = batch.begun
    covered = min(first, before.since or first)
    ledger.save_cursor(workshop.store, _OAI, category, Cursor(since=covered, finished=finished))
    return taken


def _beginning(before: Cursor, since: date) -> tuple[date, date]:
    """Return from which day on all will have been read, and the day to ask from (pure)."""
    if before.since is not None and before.finished is not None and before.since <= since:
        start = before.finished - _OVERLAP
        return before.since, max(start, before.resume_from or start)
    if before.resume_since is not None and before.resume_from is not None and before.resume_since <= since:
        return before.resume_since, before.resume_from
    return since, since


def harvest_announcements(workshop: Workshop) -> StageReport:
    """Note what arXiv announced on its last day, and fetch by id what of it is not held yet.

    Raises:
        SourceError: arXiv refused, timed out or sent nonsense; what was noted before is kept.
    """
    return perform(workshop, "", "announced", lambda: _read_announcements(workshop))


def _read_announcements(workshop: Workshop) -> Outcome:
    feed, noted, warnings = announcement_feed(workshop), 0, []
    for category in workshop.settings.harvest.categories:
        new, warning = _read_feed(workshop, feed, category)
        noted += new
        warnings += [warning] if warning else []
    missing = ledger.missing_papers(workshop.store)[:_MOST_HEALED]
    taken = _take(workshop, atom_source(workshop).by_ids(missing), _ATOM) if missing else Taken()
    still = len(ledger.missing_papers(workshop.store))
    counts = {"noted": noted, "fetched by id": taken.saved.new, "still missing": still}
    return Outcome(counts=counts, changed=bool(noted or taken.saved.new), warnings=tuple(warnings))


def _read_feed(workshop: Workshop, feed: AnnouncementFeed, category: str) -> tuple[int, str]:
    """Keep a category's list; return how much of it is new, and a warning where some of it was cut off."""
    records = feed.fetch(category)
    announced = [record for record in records if isinstance(record, Announcement)]
    rejected = [record for record in records if isinstance(record, Rejected)]
    noted = ledger.save_announcements(workshop.store, ((a.arxiv_id, a.category, a.day, a.kind) for a in announced))
    save_quarantine(workshop.store, f"{_FEED} {category}", ((r.position, r.reason, r.excerpt) for r in rejected))
    if len(records) < MOST_ENTRIES:
        return noted, ""
    return (
        noted,
        f"the list of {category} was cut off by arXiv at {MOST_ENTRIES:,} papers: what it leaves out is not counted",
    )


def harvest_ids(workshop: Workshop, arxiv_ids: Sequence[str]) -> StageReport:
    """Fetch papers by their ids, a hundred with each request, whatever their month or category.

    Raises:
        SourceError: arXiv refused, timed out or sent nonsense; what was fetched before is kept.
    """
    source = atom_source(workshop)
    return perform(
        workshop, "", "harvest", lambda: _outcome(workshop, _take(workshop, source.by_ids(arxiv_ids), _ATOM))
    )


def _take(workshop: Workshop, records: Iterable[Record], source: str) -> Taken:
    taken = Taken()
    for batch in _batches(records, _PAPERS_IN_ONE_TRANSACTION):
        taken += _store(workshop, batch, source)
        workshop.progress("harvest", taken.saved.new + taken.saved.changed + taken.saved.same, 0)
    return taken


def _store(workshop: Workshop, records: Sequence[Record], source: str) -> Taken:
    saved = save_papers(workshop.store, (record for record in records if isinstance(record, Paper)))
    deleted = [record.arxiv_id for record in records if isinstance(record, Deleted)]
    withdrawn = mark_withdrawn(workshop.store, deleted) if deleted else 0
    rejected = [record for record in records if isinstance(record, Rejected)]
    save_quarantine(workshop.store, source, ((r.position, r.reason, r.excerpt) for r in rejected))
    first = f"number {rejected[0].position}: {rejected[0].reason}" if rejected else ""
    return Taken(saved, len(rejected), withdrawn, first and f"{source}, {first}")


def _outcome(workshop: Workshop, taken: Taken) -> Outcome:
    saved = taken.saved
    counts = {"new": saved.new, "revised": saved.changed, "known before": saved.same, "set aside": taken.set_aside}
    if taken.withdrawn:
        counts["deleted at arXiv"] = taken.withdrawn
    counts["held in all"] = count_papers(workshop.store)
    warnings = (
        (f"set aside as no papers: {taken.set_aside:,}; the first is {taken.first_fault}",) if taken.set_aside else ()
    )
    changed = bool(saved.new or saved.changed or taken.withdrawn)
    return Outcome(counts=counts, changed=changed, warnings=warnings)


def _batches(records: Iterable[Record], size: int) -> Iterator[list[Record]]:
    """Yield the records in lists; where the source fails, first what it gave until then."""
    batch: list[Record] = []
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
