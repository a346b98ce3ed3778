"""Unit vectors ↔ a file of rows that only grows, and the manifest that says how much of it counts.

A row is written and flushed before the manifest that counts it is put in the old one's place, so that a process that
dies at any point leaves what the last manifest says; what lies beyond is written over. A file that is mapped by a
reader never changes under it: rows are not overwritten, and a rebuild makes a file of another name.
"""

import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson

VersionIds = npt.NDArray[np.int64]  # shape (versions,)
Embeddings = npt.NDArray[np.float32]  # shape (versions, dim), rows of length 1

_MANIFEST = "manifest.json"
_FORMAT = 2
_BLOCK = 1_024  # rows under one checksum


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the files of an index hold, and what they were made from."""

    format: int = _FORMAT
    model: str
    store: str  # the name of the database
    seq: int  # its last change that was followed
    dim: int
    rows: int
    generation: int  # in the files' names
    ids_checksum: int
    checksums: tuple[int, ...]  # CRC-32 of each block of rows
    gone: tuple[int, ...] = ()  # rows of versions that are no longer the latest
    lists_rows: int = 0  # how many rows the inverted lists cover; 0: there are none
    lists_checksum: int = 0  # CRC-32 of their file

    def rows_file(self, folder: Path) -> Path:
        """Return the file of the vectors: float32, little-endian, row after row."""
        return folder / f"vectors-{self.generation}.f32"

    def ids_file(self, folder: Path) -> Path:
        """Return the file of the version ids: int64, little-endian, in the rows' order."""
        return folder / f"versions-{self.generation}.i64"

    def lists_file(self, folder: Path) -> Path:
        """Return the file of the inverted lists, in FAISS's format."""
        return folder / f"lists-{self.generation}.faiss"


def read_manifest(folder: Path) -> Manifest | None:
    """Read the manifest; None where it is missing or is none."""
    try:
        values = orjson.loads((folder / _MANIFEST).read_bytes())
        lists = {name: tuple(map(int, values[name])) for name in ("checksums", "gone")}
        manifest = Manifest(**(values | lists))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    whole = ("seq", "dim", "rows", "generation", "ids_checksum", "lists_rows", "lists_checksum")
    if manifest.format != _FORMAT or any(
        type(values.get(name, 0)) is not int or values.get(name, 0) < 0 for name in whole
    ):
        return None
    return manifest


def map_rows(folder: Path, manifest: Manifest) -> tuple[VersionIds, Embeddings] | None:
    """Map the files that a manifest names; None where one is missing, short, or holds other ids.

    The ids are read and checked whole; of the vectors nothing is read.
    """
    if manifest.rows == 0:
        return np.empty(0, np.int64), np.empty((0, manifest.dim), np.float32)
    try:
        ids = np.fromfile(manifest.ids_file(folder), "<i8", manifest.rows)
        matrix = np.memmap(manifest.rows_file(folder), "<f4", "r", shape=(manifest.rows, manifest.dim))
    except (OSError, ValueError):
        return None
    if len(ids) != manifest.rows or zlib.crc32(ids.tobytes()) != manifest.ids_checksum:
        return None
    return ids.astype(np.int64, copy=False), np.asarray(matrix)


def damaged_blocks(matrix: Embeddings, manifest: Manifest, blocks: Sequence[int] | None = None) -> list[int]:
    """Return which blocks of rows, of some or of all, are not what was written."""
    wanted = range(len(manifest.checksums)) if blocks is None else blocks
    held = len(manifest.checksums) == -(-manifest.rows // _BLOCK)
    return [n for n in wanted if not held or _checksum(matrix[n * _BLOCK : (n + 1) * _BLOCK]) != manifest.checksums[n]]


def blocks_of(rows: int) -> int:
    """Return how many blocks so many rows fill."""
    return -(-rows // _BLOCK)


def start_rows(folder: Path, manifest: Manifest, ids: VersionIds, matrix: Embeddings) -> Manifest:
    """Write an index anew, beside the one that is there, and let its manifest take the place of the old one."""
    folder.mkdir(parents=True, exist_ok=True)
    before = read_manifest(folder)
    generation = before.generation + 1 if before else 1
    empty = replace(
        manifest, rows=0, generation=generation, ids_checksum=0, checksums=(), gone=(), lists_rows=0, lists_checksum=0
    )
    for file in (empty.rows_file(folder), empty.ids_file(folder)):
        file.unlink(missing_ok=True)
    written = add_rows(folder, empty, ids, matrix)
    for file in _files_of_others(folder, generation):
        file.unlink(missing_ok=True)
    return written


def _files_of_others(folder: Path, generation: int) -> Iterator[Path]:
    for pattern in ("vectors-*.f32", "versions-*.i64", "lists-*.faiss", "vectors.faiss"):  # the last: of older versions
        yield from (file for file in folder.glob(pattern) if not file.stem.endswith(f"-{generation}"))


def add_rows(folder: Path, manifest: Manifest, ids: VersionIds, matrix: Embeddings) -> Manifest:
    """Write rows behind those that the manifest counts, and then the manifest that counts them too."""
    rows = np.ascontiguousarray(matrix, "<f4")
    numbers = np.ascontiguousarray(ids, "<i8")
    _write_at(manifest.rows_file(folder), manifest.rows * manifest.dim * 4, rows.tobytes())
    _write_at(manifest.ids_file(folder), manifest.rows * 8, numbers.tobytes())
    grown = replace(
        manifest,
        rows=manifest.rows + len(ids),
        ids_checksum=zlib.crc32(numbers.tobytes(), manifest.ids_checksum),
        checksums=_grown(manifest, rows),
    )
    write_manifest(folder, grown)
    return grown


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put a manifest in the place of the one that is there, at one stroke."""
    beside = folder / f"{_MANIFEST}.new"
    with beside.open("wb") as file:
        file.write(orjson.dumps(manifest))
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, folder / _MANIFEST)  # noqa: PTH105


def _write_at(file: Path, offset: int, content: bytes) -> None:
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o644), "r+b") as opened:
        opened.seek(offset)
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())


def _grown(manifest: Manifest, rows: Embeddings) -> tuple[int, ...]:
    """Return the checksums with rows added: the last block goes on where it was."""
    sums = list(manifest.checksums)
    filled = manifest.rows % _BLOCK
    start = 0
    if filled:
        start = _BLOCK - filled
        sums[-1] = _checksum(rows[:start], sums[-1])
    sums += [_checksum(rows[n : n + _BLOCK]) for n in range(start, len(rows), _BLOCK)]
    return tuple(sums)


def _checksum(rows: Embeddings, before: int = 0) -> int:
    return zlib.crc32(np.ascontiguousarray(rows).data.cast("B"), before) if len(rows) else before
