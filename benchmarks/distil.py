"""Distil an encoder into a vector a word, for the search on the site's pages, and say how near it comes.

python benchmarks/distil.py ARCHIVE.jsonl.gz OUT.npz [TITLES] [PASSAGES]

Learns from the encoder's vectors of TITLES titles (24,000) and PASSAGES titles with their abstracts (8,000) how much
each word turns a text's vector: a ridge regression on bags of words, drawn towards the encoder's vector of the word by
itself. Papers whose id's digits add up to a multiple of 32 are held out; with 200 of their titles as queries it prints
the share of the encoder's ten nearest among 2,000 held-out papers that the words find too. Needs SciPy, which comes
with sentence-transformers; takes some ten minutes of one core.
"""

import json
import math
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.linalg
from scipy import sparse

from digest.harvest.snapshot import read_snapshot
from digest.paper import Paper
from digest.search.distilled import Distilled
from digest.search.encoder import Encoder, find_encoder, load_encoder, passage
from digest.text import STOP_WORDS, plain_words

Matrix = npt.NDArray[np.float32]

DIMS = 128  # of 384: 0.57 of the nearest ten are found, 0.60 with all; a paper then costs 128 bytes
FREQUENT_WORDS = 8_000  # of the archive
ENGLISH_WORDS = (
    5_000  # of the encoder's own vocabulary, whose order is by frequency: a reader may use others than authors
)
RIDGE = 1.0
PULL = 0.5  # how much of a word's own vector it keeps where no text says more
_HELD_OUT = 32
_QUERIES, _AMONG, _NEAREST = 200, 2_000, 10


def is_held_out(paper: Paper) -> bool:
    """Tell whether nothing is learned from a paper."""
    return sum(int(digit) for digit in paper.arxiv_id if digit.isdigit()) % _HELD_OUT == 0


