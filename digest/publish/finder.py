"""Listed papers → the files that let the search page find them by word and by meaning, with no server (pure).

A search fetches the few files it needs: the terms that begin like the words asked for, and the months whose papers are
shown. Papers have numbers, oldest issue first; site/static/search.js reads what is written here.
"""

import base64
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import PurePosixPath

import numpy as np
import numpy.typing as npt
import orjson

from digest.publish import addresses
from digest.publish.draft import Draft, fingerprint
from digest.publish.shelf import Listing, Shelf
from digest.publish.wording import printable
from digest.text import plain_text, plain_words, short_authors

FOLDER = "search"
_LARGEST = 120_000  # bytes of one file of terms; some 40 KB compressed
_TITLE_WEIGHT = 4  # a title's word counts as often as that in the abstract
# Robertson & Zaragoza (2009), "The Probabilistic Relevance Framework: BM25 and Beyond", section 3.2: usual values.
_K1, _B = 1.2, 0.75
_FULL_SCALE = 127
_SCORE_STEPS = 100  # scores are kept as whole hundredths


@dataclass(frozen=True, slots=True, eq=False)
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

    @property
    def dims(self) -> int:
        """How many numbers a direction has."""
        return int(self.rows.shape[1])


def finder_drafts(shelf: Shelf, table: WordTable | None, stamp: str) -> Iterator[tuple[PurePosixPath, Draft]]:
    """Yield the search page's files; without a table, or without the papers' directions, words alone are found."""
    listings = sorted(shelf.newest, key=lambda one: (one.issue.month, one.entry.paper.arxiv_id))
    mark = fingerprint(stamp, [(str(one.issue.month), one.entry) for one in listings])
    months = [(str(month), list(group)) for month, group in groupby(listings, key=lambda one: one.issue.month)]
    terms = _scored(listings)
    shards = dict(_shards("", terms))
    is_by_meaning = table is not None and any(_vector(one, table) for one in listings)
    contents = {
        "catalogue.json": _catalogue(months, shards, table if is_by_meaning else None),
        **{f"papers/{month}.json": orjson.dumps([_shown(one) for one in group]) for month, group in months},
        **{f"terms/{prefix or '_'}.json": content for prefix, content in shards.items()},
    }
    if table is not None and is_by_meaning:
        contents |= {f"vectors/{month}.bin": _directions(group, table) for month, group in months}
        contents |= {
            "words.json": orjson.dumps(table.words),
            "words.bin": table.scales.astype("<f4").tobytes() + table.rows.tobytes(),
        }
    for name, content in contents.items():
        yield PurePosixPath(FOLDER, name), Draft(fingerprint(mark, name), partial(bytes, content))


def _catalogue(
    months: Sequence[tuple[str, Sequence[Listing]]], shards: Mapping[str, bytes], table: WordTable | None
) -> bytes:
    meaning = {"words": len(table.words), "dims": table.dims, "bytes": table.rows.nbytes} if table else None
    return orjson.dumps(
        {"months": [[month, len(group)] for month, group in months], "terms": sorted(shards), "meaning": meaning}
    )


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
        "day": str(paper.submitted or listing.issue.month.first_day),
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


# --- words --------------------------------------------------------------------------------------------------


def _scored(listings: Sequence[Listing]) -> dict[str, list[int]]:
    """Map each term to the papers that have it, as number, score, number, score ...; numbers as steps."""
    bags = [_bag(listing) for listing in listings]
    lengths = [sum(bag.values()) for bag in bags]
    mean = sum(lengths) / max(1, len(lengths)) or 1.0
    spread = Counter(term for bag in bags for term in bag)
    rarity = {term: math.log1p((len(bags) - n + 0.5) / (n + 0.5)) for term, n in spread.items()}
    terms: dict[str, list[int]] = {term: [] for term in sorted(spread)}
    last = dict.fromkeys(terms, 0)
    for number, (bag, length) in enumerate(zip(bags, lengths, strict=True)):
        for term, count in bag.items():
            saturated = count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * length / mean))
            terms[term] += [number - last[term], max(1, round(_SCORE_STEPS * rarity[term] * saturated))]
            last[term] = number
    return terms


def _bag(listing: Listing) -> Counter[str]:
    entry = listing.entry
    bag = Counter(plain_words(plain_text(entry.paper.abstract)))
    bag.update(plain_words(" ".join(entry.paper.authors)))
    for word, count in Counter(plain_words(f"{entry.title} {' '.join(t.name for t in entry.topics)}")).items():
        bag[word] += _TITLE_WEIGHT * count
    return bag


def _shards(prefix: str, terms: Mapping[str, list[int]]) -> Iterator[tuple[str, bytes]]:
    """Yield the terms by the prefix they share, in files that are not too large; a term by itself may have its own."""
    content = orjson.dumps(terms)
    nexts = {term[len(prefix)] for term in terms if len(term) > len(prefix)}
    if len(content) <= _LARGEST or len(nexts) <= 1:
        yield prefix, content
        return
    if prefix in terms:
        yield prefix, orjson.dumps({prefix: terms[prefix]})
    groups: dict[str, dict[str, list[int]]] = {prefix + char: {} for char in sorted(nexts)}
    for term, papers in terms.items():
        if len(term) > len(prefix):
            groups[term[: len(prefix) + 1]][term] = papers
    for longer, group in groups.items():
        yield from _shards(longer, group)
