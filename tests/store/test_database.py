"""Opening, migrating and refusing database files."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command

from digest.errors import StoreError
from digest.paper import Paper
from digest.store.database import Store, alembic_config, open_store
from digest.store.papers import count_papers, save_papers

PAPER = Paper(arxiv_id="2404.07143", title="Leave No Context Behind", abstract="We bound memory.")


def test_the_migrations_make_exactly_the_tables_of_the_code(store: Store) -> None:
    with store.engine.connect() as connection:
        command.check(alembic_config(connection))  # raises where they differ


def test_a_store_can_go_down_to_nothing_and_up_again(store: Store) -> None:
    for target in (command.downgrade, command.upgrade):
        with store.engine.connect().execution_options(digest_writes=True) as connection, connection.begin():
            target(alembic_config(connection), "base" if target is command.downgrade else "head")
    save_papers(store, [PAPER])
    assert count_papers(store) == 1


def test_the_store_uses_wal_and_holds_foreign_keys(store: Store) -> None:
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_opening_again_keeps_what_was_saved(tmp_path: Path) -> None:
    for expected in (0, 1):
        opened = open_store(tmp_path / "deep" / "folder" / "digest.db")
        assert count_papers(opened) == expected
        save_papers(opened, [PAPER])
        opened.close()


def test_a_question_mark_in_a_folder_is_a_part_of_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "what?mode=ro"
    folder.mkdir()
    open_store(folder / "digest.db").close()
    assert [file.name for file in folder.iterdir()] == ["digest.db"]
    assert list(tmp_path.iterdir()) == [folder]


def test_a_store_from_newer_code_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "digest.db"
    open_store(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"newer digest \(schema 9999.*update digest"):
        open_store(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "digest.db"
    path.write_text("my thesis, do not overwrite")
    with pytest.raises(StoreError, match="not an SQLite database"):
        open_store(path)
    assert path.read_text() == "my thesis, do not overwrite"


def test_a_damaged_database_is_named_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "digest.db"
    opened = open_store(path)
    save_papers(opened, [PAPER])
    opened.close()
    damaged = bytearray(path.read_bytes())
    damaged[100:] = b"\xff" * (len(damaged) - 100)
    path.write_bytes(damaged)
    with pytest.raises(StoreError, match="damaged") as caught:
        count_papers(open_store(path))
    assert "\n" not in str(caught.value)


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(tmp_path)


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    def papers_then_trouble() -> Iterator[Paper]:
        yield PAPER
        raise KeyError

    with pytest.raises(KeyError):
        save_papers(store, papers_then_trouble())
    assert count_papers(store) == 0


def test_a_reader_does_not_stop_a_writer(store: Store) -> None:
    with store.reading() as session:
        session.connection()
        save_papers(store, [PAPER])
    assert count_papers(store) == 1


def test_a_writer_that_does_not_let_go_is_named_in_one_line_and_nothing_is_lost(tmp_path: Path) -> None:
    store = open_store(tmp_path / "digest.db", patience=0.05)
    with closing(sqlite3.connect(tmp_path / "digest.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"digest\.db: database is locked; another digest is at work") as refused:
            save_papers(store, [PAPER])
        assert "\n" not in str(refused.value)
        other.execute("ROLLBACK")
    save_papers(store, [PAPER])
    assert count_papers(store) == 1
    store.close()
