"""A file is written whole or not at all."""

import os
from pathlib import Path

from digest.errors import DigestError


def write_whole(file: Path, content: bytes) -> None:
    """Write a file, making its folder, so that it is either as before or whole.

    Raises:
        DigestError: the disk refused.
    """
    beside = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        os.replace(beside, file)  # noqa: PTH105  Path.replace says less than what it does
    except OSError as error:
        raise DigestError(f"{file} cannot be written: {error.strerror}; make its folder writable") from error
