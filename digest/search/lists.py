"""Many rows → FAISS inverted lists of their quantised copies: which rows may be near, without looking at all of them.

Jégou, Douze & Schmid (2011), "Product quantization for nearest neighbor search" describes the inverted file; here each
component is kept in eight bits, and what is found is scored anew from the rows themselves, so scores are exact.
"""

import errno
import os
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from digest.search.rows import Embeddings, Manifest, write_manifest

_ROWS_OF_A_LIST = 250  # on average; 4,000 lists for a million papers
_TRAINED_ON = 64  # rows for each list
_PROBED = 5  # times the square root of how many lists there are: chosen for a recall@10 above 0.95 (docs/search.md)
_RESCORED = 4  # candidates for each hit asked for
_HEAD = 1 << 20  # bytes checked when the file is opened: the header and the first centroids


def build_lists(folder: Path, manifest: Manifest, matrix: Embeddings) -> Manifest:
    """Write the lists of all rows, and the manifest that names them.

    Raises:
        OSError: they cannot be written.
    """
    import faiss  # noqa: PLC0415  a sixth of a second

    lists = max(1, len(matrix) // _ROWS_OF_A_LIST)
    index = faiss.index_factory(matrix.shape[1], f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    index.cp.seed, index.cp.niter = 1, 10
    index.cp.max_points_per_centroid = _TRAINED_ON
    chosen = np.linspace(0, len(matrix) - 1, min(len(matrix), lists * _TRAINED_ON)).astype(np.int64)
    index.train(np.ascontiguousarray(matrix[chosen]))
    for start in range(0, len(matrix), 50_000):
        index.add(np.ascontiguousarray(matrix[start : start + 50_000]))
    file = manifest.lists_file(folder)
    beside = file.with_name(f"{file.name}.new")
    try:
        faiss.write_index(index, str(beside))
    except RuntimeError as error:  # FAISS's for every fault of a disk
        beside.unlink(missing_ok=True)
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(beside)) from error
    beside.replace(file)
    written = replace(manifest, lists_rows=len(matrix), lists_checksum=_head(file))
    write_manifest(folder, written)
    return written


def open_lists(folder: Path, manifest: Manifest) -> Any:  # noqa: ANN401  FAISS has no types
    """Map the lists that the manifest names; None where their file is missing or another."""
    import faiss  # noqa: PLC0415  as above

    file = manifest.lists_file(folder)
    try:
        if _head(file) != manifest.lists_checksum:
            return None
        index = faiss.read_index(str(file), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
    except (OSError, RuntimeError):  # FAISS throws the latter for a file that is cut short
        return None
    return index if index.ntotal == manifest.lists_rows and index.d == manifest.dim else None


def _head(file: Path) -> int:
    with file.open("rb") as opened:
        return zlib.crc32(str(file.stat().st_size).encode(), zlib.crc32(opened.read(_HEAD)))


def rows_near(
    index: Any,  # noqa: ANN401  FAISS has no types
    vector: npt.NDArray[np.float32],
    k: int,
    passing: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int64]:
    """Return rows that may be among the k nearest of those that pass, shape (rows,), in no order that counts."""
    import faiss  # noqa: PLC0415  as above

    bits = np.packbits(passing[: index.ntotal], bitorder="little")
    selector = faiss.IDSelectorBitmap(bits)
    # Where few rows pass, the near ones lie farther out: more lists are looked at.
    share = max(1e-3, float(np.count_nonzero(passing)) / len(passing))
    probes = min(index.nlist, max(8, int(_PROBED * index.nlist**0.5 / share)))
    parameters = faiss.SearchParametersIVF(sel=selector, nprobe=probes)
    wanted = min(index.ntotal, k * _RESCORED)
    _, rows = index.search(np.ascontiguousarray(vector[None], np.float32), wanted, params=parameters)
    return np.asarray(rows[0][rows[0] >= 0], np.int64)
