"""The files of the site → a folder that holds them and nothing else; the old site stays until the new is whole."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from digest.errors import DigestError, UsageError

MARKER = "build.json"  # tells a site of ours from a folder of someone's
_MAKER = "digest"


@dataclass(frozen=True, slots=True)
class Written:
    """What writing a site did."""

    files: int  # in the site, the marker among them
    changed: int  # added, altered or removed; 0: nothing was written


def write_site(files: Mapping[PurePosixPath, bytes], folder: Path) -> Written:
    """Make the folder hold exactly these files, all at once; where it does already, leave it untouched.

    Raises:
        UsageError: the folder holds something that is no site of ours.
        DigestError: a path leads out of the site, or the disk refused; the old site is as it was.
    """
    folder = folder.resolve()
    if not folder.name:
        raise UsageError(f"{folder} is the root of the disk: set site.output to a folder of its own")
    _check_paths(files)
    wanted = {str(path): content for path, content in files.items()}
    wanted[MARKER] = _marker(wanted)
    beside, old = folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")
    try:
        _recover(folder, old)
        held = _held(folder)
        changed = sum(held.get(path) != wanted.get(path) for path in held.keys() | wanted.keys())
        if changed:
            _write_beside(wanted, beside)
            _swap(folder, beside, old)
    except OSError as error:
        raise DigestError(
            f"the site cannot be written to {folder}: {error.strerror}; mend that, or set site.output"
        ) from error
    return Written(len(wanted), changed)


def _check_paths(files: Mapping[PurePosixPath, bytes]) -> None:
    folders = {parent for path in files for parent in path.parents}
    for path in files:
        parts = path.parts
        if not parts or path.is_absolute() or ".." in parts or any(set(part) & set("\\\0") for part in parts):
            raise DigestError(f"{str(path)!r} leads out of the site: mend the slug or name it was made from")
        if path in folders or str(path) == MARKER:
            raise DigestError(f"{str(path)!r} is wanted twice in the site: mend the slug or name it was made from")


def _marker(wanted: Mapping[str, bytes]) -> bytes:
    whole = hashlib.sha256()
    for path in sorted(wanted):
        whole.update(path.encode() + b"\0" + hashlib.sha256(wanted[path]).digest())
    facts = {"made_by": _MAKER, "files": len(wanted), "sha256": whole.hexdigest()}
    return json.dumps(facts, indent=1).encode() + b"\n"


def _recover(folder: Path, old: Path) -> None:
    """Put the old site back where a swap was cut off between its two renames."""
    if old.exists() and not folder.exists():
        old.rename(folder)


def _held(folder: Path) -> dict[str, bytes]:
    """Return the files of the site that is there now."""
    if not folder.exists():
        return {}
    if not folder.is_dir():
        raise UsageError(f"{folder} is a file: set site.output to a folder of its own")
    if any(folder.iterdir()) and not _is_ours(folder / MARKER):
        raise UsageError(
            f"{folder} holds files that digest did not write: empty it, or set site.output to another folder"
        )
    return {
        file.relative_to(folder).as_posix(): b"" if file.is_symlink() else file.read_bytes()
        for file in folder.rglob("*")
        if file.is_symlink() or file.is_file()
    }


def _is_ours(marker: Path) -> bool:
    try:
        facts = json.loads(marker.read_bytes())
    except (FileNotFoundError, IsADirectoryError, ValueError):
        return False
    return isinstance(facts, dict) and facts.get("made_by") == _MAKER


def _write_beside(wanted: Mapping[str, bytes], beside: Path) -> None:
    if beside.exists():
        shutil.rmtree(beside)  # of a build that was cut off
    for path, content in wanted.items():
        file = beside / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _swap(folder: Path, beside: Path, old: Path) -> None:
    if old.exists():
        shutil.rmtree(old)
    if folder.exists():
        folder.rename(old)
    try:
        beside.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
