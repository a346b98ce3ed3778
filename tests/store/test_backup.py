"""Before a schema changes the database is copied whole; what cannot be copied is not migrated."""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest
from alembic import command

from digest.errors import StoreError
from digest.paper import Paper
from digest.places import MIGRATIONS
from digest.store import backup, database
from digest.store.backup import back_up, backups
from digest.store.database import alembic_config, open_store
from digest.store.papers import count_papers, save_papers

PAPER = Paper(arxiv_id="2404.07143", title="Leave No Context Behind", abstract="We bound memory.")
REVISIONS = sorted(file.name.split("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _go_back(path: Path, revision: str) -> None:
    """Bring a store back to an older schema, with what it holds."""
    store = open_store(path)
    with store.engine.connect().execution_options(digest_writes=True) as connection, connection.begin():
        command.downgrade(alembic_config(connection), revision)
    store.close()


def _schema(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store of the schema before the last, with a paper."""
    path = tmp_path / "digest.db"
    store = open_store(path)
    save_papers(store, [PAPER])
    store.close()
    _go_back(path, REVISIONS[-2])
    for copy in backups(path):
        copy.unlink()
    return path


def test_a_new_store_needs_no_copy(tmp_path: Path) -> None:
    open_store(tmp_path / "digest.db").close()
    assert backups(tmp_path / "digest.db") == []


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_a_store_of_every_older_schema_is_copied_and_migrated_with_its_papers(tmp_path: Path, revision: str) -> None:
    path = tmp_path / "digest.db"
    store = open_store(path)
    save_papers(store, [PAPER])
    store.close()
    _go_back(path, revision)
    migrated = open_store(path)
    assert count_papers(migrated) == 1
    with migrated.engine.connect() as connection:
        command.check(alembic_config(connection))
    migrated.close()
    (copy,) = backups(path)
    assert copy.name == f"digest.db.schema-{revision}.backup"
    assert (_schema(copy), _schema(path)) == (revision, REVISIONS[-1])
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT arxiv_id FROM paper").fetchall() == [(PAPER.arxiv_id,)]


def test_the_copy_holds_what_is_only_in_the_write_ahead_log(old: Path) -> None:
    with closing(sqlite3.connect(old)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute("UPDATE paper SET withdrawn = 1")
        writer.commit()
        shutil.copytree(old.parent, old.parent.parent / "killed", ignore=shutil.ignore_patterns("killed"))
    path = old.parent.parent / "killed" / old.name
    assert path.with_name(f"{old.name}-wal").stat().st_size > 0
    open_store(path).close()
    with closing(sqlite3.connect(backups(path)[0])) as connection:
        assert connection.execute("SELECT withdrawn FROM paper").fetchall() == [(1,)]


def test_a_store_that_cannot_be_copied_is_left_as_it_is(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _schema(old)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StoreError, match=r"was not migrated.*No space left on device.*make room"):
        open_store(old)
    assert (_schema(old), backups(old)) == (before, [])
    monkeypatch.undo()
    open_store(old).close()
    assert [copy.name for copy in backups(old)] == [f"digest.db.schema-{before}.backup"]


def test_a_migration_that_breaks_half_way_leaves_the_old_schema_and_can_be_run_again(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _schema(old)
    upgrade = command.upgrade

    def break_off(*arguments: object) -> None:
        upgrade(*arguments)  # type: ignore[arg-type]
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", break_off)
        with pytest.raises(StoreError, match="Input/output error"):
            open_store(old)
    held = [file.resolve() for file in Path("/proc/self/fd").glob("*")]  # empty where the system has no such folder
    assert old.resolve() not in held, "a refused database is let go"
    assert _schema(old) == before
    store = open_store(old)
    assert count_papers(store) == 1
    store.close()


def test_where_two_open_an_old_store_at_once_the_copy_is_of_the_old_schema(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _schema(old)

    def while_another_opens_it(path: Path, revision: str) -> Path:
        monkeypatch.undo()
        with suppress(StoreError):  # locked
            open_store(path, patience=0).close()
        return back_up(path, revision)

    monkeypatch.setattr(database, "back_up", while_another_opens_it)
    open_store(old).close()
    assert _schema(old) > before
    assert [_schema(copy) for copy in backups(old)] == [before]


def test_only_the_last_copy_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "digest.db"
    open_store(path).close()
    for number in range(1, 6):
        backup.back_up(path, f"{number:04}")
    assert [copy.name[-11:-7] for copy in backups(path)] == ["0005"]
