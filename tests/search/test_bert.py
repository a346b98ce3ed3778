"""The forward pass in NumPy is the library's."""

import json
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest

from digest.errors import ModelError
from digest.search.bert import load_bert
from digest.search.encoder import find_encoder, load_encoder

TEXTS = (
    "bounded memory for infinitely long inputs",
    "a",
    "",
    "Löwenheim–Skolem: ∀x∃y, 中文, and emoji 🙂",
    "mixture of experts " * 200,
)


@pytest.mark.model
def test_queries_get_the_vectors_that_sentence_transformers_gives() -> None:
    folder = find_encoder("embedded", Path())
    ours, theirs = load_bert(folder, "name"), load_encoder(folder, 1)
    assert ours is not None
    assert (ours.name, ours.dim) == ("name", theirs.dim)
    done: list[int] = []
    rows = ours.encode(TEXTS, on_batch=done.append)
    reference = theirs.encode(TEXTS)  # in bfloat16 where the processor multiplies it, which is less exact
    assert float((rows * reference).sum(axis=1).min()) > 0.999
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert done == [1, 2, 3, 4, 5]
    again = ours.encode(TEXTS)  # by matrices that were turned after the first text
    np.testing.assert_allclose(again, rows, atol=1e-5)


@pytest.mark.model
def test_another_kind_of_model_is_left_to_the_library(tmp_path: Path) -> None:
    folder = shutil.copytree(find_encoder("embedded", Path()), tmp_path / "model")
    config = (folder / "config.json").read_text(encoding="utf-8")
    (folder / "config.json").write_text(config.replace('"bert"', '"mpnet"'), encoding="utf-8")
    assert load_bert(folder, "name") is None
    assert load_bert(tmp_path, "name") is None


@pytest.mark.model
@pytest.mark.parametrize(
    ("name", "dtype"),
    [("embeddings.word_embeddings.weight", "BF16"), ("bert.embeddings.word_embeddings.weight", "F32")],
)
def test_weights_in_another_format_or_under_other_names_are_left_to_the_library(
    tmp_path: Path, name: str, dtype: str
) -> None:
    folder = shutil.copytree(find_encoder("embedded", Path()), tmp_path / "model")
    header = json.dumps({name: {"dtype": dtype, "shape": [2, 2], "data_offsets": [0, 16]}}).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(16))
    assert load_bert(folder, "name") is None


@pytest.mark.model
@pytest.mark.parametrize("content", ['{"version": "1.0", ', "[]", '{"model": null}'])
def test_a_tokenizer_that_is_none_is_left_to_the_library(tmp_path: Path, content: str) -> None:
    folder = shutil.copytree(find_encoder("embedded", Path()), tmp_path / "model")
    (folder / "tokenizer.json").write_text(content)
    assert load_bert(folder, "name") is None
    with pytest.raises(ModelError, match="cannot be loaded as an encoder"):
        load_encoder(folder, 1)


@pytest.mark.model
def test_damaged_weights_are_named(tmp_path: Path) -> None:
    folder = shutil.copytree(find_encoder("embedded", Path()), tmp_path / "model")
    (folder / "model.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0nothing of a kind")
    with pytest.raises(ModelError, match="cannot be read as safetensors"):
        load_bert(folder, "name")
    with pytest.raises(ModelError, match="cannot be loaded as an encoder"):
        load_encoder(folder, 1)
