"""The head of a GGUF file → what the file says of itself, without its weights and without a model library.

The format: github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

import struct
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import BinaryIO

from digest.errors import ModelError

_MAGIC = b"GGUF"
_SMALLEST = 10_000  # bytes; a file of one model layer is larger
_FORMATS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_TEXT, _LIST = 8, 9
_LONGEST_TEXT = 1 << 24  # bytes
_MOST_KEYS = 1 << 16
_MOST_DIMENSIONS = 4  # of a tensor
_ALIGNMENT = 32  # bytes, where the head names no other

Value = str | int | float | bool


def read_header(file: Path, wanted: Collection[str], key: str = "models.writer") -> dict[str, Value]:
    """Return those of the wanted keys that a model file has; lists are passed over.

    Args:
        file: of the model.
        wanted: keys of its head.
        key: the setting that names the file, for what is said of a broken one.

    Raises:
        ModelError: it cannot be read, or is no GGUF file.
    """
    with _opened(file, f"set {key} in digest.toml to a GGUF file") as content:
        return _read(content, wanted)


def check_whole(file: Path, key: str) -> None:
    """Hold the places at which a model's weights begin, as its head has them, against the file's size.

    Raises:
        ModelError: it cannot be read, is no GGUF file, or ends before its last weights begin.
    """
    mend = f"set {key} in digest.toml to a GGUF file"
    with _opened(file, mend) as content:
        alignment, tensors = _tensors(content)
        begin = -(-content.tell() // alignment) * alignment
    size = file.stat().st_size
    if tensors and size <= begin + max(offset for _, offset in tensors):
        raise ModelError(f"{file} is cut short ({size:,} bytes): fetch it again, or {mend}")


def count_parameters(file: Path, key: str = "models.writer") -> int:
    """Add up the weights that a model file's head announces: what its width and depth suggest may be far off.

    Raises:
        ModelError: it cannot be read, or is no GGUF file.
    """
    with _opened(file, f"set {key} in digest.toml to a GGUF file") as content:
        return sum(weights for weights, _ in _tensors(content)[1])


@contextmanager
def _opened(file: Path, mend: str) -> Iterator[BinaryIO]:
    """Open a model file behind its magic number, and tell of what cannot be read."""
    try:
        if file.exists() and not file.is_file() and not file.is_dir():  # a pipe would be waited for
            raise ModelError(f"{file} is not a GGUF file: {mend}")
        with file.open("rb") as content:
            if content.read(len(_MAGIC)) != _MAGIC:
                raise ModelError(f"{file} is not a GGUF file: {mend}")
            size = file.stat().st_size
            if size < _SMALLEST:
                raise ModelError(f"{file} is cut short ({size} bytes): fetch it again, or {mend}")
            yield content
    except OSError as error:
        raise ModelError(f"{file} cannot be read: {error.strerror}; {mend}") from error
    except (struct.error, ValueError, KeyError, ArithmeticError) as error:
        raise ModelError(
            f"{file} cannot be loaded as a model (its head is damaged): fetch it again, or {mend}"
        ) from error


def _read(content: BinaryIO, wanted: Collection[str]) -> dict[str, Value]:
    _version, tensors, keys = struct.unpack("<IQQ", content.read(20))
    if max(tensors, keys) > _MOST_KEYS:
        raise ValueError(tensors, keys)
    found: dict[str, Value] = {}
    for _ in range(keys):
        name = _text(content).decode()
        kind = _number(content, "<I")
        value = _value(content, int(kind))
        if name in wanted and value is not None:
            found[name] = value
        if len(found) == len(wanted):
            break
    return found


def _tensors(content: BinaryIO) -> tuple[int, list[tuple[int, int]]]:
    """Read a whole head; return its alignment, and for each tensor how many weights it has and where they begin."""
    tensors = struct.unpack("<IQQ", content.read(20))[1]
    content.seek(len(_MAGIC))
    alignment = int(_read(content, ("general.alignment", "")).get("general.alignment", _ALIGNMENT))
    return alignment, [_tensor(content) for _ in range(tensors)]


def _tensor(content: BinaryIO) -> tuple[int, int]:
    _text(content)
    dimensions = int(_number(content, "<I"))
    if dimensions > _MOST_DIMENSIONS:
        raise ValueError(dimensions)
    weights = prod(struct.unpack(f"<{dimensions}Q", content.read(8 * dimensions)))
    content.seek(4, 1)  # its number format
    return weights, int(_number(content, "<Q"))


def _value(content: BinaryIO, kind: int) -> Value | None:
    if kind == _TEXT:
        return _text(content).decode("utf-8", "replace")
    if kind != _LIST:
        return _number(content, _FORMATS[kind])
    inner, count = struct.unpack("<IQ", content.read(12))
    if inner == _TEXT:
        for _ in range(count):
            _text(content)
    else:
        content.seek(struct.calcsize(_FORMATS[inner]) * count, 1)
    return None


def _text(content: BinaryIO) -> bytes:
    length = int(_number(content, "<Q"))
    if length > _LONGEST_TEXT:
        raise ValueError(length)
    text = content.read(length)
    if len(text) < length:
        raise ValueError("the file ends")
    return text


def _number(content: BinaryIO, form: str) -> int | float | bool:
    value: int | float | bool = struct.unpack(form, content.read(struct.calcsize(form)))[0]
    return value
