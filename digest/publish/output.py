"""The files of the site → a folder that holds them and nothing else; the old site stays until the new is whole."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import orjson

from digest import __version__
from digest.errors import DigestError, UsageError
from digest.publish.draft import Draft
from digest.publish.exchange import exchange

MARKER = "build.json"  # tells a site of ours from a folder of someone's
_MAKER = "digest"

Content = bytes | Draft


@dataclass(frozen=True, slots=True)
class Written:
    """What writing a site did."""

    files: int  # in the site, the marker among them
    changed: int  # added, altered or removed; 0: nothing was written
    size: int = 0  # bytes of all files


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is known of a file as it was written: what it was made from, what it holds, and how the disk had it."""

    fingerprint: str
    sha256: str
    size: int
    mtime_ns: int


def write_site(files: Mapping[PurePosixPath, Content], folder: Path) -> Written:
    """Make the folder hold exactly these files, all at once; where it does already, leave it untouched.

    A draft whose fingerprint is that of the file that lies there, untouched since, is not rendered.

    Raises:
        UsageError: the folder holds something that is no site of ours, or a template is broken.
        DigestError: a path leads out of the site, or the disk refused; the old site is as it was.
    """
    folder = folder.resolve()
    if not folder.name:
        raise UsageError(f"{folder} is the root of the disk: set site.output to a folder of its own")
    _check_paths(files)
    press = _Press(folder, folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old"))
    try:
        return press.write(files)
    except OSError as error:
        raise DigestError(
            f"the site cannot be written to {folder}: {error.strerror}; mend that, or set site.output"
        ) from error


def built_files(folder: Path) -> list[str]:
    """Return the paths of a site that was built, sorted, after holding its files against its marker.

    Raises:
        UsageError: there is no site of ours, or someone altered it.
    """
    if not _is_ours(folder / MARKER):
        raise UsageError(f"there is no site in {folder}: run `digest build`")
    paths = {path for path, _ in _walk(str(folder), "")} - {MARKER}
    hashes = {path: hashlib.sha256((folder / path).read_bytes()).hexdigest() for path in paths}
    if (folder / MARKER).read_bytes() != _marker(hashes):
        raise UsageError(f"the site in {folder} is not as digest built it: run `digest build`, and edit nothing there")
    return sorted([*paths, MARKER])


def _check_paths(files: Mapping[PurePosixPath, Content]) -> None:
    folders: set[PurePosixPath] = set()
    for path in files:
        if path.parent not in folders:
            folders.update(path.parents)
    for path in files:
        parts, text = path.parts, str(path)
        if not parts or path.is_absolute() or ".." in parts or "\\" in text or "\0" in text:
            raise DigestError(f"{text!r} leads out of the site: mend the slug or name it was made from")
        if path in folders or text == MARKER:
            raise DigestError(f"{text!r} is wanted twice in the site: mend the slug or name it was made from")


@dataclass(frozen=True, slots=True)
class _Press:
    folder: Path
    beside: Path  # the new site while it is made
    old: Path  # the old one while they change places
    made: dict[str, _Kept] = field(default_factory=dict)  # the files of the new site

    @property
    def notes(self) -> Path:
        """The file beside the site that says what each page was made from; a cache that may be deleted."""
        return self.folder.with_name(f".{self.folder.name}.made.json")

    def write(self, files: Mapping[PurePosixPath, Content]) -> Written:
        self._recover()
        held = self._held()
        before = _read_notes(self.notes) if held else {}
        self._clear()
        try:
            changed = sum(self._make(str(path), content, held, before) for path, content in files.items())
            changed += self._make(MARKER, _marker({path: one.sha256 for path, one in self.made.items()}), held, {})
            changed += len(held.keys() - self.made.keys())
            if changed:
                self._carry_over(held)
                self._swap()
        finally:
            shutil.rmtree(self.beside, ignore_errors=True)
        if changed or before != self.made:
            _write_notes(self.notes, self.made)
        return Written(len(self.made), changed, sum(one.size for one in self.made.values()))

    def _recover(self) -> None:
        """Put the old site back where a swap was cut off between its two renames."""
        if self.old.exists() and not self.folder.exists():
            self.old.rename(self.folder)

    def _held(self) -> dict[str, os.stat_result]:
        """Return the files of the site that is there now; what is no plain file counts as altered."""
        folder = self.folder
        if not folder.exists():
            return {}
        if not folder.is_dir():
            raise UsageError(f"{folder} is a file: set site.output to a folder of its own")
        if any(folder.iterdir()) and not _is_ours(folder / MARKER):
            raise UsageError(
                f"{folder} holds files that digest did not write: empty it, or set site.output to another folder"
            )
        return dict(_walk(str(folder), ""))

    def _make(
        self, path: str, content: Content, held: Mapping[str, os.stat_result], before: Mapping[str, _Kept]
    ) -> bool:
        """Write a file of the new site, unless the old one holds the same; tell whether it was written."""
        there, known = held.get(path), before.get(path)
        if known and there and _is_made_of(content, known, there):
            self.made[path] = known
            return False
        fingerprint, made = (content.fingerprint, content.render()) if isinstance(content, Draft) else ("", content)
        is_same = (
            there is not None
            and there.st_size == len(made)
            and not (self.folder / path).is_symlink()
            and (self.folder / path).read_bytes() == made
        )
        file = (self.folder if is_same else self.beside) / path
        if not is_same:
            _write(file, made)
            there = file.stat()
        assert there is not None  # noqa: S101  it was there, or it has just been written
        self.made[path] = _Kept(fingerprint, hashlib.sha256(made).hexdigest(), len(made), there.st_mtime_ns)
        return not is_same

    def _carry_over(self, held: Mapping[str, os.stat_result]) -> None:
        """Put the files that stay as they were into the new site, as links where the disk knows them."""
        for path in self.made.keys() & held.keys():
            file = self.beside / path
            if not file.exists():
                file.parent.mkdir(parents=True, exist_ok=True)
                _link(self.folder / path, file)

    def _clear(self) -> None:
        """Remove what a build that was cut off left."""
        for leftover in (self.beside, self.old):
            shutil.rmtree(leftover, ignore_errors=True)

    def _swap(self) -> None:
        """Put the new site in the place of the old one, in one step where the system can."""
        if self.folder.exists() and exchange(self.beside, self.folder):
            return
        if self.folder.exists():
            self.folder.rename(self.old)
        try:
            self.beside.rename(self.folder)
        except OSError:
            if self.old.exists():
                self.old.rename(self.folder)
            raise
        shutil.rmtree(self.old, ignore_errors=True)


def _walk(folder: str, prefix: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path, f"{prefix}{entry.name}/")
            else:
                yield prefix + entry.name, entry.stat(follow_symlinks=False)


def _is_ours(marker: Path) -> bool:
    try:
        facts = json.loads(marker.read_bytes())
    except (FileNotFoundError, IsADirectoryError, ValueError):
        return False
    return isinstance(facts, dict) and facts.get("made_by") == _MAKER


def _marker(hashes: Mapping[str, str]) -> bytes:
    whole = hashlib.sha256()
    for path in sorted(hashes):
        whole.update(path.encode() + b"\0" + bytes.fromhex(hashes[path]))
    facts = {"made_by": _MAKER, "version": __version__, "files": len(hashes), "sha256": whole.hexdigest()}
    return json.dumps(facts, indent=1).encode() + b"\n"


def _read_notes(file: Path) -> dict[str, _Kept]:
    """Return what was noted of each file; nothing where the notes are missing, cut off or of another make."""
    try:
        return {path: _Kept(*facts) for path, facts in orjson.loads(file.read_bytes()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _write_notes(file: Path, made: Mapping[str, _Kept]) -> None:
    told = {path: (one.fingerprint, one.sha256, one.size, one.mtime_ns) for path, one in made.items()}
    beside = file.with_name(f"{file.name}.new")
    beside.write_bytes(orjson.dumps(told))
    beside.replace(file)


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except FileNotFoundError:  # rarer than looking first each time
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _is_made_of(content: Content, known: _Kept, there: os.stat_result) -> bool:
    is_untouched = (there.st_size, there.st_mtime_ns) == (known.size, known.mtime_ns)
    return is_untouched and isinstance(content, Draft) and known.fingerprint == content.fingerprint


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a disk that knows no links, or has too many of this file
        shutil.copy2(source, target)
