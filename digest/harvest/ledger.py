"""What sources say there is, and what is held → the gap, by day and category (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the ledger."""

    source: str
    day: str  # "2024-04-03"; "" for the whole month
    category: str  # one, or several joined by a blank; "" for all that were asked for
    announced: int | None  # None: the source could not be asked
    held: int
    reason: str = ""  # why some are missing, where known

    @property
    def gap(self) -> int | None:
        """Papers that are there and not held; None where it cannot be known."""
        return None if self.announced is None else max(0, self.announced - self.held)


def gap_share(lines: Iterable[Line]) -> float:
    """Return the largest share (0..1) of papers that any one source says there are and that are not held.

    A source's line for the whole month counts instead of its days, where there is one.
    """
    by_source: dict[str, list[Line]] = {}
    for line in lines:
        if line.announced is not None:
            by_source.setdefault(line.source, []).append(line)
    shares = []
    for told in by_source.values():
        counted = [line for line in told if not line.day] or told
        announced = sum(line.announced or 0 for line in counted)
        shares.append(sum(line.gap or 0 for line in counted) / announced if announced else 0.0)
    return max(shares, default=0.0)
