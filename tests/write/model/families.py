"""Models with random weights and the real tokenizers, one of each family that digest must work with: tiny by default.

The tokenizers are those of the vocabulary files in llama-cpp-python's source distribution, which `make test` unpacks
into the environment's vocabularies/ folder. Tensor names and shapes: github.com/ggml-org/llama.cpp, gguf-py.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt
import pytest

VOCABULARIES = Path(sys.prefix) / "vocabularies"
EXPERTS, CONTEXT = 4, 1024
_SCALE = 0.004  # of a Q4_0 block: weights of about 0.02 at random

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
class Size:
    """How large a model is."""

    width: int = 64
    layers: int = 2
    heads: int = 2
    forward: int = 96
    context: int = CONTEXT
    four_bits: bool = False  # weights in Q4_0 rather than F16

    @property
    def head(self) -> int:
        return self.width // self.heads


TINY = Size()


@dataclass(frozen=True, slots=True)
class Family:
    """One architecture, its tokenizer, and how its chat looks."""

    name: str
    kind: str  # the architecture's name in GGUF
    vocabulary: str
    form: str  # chat template; "" for the vocabulary file's own, or none
    end: str  # the token that ends an answer
    begins: str  # what a prompt begins with, before the user's words
    layer: Callable[[Size], Shapes]
    describe: Callable[[gguf.GGUFWriter, Size], None]
    is_tied: bool = False  # the output reads the embedding's own weights


def _norms(size: Size) -> Shapes:
    return {"attn_norm": (size.width,), "ffn_norm": (size.width,)}


def _attention(size: Size) -> Shapes:
    return dict.fromkeys(("attn_q", "attn_k", "attn_v", "attn_output"), (size.width, size.width))


def _fused_attention(size: Size) -> Shapes:
    return {"attn_qkv": (3 * size.width, size.width), "attn_output": (size.width, size.width)}


def _forward(size: Size) -> Shapes:
    up, down = (size.forward, size.width), (size.width, size.forward)
    return {"ffn_gate": up, "ffn_up": up, "ffn_down": down}


def _dense(size: Size) -> Shapes:
    return {**_norms(size), **_attention(size), **_forward(size)}


def _experts(size: Size) -> Shapes:
    experts = {f"{name}_exps": (EXPERTS, *shape) for name, shape in _forward(size).items()}
    return {**_norms(size), **_attention(size), "ffn_gate_inp": (EXPERTS, size.width), **experts}


def _phi3(size: Size) -> Shapes:
    gate_and_up, down = (2 * size.forward, size.width), (size.width, size.forward)
    return {**_norms(size), **_fused_attention(size), "ffn_up": gate_and_up, "ffn_down": down}


def _openelm(size: Size) -> Shapes:
    norms = dict.fromkeys(("attn_q_norm", "attn_k_norm"), (size.head,))
    return {**_norms(size), **norms, **_fused_attention(size), **_forward(size)}


def _plain(writer: gguf.GGUFWriter, size: Size) -> None:
    writer.add_head_count(size.heads)
    writer.add_head_count_kv(size.heads)
    writer.add_feed_forward_length(size.forward)


def _mixed(writer: gguf.GGUFWriter, size: Size) -> None:
    _plain(writer, size)
    writer.add_expert_count(EXPERTS)
    writer.add_expert_used_count(2)


def _by_layer(writer: gguf.GGUFWriter, size: Size) -> None:
    writer.add_head_count([size.heads] * size.layers)
    writer.add_head_count_kv([size.heads] * size.layers)
    writer.add_feed_forward_length([size.forward] * size.layers)
    writer.add_key_length(size.head)
    writer.add_value_length(size.head)


_USER = "<|start_header_id|>user<|end_header_id|>\n\n"
FAMILIES = (
    Family("Llama 3", "llama", "llama-bpe", LLAMA_3_FORM, "<|eot_id|>", f"<|begin_of_text|>{_USER}", _dense, _plain),
    Family("Phi-3", "phi3", "phi-3", "", "<|end|>", "<s><|user|>", _phi3, _plain),
    Family("Mixtral", "llama", "llama-spm", MIXTRAL_FORM, "</s>", "<s>[INST] ", _experts, _mixed),
    Family("OpenELM", "openelm", "llama-spm", "", "</s>", "<s>", _openelm, _by_layer, is_tied=True),
)


def write_model(family: Family, folder: Path, size: Size = TINY, *, shard: int = 0) -> Path:
    """Write a family's model of a size, always the same one; return its file, or the first of those of so many tensors.

    That first one holds no tensor at all, as llama.cpp's gguf-split can have it.
    """
    source = VOCABULARIES / f"ggml-vocab-{family.vocabulary}.gguf"
    if not source.exists():
        pytest.fail(f"{source} is not there: `make test` unpacks it", pytrace=False)
    file = folder / f"{family.name.replace(' ', '-')}.gguf"
    writer = gguf.GGUFWriter(file, family.kind, split_max_tensors=shard, small_first_shard=bool(shard))
    words = _copy_tokenizer(gguf.GGUFReader(source), writer, family)
    writer.add_name(family.name)
    writer.add_context_length(size.context)
    writer.add_embedding_length(size.width)
    writer.add_block_count(size.layers)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(size.head)
    writer.add_rope_freq_base(10_000.0)
    writer.add_vocab_size(words)
    family.describe(writer, size)
    random = np.random.default_rng(7)
    ends = {"token_embd": (words, size.width), "output_norm": (size.width,)} | (
        {} if family.is_tied else {"output": (words, size.width)}
    )
    layers = {f"blk.{n}.{name}": shape for n in range(size.layers) for name, shape in family.layer(size).items()}
    for name, shape in (ends | layers).items():
        _add_tensor(writer, f"{name}.weight", shape, random, four_bits=size.four_bits)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file if file.exists() else min(folder.glob(f"{file.stem}-*.gguf"))


def write_head(file: Path, millions: int) -> Path:
    """Write a GGUF file of 20 KB whose head announces so many weights, and which cannot be loaded."""
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_tensor_info("token_embd", (millions * 1000, 1000), np.dtype(np.float16), 64)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    file.write_bytes(file.read_bytes() + bytes(20_000))
    return file


def _add_tensor(
    writer: gguf.GGUFWriter, name: str, shape: tuple[int, ...], random: np.random.Generator, *, four_bits: bool
) -> None:
    if len(shape) == 1:  # a norm
        writer.add_tensor(name, np.ones(shape, np.float32))
    elif four_bits:
        writer.add_tensor(name, _random_q4_0(shape, random), raw_dtype=gguf.GGMLQuantizationType.Q4_0)
    else:
        writer.add_tensor(name, random.normal(0, 0.2, shape).astype(np.float16))


def _random_q4_0(shape: tuple[int, ...], random: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Return random weights as Q4_0 has them: of 32 each, a scale of two bytes and sixteen bytes of two weights."""
    blocks = np.frombuffer(random.bytes(int(np.prod(shape)) // 32 * 18), np.uint8).reshape(shape[0], -1, 18).copy()
    blocks[..., :2] = np.array([_SCALE], np.float16).view(np.uint8)
    return blocks.reshape(shape[0], -1)


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
