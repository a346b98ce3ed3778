"""What a build notes beside the site for the next one: caches that may be lost, cut off or altered."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import orjson

_FORMAT = b"digest notes 3"
_DIGEST_SIZE = 16


class Kept(NamedTuple):
    """A file as it was written, and how the disk had it."""

    path: str
    sha256: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Made:
    """The files that were made together, and the fingerprint of what they were made from; "" for plain bytes.

    Of a page that would read otherwise if nothing were left out of the site, `whole` and `weight` are the fingerprint
    and the bytes it would have then: by these it is decided what is left out.
    """

    fingerprint: str
    files: tuple[Kept, ...]
    whole: str = ""
    weight: int = 0

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files)


def read_notes(file: Path) -> dict[str, Made]:
    """Return what was noted; nothing where the notes are missing, not as they were written, or of another make."""
    told = orjson.loads(read_checked(file, _FORMAT) or b"{}")
    return {
        name: Made(mark, tuple(map(Kept._make, files)), whole, weight)
        for name, (mark, files, whole, weight) in told.items()
    }


def write_notes(file: Path, made: Mapping[str, Made]) -> None:
    """Write the notes whole."""
    told = orjson.dumps(
        {
            name: (one.fingerprint, [tuple(file) for file in one.files], one.whole, one.weight)
            for name, one in made.items()
        }
    )
    write_checked(file, _FORMAT, told)


def read_checked(file: Path, kind: bytes) -> bytes:
    """Return what `write_checked` wrote; b"" where it is missing, not as it was written, or of another kind."""
    try:
        held = file.read_bytes()
    except OSError:
        return b""
    head, _, told = held.partition(b"\n")
    return told if head == _head(kind, told) else b""


def write_checked(file: Path, kind: bytes, told: bytes) -> None:
    """Write a file whole, with a hash of what it holds.

    Raises:
        OSError: the disk refused; what was there is as it was.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f"{file.name}.new")
    beside.write_bytes(_head(kind, told) + b"\n" + told)
    beside.replace(file)


def _head(kind: bytes, told: bytes) -> bytes:
    return kind + b" " + hashlib.blake2b(told, digest_size=_DIGEST_SIZE).hexdigest().encode()
