"""Folders of the disk: what they hold, files written into them and shared between them as links."""

import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL  # never into a file that is there: another folder may share it
_MODE = 0o666  # less what the umask takes


Files = Mapping[str, os.stat_result]  # by their path in a folder


def files_of(folder: Path) -> dict[str, os.stat_result]:
    """Return every file below a folder, whatever it is but a folder."""
    return {path: entry.stat(follow_symlinks=False) for path, entry in _entries(folder, [])}


def _entries(folder: Path, folders: list[str]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield every file below a folder with its path; note the folders too, each after the one above."""
    waiting = [(str(folder), "")]
    while waiting:
        place, prefix = waiting.pop()
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, f"{prefix}{entry.name}/"))
                    folders.append(prefix + entry.name)
                else:
                    yield prefix + entry.name, entry


def folders_above(paths: Iterable[str]) -> set[str]:
    """Return every folder that holds one of the files, however deep, without a slash."""
    found: set[str] = set()
    for first in {path.rpartition("/")[0] for path in paths}:
        folder = first
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def write_new(file: str, content: bytes) -> os.stat_result:
    """Write a file, and its folder where there is none, in the place of whatever was there; return how it lies there.

    Raises:
        OSError: the disk refused.
    """
    try:
        descriptor = os.open(file, _NEW, _MODE)  # rarer than looking first each time
    except (FileExistsError, FileNotFoundError, NotADirectoryError):
        _make_way(Path(file))
        descriptor = os.open(file, _NEW, _MODE)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(descriptor, left) :]
        return os.fstat(descriptor)
    finally:
        os.close(descriptor)


def link(source: str, target: str) -> None:
    """Let a file lie in a second place too, as a link where the disk knows them; what was there goes."""
    try:
        os.link(source, target)
    except OSError:
        _make_way(Path(target))
        _link_or_copy(source, target)


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # a disk that knows no links, or has too many of this file
        shutil.copy2(source, target)


def _make_way(file: Path) -> None:
    """Make the folder of a file, and remove what lies in its place, or is a file where a folder is wanted."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        blocking = next(folder for folder in file.parents if folder.is_symlink() or folder.is_file())
        blocking.unlink()
        file.parent.mkdir(parents=True, exist_ok=True)
    if file.is_dir() and not file.is_symlink():
        shutil.rmtree(file)
    else:
        file.unlink(missing_ok=True)


def move_all(source: Path, target: Path) -> None:
    """Make a new folder of all that lies in another, which goes: whoever holds that one open finds nothing there."""
    target.mkdir()
    for child in list(source.iterdir()):
        child.rename(target / child.name)
    source.rmdir()


def fit(folder: Path, files: Collection[str], written: Collection[str], source: Path, held: Files) -> None:
    """Let a folder hold these files and nothing else: those written into it lately, the others shared with the source.

    `held` tells how the source's files lie there; one that lies here already is let be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folders: list[str] = []
    there = {path: entry.inode() for path, entry in _entries(folder, folders)}  # a listing tells it: nothing is opened
    for path in there.keys() - files:
        (folder / path).unlink()
    needed = folders_above(files)
    for path in reversed(folders):
        if path not in needed:
            (folder / path).rmdir()
    for path in sorted(needed.difference(folders)):
        os.mkdir(f"{folder}/{path}")  # noqa: PTH102  thousands of them
    disk = folder.stat().st_dev
    for path in files:
        if path in written:
            continue
        lies = held[path]
        if there.get(path) != lies.st_ino or lies.st_dev != disk:
            link(f"{source}/{path}", f"{folder}/{path}")
