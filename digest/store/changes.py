"""The store's list of changes → what an index must follow since it was last brought up to date."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from digest.store.database import Store
from digest.store.vectors import vectors_of


@dataclass(frozen=True, slots=True)
class Stand:
    """Which database this is, and its last change; an index that names both holds what the store holds."""

    store: str
    seq: int


def stand(store: Store) -> Stand:
    """Return where the store stands; it costs two look-ups, however many papers are held."""
    with store.reading() as session:
        row = (
            session.connection()
            .exec_driver_sql(
                "SELECT (SELECT value FROM search_state WHERE name = 'store'), "
                "(SELECT coalesce(max(seq), 0) FROM search_change)"
            )
            .one()
        )
    return Stand(str(row[0]), int(row[1]))


def changed_since(store: Store, seq: int) -> tuple[int, list[int]]:
    """Return the last change, and the versions that changed after another one, in order."""
    with store.reading() as session:
        rows = (
            session.connection()
            .exec_driver_sql("SELECT seq, version_id FROM search_change WHERE seq > ? ORDER BY seq", (seq,))
            .all()
        )
    return (int(rows[-1][0]) if rows else seq), [int(row[1]) for row in rows]


def latest_vectors(store: Store, model: str, version_ids: Iterable[int]) -> dict[int, npt.NDArray[np.float32]]:
    """Return the vectors, shape (dims,), of those versions that are the latest of their paper, by version id."""
    found = vectors_of(store, model, version_ids)
    with store.reading() as session:
        connection = session.connection()
        statement = "SELECT latest FROM paper_version WHERE id = ?"
        return {
            version_id: vector
            for version_id, vector in found.items()
            if connection.exec_driver_sql(statement, (version_id,)).scalar()
        }
