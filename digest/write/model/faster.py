"""A model file → the same weights in a number format that this processor multiplies faster, kept in a cache folder."""

import os
from enum import StrEnum
from multiprocessing import get_context
from pathlib import Path

from digest.errors import ModelError
from digest.write.model.header import read_header


class Form(StrEnum):
    """A number format of weights."""

    OWN = ""  # as in the file
    BF16 = "bf16"
    Q8_0 = "q8_0"


# llama.cpp's LLAMA_FTYPE values (llama.h).
_FTYPE = {Form.BF16: 32, Form.Q8_0: 7}
# Q4_1, Q5_0, Q5_1: no kernel multiplies many rows of these at once on x86.
_NO_KERNEL = frozenset({3, 8, 9})
# Papers a second of a 135M model on one core with AVX512_BF16: BF16 2.7, Q4_0 2.6, F16 1.8, Q8_0 1.5, Q4_1 0.7.
_SLOWER_THAN_BF16 = _NO_KERNEL | {0, 1, 7}
_LARGEST = 1 << 30  # bytes of a file: a larger one gains too little (docs/writing.md)
_MOST_SECONDS = 600


def best_form(file: Path) -> Form:
    """Return the format in which this machine reads a small model's weights fastest.

    Raises:
        ModelError: the file is no GGUF file.
    """
    stored = read_header(file, ("general.file_type",)).get("general.file_type")
    if stored is None or file.stat().st_size > _LARGEST:
        return Form.OWN
    if _multiplies_bf16():
        return Form.BF16 if stored in _SLOWER_THAN_BF16 else Form.OWN
    return Form.Q8_0 if stored in _NO_KERNEL else Form.OWN


def _multiplies_bf16() -> bool:
    """Tell whether the processor multiplies bfloat16 (as Linux says; elsewhere it is not known, and not used)."""
    try:
        return "avx512_bf16" in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").split()
    except OSError:
        return False


def faster_file(file: Path, sha256: str, form: Form, cache: Path) -> Path:
    """Return the file in a format, written once into the cache folder; its name holds the original's hash.

    Raises:
        ModelError: it cannot be written.
    """
    if form is Form.OWN:
        return file
    target = cache / f"{sha256}-{form}.gguf"
    if target.exists():
        return target
    try:
        cache.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f"{target.name}.{os.getpid()}.part")
        try:
            _requantise_apart(file, beside, form)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise ModelError(
            f"{target} cannot be written: {error.strerror}; free some space, or set models.cache"
        ) from error
    return target


def _requantise_apart(source: Path, target: Path, form: Form) -> None:
    """Do it in a process of its own: a damaged file may end it."""
    child = get_context("spawn").Process(target=_requantise, args=(source, target, _FTYPE[form]), daemon=True)
    child.start()
    child.join(_MOST_SECONDS)
    if child.is_alive():
        child.kill()
        child.join()
    if child.exitcode or not target.exists():
        raise ModelError(f"{source} cannot be loaded as a model: fetch it again or choose another models.writer")


def _requantise(source: Path, target: Path, ftype: int) -> None:
    from digest.write.model.engine import requantise  # noqa: PLC0415  llama_cpp is for children alone

    requantise(source, target, ftype, threads=os.cpu_count() or 1)
