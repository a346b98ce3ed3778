"""The site changes in one step: whoever looks finds one whole site, at every moment."""

import ctypes
import errno
import os
import threading
from pathlib import Path, PurePosixPath

import pytest

from digest.publish import output
from digest.publish.exchange import exchange
from digest.publish.output import write_site


def _site(word: str) -> dict[PurePosixPath, bytes]:
    return {PurePosixPath(name): word.encode() for name in ("index.html", "a/index.html")}


def test_two_folders_change_names(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    if not exchange(tmp_path / "one", tmp_path / "two"):
        pytest.skip("this system cannot")
    assert (tmp_path / "one" / "file").read_text() == "two"
    assert (tmp_path / "two" / "file").read_text() == "one"


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    with pytest.raises(FileNotFoundError):
        exchange(tmp_path / "one", tmp_path / "two")


def test_a_reader_finds_one_whole_site_at_every_moment(tmp_path: Path) -> None:
    """A page and its neighbour through one open folder, while the site is built again and again."""
    folder = tmp_path / "public"
    write_site(_site("0"), folder)
    seen: list[tuple[bytes, bytes]] = []
    ended = threading.Event()

    def read(name: str, place: int) -> bytes:
        with open(name, "rb", opener=lambda path, flags: os.open(path, flags, dir_fd=place)) as file:
            return file.read()

    def look() -> None:
        while not ended.is_set():
            place = os.open(folder, os.O_RDONLY)  # as a web server's worker holds it
            try:
                seen.append((read("index.html", place), read("a/index.html", place)))
            except FileNotFoundError:
                seen.append((b"gone", b"gone"))  # it held the old one, which is being removed
            finally:
                os.close(place)

    reader = threading.Thread(target=look)
    reader.start()
    for n in range(1, 60):
        write_site(_site(str(n)), folder)
        assert folder.is_dir()
    ended.set()
    reader.join()
    whole = [pair for pair in seen if pair[0] != b"gone"]
    assert len(whole) > 20
    assert all(one == other for one, other in whole)


def test_the_folder_is_there_at_every_moment(tmp_path: Path) -> None:
    folder, misses = tmp_path / "public", []
    write_site(_site("0"), folder)
    (tmp_path / "x").mkdir()
    (tmp_path / "y").mkdir()
    if not exchange(tmp_path / "x", tmp_path / "y"):
        pytest.skip("this system cannot")
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            if not folder.exists():
                misses.append(1)

    reader = threading.Thread(target=look)
    reader.start()
    for n in range(1, 80):
        write_site(_site(str(n)), folder)
    ended.set()
    reader.join()
    assert misses == []


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOSYS])
def test_a_disk_that_cannot_still_gets_the_new_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    class Library:
        def renameat2(self, *_: object) -> int:
            ctypes.set_errno(number)
            return -1

    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: Library())
    write_site(_site("old"), tmp_path / "public")
    write_site(_site("new"), tmp_path / "public")
    assert (tmp_path / "public" / "index.html").read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == [".public.before", "public"]


def test_a_crash_between_the_renames_of_such_a_disk_is_mended_by_the_next_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "public"
    write_site(_site("old"), folder)
    monkeypatch.setattr(output, "exchange", lambda *_: False)
    rename = Path.rename

    def die(self: Path, target: Path) -> Path:
        if self.name == ".public.new":
            raise SystemExit(137)
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", die)
        with pytest.raises(SystemExit):
            write_site(_site("new"), folder)
    assert not folder.exists()
    assert write_site(_site("old"), folder).changed == 0
    assert (folder / "index.html").read_bytes() == b"old"
