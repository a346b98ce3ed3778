"""One way of finding near vectors, measured in a process of its own; benchmarks/search.py runs it for each.

python benchmarks/engines.py ENGINE build|ask VECTORS.npy QUESTIONS.npz FOLDER

`build` makes in FOLDER whatever the engine keeps on disk; `ask` opens that and asks. Prints JSON. QUESTIONS holds
`vectors` and `nearest`, the rows that an exact search finds. Set OMP_NUM_THREADS, OPENBLAS_NUM_THREADS and
MKL_NUM_THREADS to 1, as benchmarks/search.py does, to compare them on one thread.
"""

import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from digest.search.index import EXACT_UP_TO, Truth, open_index

Matrix = npt.NDArray[np.float32]  # shape (rows, dim), rows of length 1
Ask = Callable[[Matrix, int], list[int]]

K = 10
_BLOCK = 50_000  # rows handed over at once
_NEVER = 1_000_000_000


def _blocks(matrix: Matrix) -> list[tuple[int, Matrix]]:
    return [(start, np.ascontiguousarray(matrix[start : start + _BLOCK])) for start in range(0, len(matrix), _BLOCK)]


def ours(matrix: Matrix, folder: Path, exact_up_to: int) -> Ask:
    """Open our index; it is built where it is missing."""
    ids = np.arange(len(matrix), dtype=np.int64)
    truth = Truth(
        model="m", store="s", seq=1, everything=lambda: (ids, matrix), changed=lambda seq: (seq, []),
        latest=lambda wanted: {n: matrix[n] for n in wanted},
    )  # fmt: skip
    index = open_index(folder, truth, exact_up_to=exact_up_to)
    return lambda query, k: [n for n, _ in index.nearest(query, k)]


