"""Tiny models with random weights and the real tokenizers, one of each family that digest must work with.

The tokenizers are those of the vocabulary files in llama-cpp-python's source distribution, which `make test` unpacks
into the environment's vocabularies/ folder. Tensor names and shapes: github.com/ggml-org/llama.cpp, gguf-py.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
import pytest

VOCABULARIES = Path(sys.prefix) / "vocabularies"
WIDTH, LAYERS, HEADS, HEAD, FORWARD, EXPERTS, CONTEXT = 64, 2, 2, 32, 96, 4, 1024

# The chat forms as the models' cards describe them; Phi-3's stands in its vocabulary file, OpenELM has none.
LLAMA_3_FORM = (
    "{{ bos_token }}{% for message in messages %}<|start_header_id|>{{ message['role'] }}<|end_header_id|>\n\n"
    "{{ message['content'] | trim }}<|eot_id|>{% endfor %}<|start_header_id|>assistant<|end_header_id|>\n\n"
)
MIXTRAL_FORM = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}[INST] {{ message['content'] }} "
    "[/INST]{% else %}{{ message['content'] }}{{ eos_token }}{% endif %}{% endfor %}"
)

Shapes = Mapping[str, tuple[int, ...]]  # of tensors, as NumPy has them: rows first


@dataclass(frozen=True, slots=True)
class Family:
    """One architecture, its tokenizer, and how its chat looks."""

    name: str
    kind: str  # the architecture's name in GGUF
    vocabulary: str
    form: str  # chat template; "" for the vocabulary file's own, or none
    end: str  # the token that ends an answer
    begins: str  # what a prompt begins with, before the user's words
    layer: Callable[[], Shapes]
    describe: Callable[[gguf.GGUFWriter], None]
    is_tied: bool = False  # the output reads the embedding's own weights


def _attention() -> Shapes:
    across = HEADS * HEAD
    return dict.fromkeys(("attn_q", "attn_k", "attn_v"), (across, WIDTH)) | {"attn_output": (WIDTH, across)}


def _dense() -> Shapes:
    forward = {"ffn_gate": (FORWARD, WIDTH), "ffn_up": (FORWARD, WIDTH), "ffn_down": (WIDTH, FORWARD)}
    return {"attn_norm": (WIDTH,), "ffn_norm": (WIDTH,), **_attention(), **forward}


def _experts() -> Shapes:
    return {
        "attn_norm": (WIDTH,), "ffn_norm": (WIDTH,), **_attention(), "ffn_gate_inp": (EXPERTS, WIDTH),
        "ffn_gate_exps": (EXPERTS, FORWARD, WIDTH), "ffn_up_exps": (EXPERTS, FORWARD, WIDTH),
        "ffn_down_exps": (EXPERTS, WIDTH, FORWARD),
    }  # fmt: skip


def _phi3() -> Shapes:
    return {
        "attn_norm": (WIDTH,), "ffn_norm": (WIDTH,), "attn_qkv": (3 * HEADS * HEAD, WIDTH),
        "attn_output": (WIDTH, HEADS * HEAD), "ffn_up": (2 * FORWARD, WIDTH), "ffn_down": (WIDTH, FORWARD),
    }  # fmt: skip


def _openelm() -> Shapes:
    return {
        "attn_norm": (WIDTH,), "ffn_norm": (WIDTH,), "attn_q_norm": (HEAD,), "attn_k_norm": (HEAD,),
        "attn_qkv": (3 * HEADS * HEAD, WIDTH), "attn_output": (WIDTH, HEADS * HEAD),
        "ffn_gate": (FORWARD, WIDTH), "ffn_up": (FORWARD, WIDTH), "ffn_down": (WIDTH, FORWARD),
    }  # fmt: skip


def _plain(writer: gguf.GGUFWriter) -> None:
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_feed_forward_length(FORWARD)


def _mixed(writer: gguf.GGUFWriter) -> None:
    _plain(writer)
    writer.add_expert_count(EXPERTS)
    writer.add_expert_used_count(2)


def _by_layer(writer: gguf.GGUFWriter) -> None:
    writer.add_head_count([HEADS] * LAYERS)
    writer.add_head_count_kv([HEADS] * LAYERS)
    writer.add_feed_forward_length([FORWARD] * LAYERS)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)


_USER = "<|start_header_id|>user<|end_header_id|>\n\n"
FAMILIES = (
    Family("Llama 3", "llama", "llama-bpe", LLAMA_3_FORM, "<|eot_id|>", f"<|begin_of_text|>{_USER}", _dense, _plain),
    Family("Phi-3", "phi3", "phi-3", "", "<|end|>", "<s><|user|>", _phi3, _plain),
    Family("Mixtral", "llama", "llama-spm", MIXTRAL_FORM, "</s>", "<s>[INST] ", _experts, _mixed),
    Family("OpenELM", "openelm", "llama-spm", "", "</s>", "<s>", _openelm, _by_layer, is_tied=True),
)


def write_model(family: Family, folder: Path) -> Path:
    """Write a family's tiny model."""
    source = VOCABULARIES / f"ggml-vocab-{family.vocabulary}.gguf"
    if not source.exists():
        pytest.fail(f"{source} is not there: `make test` unpacks it", pytrace=False)
    file = folder / f"{family.name.replace(' ', '-')}.gguf"
    writer = gguf.GGUFWriter(file, family.kind)
    words = _copy_tokenizer(gguf.GGUFReader(source), writer, family)
    writer.add_name(family.name)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(HEAD)
    writer.add_rope_freq_base(10_000.0)
    writer.add_vocab_size(words)
    family.describe(writer)
    random = np.random.default_rng(7)
    ends = {"token_embd": (words, WIDTH), "output_norm": (WIDTH,)} | (
        {} if family.is_tied else {"output": (words, WIDTH)}
    )
    layers = {f"blk.{n}.{name}": shape for n in range(LAYERS) for name, shape in family.layer().items()}
    for name, shape in (ends | layers).items():
        is_norm = len(shape) == 1
        values = np.ones(shape, np.float32) if is_norm else random.normal(0, 0.2, shape).astype(np.float16)
        writer.add_tensor(f"{name}.weight", values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def _copy_tokenizer(source: gguf.GGUFReader, writer: gguf.GGUFWriter, family: Family) -> int:
    """Copy what the vocabulary file says of its tokens; returns how many there are."""
    for name, told in source.fields.items():
        if not name.startswith("tokenizer.") or (name == "tokenizer.chat_template" and family.form):
            continue
        item = told.types[-1] if told.types[0] == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(name, _told(name, told.contents(), family, source), told.types[0], sub_type=item)
    if family.form:
        writer.add_chat_template(family.form)
    return len(source.fields["tokenizer.ggml.tokens"].data)


def _told(name: str, value: object, family: Family, source: gguf.GGUFReader) -> object:
    if name != "tokenizer.ggml.eos_token_id":
        return value
    return source.fields["tokenizer.ggml.tokens"].contents().index(family.end)
