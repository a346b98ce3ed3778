"""Papers' counted words → the terms of the search page with their papers and scores, in files by prefix (pure)."""

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from digest.publish.counts import Counts

_LARGEST = 120_000  # bytes of one file of terms; some 40 KB compressed
_TITLE_WEIGHT = 4  # a title's word counts as often as that in the abstract
# Robertson & Zaragoza (2009), "The Probabilistic Relevance Framework: BM25 and Beyond", section 3.2: usual values.
_K1, _B = 1.2, 0.75
_SCORE_STEPS = 100  # scores are kept as whole hundredths


class _Postings(NamedTuple):
    """Which term stands in which paper and how often; by term, and of one term by paper."""

    terms: list[str]  # sorted
    lengths: npt.NDArray[np.int64]  # shape (papers,): words
    term: npt.NDArray[np.int64]  # shape (postings,), as the next two
    paper: npt.NDArray[np.int64]
    times: npt.NDArray[np.int64]


def weighted(said: list[str], named: list[str]) -> list[str]:
    """Return a paper's words: those said in its abstract and by its authors' names, those of its title and topics."""
    return said + named * _TITLE_WEIGHT


def shards_of(counts: Counts) -> Iterator[tuple[str, bytes]]:
    """Yield files of terms by the prefix that a file's terms share; a paper's number is its place.

    A term's papers are told as number, score, number, score ...; numbers as steps from the one before.
    """
    told = list(_told(_postings(counts)))
    sizes = [0, *accumulate(len(one) + 1 for _, one in told)]
    yield from _shards("", told, sizes, 0, len(told))


def _postings(counts: Counts) -> _Postings:
    papers = len(counts.ends)
    used = np.flatnonzero(np.bincount(counts.term, minlength=len(counts.terms))).tolist()
    order = sorted(used, key=counts.terms.__getitem__)
    rank = np.zeros(len(counts.terms), np.int64)
    rank[order] = np.arange(len(order))
    paper = np.repeat(np.arange(papers), np.diff(counts.ends, prepend=0))
    keys = rank[counts.term] * papers + paper
    placed = np.argsort(keys)  # each is another one: a paper has a term once
    lengths = np.bincount(paper, counts.times, minlength=papers).astype(np.int64)
    terms = [counts.terms[number] for number in order]
    return _Postings(terms, lengths, *np.divmod(keys[placed], max(1, papers)), counts.times[placed].astype(np.int64))


def _told(held: _Postings) -> Iterator[tuple[str, bytes]]:
    """Yield each term with what its file says of it."""
    if not held.terms:
        return
    spread = np.bincount(held.term, minlength=len(held.terms))
    ends = np.cumsum(spread)
    steps = np.diff(held.paper, prepend=0)
    first = ends[:-1]  # where a term ends, the next one begins
    steps[first] = held.paper[first]
    pairs = np.column_stack((steps, _scores(held, spread))).ravel().tolist()
    starts = [0, *ends[:-1].tolist()]
    lists = [pairs[2 * start : 2 * end] for start, end in zip(starts, ends.tolist(), strict=True)]
    numbers = orjson.dumps(lists)[2:-2].split(b"],[")  # all at once: there are many thousand
    for term, told in zip(held.terms, numbers, strict=True):
        yield term, b'"%s":[%s]' % (term.encode(), told)


def _scores(held: _Postings, spread: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    papers = len(held.lengths)
    # Not NumPy's logarithm, whose last digit hangs on the processor.
    rarity_by_spread = {n: math.log1p((papers - n + 0.5) / (n + 0.5)) for n in set(spread.tolist())}
    rarity = np.array([rarity_by_spread[n] for n in spread.tolist()], np.float64)[held.term]
    mean = int(held.lengths.sum()) / max(1, papers) or 1.0
    length = held.lengths[held.paper]
    saturated = held.times * (_K1 + 1) / (held.times + _K1 * (1 - _B + _B * length / mean))
    return np.maximum(1, np.rint(_SCORE_STEPS * rarity * saturated)).astype(np.int64)


def _shards(
    prefix: str, told: Sequence[tuple[str, bytes]], sizes: Sequence[int], start: int, end: int
) -> Iterator[tuple[str, bytes]]:
    """Yield terms by the prefix they share, in files that are not too large; a term by itself may have its own."""
    place = len(prefix)
    groups = [
        (char, len(list(some))) for char, some in groupby(told[start:end], key=lambda one: one[0][place : place + 1])
    ]
    is_small = sizes[end] - sizes[start] + 1 <= _LARGEST
    if is_small or sum(char != "" for char, _ in groups) <= 1:
        yield prefix, _joined(told[start:end])
        return
    for char, many in groups:
        if char:
            yield from _shards(prefix + char, told, sizes, start, start + many)
        else:
            yield prefix, _joined(told[start : start + many])
        start += many


def _joined(told: Sequence[tuple[str, bytes]]) -> bytes:
    return b"{" + b",".join(one for _, one in told) + b"}"