def faiss_index(matrix: Matrix, folder: Path, kind: str) -> Ask:
    """Open one of FAISS's own indexes, named as its factory names them."""
    import faiss  # noqa: PLC0415  measured

    file = folder / "index.faiss"
    if not file.exists():
        index = faiss.index_factory(matrix.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
        for _, block in _blocks(matrix):
            if not index.is_trained:
                index.train(block)
            index.add(block)
        faiss.write_index(index, str(file))
    index = faiss.read_index(str(file), faiss.IO_FLAG_MMAP)
    parameters = faiss.SearchParametersHNSW(efSearch=128) if kind.startswith("HNSW") else None
    return lambda query, k: [int(n) for n in index.search(query[None], k, params=parameters)[1][0]]


def numpy_product(matrix: Matrix, folder: Path) -> Ask:
    """Multiply by every row."""
    file = folder / "vectors.npy"
    if not file.exists():
        np.save(file, matrix)
    held = np.load(file, mmap_mode="r")

    def ask(query: Matrix, k: int) -> list[int]:
        scores = held @ query
        best = np.argpartition(scores, -k)[-k:]
        return [int(n) for n in best[np.argsort(-scores[best])]]

    return ask


def usearch(matrix: Matrix, folder: Path) -> Ask:
    """Open usearch's HNSW with the settings it comes with."""
    from usearch.index import Index  # noqa: PLC0415  measured

    file = folder / "usearch"
    if not file.exists():
        made = Index(ndim=matrix.shape[1], metric="ip", dtype="f32")
        for start, block in _blocks(matrix):
            made.add(np.arange(start, start + len(block)), block, threads=1)
        made.save(str(file))
    index: Any = Index.restore(str(file), view=True)
    return lambda query, k: [int(n) for n in index.search(query, k, threads=1).keys]


def hnswlib(matrix: Matrix, folder: Path) -> Ask:
    """Open hnswlib's HNSW with the settings of its README's example, and 128 candidates in a search."""
    module: Any = importlib.import_module("hnswlib")
    file, index = folder / "hnswlib", module.Index(space="ip", dim=matrix.shape[1])
    if file.exists():
        index.load_index(str(file))
    else:
        index.init_index(len(matrix), ef_construction=200, M=16, random_seed=1)
        for start, block in _blocks(matrix):
            index.add_items(block, np.arange(start, start + len(block)), num_threads=1)
        index.save_index(str(file))
    index.set_ef(128)
    return lambda query, k: [int(n) for n in index.knn_query(query, k, num_threads=1)[0][0]]


def sqlite_vec(matrix: Matrix, folder: Path) -> Ask:
    """Open sqlite-vec's table, by apsw: Python's own sqlite3 may have been built without extensions."""
    apsw: Any = importlib.import_module("apsw")
    extension: Any = importlib.import_module("sqlite_vec")
    file = folder / "vectors.db"
    is_new = not file.exists()
    connection = apsw.Connection(str(file))
    connection.enable_load_extension(True)  # noqa: FBT003  its only argument
    connection.load_extension(extension.loadable_path())
    if is_new:
        connection.execute(
            f"CREATE VIRTUAL TABLE vec USING vec0(vector float[{matrix.shape[1]}] distance_metric=cosine)"
        )
        with connection:
            connection.executemany(
                "INSERT INTO vec(rowid, vector) VALUES (?, ?)", ((n, row.tobytes()) for n, row in enumerate(matrix))
            )
    statement = "SELECT rowid FROM vec WHERE vector MATCH ? AND k = ? ORDER BY distance"
    return lambda query, k: [int(row[0]) for row in connection.execute(statement, (query.tobytes(), k))]


@dataclass(frozen=True, slots=True)
class Engine:
    """How it is opened, what it imports, and what to install for it."""

    open: Callable[[Matrix, Path], Ask]
    needs: tuple[str, ...] = ("faiss",)
    is_slow_to_build: bool = False  # tens of minutes for a million vectors


ENGINES: dict[str, Engine] = {
    "digest": Engine(partial(ours, exact_up_to=EXACT_UP_TO)),
    "digest, exact": Engine(partial(ours, exact_up_to=_NEVER)),
    "digest, lists": Engine(partial(ours, exact_up_to=0)),
    "FAISS flat": Engine(partial(faiss_index, kind="Flat")),
    "FAISS fp16": Engine(partial(faiss_index, kind="SQfp16")),
    "FAISS int8": Engine(partial(faiss_index, kind="SQ8")),
    "FAISS HNSW": Engine(partial(faiss_index, kind="HNSW32"), is_slow_to_build=True),
    "numpy": Engine(numpy_product, ("numpy",)),
    "usearch": Engine(usearch, ("usearch",), is_slow_to_build=True),
    "hnswlib": Engine(hnswlib, ("hnswlib",), is_slow_to_build=True),
    "sqlite-vec": Engine(sqlite_vec, ("sqlite_vec", "apsw")),
}  # fmt: skip


def resident() -> float:
    """Return the memory this process holds, in MB, mapped files' pages that were touched among it."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:  # macOS: the most it has held, in bytes
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def build(name: str, matrix: Matrix, folder: Path) -> dict[str, float]:
    """Build and write; CPU seconds, and bytes on disk."""
    begun = time.process_time()
    ENGINES[name].open(matrix, folder)
    built = time.process_time() - begun
    return {"build s": built, "disk MB": sum(file.stat().st_size for file in folder.iterdir()) / 1e6}


def ask(name: str, matrix: Matrix, queries: Matrix, nearest: npt.NDArray[np.int64], folder: Path) -> dict[str, float]:
    """Open, ask once, warm up, and ask each question; milliseconds of the clock, and of the processor (CPU)."""
    for module in ENGINES[name].needs:
        importlib.import_module(module)
    before, begun = resident(), time.perf_counter()
    answer = ENGINES[name].open(matrix, folder)
    loaded = time.perf_counter() - begun
    for query in queries[:5]:
        answer(query, K)
    waits, spent, found = [], [], 0
    for query, right in zip(queries, nearest, strict=True):
        begun, cpu = time.perf_counter(), time.process_time()
        hits = answer(query, K)
        spent.append(1e3 * (time.process_time() - cpu))
        waits.append(1e3 * (time.perf_counter() - begun))
        found += len(set(hits).intersection(map(int, right)))
    figures = {"load s": loaded, "recall@10": found / nearest.size, "CPU p50 ms": float(np.median(spent))}
    figures |= {f"p{n} ms": float(np.percentile(waits, n)) for n in (50, 95)}
    return figures | {"memory MB": resident() - before}


def main() -> None:
    """Do one thing with one engine."""
    name, what, vectors, questions, place = sys.argv[1:6]
    matrix, folder = np.load(vectors, mmap_mode="r"), Path(place)
    if what == "build":
        figures = build(name, matrix, folder)
    else:
        with np.load(questions) as asked:
            figures = ask(name, matrix, asked["vectors"], asked["nearest"], folder)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
