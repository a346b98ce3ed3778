"""Weights of the next token → the likeliest that a grammar allows: greedy, so the same prompt gives the same text."""

import ctypes
from collections.abc import Sequence
from typing import Any

import llama_cpp
import numpy as np
import numpy.typing as npt

_LOOKED_BACK = 64  # tokens

_Candidate = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


def likeliest(logits: npt.NDArray[np.float32], answer: Sequence[int], penalty: float, grammar: Any) -> int:  # noqa: ANN401
    """Return the likeliest token after an answer, those of its last ones a little less; tell the grammar of it.

    `logits`, one for each token of the vocabulary, is changed. `grammar`: a sampler of llama.cpp's, or None. It is
    asked of the likeliest token first, and of the whole vocabulary only where it forbids that one: one step in thirty.
    """
    if answer:
        said = np.unique(answer[-_LOOKED_BACK:])
        logits[said] = np.where(logits[said] > 0, logits[said] / penalty, logits[said] * penalty)
    token = int(logits.argmax())
    if grammar:
        if not _allowed(grammar, np.array([token], np.int32), logits):
            token = int(_best_allowed(grammar, logits))
        llama_cpp.llama_sampler_accept(grammar, token)
    return token


def _allowed(grammar: Any, tokens: npt.NDArray[np.int32], logits: npt.NDArray[np.float32]) -> bool:  # noqa: ANN401
    return bool(np.isfinite(_weighed(grammar, tokens, logits)["logit"]).any())


def _best_allowed(grammar: Any, logits: npt.NDArray[np.float32]) -> int:  # noqa: ANN401  llama_cpp has no types
    weighed = _weighed(grammar, np.arange(len(logits), dtype=np.int32), logits)
    return int(weighed["id"][weighed["logit"].argmax()])


def _weighed(grammar: Any, tokens: npt.NDArray[np.int32], logits: npt.NDArray[np.float32]) -> npt.NDArray[Any]:  # noqa: ANN401
    """Return the tokens with their weights; what the grammar forbids has minus infinity."""
    candidates = np.zeros(len(tokens), _Candidate)
    candidates["id"], candidates["logit"] = tokens, logits[tokens]
    held = llama_cpp.llama_token_data_array(
        data=candidates.ctypes.data_as(ctypes.POINTER(llama_cpp.llama_token_data)),
        size=len(candidates),
        selected=-1,
        sorted=False,
    )
    llama_cpp.llama_sampler_apply(grammar, ctypes.byref(held))
    return candidates
