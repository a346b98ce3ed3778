"""A path → an open, migrated SQLite database; transactions begin and end here."""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import orjson
from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, create_engine

from digest.errors import StoreError
from digest.places import MIGRATIONS
from digest.store.backup import back_up

_HEADER = b"SQLite format 3\x00"  # sqlite.org/fileformat.html, section 1.3
_BATCH = 400  # well below SQLite's limit on bound values
_PATIENCE = 30.0  # seconds that a transaction waits for another process's

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Store:
    """An open database."""

    path: Path
    engine: Engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that sees one state of the database.

        Raises:
            StoreError: the database is damaged or locked.
        """
        with _named(self.path), Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session whose changes are kept together at the end, or not at all.

        Raises:
            StoreError: the database is damaged, locked, read-only or the disk is full.
        """
        with (
            _named(self.path),
            self.engine.connect().execution_options(digest_writes=True) as connection,
            Session(connection) as session,
        ):
            yield session
            session.commit()

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()


def in_batches(values: Iterable[_Value]) -> Iterator[list[_Value]]:
    """Cut values into as many as one statement may be given."""
    rest = iter(values)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def open_store(path: Path, *, patience: float = _PATIENCE) -> Store:
    """Open the database, making or migrating it first where needed; patience in seconds.

    Raises:
        StoreError: the file is no SQLite database, is damaged, or was written by newer code.
    """
    _check_file(path)
    with ExitStack() as undo:
        with _named(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            engine = _engine(path, patience)
            undo.callback(engine.dispose)
            with engine.connect() as connection:
                revision = _revision(connection)
        known = sorted(file.name.split("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))
        if revision and revision not in known:
            newest = known[-1]
            raise StoreError(f"{path} was written by a newer digest (schema {revision}, not {newest}): update digest")
        if revision != known[-1]:
            with _named(path):
                _migrate(path, engine, known[-1])
        undo.pop_all()
    return Store(path, engine)


def _check_file(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(len(_HEADER))
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(
            f"{path} cannot be opened: {error.strerror}; set `store` in digest.toml to another file"
        ) from error
    if start and start != _HEADER:
        raise StoreError(
            f"{path} is not an SQLite database: move it away or set `store` in digest.toml to another file"
        )


def _engine(path: Path, patience: float) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),  # written as text, a ? in a folder's name would begin a query
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=_json_of(path),
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: object) -> None:
        # Python's sqlite3 begins transactions late and never before DDL; we begin them ourselves
        # (docs.sqlalchemy.org, SQLite dialect, "Enabling Non-Legacy SQLite Transactional Modes").
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            "synchronous=NORMAL",
            f"busy_timeout={round(patience * 1000)}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A write lock from the start: a read that turns into a write can fail however long one waits.
        writes = connection.get_execution_options().get("digest_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _json_of(path: Path) -> Callable[[str], Any]:
    """Return what reads a column of JSON; what is none there, a disk has altered."""

    def read(text: str) -> Any:  # noqa: ANN401  whatever was written there
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise StoreError(f"{path}: a value that was JSON is none; {_mend('malformed')}") from error

    return read


def _revision(connection: Connection) -> str:
    tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name = 'alembic_version'").all()
    if not tables:
        return ""
    rows = connection.exec_driver_sql("SELECT version_num FROM alembic_version").all()
    return str(rows[0][0]) if rows else ""


def alembic_config(connection: Connection) -> Any:  # noqa: ANN401  alembic.config.Config, imported late
    """Return Alembic's configuration for our migrations over an open connection."""
    from alembic.config import Config  # noqa: PLC0415  a third of a second, needed once a schema

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _migrate(path: Path, engine: Engine, newest: str) -> None:
    from alembic import command  # noqa: PLC0415  as above

    # Asked again under the write lock: another process may have migrated it meanwhile, or be about to.
    with engine.connect().execution_options(digest_writes=True) as connection, connection.begin():
        if (revision := _revision(connection)) not in {"", newest}:
            back_up(path, revision)
        command.upgrade(alembic_config(connection), "head")


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Turn the libraries' errors into ours, naming the file and the mend."""
    try:
        yield
    except DatabaseError as error:
        reason = re.sub(r"\s+", " ", str(error.orig))
        raise StoreError(f"{path}: {reason}; {_mend(reason)}") from error
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}; check the folder's permissions and the disk's space") from error


def _mend(reason: str) -> str:
    mends = {
        "locked": "another digest is at work: wait for it to end",
        "malformed": "the file is damaged: restore it from a backup, or move it away to begin anew",
        "not a database": "the file is damaged: restore it from a backup, or move it away to begin anew",
        "readonly": "make the file and its folder writable",
        "full": "make room on the disk and run again",
    }
    return next(
        (mend for word, mend in mends.items() if word in reason),
        "check that the file and its folder can be written",
    )
