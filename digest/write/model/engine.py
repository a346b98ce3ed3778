"""Prompts as tokens → texts, many at once, by a GGUF model in this process."""

import ctypes
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from digest.errors import ModelError
from digest.write.ask.writer import SMALL
from digest.write.model.kept import Kept, common_length
from digest.write.model.sampling import likeliest

_MOST_AT_ONCE = 16  # sequences: more bought no speed where it was measured
# Rows of a decoding step: kernels take rows by fours and sum a single row in another order, which would change its
# rounding, and so its words. Steps are filled up to such a number, so that a text does not hang on its neighbours.
_ROWS = 4
# A large model's four-bit kernels round four rows in another way than eight, and take sixteen in less time than twelve.
_ROWS_OF_A_LARGE_ONE = 8
_REPEAT_PENALTY = 1.05
_LARGEST_CACHE = 4 << 30  # bytes for what the model remembers of all sequences
_SHARE_OF_MEMORY = 0.25  # of what is free now
_MOST_KEPT = 2 << 30  # bytes for prompts that may be asked again
_A_DAY = date(2024, 7, 26)  # the one that Llama 3.1's template names where it is told none
_CELLS = 256  # llama.cpp rounds a sequence's room up to this


@dataclass(frozen=True, slots=True)
class Job:
    """One text to write."""

    number: int
    tokens: Sequence[int]  # the prompt
    shared: int  # so many of its first tokens other jobs begin with too
    opening: str  # the answer's beginning, part of the prompt
    most_tokens: int  # of the answer
    goes_on: Callable[[str], bool]  # whether an answer that has come so far is worth going on with
    grammar: str = ""  # GBNF: what the answer must look like
    may_come_again: bool = False  # whether another job may go on from this prompt
    first_try: Sequence[int] = ()  # the prompt that this one repeats, up to where it says something else


@dataclass(slots=True)
class _Sequence:
    job: Job
    place: int  # of its next token
    answer: list[int] = field(default_factory=list)
    spelled: bytes = b""
    grammar: Any = None

    @property
    def text(self) -> str:
        return self.job.opening + self.spelled.decode("utf-8", "ignore")


@cache
def _silence() -> object:
    """Keep llama.cpp's own log off the terminal; what goes wrong comes back as errors."""

    @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
    def silent(_level: int, _text: bytes, _user: ctypes.c_void_p) -> None:
        pass

    llama_cpp.llama_log_set(silent, ctypes.c_void_p(0))
    return silent  # the C side keeps no reference of its own


def requantise(source: Path, target: Path, form: int, threads: int) -> None:
    """Write a model file in another number format (one of llama.cpp's LLAMA_FTYPE values).

    Raises:
        ModelError: it cannot be read or written.
    """
    _silence()
    wanted = llama_cpp.llama_model_quantize_default_params()
    wanted.ftype, wanted.allow_requantize, wanted.nthread = form, True, threads
    if llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), ctypes.byref(wanted)):
        raise ModelError(f"{source} cannot be written in a faster format to {target}: check the file and the disk")


