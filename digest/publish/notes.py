"""What each file of a built site was made from, kept beside it: a cache that may be lost, cut off or altered."""

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
    try:
        held = file.read_bytes()
    except OSError:
        return {}
    head, _, told = held.partition(b"\n")
    if head != _head(told):
        return {}
    return {
        name: Made(mark, tuple(map(Kept._make, files)), whole, weight)
        for name, (mark, files, whole, weight) in orjson.loads(told).items()
    }


def write_notes(file: Path, made: Mapping[str, Made]) -> None:
    """Write the notes whole."""
    told = orjson.dumps(
        {
            name: (one.fingerprint, [tuple(file) for file in one.files], one.whole, one.weight)
            for name, one in made.items()
        }
    )
    beside = file.with_name(f"{file.name}.new")
    beside.write_bytes(_head(told) + b"\n" + told)
    beside.replace(file)


def _head(told: bytes) -> bytes:
    return _FORMAT + b" " + hashlib.blake2b(told, digest_size=_DIGEST_SIZE).hexdigest().encode()
