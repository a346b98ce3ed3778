"""The store's vectors → a FAISS index on disk, a cache that is believed only after a check."""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from digest.errors import ModelError

VersionIds = npt.NDArray[np.int64]  # shape (versions,)
Embeddings = npt.NDArray[np.float32]  # shape (versions, dim), rows of length 1

_INDEX = "vectors.faiss"
_MANIFEST = "manifest.json"


class Index:
    """Exact inner-product search over unit vectors, by our own ids."""

    def __init__(self, ids: VersionIds, faiss_index: Any, *, rebuilt: bool) -> None:  # noqa: ANN401  FAISS has no types
        self._ids = ids
        self._faiss = faiss_index
        self._row_by_id = {int(version_id): row for row, version_id in enumerate(ids)}
        self.rebuilt = rebuilt  # the cache was missing or wrong

    @property
    def count(self) -> int:
        """How many vectors it holds."""
        return len(self._ids)

    def vector(self, version_id: int) -> npt.NDArray[np.float32] | None:
        """Return a version's vector, shape (dim,); None where it has none."""
        row = self._row_by_id.get(version_id)
        return None if row is None else np.asarray(self._faiss.reconstruct(row), np.float32)

    def nearest(self, vector: npt.NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """Return (version id, cosine similarity) of the k nearest, nearest first and ties by id."""
        k = min(k, self.count)
        if k < 1:
            return []
        scores, rows = self._faiss.search(np.ascontiguousarray(vector[None], np.float32), k)
        found = [(int(self._ids[row]), float(score)) for row, score in zip(rows[0], scores[0], strict=True)]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))


def open_index(
    folder: Path,
    *,
    model: str,
    hashes: Sequence[tuple[int, str]],
    load: Callable[[], tuple[VersionIds, Embeddings]],
) -> Index:
    """Open the cached index if it is exactly what the store holds; otherwise build it anew and keep it.

    `hashes` are the store's (version id, SHA-256 of the vector), ascending; `load` fetches the vectors themselves.
    FAISS reads flipped bits, repeated ids and NaN without a word, so the file's own hash is checked too.

    Raises:
        ModelError: a vector of the store is no direction, or an id stands there twice.
    """
    manifest = {"model": model, "count": len(hashes), "vectors": _checksum(hashes)}
    held = _read(folder, manifest)
    ids = np.array([version_id for version_id, _ in hashes], np.int64)
    if held is not None:
        return Index(ids, held, rebuilt=False)
    loaded_ids, matrix = load()
    _check(loaded_ids, matrix)
    index = _build(matrix)
    _save(folder, index, manifest)
    return Index(loaded_ids, index, rebuilt=True)


def _checksum(hashes: Sequence[tuple[int, str]]) -> str:
    text = "\n".join(f"{version_id} {vector_hash}" for version_id, vector_hash in hashes)
    return hashlib.sha256(text.encode()).hexdigest()


def _read(folder: Path, manifest: dict[str, Any]) -> Any:  # noqa: ANN401  FAISS has no types
    """Return the cached FAISS index, or None where it is missing or is not what the manifest says."""
    import faiss  # noqa: PLC0415  a third of a second

    try:
        kept = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        data = (folder / _INDEX).read_bytes()
    except (OSError, ValueError):
        return None
    if kept != {**manifest, "file": hashlib.sha256(data).hexdigest()}:
        return None
    return faiss.deserialize_index(np.frombuffer(data, np.uint8))


def _check(ids: VersionIds, matrix: Embeddings) -> None:
    if len(np.unique(ids)) != len(ids):
        raise ModelError("a version has two vectors of one model: delete the store's embeddings and run `digest embed`")
    if matrix.size and not np.allclose(np.linalg.norm(matrix, axis=1), 1, atol=1e-3):
        raise ModelError("the store holds a vector that is no direction: its file may be damaged, restore a backup")


def _build(matrix: Embeddings) -> Any:  # noqa: ANN401  FAISS has no types
    import faiss  # noqa: PLC0415  as above

    index = faiss.IndexFlatIP(matrix.shape[1] or 1)
    if len(matrix):
        index.add(np.ascontiguousarray(matrix, np.float32))
    return index


def _save(folder: Path, index: Any, manifest: dict[str, Any]) -> None:  # noqa: ANN401  FAISS has no types
    """Write the index, then the manifest that vouches for it; a crash between leaves a cache that is not believed."""
    import faiss  # noqa: PLC0415  as above

    data = faiss.serialize_index(index).tobytes()
    kept = {**manifest, "file": hashlib.sha256(data).hexdigest()}
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in ((_INDEX, data), (_MANIFEST, json.dumps(kept).encode())):
        beside = folder / f"{name}.new"
        beside.write_bytes(content)
        os.replace(beside, folder / name)  # noqa: PTH105
