"""A model that is no larger than those that were no help is named as such, and a larger one or a server's is not."""

from pathlib import Path

import pytest

from digest.pipeline.models import ModelKey, unhelpful
from digest.settings import Settings
from tests.write.model.families import write_head

KEYS: tuple[ModelKey, ...] = ("select.rater", "tags.chooser")


def _said(tmp_path: Path, key: ModelKey, choice: str, writer: str = "none") -> str:
    section, name = key.split(".")
    settings = Settings(root=tmp_path)
    named = getattr(settings, section).model_copy(update={name: choice})
    models = (named if section == "models" else settings.models).model_copy(update={"writer": writer})
    return unhelpful(settings.model_copy(update={section: named, "models": models}), key, "some-model")


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(("millions", "is_named"), [(135, True), (1_540, True), (2_000, False), (8_000, False)])
def test_a_model_is_named_by_its_size_also_where_it_is_the_writer(
    tmp_path: Path, key: ModelKey, millions: int, *, is_named: bool
) -> None:
    file = write_head(tmp_path / "Meta-Llama-3-70B.gguf", millions)
    for said in (_said(tmp_path, key, str(file)), _said(tmp_path, key, "writer", str(file))):
        assert said.startswith(f"{key}: some-model has fewer than two billion parameters") is is_named
        assert ("`digest eval" in said) is is_named


def test_a_translator_of_that_size_is_named_too(tmp_path: Path) -> None:
    said = [_said(tmp_path, "models.translator", str(write_head(tmp_path / f"{n}.gguf", n))) for n in (1_540, 8_000)]
    assert "half of what passed the checks" in said[0]
    assert said[1] == ""


@pytest.mark.parametrize("key", KEYS)
def test_nothing_is_said_of_a_servers_model_whose_size_is_not_known(tmp_path: Path, key: ModelKey) -> None:
    url = "http://127.0.0.1:9/v1"
    assert _said(tmp_path, key, url) == _said(tmp_path, key, "writer", url) == ""
