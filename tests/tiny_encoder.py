"""A sentence-transformers model of a few kilobytes: it adds up random vectors of words, in microseconds.

For tests that need hundreds of nights: what a vector means does not matter there, that it is always the same does.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import WordLevel

_DIM = 32
_MODULE = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"}


def write_tiny_encoder(folder: Path, texts: Iterable[str]) -> None:
    """Write the model's folder; its words are those of the texts."""
    words = ["[UNK]", *sorted({word for text in texts for word in re.findall(r"\w+", text.lower())})]
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))  # noqa: S106
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    weights = np.random.default_rng(7).standard_normal((len(words), _DIM)).astype(np.float32)
    folder.mkdir(parents=True)
    save_file({"embedding.weight": weights}, folder / "model.safetensors")
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "modules.json").write_text(json.dumps([_MODULE]), encoding="utf-8")
