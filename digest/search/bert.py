"""One short query → a unit vector, by the encoder's own weights in NumPy: what torch needs seconds to be loaded for.

The forward pass of BERT (Devlin et al., 2019, section 3) as sentence-transformers runs it, with mean pooling. The
weights are mapped, not read: a cold process touches what one query needs.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from digest.errors import ModelError

Floats = npt.NDArray[np.float32]

_LONGEST_TEXT = 10_000  # characters, as for papers
_ROWS = 4  # a product of this many rows, or a multiple, is a third faster in OpenBLAS than one of a row less
_TYPES = {"F32": "<f4", "F16": "<f2", "I64": "<i8"}


@dataclass(frozen=True, slots=True)
class Shape:
    """What the model's configuration says."""

    layers: int
    heads: int
    epsilon: float
    longest: int  # word pieces


def load_bert(folder: Path, name: str) -> "Bert | None":
    """Load an encoder for queries; None where it is not of the kind that is understood here.

    Raises:
        ModelError: the weights are not what their header says.
    """
    shape = _shape(folder)
    if shape is None:
        return None
    from tokenizers import Tokenizer  # noqa: PLC0415  most commands never encode

    try:
        tokenizer = Tokenizer.from_buffer((folder / "tokenizer.json").read_bytes())
        tokenizer.no_padding()
        tokenizer.enable_truncation(shape.longest)
    except (OSError, ValueError, TypeError, OverflowError):  # damaged, or no length: the library complains of it
        return None
    weights = _map_weights(folder / "model.safetensors")
    try:
        return Bert(name, shape, weights, lambda text: list(tokenizer.encode(text).ids)) if weights else None
    except KeyError:  # under other names, as where a model was saved with its head: the library knows them
        return None


def _shape(folder: Path) -> Shape | None:
    """Read the configuration; None where it asks for something else than BERT with mean pooling."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        pooling = json.loads((folder / "1_Pooling" / "config.json").read_text(encoding="utf-8"))
        longest = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))["max_seq_length"]
        kinds = [module["type"].rsplit(".", 1)[-1] for module in modules]
        plain = (config["model_type"], config["hidden_act"], config["position_embedding_type"])
        modes = [mode for mode, is_on in pooling.items() if mode.startswith("pooling_mode") and is_on]
        shape = Shape(config["num_hidden_layers"], config["num_attention_heads"], config["layer_norm_eps"], longest)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    is_known = plain == ("bert", "gelu", "absolute") and modes == ["pooling_mode_mean_tokens"] and longest
    return shape if is_known and kinds == ["Transformer", "Pooling", "Normalize"] else None


def _map_weights(file: Path) -> dict[str, Floats]:
    """Map a safetensors file: eight bytes of length, a JSON header, then the tensors (its own documentation).

    Nothing is returned of weights in a number format that NumPy does not have, such as bfloat16.
    """
    try:
        mapped = np.memmap(file, np.uint8, "r")
        length = int(mapped[:8].view("<u8")[0])
        header: dict[str, Any] = json.loads(mapped[8 : 8 + length].tobytes())
        header.pop("__metadata__", None)
        if any(entry["dtype"] not in _TYPES for entry in header.values()):
            return {}
        return {
            name: np.ndarray(entry["shape"], _TYPES[entry["dtype"]], mapped, 8 + length + entry["data_offsets"][0])
            for name, entry in header.items()
        }
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise ModelError(f"{file} cannot be read as safetensors: the file may be damaged") from error


class Bert:
    """A BERT sentence encoder behind the `Encoder` protocol, for few short texts."""

    def __init__(
        self, name: str, shape: Shape, weights: dict[str, Floats], tokenize: Callable[[str], Sequence[int]]
    ) -> None:
        self.name = name
        self._shape, self._tokenize = shape, tokenize
        self._words = weights["embeddings.word_embeddings.weight"]
        self._places = weights["embeddings.position_embeddings.weight"]
        self._kind = weights["embeddings.token_type_embeddings.weight"][0]
        self._weights = weights
        self._layers = [f"encoder.layer.{n}" for n in range(shape.layers)]
        for layer in self._layers:
            weights[f"{layer}.output.LayerNorm.bias"]
        self._turned: dict[str, Floats] = {}  # matrices, transposed: quicker than mapped ones
        self._encoded = 0  # texts
        self.dim = int(self._words.shape[1])

    def encode(self, texts: Sequence[str], *, on_batch: Callable[[int], None] | None = None) -> Floats:
        """Return one row for each text, in their order; tell `on_batch` how many are done."""
        rows = np.empty((len(texts), self.dim), np.float32)
        for n, text in enumerate(texts):
            rows[n] = self._encode(self._tokenize(text[:_LONGEST_TEXT]))
            if on_batch is not None:
                on_batch(n + 1)
        return rows

    def _encode(self, pieces: Sequence[int]) -> Floats:
        if self._encoded == 1:  # a process that is asked twice will be asked again
            self._turn()
        self._encoded += 1
        count = len(pieces)
        states = np.zeros((-(-count // _ROWS) * _ROWS, self.dim), np.float32)  # nothing looks at those past the text
        states[:count] = self._words[list(pieces)] + self._places[:count] + self._kind
        states = self._normalised(states, "embeddings.LayerNorm")
        for layer in self._layers:
            attended = self._linear(self._attend(states, layer, count), f"{layer}.attention.output.dense")
            states = self._normalised(states + attended, f"{layer}.attention.output.LayerNorm")
            inner = _gelu(self._linear(states, f"{layer}.intermediate.dense"))
            states = self._normalised(
                states + self._linear(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm"
            )
        mean = states[:count].mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)

    def _turn(self) -> None:
        matrices = [name for name, values in self._weights.items() if "layer." in name and values.ndim > 1]
        self._turned = {name: np.ascontiguousarray(self._weights[name].T) for name in matrices}

    def _attend(self, states: Floats, layer: str, count: int) -> Floats:
        heads, width = self._shape.heads, self.dim // self._shape.heads
        query, key, value = (
            self._linear(states, f"{layer}.attention.self.{name}").reshape(-1, heads, width).transpose(1, 0, 2)
            for name in ("query", "key", "value")
        )
        key, value = key[:, :count], value[:, :count]
        scores = query @ key.transpose(0, 2, 1) / np.float32(math.sqrt(width))
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        return np.asarray((shares @ value).transpose(1, 0, 2).reshape(-1, self.dim), np.float32)

    def _linear(self, states: Floats, name: str) -> Floats:
        turned = self._turned.get(f"{name}.weight")
        weight = self._weights[f"{name}.weight"].T if turned is None else turned
        return np.asarray(states @ weight + self._weights[f"{name}.bias"], np.float32)

    def _normalised(self, states: Floats, name: str) -> Floats:
        centred = states - states.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(self._shape.epsilon))
        return np.asarray(
            centred / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"], np.float32
        )


def _gelu(values: Floats) -> Floats:
    """Gaussian error linear units, with erf as in Abramowitz & Stegun 7.1.26 (error below 1.5e-7)."""
    scaled = np.abs(values) * np.float32(math.sqrt(0.5))
    t = 1 / (1 + np.float32(0.3275911) * scaled)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.copysign(1 - series * np.exp(-scaled * scaled), values)
    return np.asarray(values * np.float32(0.5) * (1 + erf), np.float32)
