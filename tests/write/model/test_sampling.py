"""A grammar takes the answers that are wanted, token by token, and no others."""

import json
from collections.abc import Iterator
from typing import Any

import llama_cpp
import numpy as np
import pytest

from digest.write.ask.answers import grammar
from digest.write.model.sampling import likeliest
from tests.write.model.families import VOCABULARIES

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def vocabulary() -> Iterator[Any]:
    """Llama 3's."""
    wanted = llama_cpp.llama_model_default_params()
    wanted.vocab_only = True
    model = llama_cpp.llama_model_load_from_file(str(VOCABULARIES / "ggml-vocab-llama-bpe.gguf").encode(), wanted)
    yield llama_cpp.llama_model_get_vocab(model)
    llama_cpp.llama_model_free(model)


def _tokens(vocabulary: Any, text: str) -> list[int]:  # noqa: ANN401  llama_cpp has no types
    raw = text.encode()
    held = (llama_cpp.llama_token * len(raw))()
    count = llama_cpp.llama_tokenize(vocabulary, raw, len(raw), held, len(held), False, False)  # noqa: FBT003
    return list(held[:count])


@pytest.mark.parametrize(
    ("reason", "is_taken"),
    [
        ("Trains StableLM 2 1.6B, e.g., in the U.S., for 37.5% less than GPT-3.5.", True),
        ("Reviews models. Overall, it is wide.", False),
        ("Reviews models.Overall, it is wide.", False),
        ("Reviews models", False),
        ("Reviews <b>models</b>.", False),
    ],
)
def test_a_reason_is_one_whole_sentence(vocabulary: Any, reason: str, *, is_taken: bool) -> None:  # noqa: ANN401
    rules = llama_cpp.llama_sampler_init_grammar(vocabulary, grammar(["reason", "rating"]).encode(), b"root")
    words = np.arange(llama_cpp.llama_vocab_n_tokens(vocabulary))

    def is_allowed(token: int) -> bool:
        wanted = (words == token).astype(np.float32)  # by far the likeliest
        return likeliest(wanted, (), 1.0, rules) == token

    taken = all(map(is_allowed, _tokens(vocabulary, json.dumps({"reason": reason, "rating": "relevant"}))))
    llama_cpp.llama_sampler_free(rules)
    assert taken is is_taken
