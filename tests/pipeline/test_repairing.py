"""What is derived can be lost, cut off or damaged: `digest doctor --repair` makes it anew, the same as before."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.errors import StoreError
from digest.paper import Month
from digest.pipeline import night
from digest.pipeline.doctor import examine
from digest.pipeline.lookup import Searcher
from digest.pipeline.repairing import repair
from digest.pipeline.workshop import Workshop, open_workshop
from digest.search.query import parse_query
from digest.settings import load_settings
from digest.store.backup import back_up
from digest.store.database import open_store
from tests.small_publication import PINNED, make_publication


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication that went through its night."""
    folder = make_publication(tmp_path_factory.mktemp("made"))
    with _open(folder) as workshop:
        night.run_month(workshop, Month(2024, 4), from_file=folder / "papers.jsonl")
    return folder


def _open(folder: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202
    settings = load_settings(folder / "digest.toml")
    return open_workshop(settings, lambda: datetime(2024, 5, 1, tzinfo=UTC), lambda *_: None)


@pytest.fixture
def workshop(made: Path, tmp_path: Path) -> Iterator[Workshop]:
    shutil.copytree(made, tmp_path / "magazine")
    with _open(tmp_path / "magazine") as opened:
        yield opened


def _site(workshop: Workshop) -> dict[str, bytes]:
    folder = workshop.settings.path(workshop.settings.site.output)
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def _damage_index(root: Path) -> None:
    for file in (root / "data" / "index").iterdir():
        content = bytearray(file.read_bytes())
        if content:
            content[len(content) // 2] ^= 1
            file.write_bytes(content)


def _lose_index(root: Path) -> None:
    shutil.rmtree(root / "data" / "index")


def _deface(root: Path) -> None:
    (root / "site" / "public" / "index.html").write_text("defaced")
    (root / "site" / "public" / "more.html").write_text("more")


def _lose_site(root: Path) -> None:
    shutil.rmtree(root / "site" / "public")


def _cut_off(root: Path) -> None:
    """As a night leaves it that was killed in the middle of a swap, of an index and of a backup."""
    (root / "site" / "public").rename(root / "site" / ".public.old")
    (root / "site" / ".public.new" / "half").mkdir(parents=True)
    (root / "data" / "index" / "vectors.faiss.new").write_bytes(b"half")
    (root / "data" / "digest.db.schema-0001.backup.new").write_bytes(b"half")
    (root / "data" / "publish.git").mkdir()


def _lose_words(root: Path) -> None:
    with closing(sqlite3.connect(root / "data" / "digest.db")) as store, store:
        store.execute("DELETE FROM searchable")


def _damage_vector(root: Path) -> None:
    with closing(sqlite3.connect(root / "data" / "digest.db")) as store, store:
        store.execute(
            "UPDATE embedding SET vector = zeroblob(length(vector)) WHERE version_id = "
            "(SELECT id FROM paper_version WHERE arxiv_id = ?)",
            (PINNED,),
        )


@pytest.mark.parametrize(
    "damage", [_damage_index, _lose_index, _deface, _lose_site, _cut_off, _damage_vector, _lose_words]
)
def test_after_a_repair_all_is_as_it_was(workshop: Workshop, damage: Callable[[Path], None]) -> None:
    before, query = _site(workshop), parse_query("bounded memory")
    hits = Searcher(workshop).search(query, 5)
    damage(workshop.settings.root)
    reports = repair(workshop)
    assert [report.stage for report in reports] == ["store", "tidy", "vectors", "words", "embed", "build"]
    assert _site(workshop) == before
    assert Searcher(workshop).search(query, 5) == hits
    left = [file.name for file in workshop.settings.root.rglob("*") if file.name.endswith((".new", ".old"))]
    assert left == []


def test_a_file_of_the_persons_in_the_index_folder_is_left_alone(workshop: Workshop) -> None:
    mine = workshop.settings.path(workshop.settings.index) / "notes.txt"
    mine.write_text("mine")
    repair(workshop)
    assert mine.read_text() == "mine"


def test_a_store_that_is_damaged_itself_names_the_backup(workshop: Workshop) -> None:
    path = workshop.store.path
    copy = back_up(path, "0001")
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("PRAGMA writable_schema = ON")
        store.execute("PRAGMA foreign_keys = OFF")
        store.execute("DELETE FROM paper WHERE arxiv_id = ?", (PINNED,))
    before = _site(workshop)
    with pytest.raises(StoreError, match=r"is damaged .*refers to a row of paper that is not there") as refused:
        repair(workshop)
    assert f"restore {copy}" in str(refused.value)
    assert _site(workshop) == before


def test_the_store_is_let_go_of_where_the_examination_ends_early(tmp_path: Path) -> None:
    (tmp_path / "digest.toml").write_text('[models]\nencoder = "no/such"\n', encoding="utf-8")
    settings = load_settings(tmp_path / "digest.toml")
    store = settings.path(settings.store)
    open_store(store).close()
    assert not all(finding.ok for finding in examine(settings))
    assert not store.with_name(f"{store.name}-wal").exists()  # the last one to close a database takes its log away
