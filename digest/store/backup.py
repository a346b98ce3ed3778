"""A database that is about to be migrated → a copy beside it, named by its schema; older ones go."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from digest.errors import StoreError

_KEPT = 1  # copies; each is as large as the database was
_PAGES_AT_ONCE = 4096


def back_up(path: Path, revision: str) -> Path:
    """Copy a database whole, by SQLite's own backup, and return the copy; there it is whole or not at all.

    Raises:
        StoreError: it could not be copied.
    """
    target = path.with_name(f"{path.name}.schema-{revision}.backup")
    beside = target.with_name(f"{target.name}.new")
    try:
        beside.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(beside)) as copy:
            source.backup(copy, pages=_PAGES_AT_ONCE)
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(beside, target)  # noqa: PTH105  as in index.py
        for old in backups(path)[:-_KEPT]:
            old.unlink()
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"{path} was not migrated, because it cannot be backed up first: {error}; make room"
        ) from error
    return target


def backups(path: Path) -> list[Path]:
    """Return the copies of a database, oldest schema first."""
    return sorted(path.parent.glob(f"{path.name}.schema-*.backup"))
