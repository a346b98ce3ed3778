"""Papers' words → how often each stands in each paper, kept beside the site so that a paper is counted once."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import orjson

from digest.publish.notes import read_checked, write_checked

_FORMAT = b"digest words 1"
_NUMBER = np.dtype("<i4")

Numbers = npt.NDArray[np.int32]


class Counts(NamedTuple):
    """How often each term stands in each paper."""

    marks: list[str]  # of the papers, in order: equal marks, equal words
    terms: list[str]  # in any order; some may stand in no paper any more
    ends: Numbers  # shape (papers,): where each paper's pairs end, which follow one another
    term: Numbers  # shape (pairs,): the term's place in the list
    times: Numbers  # shape (pairs,)


_NONE = np.empty(0, _NUMBER)
NOTHING = Counts([], [], _NONE, _NONE, _NONE)


def count(marks: Sequence[str], words: Callable[[int], list[str]], known: Counts = NOTHING) -> Counts:
    """Return the counts of papers by their marks; `words`, by a paper's place, is asked for what is not known."""
    place_by_mark = {mark: place for place, mark in enumerate(known.marks)}
    number_by_term = {term: number for number, term in enumerate(known.terms)}
    starts, ends = [0, *known.ends.tolist()], known.ends.tolist()
    term, times = [_NONE], [_NONE]
    for paper, mark in enumerate(marks):
        place = place_by_mark.get(mark)
        if place is not None:
            term.append(known.term[starts[place] : ends[place]])
            times.append(known.times[starts[place] : ends[place]])
            continue
        counted = Counter(words(paper))
        numbers = [number_by_term.setdefault(word, len(number_by_term)) for word in counted]
        term.append(np.array(numbers, _NUMBER))
        times.append(np.array(list(counted.values()), _NUMBER))
    lengths = np.array([len(pairs) for pairs in term[1:]], _NUMBER)
    ends_now = np.cumsum(lengths, dtype=_NUMBER)
    return Counts(list(marks), list(number_by_term), ends_now, np.concatenate(term), np.concatenate(times))


@dataclass(frozen=True, slots=True)
class WordMemory:
    """A file that keeps counts for the next build; a cache that may be lost, cut off or altered."""

    file: Path | None  # None: nothing is kept

    @classmethod
    def beside(cls, site: Path) -> Self:
        """Return the memory of a site in a folder; its file is beside it."""
        return cls(site.with_name(f".{site.name}.words"))

    def recall(self, stamp: str) -> Counts:
        """Return what was kept under the same stamp."""
        held = read_checked(self.file, _FORMAT) if self.file else b""
        head, _, numbers = held.partition(b"\n")
        told = orjson.loads(head) if head else {}
        if not told or told["stamp"] != stamp:
            return NOTHING
        papers, whole = len(told["marks"]), np.frombuffer(numbers, _NUMBER)
        pairs = (len(whole) - papers) // 2
        return Counts(told["marks"], told["terms"], *np.split(whole, [papers, papers + pairs]))

    def keep(self, counts: Counts, stamp: str) -> None:
        """Keep them in the place of what was kept.

        Raises:
            OSError: the disk refused.
        """
        if self.file:
            head = orjson.dumps({"stamp": stamp, "marks": counts.marks, "terms": counts.terms})
            numbers = np.concatenate(counts[2:]).astype(_NUMBER).tobytes()
            write_checked(self.file, _FORMAT, head + b"\n" + numbers)


FORGETFUL = WordMemory(None)
