"""A database that may be damaged → what is wrong with it; what is derived in it → dropped, to be made anew."""

import hashlib

from sqlalchemy import delete
from sqlmodel import col, select

from digest.store.database import Store
from digest.store.tables import EmbeddingRow


def faults(store: Store) -> list[str]:
    """Return what SQLite finds wrong: pages, indexes, constraints (`integrity_check`) and references.

    Raises:
        StoreError: it is so damaged that it cannot be examined.
    """
    with store.reading() as session:
        connection = session.connection()
        found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(20)")]
        references = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(20)
    lost = [f"a row of {row[0]} refers to a row of {row[2]} that is not there" for row in references]
    return [fault for fault in found if fault != "ok"] + lost


def drop_damaged_vectors(store: Store) -> int:
    """Remove the vectors that are not what their hash says, so that they are made anew; return how many."""
    with store.reading() as session:
        rows = session.exec(
            select(EmbeddingRow.version_id, EmbeddingRow.model, EmbeddingRow.vector, EmbeddingRow.vector_hash)
        )
        damaged = [(row[0], row[1]) for row in rows if hashlib.sha256(row[2]).hexdigest() != row[3]]
    with store.writing() as session:
        for version_id, model in damaged:
            session.execute(
                delete(EmbeddingRow).where(col(EmbeddingRow.version_id) == version_id, col(EmbeddingRow.model) == model)
            )
    return len(damaged)
