"""Texts become unit vectors, by the model that the settings name."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from digest.errors import ModelError
from digest.places import BUNDLED
from digest.search.encoder import encoder_name, find_encoder, load_encoder, passage


def test_a_folder_without_a_model_is_named_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"modules\.json.*models\.encoder"):
        find_encoder("my-model", tmp_path)


@pytest.mark.parametrize("modules", ["[", '{"0": "Transformer"}', '[{"name": "0", "path": "", "type": 3}]'])
def test_a_damaged_model_is_named_in_one_line(tmp_path: Path, modules: str) -> None:
    (tmp_path / "modules.json").write_text(modules)
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="cannot be loaded as an encoder") as caught:
        load_encoder(find_encoder(str(tmp_path), tmp_path))
    assert "\n" not in str(caught.value)


def test_the_name_changes_with_the_weights(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"one")
    before = encoder_name(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"two")
    assert before != encoder_name(tmp_path)
    assert before.startswith(f"{tmp_path.name}@")


@pytest.mark.model
def test_infini_attention_is_nearest_to_its_idea() -> None:
    with gzip.open(BUNDLED / "april-2024.jsonl.gz", "rt", encoding="utf-8") as file:
        papers = [json.loads(line) for line in file]
    chosen = [paper for paper in papers if "transformer" in paper["abstract"].lower()][:60]
    chosen += [paper for paper in papers if paper["id"] == "2404.07143"]
    encoder = load_encoder(find_encoder("embedded", Path()))
    done: list[int] = []
    vectors = encoder.encode([passage(p["title"], p["abstract"]) for p in chosen], on_batch=done.append)
    query = encoder.encode(["bounded memory for infinitely long inputs"])[0]
    assert chosen[int(np.argmax(vectors @ query))]["id"] == "2404.07143"
    assert done[-1] == len(chosen)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.model
def test_rows_come_back_in_the_order_of_the_texts() -> None:
    encoder = load_encoder(find_encoder("embedded", Path()))
    texts = ["short", "a rather longer text about mixture of experts " * 20, "", "graphs"]
    together = encoder.encode(texts)
    alone = np.vstack([encoder.encode([text]) for text in texts])
    assert together.shape == (4, encoder.dim)
    np.testing.assert_allclose((together * alone).sum(axis=1), 1, atol=2e-2)
