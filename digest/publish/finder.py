"""Listed papers → the files that let the search page find them by word and by meaning, with no server.

A search fetches the few files it needs: the terms that begin like the words asked for, and the months whose papers are
shown. Papers have numbers, oldest issue first; site/static/search.js reads what is written here.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import groupby

import numpy as np
import numpy.typing as npt
import orjson

from digest.publish import addresses
from digest.publish.counts import FORGETFUL, Counts, WordMemory, count
from digest.publish.draft import Draft, Sheaf, fingerprint
from digest.publish.shelf import Listing, Shelf
from digest.publish.terms import shards_of, weighted
from digest.publish.wording import day_for_machines, printable
from digest.text import plain_text, plain_words, short_authors

FOLDER = "search"
_FULL_SCALE = 127


@dataclass(frozen=True, eq=False)
class WordTable:
    """What turns a query into a direction in the browser, and papers' vectors into directions beside it."""

    encoder: str  # whose vectors it reads
    words: tuple[str, ...]
    rows: npt.NDArray[np.int8]  # shape (words, dims)
    scales: npt.NDArray[np.float32]  # shape (words,): a word's vector is its row times its scale
    projection: npt.NDArray[np.float32]  # shape (dims of a paper's vector, dims)

    @property
    def content(self) -> bytes:
        """The scales, little-endian, and after them the rows."""
        return self.scales.astype("<f4").tobytes() + self.rows.tobytes()

    @cached_property
    def mark(self) -> str:
        """A hash of all of it."""
        whole = hashlib.sha256(self.content + self.projection.astype("<f4").tobytes())
        return fingerprint(self.encoder, self.words, whole.hexdigest())

    @property
    def dims(self) -> int:
        """How many numbers a direction has."""
        return int(self.rows.shape[1])


def finder_drafts(
    shelf: Shelf, table: WordTable | None, stamp: str, memory: WordMemory = FORGETFUL
) -> Iterator[tuple[str, Draft | Sheaf]]:
    """Yield the search page's files; without a table, or without the papers' directions, words alone are found."""
    listings = sorted(shelf.newest, key=lambda one: (str(one.issue.month), one.entry.paper.arxiv_id))
    months = [(month, list(group)) for month, group in groupby(listings, key=lambda one: str(one.issue.month))]
    marks = {
        month: fingerprint(stamp, month, [(shelf.mark_of(one.entry), one.issue.quality.encoder) for one in group])
        for month, group in months
    }
    known = table if table is not None and any(_vector(one, table) for one in listings) else None
    for month, group in months:
        yield f"{FOLDER}/papers/{month}.json", Draft(marks[month], partial(_all_shown, group))
    if known is not None:
        yield from _meaning_drafts(months, marks, known, stamp)
    shown = [(shelf.mark_of(one.entry), one) for one in listings]

    def words() -> dict[str, bytes]:
        shards = dict(shards_of(_counted(shown, stamp, memory)))
        catalogue = _catalogue(months, shards, known)
        return {"catalogue.json": catalogue} | {f"terms/{prefix or '_'}.json": one for prefix, one in shards.items()}

    yield f"{FOLDER}/", Sheaf(fingerprint(list(marks.items()), known and known.mark), words)


def _meaning_drafts(
    months: Sequence[tuple[str, list[Listing]]], marks: Mapping[str, str], table: WordTable, stamp: str
) -> Iterator[tuple[str, Draft]]:
    for month, group in months:
        mark = fingerprint(marks[month], table.mark)
        yield f"{FOLDER}/vectors/{month}.bin", Draft(mark, partial(_directions, group, table))
    mark = fingerprint(stamp, table.mark)
    yield f"{FOLDER}/words.json", Draft(mark, lambda: orjson.dumps(table.words))
    yield f"{FOLDER}/words.bin", Draft(mark, lambda: table.content)


def _counted(shown: Sequence[tuple[str, Listing]], stamp: str, memory: WordMemory) -> Counts:
    """Return the counts of the papers' words, of which those that the memory holds are not counted again."""
    counts = count([mark for mark, _ in shown], lambda place: _words_of(shown[place][1]), memory.recall(stamp))
    memory.keep(counts, stamp)
    return counts


def _catalogue(
    months: Sequence[tuple[str, Sequence[Listing]]], shards: Mapping[str, bytes], table: WordTable | None
) -> bytes:
    meaning = {"words": len(table.words), "dims": table.dims, "bytes": table.rows.nbytes} if table else None
    return orjson.dumps(
        {"months": [[month, len(group)] for month, group in months], "terms": sorted(shards), "meaning": meaning}
    )


def _all_shown(listings: Sequence[Listing]) -> bytes:
    return orjson.dumps([_shown(one) for one in listings])


def _shown(listing: Listing) -> dict[str, object]:
    """Return what a hit shows and what filters look at; short keys, for there are many."""
    entry = listing.entry
    paper = entry.paper
    return {
        "id": paper.arxiv_id,
        "to": addresses.paper_address(paper.arxiv_id),
        "title": printable(plain_text(entry.title)),
        "by": printable(short_authors(paper.authors)),
        "authors": " ".join(" ".join(plain_words(name)) for name in paper.authors),
        "day": day_for_machines(paper),
        "tags": [topic.slug for topic in entry.topics],
        "cats": [printable(category) for category in paper.categories],
        "text": printable(plain_text(entry.summary.text)),
        "gone": paper.withdrawn,
    }


def _directions(listings: Sequence[Listing], table: WordTable) -> bytes:
    """Return where the papers lie, int8, shape (papers, dims); zeros, near nothing, where a vector is missing."""
    size = len(table.projection)
    held = [_vector(one, table) or bytes(size) for one in listings]
    vectors = np.frombuffer(b"".join(held), np.int8).reshape(len(held), size).astype(np.float32)
    directions = vectors @ table.projection
    largest = np.maximum(np.abs(directions).max(axis=1, keepdims=True), 1e-9)
    scaled: npt.NDArray[np.int8] = np.rint(directions / largest * _FULL_SCALE).astype(np.int8)
    return scaled.tobytes()


def _vector(listing: Listing, table: WordTable) -> bytes:
    """Return a paper's vector, int8; nothing where it has none, or another encoder's."""
    vector = base64.b64decode(listing.entry.vector)
    is_known = listing.issue.quality.encoder == table.encoder and len(vector) == len(table.projection)
    return vector if is_known else b""


def _words_of(listing: Listing) -> list[str]:
    entry = listing.entry
    said = plain_words(plain_text(entry.paper.abstract)) + plain_words(" ".join(entry.paper.authors))
    return weighted(said, plain_words(f"{entry.title} {' '.join(topic.name for topic in entry.topics)}"))
