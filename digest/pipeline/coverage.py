"""The ledger: what arXiv says there is of a month, what is held, and the gate that hangs on the gap."""

from collections.abc import Iterable, Mapping
from datetime import date

from digest.errors import GateRefused
from digest.harvest.ledger import Line, gap_share
from digest.paper import Month
from digest.pipeline.workshop import Workshop
from digest.store import ledger
from digest.store.ledger import Expectation, Listing

_FEED = "announcements"


def coverage(workshop: Workshop, month: Month) -> list[Line]:
    """Return the ledger of a month: by submission from the Atom API, by announcement from the feeds."""
    held = ledger.listings(workshop.store, month)
    said = [_line(expected, held) for expected in ledger.expectations(workshop.store, month)]
    announced = [
        Line(_FEED, str(told.day), told.category, told.papers, told.held)
        for told in ledger.announced_in(workshop.store, month)
    ]
    return [*said, *announced]


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
