"""A model that comes in several files, as large ones do → those files, and what they are together.

llama.cpp is given the first and finds the others beside it by their names, NAME-00001-of-00005.gguf; the heads hold
split.no and split.count (github.com/ggml-org/llama.cpp, tools/gguf-split).
"""

import hashlib
import re
from pathlib import Path

from digest.checksum import sha256_of
from digest.errors import ModelError
from digest.write.model.header import check_whole, count_parameters, read_header

_SHARD = re.compile(r"(?P<model>.+)-\d{5}-of-\d{5}")


def name_of(file: Path) -> str:
    """Return a model's name by its file, or by the first of its files."""
    shard = _SHARD.fullmatch(file.stem)
    return shard["model"] if shard else file.stem


def files_of(file: Path, key: str = "models.writer") -> list[Path]:
    """Return the files of a model by the one that is named: itself, or the first of several, which come in order.

    Args:
        file: of the model.
        key: the setting that names the file, for what is said of a wrong one.

    Raises:
        ModelError: it cannot be read, is no GGUF file, is not the first, or another is missing.
    """
    if not _SHARD.fullmatch(file.stem):
        return [file]
    told = read_header(file, ("split.no", "split.count"), key)
    count = int(told.get("split.count", 1))
    if count == 1:
        return [file]
    files = [file.with_name(f"{name_of(file)}-{n:05}-of-{count:05}{file.suffix}") for n in range(1, count + 1)]
    if file != files[0] or told.get("split.no"):
        raise ModelError(f"{file} is not the first of its model's {count} files: set {key} to {files[0]}")
    missing = [one.name for one in files if not one.exists()]
    if missing:
        raise ModelError(f"{file} is one of {count} files, and {missing[0]} is missing: fetch it into the same folder")
    return files


def check_files(file: Path, key: str) -> None:
    """Hold each file of a model against the size that its head asks for.

    Raises:
        ModelError: see `files_of`; or one is cut short.
    """
    for one in files_of(file, key):
        check_whole(one, key)


def parameters_of(file: Path, key: str = "models.writer") -> int:
    """Return how many weights a model has, as its files' heads have them.

    Raises:
        ModelError: see `files_of`.
    """
    return sum(count_parameters(one, key) for one in files_of(file, key))


def size_of(file: Path) -> int:
    """Return the bytes of a model.

    Raises:
        ModelError: see `files_of`.
    """
    return sum(one.stat().st_size for one in files_of(file))


def hash_of(file: Path) -> str:
    """Return the SHA-256 of a model's file, in hexadecimal; of several, that of the lines that their own hashes make.

    Raises:
        ModelError: see `files_of`.
    """
    hashes = [sha256_of(one) for one in files_of(file)]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(f"{one}\n" for one in hashes).encode()).hexdigest()
