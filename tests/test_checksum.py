"""A checksum follows the file, not the path."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from digest import checksum
from digest.checksum import sha256_of


@pytest.fixture(autouse=True)
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "digest" / "checksums"


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file that takes long enough to read for its checksum to be noted."""
    file = tmp_path / "large.gguf"
    with file.open("wb") as content:
        content.write(b"GGUF")
        content.truncate(33 * 1024 * 1024)
    return file


def begin_anew() -> None:
    """Forget what this process knows, as the next night's has to."""
    checksum._sha256.cache_clear()  # noqa: SLF001  a process of its own would say less of what was read


def test_the_checksum_is_the_files_own_and_changes_with_it(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    for content in (b"one", b"two", b""):
        file.write_bytes(content)
        assert sha256_of(file) == hashlib.sha256(content).hexdigest()


def test_a_file_that_was_altered_and_dated_back_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"one")
    sha256_of(file)
    before = file.stat()
    with file.open("r+b") as content:
        content.write(b"two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert sha256_of(file) == hashlib.sha256(b"two").hexdigest()


def test_the_next_process_does_not_read_a_large_file_again(large: Path, notes: Path) -> None:
    first = sha256_of(large)
    assert first == hashlib.sha256(large.read_bytes()).hexdigest()
    (note,) = notes.iterdir()
    note.write_text(note.read_text().replace(first, "ab" * 32))  # so that it shows whence the answer comes
    begin_anew()
    assert sha256_of(large) == "ab" * 32


def test_what_changes_a_large_file_makes_its_note_worthless(large: Path, notes: Path) -> None:
    first = sha256_of(large)
    with large.open("r+b") as content:
        content.seek(1000)
        content.write(b"another")
    begin_anew()
    changed = sha256_of(large)
    assert changed == hashlib.sha256(large.read_bytes()).hexdigest() != first
    large.rename(large.with_name("moved.gguf"))
    large.write_bytes(large.with_name("moved.gguf").read_bytes()[:-1] + b"!")
    assert sha256_of(large) not in {first, changed}
    assert len(list(notes.iterdir())) == 1


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"stand": 1}', '{"stand": [], "sha256": "x"}'])
def test_a_broken_note_is_no_note(large: Path, notes: Path, broken: str) -> None:
    right = sha256_of(large)
    (note,) = notes.iterdir()
    note.write_text(broken)
    begin_anew()
    assert sha256_of(large) == right
    assert json.loads(note.read_text())["sha256"] == right


def test_a_small_file_needs_no_note_and_a_cache_that_cannot_be_written_is_done_without(
    tmp_path: Path, large: Path, notes: Path
) -> None:
    (tmp_path / "small").write_bytes(b"one")
    sha256_of(tmp_path / "small")
    assert not notes.exists()
    (tmp_path / "cache").write_text("no folder")
    assert sha256_of(large) == hashlib.sha256(large.read_bytes()).hexdigest()


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sha256_of(tmp_path / "none.gguf")
