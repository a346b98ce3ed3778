"""A model file → its SHA-256, read once for as long as the file stays as it is, and not again by the next process."""

import hashlib
import json
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from digest.caches import cache_folder

_WORTH_NOTING = 32 * 1024 * 1024  # bytes; a smaller file is read in the time that a note takes to be found


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal; one of some gigabytes takes seconds the first time.

    A file is taken for the same while its size, inode and times are: also the time of the inode's own last change,
    which, unlike the file's, nobody but root can set back.

    Raises:
        OSError: it cannot be read.
    """
    return _sha256(file, _stand(file))


def _stand(file: Path) -> tuple[int, ...]:
    now = file.stat()
    return now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_ino, now.st_dev


@cache
def _sha256(file: Path, stand: tuple[int, ...]) -> str:
    if stand[0] < _WORTH_NOTING:
        return _read(file)
    note = _note_of(file)
    known = _noted(note, stand)
    if known:
        return known
    found = _read(file)
    if _stand(file) == stand:  # it did not change while it was read
        _keep(note, stand, found)
    return found


def _read(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _note_of(file: Path) -> Path:
    """Return where the checksum of a file is noted; the notes may be deleted at any time."""
    name = hashlib.sha256(os.fsencode(file.absolute())).hexdigest()[:32]
    return cache_folder() / "checksums" / f"{name}.json"


def _noted(note: Path, stand: tuple[int, ...]) -> str:
    """Return the checksum that was noted of a file as it stands now; "" for none."""
    with suppress(OSError, ValueError, TypeError, KeyError):  # a note that is broken is none
        held = json.loads(note.read_text(encoding="utf-8"))
        if tuple(held["stand"]) == stand and len(bytes.fromhex(held["sha256"])) == hashlib.sha256().digest_size:
            return str(held["sha256"])
    return ""


def _keep(note: Path, stand: tuple[int, ...], sha256: str) -> None:
    """Note a checksum; where the cache folder cannot be written, it is read again the next time."""
    beside = note.with_name(f"{note.name}.{os.getpid()}.new")
    with suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps({"stand": stand, "sha256": sha256}), encoding="utf-8")
        beside.replace(note)
