"""Where caches lie for a user who has no home."""

import os
import tempfile
from pathlib import Path

import pytest

from digest.caches import cache_folder


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder of a user who has no home: no HOME, and a number that no entry among the users has."""
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("digest.caches.user_cache_path", _no_home)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path / f"digest-{os.getuid()}"


def _no_home(_name: str) -> Path:
    raise RuntimeError("could not determine the home directory for '~/.cache'")  # as platformdirs says it


def test_a_user_has_a_cache_folder_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "digest"


def test_without_a_home_it_is_a_closed_folder_among_the_temporary_files(temporary: Path) -> None:
    assert cache_folder() == temporary
    assert temporary.stat().st_mode & 0o777 == 0o700
    assert cache_folder() == temporary


def test_a_folder_that_others_can_write_or_lead_elsewhere_is_not_believed(temporary: Path, tmp_path: Path) -> None:
    temporary.mkdir(mode=0o700)
    temporary.chmod(0o777)
    assert not cache_folder().exists()
    temporary.rmdir()
    (tmp_path / "theirs").mkdir()
    temporary.symlink_to(tmp_path / "theirs")
    assert not cache_folder().exists()
