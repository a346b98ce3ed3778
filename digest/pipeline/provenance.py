"""Model files and code → what a reader or a later run may want to know of them: licence, hash, small vectors."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from digest.checksum import sha256_of
from digest.places import PACKAGE
from digest.search.encoder import weights_file
from digest.write.model.header import read_header

_FULL_SCALE = 127


def encoder_licence(folder: Path) -> str:
    """Read the licence from the model card's front matter, as model hubs write it; "" where it is not stated."""
    card = folder / "README.md"
    text = card.read_text(encoding="utf-8", errors="replace") if card.is_file() else ""
    found = re.search(r"^license: *(\S+)", text, re.MULTILINE)
    return found[1] if found else ""


def encoder_hash(folder: Path) -> str:
    """Return the SHA-256 of the model's weights."""
    return sha256_of(weights_file(folder))


def writer_licence(file: Path) -> str:
    """Read the licence from a GGUF file's header, without a model being loaded; "" where it is not stated."""
    return str(read_header(file, ("general.license",)).get("general.license", ""))


def small_vector(vector: npt.NDArray[np.float32] | None) -> str:
    """Return a unit vector, shape (dim,), as int8 in base64: enough to rank by in a browser; "" for none.

    Each coordinate is scaled by the largest, which a cosine does not see.
    """
    if vector is None or not vector.size:
        return ""
    largest = float(np.abs(vector).max()) or 1.0
    return base64.b64encode(np.rint(vector / largest * _FULL_SCALE).astype(np.int8).tobytes()).decode()


@cache
def code_hash() -> str:
    """Return a SHA-256 of digest's own modules."""
    whole = hashlib.sha256()
    for file in sorted(PACKAGE.rglob("*.py")):
        if "_carried" in file.parts:  # a wheel's copy of what lies beside the package in a checkout
            continue
        whole.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0" + file.read_bytes())
    return whole.hexdigest()
