"""The ledger: what arXiv says there is of a month, what is held, and the gate that hangs on the gap."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date

from digest.errors import GateRefused
from digest.harvest.ledger import Line, gap_share
from digest.paper import Month
from digest.pipeline.workshop import Workshop
from digest.store import ledger
from digest.store.ledger import Expectation, Listing
from digest.store.runs import runs

_FEED, _OAI = "announcements", "OAI-PMH"
_SOURCES = {"announced": _FEED, "harvest": _OAI}  # by the stage that reads them
_LATEST_RUNS = 10_000


def coverage(workshop: Workshop, month: Month) -> list[Line]:
    """Return the ledger of a month: by submission from the Atom API, by announcement from the feeds."""
    held = ledger.listings(workshop.store, month)
    said = [_line(expected, held) for expected in ledger.expectations(workshop.store, month)]
    announced = [
        Line(_FEED, str(told.day), told.category, told.papers, told.held)
        for told in ledger.announced_in(workshop.store, month)
    ]
    return [*said, *announced, *_unheard(workshop, month, {line.day for line in announced})]


def _unheard(workshop: Workshop, month: Month, heard: Collection[str]) -> Iterator[Line]:
    """Yield a line for each day of the month on which a nightly source failed and was not heard since."""
    categories = workshop.settings.harvest.categories
    finished = [ledger.cursor(workshop.store, _OAI, category).finished for category in categories]
    caught_up = min((day for day in finished if day), default=None) if all(finished) else None
    failed = {
        (_SOURCES[run.stage], run.started.date()): run.failure
        for run in runs(workshop.store, last=_LATEST_RUNS)
        if run.failure and not run.month and run.stage in _SOURCES and run.started.date() in month
    }
    for (source, day), failure in sorted(failed.items()):
        is_healed = str(day) in heard if source == _FEED else caught_up is not None and caught_up >= day
        if not is_healed:
            yield Line(source, str(day), "", None, 0, failure)


def _line(expected: Expectation, held: Mapping[str, Listing]) -> Line:
    categories = set(expected.category.split())
    count = sum(_counts(listing, expected.day, categories) for listing in held.values())
    return Line(expected.source, expected.day, expected.category, expected.papers, count, expected.reason)


def _counts(listing: Listing, day: str, categories: Iterable[str]) -> bool:
    is_asked = not categories or not set(categories).isdisjoint(listing.categories)
    return is_asked and (not day or listing.submitted == date.fromisoformat(day))


def check_coverage(workshop: Workshop, month: Month) -> None:
    """Refuse an issue of a month of which too much is missing.

    Raises:
        GateRefused: more than the settings allow; the site stays as it was.
    """
    share = gap_share(coverage(workshop, month))
    allowed = workshop.settings.gate.max_gap_share
    if share > allowed:
        raise GateRefused(
            f"the issue of {month} was not published: {share:.1%} of the papers that arXiv says there are is missing, "
            f"{allowed:.1%} is allowed (gate.max_gap_share); see digest coverage --month {month}, and harvest again"
        )
