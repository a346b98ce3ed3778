"""Embeddings of the latest versions ↔ rows; the truth that the FAISS index is checked against."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
from sqlalchemy import insert
from sqlmodel import col, select

from digest.errors import StoreError
from digest.store.database import Store, in_batches
from digest.store.tables import EmbeddingRow, PaperVersionRow

Embeddings = npt.NDArray[np.float32]  # shape (versions, dims), rows of length 1
VersionIds = npt.NDArray[np.int64]  # shape (versions,)


def unembedded(store: Store, model: str) -> list[tuple[int, str, str]]:
    """Return (version id, title, abstract) of the latest versions not embedded yet, oldest first."""
    embedded = select(EmbeddingRow.version_id).where(EmbeddingRow.model == model)
    statement = (
        select(PaperVersionRow.id, PaperVersionRow.title, PaperVersionRow.abstract)
        .where(col(PaperVersionRow.latest), col(PaperVersionRow.id).not_in(embedded))
        .order_by(col(PaperVersionRow.id))
    )
    with store.reading() as session:
        return [(row[0] or 0, row[1], row[2]) for row in session.exec(statement)]


def save_vectors(store: Store, model: str, version_ids: Sequence[int], vectors: Embeddings) -> None:
    """Keep one vector for each version, in one transaction."""
    rows = []
    for version_id, vector in zip(version_ids, vectors.astype("<f4"), strict=True):
        held = vector.tobytes()
        rows.append(
            {
                "version_id": version_id,
                "model": model,
                "dims": vector.size,
                "vector": held,
                "vector_hash": hashlib.sha256(held).hexdigest(),
            }
        )
    if rows:
        with store.writing() as session:
            session.execute(insert(EmbeddingRow), rows)


def vectors(store: Store, model: str) -> tuple[VersionIds, Embeddings]:
    """Return the latest versions this model has embedded: their ids, ascending, and their vectors."""
    statement = (
        select(EmbeddingRow.version_id, EmbeddingRow.vector)
        .join(PaperVersionRow, col(PaperVersionRow.id) == col(EmbeddingRow.version_id))
        .where(col(PaperVersionRow.latest), EmbeddingRow.model == model)
        .order_by(col(EmbeddingRow.version_id))
    )
    with store.reading() as session:
        rows = session.exec(statement).all()
    if not rows:
        return np.empty(0, np.int64), np.empty((0, 0), np.float32)
    with _named(store):
        matrix = np.frombuffer(b"".join(row[1] for row in rows), dtype="<f4").reshape(len(rows), -1)
    return np.array([row[0] for row in rows], np.int64), matrix.astype(np.float32, copy=False)


def vectors_of(store: Store, model: str, version_ids: Iterable[int]) -> dict[int, npt.NDArray[np.float32]]:
    """Return the vectors, shape (dims,), that this model gave to some versions, by version id."""
    found: dict[int, npt.NDArray[np.float32]] = {}
    with store.reading() as session:
        for batch in in_batches(dict.fromkeys(version_ids)):
            rows = session.connection().exec_driver_sql(  # a string: a search waits for it twice
                "SELECT version_id, vector FROM embedding WHERE model = ? "  # noqa: S608  question marks alone
                f"AND version_id IN ({','.join('?' * len(batch))})",
                (model, *batch),
            )
            with _named(store):
                found |= {row[0]: np.frombuffer(row[1], dtype="<f4") for row in rows}
    return found


@contextmanager
def _named(store: Store) -> Iterator[None]:
    """Turn NumPy's complaint of bytes that are no row of numbers into an error of ours."""
    try:
        yield
    except ValueError as error:
        raise StoreError(
            f"{store.path}: a vector is not as long as it was: `digest doctor --repair` makes it anew"
        ) from error