class Engine:
    """A model in memory that decodes greedily: the same prompt gives the same text, whatever is written beside it."""

    def __init__(self, file: Path, threads: int) -> None:
        """Load a model.

        Raises:
            ModelError: it cannot be loaded.
        """
        _silence()
        llama_cpp.llama_backend_init()
        self._model = llama_cpp.llama_model_load_from_file(str(file).encode(), llama_cpp.llama_model_default_params())
        if not self._model:
            raise ModelError(f"{file} cannot be loaded as a model: fetch it again or choose another")
        self._file, self._threads = file, threads
        self.repeat_penalty = _REPEAT_PENALTY
        self.tokens_read = 0  # of prompts, so far
        self._vocab = llama_cpp.llama_model_get_vocab(self._model)
        self._words = llama_cpp.llama_vocab_n_tokens(self._vocab)
        self.longest = int(llama_cpp.llama_model_n_ctx_train(self._model))  # tokens it was trained to hold
        self._context: Any = None
        self._room, self._at_once = 0, 0  # cells of a sequence; sequences of the context
        self._prefixes: dict[tuple[int, ...], Any] = {}
        self._kept = Kept[Any](int(min(_MOST_KEPT, _SHARE_OF_MEMORY * _free_memory() / 2)))
        self._rows = _ROWS if llama_cpp.llama_model_n_params(self._model) < SMALL else _ROWS_OF_A_LARGE_ONE
        self._batch: Any = None

    # --- tokens ----------------------------------------------------------------------------------------------

    def tokens(self, text: str, *, special: bool) -> list[int]:
        """Return a text's tokens; where not `special`, chat tokens in it are spelled out as plain text."""
        raw = text.encode()
        held = (llama_cpp.llama_token * (len(raw) + 8))()
        count = llama_cpp.llama_tokenize(self._vocab, raw, len(raw), held, len(held), False, special)  # noqa: FBT003
        return list(held[: max(0, count)])

    def spelling(self, token: int, *, special: bool = False) -> bytes:
        """Return a token's bytes; a control token has none unless `special`."""
        if token < 0:
            return b""
        held = ctypes.create_string_buffer(256)
        count = llama_cpp.llama_token_to_piece(self._vocab, token, held, len(held), 0, special)
        return held.raw[: max(0, count)]

    def ends(self, token: int) -> bool:
        """Tell whether a token ends the model's turn (the file may name several: end of text, of turn, of message)."""
        return bool(llama_cpp.llama_vocab_is_eog(self._vocab, token))

    def is_control(self, token: int) -> bool:
        """Tell whether a token is one of the chat form's own rather than a piece of text."""
        return bool(llama_cpp.llama_vocab_is_control(self._vocab, token))

    def chat_form(self, words: str) -> str:
        """Put a user's words into the model's own chat form, up to where its answer begins.

        The instructions stand in the user's turn: some templates (Phi-3's) drop a system message. A model without a
        template (OpenELM's files have none) reads the words as plain text.
        """
        form = llama_cpp.llama_model_chat_template(self._model, None)
        bos = self.spelling(llama_cpp.llama_vocab_bos(self._vocab), special=True).decode("utf-8", "replace")
        if not form:
            begins = bos if llama_cpp.llama_vocab_get_add_bos(self._vocab) else ""
            return f"{begins}{words}\n\nAnswer: "
        eos = self.spelling(llama_cpp.llama_vocab_eos(self._vocab), special=True).decode("utf-8", "replace")
        formatter = Jinja2ChatFormatter(form.decode(), eos_token=eos, bos_token=bos)
        # Some templates tell the model the date: every day another text.
        formatter.strftime_now = _A_DAY.strftime  # type: ignore[method-assign, assignment]
        return str(formatter(messages=[{"role": "user", "content": words}]).prompt)

    # --- writing ---------------------------------------------------------------------------------------------

    def write(
        self, jobs: Iterable[Job], began: Callable[[int], None], stepped: Callable[[], None] = lambda: None
    ) -> Iterator[tuple[int, str]]:
        """Yield each job's number and text as it is finished; tell of each as it is begun, and of each step.

        Raises:
            ModelError: the model failed, or has no memory for a sequence.
        """
        waiting = deque(jobs)
        self._make_room(max((len(job.tokens) + job.most_tokens for job in waiting), default=0), len(waiting))
        active: list[_Sequence] = []  # its index is its place in the context: they must follow on each other
        while waiting or active:
            while waiting and len(active) < self._at_once:
                began(waiting[0].number)
                one = self._begin(waiting.popleft(), len(active))
                if self._is_done(one):
                    yield one.job.number, one.text
                else:
                    active.append(one)
            self._step(active)
            stepped()
            for index in reversed(range(len(active))):
                if self._is_done(active[index]):
                    yield active[index].job.number, active[index].text
                    self._close_gap(active, index)

    def _make_room(self, longest: int, jobs: int) -> None:
        """Make a context that holds sequences of so many tokens, as many of them at once as memory allows."""
        room = -(-longest // _CELLS) * _CELLS
        if self._context and room <= self._room and min(jobs, _MOST_AT_ONCE) <= self._at_once:
            return
        self._free_context()
        fitting = int(min(_LARGEST_CACHE, _SHARE_OF_MEMORY * _free_memory()) // (self._bytes_of_a_cell() * room or 1))
        rows = self._rows
        at_once = max(rows, min(-(-min(jobs, _MOST_AT_ONCE) // rows) * rows, fitting // rows * rows))
        wanted = llama_cpp.llama_context_default_params()
        wanted.n_ctx, wanted.n_seq_max, wanted.kv_unified = room * at_once, at_once, False
        wanted.n_batch, wanted.n_ubatch = max(room, 512), 512
        wanted.n_threads = wanted.n_threads_batch = self._threads
        wanted.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
        wanted.no_perf = True
        self._context = llama_cpp.llama_init_from_model(self._model, wanted)
        if not self._context:
            raise ModelError(
                f"{self._file.name} has no memory for {at_once} texts of {room} tokens: see models.context"
            )
        self._room, self._at_once, self._prefixes = room, at_once, {}
        self._batch = llama_cpp.llama_batch_init(max(room, 512), 0, 1)

    def _free_context(self) -> None:
        if self._context:
            llama_cpp.llama_batch_free(self._batch)
            llama_cpp.llama_free(self._context)
            self._context = None

    def _bytes_of_a_cell(self) -> int:
        """Return the memory of one token: keys and values of two bytes for each layer."""
        model = self._model
        heads = llama_cpp.llama_model_n_head(model) or 1
        width = llama_cpp.llama_model_n_embd(model) // heads * (llama_cpp.llama_model_n_head_kv(model) or heads)
        return int(4 * width * llama_cpp.llama_model_n_layer(model))

    def _begin(self, job: Job, index: int) -> _Sequence:
        """Read a prompt into a place of the context, and choose the answer's first token."""
        start = self._resume(job, index) or self._read_shared(job.tokens, job.shared, index)
        rest = len(job.tokens) - start
        self._read(job.tokens, start, index, wanted=True)
        if job.may_come_again:
            self._kept.keep(job.tokens, self._state(index))
        one = _Sequence(job, len(job.tokens))
        if job.grammar:
            one.grammar = llama_cpp.llama_sampler_init_grammar(self._vocab, job.grammar.encode(), b"root")
            if not one.grammar:
                raise ModelError(f"{self._file.name} does not take the grammar of its answer")
            for token in self.tokens(job.opening, special=False):
                llama_cpp.llama_sampler_accept(one.grammar, token)
        self._choose(one, rest - 1)
        return one

    def _read_shared(self, tokens: Sequence[int], shared: int, index: int) -> int:
        """Put a prompt's shared beginning into a place; return how many tokens that is."""
        prefix = tuple(tokens[:shared])
        if prefix in self._prefixes:
            self._restore(self._prefixes[prefix], index)
            return shared
        self._clear(index)
        if prefix:
            self._read(prefix, 0, index, wanted=False)
            self._prefixes[prefix] = self._state(index)
        return shared

    def _resume(self, job: Job, index: int) -> int:
        """Put what a job repeats of its first try into a place; return how many tokens that is, 0 for none.

        What is not kept any more is read again in the same steps, which round the same.
        """
        common = common_length(job.tokens, job.first_try)
        if common <= job.shared or common == len(job.tokens):
            return 0
        kept = self._kept.take(job.first_try)
        if kept is not None:
            self._restore(kept, index)
        else:
            self._read(job.first_try, self._read_shared(job.tokens, job.shared, index), index, wanted=False)
        return common if self._clear(index, common) else 0  # a recurrent model cannot go back

    def _read(self, tokens: Sequence[int], start: int, index: int, *, wanted: bool) -> None:
        """Decode a prompt's tokens from one on; `wanted`: the weights of what may follow the last."""
        last = len(tokens) - 1
        self.tokens_read += len(tokens) - start
        self._decode([(tokens[place], place, index, wanted and place == last) for place in range(start, last + 1)])

    def _clear(self, index: int, start: int = -1) -> bool:
        return bool(llama_cpp.llama_memory_seq_rm(llama_cpp.llama_get_memory(self._context), index, start, -1))

    def _step(self, active: Sequence[_Sequence]) -> None:
        """Decode one token of each sequence, in one batch."""
        if not active:
            return
        rows = [(one.answer[-1], one.place, index, True) for index, one in enumerate(active)]
        few = len(active) <= self._rows or self._rows == _ROWS
        fill = range(len(active), len(active) + -len(active) % self._rows if few else self._at_once)
        for index in fill:
            self._clear(index)
        self._decode([*rows, *((0, 0, index, True) for index in fill)])
        for index, one in enumerate(active):
            one.place += 1
            self._choose(one, index)

    def _choose(self, one: _Sequence, row: int) -> None:
        """Take the likeliest token of a row that the grammar allows, words that stand there already a little less."""
        logits = np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(self._context, row), (self._words,))
        token = likeliest(logits, one.answer, self.repeat_penalty, one.grammar)
        one.answer.append(token)
        if not self.ends(token):
            one.spelled += self.spelling(token)

    def _is_done(self, one: _Sequence) -> bool:
        ended = self.ends(one.answer[-1])
        done = ended or len(one.answer) >= one.job.most_tokens or not one.job.goes_on(one.text)
        if done and one.grammar:
            llama_cpp.llama_sampler_free(one.grammar)
            one.grammar = None
        return done

    def _close_gap(self, active: list[_Sequence], index: int) -> None:
        """Move the last sequence to the place of one that is done: places with gaps would be decoded one by one."""
        last = active.pop()
        if index < len(active):
            self._restore(self._state(len(active)), index)
            active[index] = last

    def _state(self, index: int) -> Any:  # noqa: ANN401  llama_cpp has no types
        size = llama_cpp.llama_state_seq_get_size(self._context, index)
        held = (ctypes.c_uint8 * size)()
        llama_cpp.llama_state_seq_get_data(self._context, held, size, index)
        return held

    def _restore(self, state: Any, index: int) -> None:  # noqa: ANN401  llama_cpp has no types
        self._clear(index)
        if not llama_cpp.llama_state_seq_set_data(self._context, state, len(state), index):
            raise ModelError(f"{self._file.name} failed while moving a sequence")

    def _decode(self, rows: Sequence[tuple[int, int, int, bool]]) -> None:
        """Run (token, position, sequence, wanted) through the model."""
        batch = self._batch
        batch.n_tokens = len(rows)
        for n, (token, place, index, wanted) in enumerate(rows):
            batch.token[n], batch.pos[n], batch.logits[n] = token, place, wanted
            batch.n_seq_id[n], batch.seq_id[n][0] = 1, index
        failed = llama_cpp.llama_decode(self._context, batch)
        if failed:
            raise ModelError(f"{self._file.name} failed while writing (llama_decode: {failed})")


def _free_memory() -> int:
    """Return the bytes of memory that are free, as the system counts them."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")) // 2