def vocabulary(papers: list[Paper], encoder_folder: Path) -> tuple[list[str], Matrix]:
    """Return the words, and how rare each is in the papers (the logarithm of the inverse share)."""
    spread = Counter(word for paper in papers for word in set(plain_words(f"{paper.title} {paper.abstract}")))
    frequent = sorted(spread, key=lambda word: (-spread[word], word))[:FREQUENT_WORDS]
    pieces = json.loads((encoder_folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    whole = [w for w in sorted(pieces, key=pieces.get) if w.isascii() and w.isalpha() and len(w) > 2]  # noqa: PLR2004
    english = [word for word in whole if word not in STOP_WORDS][:ENGLISH_WORDS]
    words = sorted({*frequent, *english})
    rarity = [math.log((len(papers) + 1) / (spread[word] + 1)) for word in words]
    return words, np.array(rarity, np.float32)


def bag(words: Sequence[str], place: dict[str, int], weights: Matrix) -> dict[int, float]:
    """Return the known words' weights by their place, of length 1 together."""
    chosen = sorted({place[word] for word in words if word in place})
    norm = float(np.linalg.norm(weights[chosen])) or 1.0
    return {n: float(weights[n]) / norm for n in chosen}


def bags(texts: list[str], words: list[str], rarity: Matrix) -> sparse.csr_matrix:
    """Return a row of weights for each text, shape (texts, words), each of length 1."""
    place = {word: n for n, word in enumerate(words)}
    rows = [bag(plain_words(text), place, rarity) for text in texts]
    ends = np.cumsum([0, *map(len, rows)])
    values = np.fromiter((value for row in rows for value in row.values()), np.float32)
    columns = np.fromiter((column for row in rows for column in row), np.int64)
    return sparse.csr_matrix((values, columns, ends), shape=(len(texts), len(words)))


def learn(texts: list[str], vectors: Matrix, words: list[str], rarity: Matrix, alone: Matrix) -> Matrix:
    """Return a vector for each word, its rarity in it: shape (words, encoder's dims)."""
    start = PULL * (alone - alone.mean(axis=0))
    known = bags(texts, words, rarity)
    gram = (known.T @ known).toarray()
    gram[np.diag_indices_from(gram)] += RIDGE
    step = scipy.linalg.cho_solve(scipy.linalg.cho_factor(gram, overwrite_a=True), known.T @ (vectors - known @ start))
    return np.asarray((start + step) * rarity[:, None], np.float32)


def quantised(vectors: Matrix) -> tuple[npt.NDArray[np.int8], Matrix]:
    """Return rows of eight-bit numbers and the scale of each, for vectors of shape (words, dims)."""
    scales = np.maximum(np.abs(vectors).max(axis=1), 1e-9) / 127
    return np.round(vectors / scales[:, None]).astype(np.int8), scales.astype(np.float32)


def distil(name: str, words: list[str], vectors: Matrix, sample: Matrix) -> Distilled:
    """Cut the words' vectors to the directions in which the sample of the encoder's vectors differs most."""
    projection = np.linalg.svd(sample, full_matrices=False)[2][:DIMS].T.astype(np.float16).astype(np.float32)
    rows, scales = quantised(vectors @ projection)
    return Distilled(name, tuple(words), rows, scales, projection)


def save_distilled(file: Path, distilled: Distilled) -> None:
    """Write a table of words."""
    np.savez(
        file,
        encoder=np.array(distilled.encoder),
        words=np.frombuffer("\n".join(distilled.words).encode(), np.uint8),
        rows=distilled.rows,
        scales=distilled.scales,
        projection=distilled.projection.astype(np.float16),
    )


def agreement(table: Distilled, queries: list[str], asked: Matrix, papers: Matrix) -> float:
    """Return the share of the encoder's nearest papers that the words find among their own nearest."""
    directions = papers @ table.projection
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    shares = []
    for query, vector in zip(queries, asked, strict=True):
        right = set(np.argsort(-(papers @ vector), kind="stable")[:_NEAREST])
        found = set(np.argsort(-(directions @ table.encode(query)), kind="stable")[:_NEAREST])
        shares.append(len(right & found) / _NEAREST)
    return float(np.mean(shares))


def encoded(encoder: Encoder, texts: list[str]) -> Matrix:
    """Encode, telling how far it is."""
    return encoder.encode(texts, on_batch=lambda done: print(f"\r{done:,} of {len(texts):,}", end="", flush=True))


def main() -> None:
    """Learn, measure and write."""
    archive, out = Path(sys.argv[1]), Path(sys.argv[2])
    titles, passages = (int(n) for n in (*sys.argv[3:5], *("24000", "8000")[len(sys.argv) - 3 :]))
    papers = [paper for paper in read_snapshot(archive) if isinstance(paper, Paper)]
    order = np.random.default_rng(0).permutation(len(papers))
    mixed = [papers[n] for n in order]
    learned = list(islice((p for p in mixed if not is_held_out(p)), max(titles, passages)))
    held_out = [p for p in mixed if is_held_out(p)]
    folder = find_encoder("embedded", Path())
    encoder = load_encoder(folder, 0)
    words, rarity = vocabulary(learned, folder)
    texts = [p.title for p in learned[:titles]] + [passage(p.title, p.abstract) for p in learned[:passages]]
    vectors = encoded(encoder, texts)
    table = distil(encoder.name, words, learn(texts, vectors, words, rarity, encoded(encoder, words)), vectors[titles:])
    save_distilled(out, table)
    asked = [p.title for p in held_out[:_QUERIES]]
    among = held_out[_QUERIES : _QUERIES + _AMONG]
    share = agreement(
        table, asked, encoded(encoder, asked), encoded(encoder, [passage(p.title, p.abstract) for p in among])
    )
    size = out.stat().st_size
    print(f"\n{len(words):,} words, {DIMS} numbers each, {size:,} bytes; overlap@{_NEAREST} {share:.3f}")


if __name__ == "__main__":
    main()
