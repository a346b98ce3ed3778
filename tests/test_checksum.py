"""A checksum follows the file, not the path."""

import hashlib
import os
from pathlib import Path

import pytest

from digest.checksum import sha256_of


def test_the_checksum_is_the_files_own_and_changes_with_it(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    for content in (b"one", b"two", b""):
        file.write_bytes(content)
        assert sha256_of(file) == hashlib.sha256(content).hexdigest()


def test_an_unchanged_file_is_read_once(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"one")
    kept, before = sha256_of(file), file.stat()
    with file.open("r+b") as content:
        content.write(b"two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert sha256_of(file) == kept
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert sha256_of(file) == hashlib.sha256(b"two").hexdigest()


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sha256_of(tmp_path / "none.gguf")
