"""The head of a GGUF file → what the file says of itself, without its weights and without a model library.

The format: github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

import struct
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from digest.errors import ModelError

MAGIC = b"GGUF"
_SMALLEST = 10_000  # bytes; a file of one model layer is larger
_FORMATS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_TEXT, _LIST = 8, 9
_LONGEST_TEXT = 1 << 24  # bytes
_MOST_KEYS = 1 << 16

Value = str | int | float | bool


def read_header(file: Path, wanted: Collection[str]) -> dict[str, Value]:
    """Return those of the wanted keys that a model file has; lists are passed over.

    Raises:
        ModelError: it cannot be read, or is no GGUF file.
    """
    mend = "set models.writer in digest.toml to a GGUF file"
    try:
        with file.open("rb") as content:
            if content.read(len(MAGIC)) != MAGIC:
                raise ModelError(f"{file} is not a GGUF file: {mend}")
            size = file.stat().st_size
            if size < _SMALLEST:
                raise ModelError(f"{file} is cut short ({size} bytes): fetch it again, or {mend}")
            return _read(content, wanted)
    except OSError as error:
        raise ModelError(f"{file} cannot be read: {error.strerror}; {mend}") from error
    except (struct.error, ValueError, KeyError, UnicodeDecodeError) as error:
        raise ModelError(
            f"{file} cannot be loaded as a model (its head is damaged): fetch it again, or {mend}"
        ) from error


def _read(content: BinaryIO, wanted: Collection[str]) -> dict[str, Value]:
    _version, _tensors, keys = struct.unpack("<IQQ", content.read(20))
    if keys > _MOST_KEYS:
        raise ValueError(keys)
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
