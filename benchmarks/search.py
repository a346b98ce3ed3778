"""Searching an archive: our indexes beside others', whole searches, and embedding, on one core in one run.

python benchmarks/search.py ARCHIVE.jsonl.gz [VECTORS] [MORE]

VECTORS is an .npz, or a folder of them, with `ids` (arXiv's) and `vectors` (the embedded encoder's, of title and
abstract); without it the archive is embedded first, which takes hours. All engines are measured on the archive's
vectors, and again on MORE of them (1,000,000; 0 leaves that out): the same ones with a little noise. Engines that take
tens of minutes to build for so many are then left out, unless BENCH_SLOW is set. usearch, hnswlib and
sqlite-vec are measured where they are installed (`uv sync --group bench`); digest needs none of them.
"""

import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.engines import ENGINES, K
from digest.pipeline import gathering, harvesting
from digest.pipeline.lookup import Searcher
from digest.pipeline.models import encoder_choice
from digest.pipeline.workshop import Workshop, open_workshop
from digest.search.bert import load_bert
from digest.search.encoder import find_encoder, load_encoder, passage
from digest.search.query import parse_query
from digest.settings import load_settings
from digest.store.papers import papers_by_id, papers_by_version
from digest.store.vectors import save_vectors, vectors

Matrix = npt.NDArray[np.float32]  # shape (rows, dim), rows of length 1

_QUERIES, _WARM_UP = 200, 50
_EMBEDDED = 400  # papers
_NOISE = 0.3  # the length of what is added to a vector: its cosine to the noisy one is then 0.96
_BLOCK = 50_000  # rows
_MOST_FOR_SLOW = 200_000  # rows
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}


def _fill(workshop: Workshop, archive: Path, given: Path | None) -> None:
    """Harvest an archive, give it the vectors that are there, and embed the rest."""
    harvesting.harvest_file(workshop, archive)
    files = [] if given is None else [given] if given.is_file() else sorted(given.glob("*.npz"))
    vector_by_id: dict[str, Matrix] = {}
    for file in files:
        with np.load(file) as held:
            vector_by_id |= dict(zip(held["ids"].tolist(), held["vectors"].astype(np.float32), strict=True))
    papers = papers_by_id(workshop.store, vector_by_id)
    if papers:
        rows = np.stack([vector_by_id[arxiv_id] for arxiv_id in papers])
        save_vectors(workshop.store, encoder_choice(workshop).name, [h.version_id for h in papers.values()], rows)
    gathering.embed(workshop)


# --- engines -------------------------------------------------------------------------------------------------


def _grown(matrix: Matrix, count: int, file: Path) -> Matrix:
    """Write the vectors, repeated with noise until there are so many, and map them."""
    draw = np.random.default_rng(1)
    grown = np.lib.format.open_memmap(file, "w+", np.float32, (count, matrix.shape[1]))
    for start in range(0, count, len(matrix)):
        part = matrix[: count - start]
        noise = draw.normal(0, _NOISE / matrix.shape[1] ** 0.5, part.shape) if start else 0
        noisy = part + noise
        grown[start : start + len(part)] = noisy / np.linalg.norm(noisy, axis=1, keepdims=True)
    grown.flush()
    return grown


def _nearest(matrix: Matrix, queries: Matrix) -> npt.NDArray[np.int64]:
    """Return the rows of the K largest products of each query, block by block, shape (queries, K)."""
    rows, scores = np.empty((len(queries), 0), np.int64), np.empty((len(queries), 0), np.float32)
    for start in range(0, len(matrix), _BLOCK):
        products = queries @ matrix[start : start + _BLOCK].T
        best = np.argpartition(-products, K, axis=1)[:, :K]
        rows = np.hstack([rows, best + start])
        scores = np.hstack([scores, np.take_along_axis(products, best, 1)])
    return np.take_along_axis(rows, np.argsort(-scores, axis=1, kind="stable")[:, :K], 1)


def _compare(vectors_file: Path, matrix: Matrix, queries: Matrix) -> None:
    questions = vectors_file.with_name("questions.npz")
    np.savez(questions, vectors=queries, nearest=_nearest(matrix, queries))
    print(f"\n{len(matrix):,} vectors, {len(queries)} queries")
    for name, engine in ENGINES.items():
        missing = [module for module in engine.needs if importlib.util.find_spec(module) is None]
        if missing:
            print(f"{name:14} left out: pip install {' '.join(missing).replace('_', '-')}")
        elif engine.is_slow_to_build and len(matrix) > _MOST_FOR_SLOW and not os.environ.get("BENCH_SLOW"):
            print(f"{name:14} left out: it takes long to build; set BENCH_SLOW=1")
        else:
            with tempfile.TemporaryDirectory(dir=vectors_file.parent) as folder:
                built = _run(name, "build", vectors_file, questions, folder)
                asked = _run(name, "ask", vectors_file, questions, folder)
            print(
                f"{name:14} " + "  ".join(f"{key} {value:,.3g}" for key, value in (built | asked).items()), flush=True
            )


