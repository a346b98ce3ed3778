"""A model file → its SHA-256, read once in a process for as long as the file stays as it is."""

import hashlib
from functools import cache
from pathlib import Path


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal; a file of some gigabytes takes seconds the first time.

    Raises:
        OSError: it cannot be read.
    """
    now = file.stat()
    return _read(file, now.st_size, now.st_mtime_ns, now.st_ino)


@cache
def _read(file: Path, _size: int, _changed: int, _inode: int) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
