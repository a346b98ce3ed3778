"""The store's vectors → an index on disk that follows the store's changes, a cache believed only after a check."""

import fcntl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from digest.errors import ModelError
from digest.search.copies import Copies
from digest.search.lists import build_lists, open_lists, rows_near
from digest.search.rows import (
    Embeddings,
    Manifest,
    VersionIds,
    add_rows,
    blocks_of,
    damaged_blocks,
    map_rows,
    read_manifest,
    start_rows,
    write_manifest,
)

EXACT_UP_TO = 200_000  # rows; some 3 ms of one core, going by 1.4 to 1.7 for 100,544 (docs/search.md)
_COPIED_FROM = 10_000  # rows: with fewer there is nothing to gain
_SAMPLE = 16  # vectors, and blocks of them, that are held against the store at each opening
_MOST_GONE = 0.2  # of the rows: with more of them the index is built anew
_MOST_UNLISTED = 0.1  # of the rows: with more of them the lists are


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The store as the index sees it: who and where it is, and how to ask for vectors."""

    model: str
    store: str  # the name of the database
    seq: int  # its last change
    everything: Callable[[], tuple[VersionIds, Embeddings]]
    changed: Callable[[int], tuple[int, list[int]]]  # the last change, and the versions changed after another one
    latest: Callable[[Iterable[int]], Mapping[int, npt.NDArray[np.float32]]]  # of those that are the latest


class Index:
    """Inner-product search over unit vectors, by our own ids: exact, or by inverted lists where they are many."""

    def __init__(self, ids: VersionIds, matrix: Embeddings, manifest: Manifest, lists: Any = None) -> None:  # noqa: ANN401
        self._ids, self._matrix, self._lists = ids, matrix, lists
        self._copies: Copies | None = None
        self._is_asked_again = False
        self._alive = np.ones(len(ids), np.bool_)
        self._alive[list(manifest.gone)] = False
        self._rows = np.flatnonzero(self._alive)
        self._rows = self._rows[np.argsort(ids[self._rows], kind="stable")]
        self._sorted = ids[self._rows]
        self.seq = manifest.seq
        self.rebuilt = False  # the cache was missing or wrong
        self.followed = 0  # versions that changed since it was last opened

    @property
    def count(self) -> int:
        """How many versions it holds."""
        return len(self._rows)

    @property
    def ids(self) -> VersionIds:
        """The versions it holds, ascending."""
        return self._sorted

    @property
    def is_exact(self) -> bool:
        """Whether every vector is looked at."""
        return self._lists is None

    def vector(self, version_id: int) -> npt.NDArray[np.float32] | None:
        """Return a version's vector, shape (dim,); None where it has none."""
        rows = self._rows_of(np.array([version_id], np.int64))
        return np.array(self._matrix[rows[0]], np.float32) if len(rows) else None

    def nearest(
        self,
        vector: npt.NDArray[np.float32],
        k: int,
        *,
        among: VersionIds | None = None,
        without: VersionIds | None = None,
    ) -> list[tuple[int, float]]:
        """Return (version id, cosine similarity) of the k nearest, nearest first and ties by id.

        `among` leaves only these versions to be found, `without` all but those.
        """
        passing = self._alive if among is None else np.zeros(len(self._ids), np.bool_)
        if among is not None:
            passing[self._rows_of(among)] = True
        if without is not None and len(without):
            passing = passing.copy()
            passing[self._rows_of(without)] = False
        k = min(k, self.count if among is None else int(np.count_nonzero(passing)))
        if k < 1:
            return []
        rows, scores = self._search(np.ascontiguousarray(vector, np.float32), k, passing)
        found = [(int(self._ids[row]), float(score)) for row, score in zip(rows, scores, strict=True) if row >= 0]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:k]

    def _rows_of(self, ids: VersionIds) -> npt.NDArray[np.int64]:
        """Return the rows of those of the versions that are held."""
        if not len(self._sorted):
            return np.empty(0, np.int64)
        places = np.minimum(np.searchsorted(self._sorted, ids), len(self._sorted) - 1)
        return np.asarray(self._rows[places[self._sorted[places] == ids]], np.int64)

    def _search(
        self, vector: npt.NDArray[np.float32], k: int, passing: npt.NDArray[np.bool_]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        if self._lists is None:
            return self._look_at_all(vector, k, passing)
        listed = self._lists.ntotal
        near = rows_near(self._lists, vector, k, passing)
        late = np.flatnonzero(passing[listed:]) + listed  # added since the lists were made: looked at one by one
        rows = np.concatenate([near, late])
        return rows, np.asarray(self._matrix[rows] @ vector, np.float32)

    def _look_at_all(
        self, vector: npt.NDArray[np.float32], k: int, passing: npt.NDArray[np.bool_]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Compare with every row that passes; from the second question on by copies, which take time to make."""
        if self._copies is None and self._is_asked_again and len(self._matrix) >= _COPIED_FROM:
            self._copies = Copies(self._matrix)
        self._is_asked_again = True
        if self._copies is None:
            return _exact(vector, self._matrix, k, passing)
        return self._copies.nearest(vector, k, passing)


def _exact(
    vector: npt.NDArray[np.float32], matrix: Embeddings, k: int, passing: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Let FAISS compare the vector with each row that passes, where the rows lie."""
    import faiss  # noqa: PLC0415  a sixth of a second

    query = vector[None]
    scores, rows = np.empty((1, k), np.float32), np.empty((1, k), np.int64)
    bits = np.packbits(passing, bitorder="little")
    selector = faiss.IDSelectorBitmap(bits)
    pointers = [faiss.swig_ptr(array) for array in (query, matrix)]
    outcome = [faiss.swig_ptr(array) for array in (scores, rows)]
    faiss.knn_inner_product(*pointers, matrix.shape[1], 1, len(matrix), k, *outcome, selector)
    return rows[0], scores[0]


def open_index(folder: Path, truth: Truth, *, exact_up_to: int = EXACT_UP_TO, is_whole: bool = False) -> Index:
    """Open the index: as it is where it holds what the store holds, brought up to date or built anew otherwise.

    At each opening the model, the database and its last change, the files' sizes, all ids, and a sample of vectors
    are held against the store; `is_whole` reads and checks every row too.

    Raises:
        ModelError: a vector of the store is no direction, or the folder cannot be written.
    """
    manifest = read_manifest(folder)
    index = _believe(folder, manifest, truth, is_whole=is_whole)
    if index is not None and index.seq == truth.seq and _fits(manifest, exact_up_to):
        return index
    with _alone(folder):
        manifest = read_manifest(folder)  # another process may have done it meanwhile
        index = _believe(folder, manifest, truth, is_whole=is_whole)
        followed = _follow(folder, manifest, index, truth) if manifest and index else None
        rebuilt = followed is None
        manifest, count = followed or (_rebuild(folder, truth), 0)
        manifest = _list(folder, manifest, exact_up_to)
        opened = _map(folder, manifest)
    if opened is None:
        raise ModelError(f"{folder} changes while it is read: set `index` in digest.toml to a folder of its own")
    opened.rebuilt, opened.followed = rebuilt, count
    return opened


def faults(folder: Path, truth: Truth) -> list[str]:
    """Hold the whole index against the store, every row and every vector; it takes a second for a large archive."""
    manifest = read_manifest(folder)
    mapped = map_rows(folder, manifest) if manifest else None
    if manifest is None or mapped is None:
        return ["its files are missing or are not what its manifest says"]
    if (manifest.model, manifest.store) != (truth.model, truth.store):
        return ["it was made from another model or another store"]
    if manifest.seq != truth.seq:
        return ["it is behind the store"]
    found = [f"block {n} of its vectors is damaged" for n in damaged_blocks(mapped[1], manifest)]
    ids, matrix = truth.everything()
    index = Index(*mapped, manifest)
    if not np.array_equal(index.ids, ids):
        found.append("it does not hold the versions that the store holds")
    elif len(ids) and not np.array_equal(mapped[1][index._rows], matrix):  # noqa: SLF001
        found.append("its vectors are not those of the store")
    return found


# --- what is believed --------------------------------------------------------------------------------------


def _believe(folder: Path, manifest: Manifest | None, truth: Truth, *, is_whole: bool) -> Index | None:
    """Return the index on disk where it is sound; it may be behind the store."""
    if manifest is None or (manifest.model, manifest.store) != (truth.model, truth.store) or manifest.seq > truth.seq:
        return None
    index = _map(folder, manifest)
    if index is None:
        return None
    blocks = blocks_of(manifest.rows)
    chosen = None if is_whole else sorted({*np.linspace(0, max(0, blocks - 1), min(blocks, _SAMPLE)).astype(int)})
    if damaged_blocks(index._matrix, manifest, chosen):  # noqa: SLF001
        return None
    return index if _sample_agrees(index, truth) else None


def _map(folder: Path, manifest: Manifest) -> Index | None:
    mapped = map_rows(folder, manifest)
    if mapped is None or any(row >= manifest.rows for row in manifest.gone):
        return None
    lists = open_lists(folder, manifest) if manifest.lists_rows else None
    if manifest.lists_rows and lists is None:
        return None
    index = Index(*mapped, manifest, lists)
    return None if np.any(index.ids[1:] == index.ids[:-1]) else index


def _sample_agrees(index: Index, truth: Truth) -> bool:
    """Hold some vectors, spread over the index, against the store's; those that changed since are left out."""
    chosen = {int(index.ids[n]) for n in np.linspace(0, index.count - 1, min(index.count, _SAMPLE)).astype(int)}
    chosen -= set(truth.changed(index.seq)[1]) if index.seq != truth.seq else set()
    stored = truth.latest(chosen)
    return all(n in stored and np.array_equal(stored[n], index.vector(n)) for n in chosen)  # type: ignore[arg-type]


# --- what is done ------------------------------------------------------------------------------------------


def _follow(folder: Path, manifest: Manifest, index: Index, truth: Truth) -> tuple[Manifest, int] | None:
    """Add and take out what changed since; None where so much did that building anew is better."""
    seq, changed = truth.changed(manifest.seq)
    if not changed:
        return replace(manifest, seq=seq), 0
    current = truth.latest(changed)
    stale = {
        version_id
        for version_id in changed
        if (held := index.vector(version_id)) is not None
        and (version_id not in current or not np.array_equal(held, current[version_id]))
    }
    fresh = [n for n in changed if n in current and (n in stale or index.vector(n) is None)]
    gone = {*manifest.gone, *map(int, index._rows_of(np.array(sorted(stale), np.int64)))}  # noqa: SLF001
    if len(gone) > _MOST_GONE * (manifest.rows + len(fresh)) or (not index.count and fresh):
        return None
    followed = replace(manifest, seq=seq, gone=tuple(sorted(gone)))
    if not fresh:
        write_manifest(folder, followed)
        return followed, len(stale)
    matrix = np.vstack([current[n] for n in fresh])
    if matrix.shape[1] != manifest.dim:
        return None
    _check(matrix)
    return add_rows(folder, followed, np.array(fresh, np.int64), matrix), len(stale.union(fresh))


def _rebuild(folder: Path, truth: Truth) -> Manifest:
    ids, matrix = truth.everything()
    _check(matrix)
    empty = Manifest(
        model=truth.model, store=truth.store, seq=truth.seq, dim=matrix.shape[1], rows=0, generation=0, ids_checksum=0,
        checksums=(),
    )  # fmt: skip
    return start_rows(folder, empty, ids, matrix)


def _check(matrix: Embeddings) -> None:
    if matrix.size and not np.allclose(np.linalg.norm(matrix, axis=1), 1, atol=1e-3):
        raise ModelError("the store holds a vector that is no direction: its file may be damaged, restore a backup")


def _fits(manifest: Manifest | None, exact_up_to: int) -> bool:
    """Tell whether there are inverted lists where there should be, and that they cover most rows."""
    if manifest is None or manifest.rows <= exact_up_to:
        return manifest is not None and not manifest.lists_rows
    return manifest.rows - manifest.lists_rows <= _MOST_UNLISTED * manifest.rows


def _list(folder: Path, manifest: Manifest, exact_up_to: int) -> Manifest:
    if _fits(manifest, exact_up_to):
        return manifest
    mapped = map_rows(folder, manifest)
    if manifest.rows > exact_up_to and mapped is not None:
        return build_lists(folder, manifest, mapped[1])
    bare = replace(manifest, lists_rows=0, lists_checksum=0)
    write_manifest(folder, bare)
    return bare


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time change the index; the kernel lets go of the lock however the process ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise ModelError(
            f"{folder} cannot be written: {error.strerror}; check its permissions and the disk's space, "
            "or set `index` in digest.toml to another folder"
        ) from error