def _run(name: str, what: str, vectors_file: Path, questions: Path, folder: str) -> dict[str, float]:
    command = [sys.executable, str(Path(__file__).with_name("engines.py")), name, what]
    command += [str(vectors_file), str(questions), folder]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  our own script
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


# --- whole searches ------------------------------------------------------------------------------------------


def _titles(workshop: Workshop, count: int) -> list[str]:
    """Return the first three to eight words of titles spread over the archive."""
    ids, _ = vectors(workshop.store, encoder_choice(workshop).name)
    chosen = papers_by_version(workshop.store, [int(ids[n]) for n in np.linspace(0, len(ids) - 1, count).astype(int)])
    titles = [held.paper.title for _, held in sorted(chosen.items())]
    return [" ".join(title.split()[: 3 + n % 6]) for n, title in enumerate(titles)]


def _warm(workshop: Workshop, texts: list[str]) -> None:
    searcher, waits, spent = Searcher(workshop), [], []
    for place, text in enumerate(texts):
        begun, cpu = time.perf_counter(), time.process_time()
        searcher.search(parse_query(text), K)
        if place >= _WARM_UP:
            spent.append(1e3 * (time.process_time() - cpu))
            waits.append(1e3 * (time.perf_counter() - begun))
    for name, values in (("clock", waits), ("processor", spent)):
        p50, p95 = np.percentile(values, [50, 95])
        print(f"warm search, end to end, {len(values)} new queries, {name}: p50 {p50:.1f} ms, p95 {p95:.1f} ms")


def _cold(folder: Path, text: str) -> None:
    command = [sys.executable, "-m", "digest", "search", text, "--json"]
    seconds, spent = [], []
    for _ in range(5):
        begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603  our own command
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(time.perf_counter() - begun)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    print(
        f"cold `digest search`, 5 times: median {np.median(seconds):.2f} s, {np.median(spent):.2f} s of the processor"
    )


# --- embedding -----------------------------------------------------------------------------------------------


def _embedding(workshop: Workshop) -> None:
    """Embed the same papers by the plain loop of sentence-transformers and by ours."""
    import torch  # noqa: PLC0415  seconds
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    ids, _ = vectors(workshop.store, encoder_choice(workshop).name)
    chosen = [int(ids[n]) for n in np.linspace(0, len(ids) - 1, _EMBEDDED).astype(int)]
    texts = [passage(h.paper.title, h.paper.abstract) for h in papers_by_version(workshop.store, chosen).values()]
    folder = find_encoder("embedded", Path())
    plain: Any = SentenceTransformer(str(folder), device="cpu")
    encoder = load_encoder(folder, 1)
    torch.set_num_threads(1)
    rates, rows = [], []
    for encode in (lambda: plain.encode(texts, show_progress_bar=False), lambda: encoder.encode(texts)):
        begun = time.process_time()
        rows.append(np.asarray(encode(), np.float32))
        rates.append(len(texts) / (time.process_time() - begun))
    near = [np.argsort(-(one @ one.T), axis=1)[:, 1 : K + 1] for one in rows]
    overlap = np.mean([len(set(a).intersection(b)) / K for a, b in zip(*near, strict=True)])
    first = np.mean(near[0][:, 0] == near[1][:, 0])
    print(f"\nembedding {len(texts)} papers: sentence-transformers {rates[0]:.1f} a second, ours {rates[1]:.1f}")
    print(
        f"  {rates[1] / rates[0]:.2f} times; the same are {overlap:.3f} of the {K} nearest, {first:.3f} of the nearest"
    )


def main() -> None:
    """Fill an archive in a passing folder, and print what was measured."""
    if os.environ.get("OMP_NUM_THREADS") != "1":  # read when the libraries are imported
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **_ONE_THREAD})  # noqa: S606  ourselves
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    archive, given = Path(sys.argv[1]).resolve(), Path(sys.argv[2]) if len(sys.argv) > 2 else None  # noqa: PLR2004
    more = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000  # noqa: PLR2004
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        (folder / "digest.toml").touch()
        settings = load_settings(folder / "digest.toml")
        with open_workshop(settings, lambda: datetime.now(UTC), lambda *_: None) as workshop:  # noqa: TID251
            _fill(workshop, archive, given)
            texts = _titles(workshop, _QUERIES + _WARM_UP)
            choice = encoder_choice(workshop)
            encoder = load_bert(choice.folder, choice.name) or load_encoder(choice.folder, 1)
            queries = np.asarray(encoder.encode(texts[_WARM_UP:]), np.float32)
            _, matrix = vectors(workshop.store, choice.name)
            _warm(workshop, texts)
            _cold(folder, texts[0])
            _embedding(workshop)
        np.save(folder / "all.npy", matrix)
        _compare(folder / "all.npy", matrix, queries)
        if more > len(matrix):
            _compare(folder / "more.npy", _grown(matrix, more, folder / "more.npy"), queries)


if __name__ == "__main__":
    main()
