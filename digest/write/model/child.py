"""The process that holds the model: tasks come in through a pipe, answers go out; what it does wrong ends it alone."""

import os
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import orjson

from digest.errors import ModelError
from digest.text import split_sentences
from digest.write.ask.answers import grammar, opening, whole
from digest.write.ask.prompt import Piece, Prompts, common_pieces, pieces
from digest.write.ask.writer import FIELDS, MOST_TOKENS, Kind, Task, is_held_to_form
from digest.write.model.begun import goes_on_as_form, goes_on_as_sentence
from digest.write.model.kept import common_length

_MOST_TOKENS_OF_A_SENTENCE = 90  # 45 words, and a bound on a model that never stops
_SPARE = 8  # tokens: the opening
_PULSE = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Load:
    """What a child must know before it can write."""

    file: str
    threads: int
    context: int  # tokens of one text, prompt and answer, at most
    prompts: Prompts


def serve(pipe: Connection, load: Load) -> None:
    """Load the model, then answer each list of tasks, until the pipe is closed; this is the child's main function.

    Messages are JSON: {"ready": true} or {"error": why}; then for a list of tasks, {"began": n}, {"wrote": n, "text":
    …}, between them {"at work": true}, and at its end {"done": true}.
    """
    _end_with_the_parent()
    try:
        desk = Desk(load)
        _send(pipe, {"ready": True})
        while True:
            desk.write(unpack(pipe.recv_bytes()), lambda message: _send(pipe, message))
            _send(pipe, {"done": True})
    except ModelError as error:
        _send(pipe, {"error": str(error)})
    except (EOFError, BrokenPipeError):
        return  # the parent has no more to write


def pack(tasks: list[Task]) -> bytes:
    """Write tasks as they travel."""
    return orjson.dumps([asdict(task) for task in tasks])


def unpack(packed: bytes) -> list[Task]:
    """Read tasks as they travel."""
    return [
        Task(**{**task, "kind": Kind(task["kind"]), "offered": tuple(task["offered"])}) for task in orjson.loads(packed)
    ]


def _send(pipe: Connection, message: Mapping[str, Any]) -> None:
    pipe.send_bytes(orjson.dumps(message))


def _end_with_the_parent() -> None:
    """End this process as soon as its parent has ended, however that ended, even in the middle of a text."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class Desk:
    """A loaded model and the prompts it is asked with."""

    def __init__(self, load: Load) -> None:
        from digest.write.model.engine import Engine  # noqa: PLC0415  llama_cpp is for the child alone

        self.engine = Engine(Path(load.file), load.threads)
        self._prompts = load.prompts
        self._context = min(load.context, self.engine.longest or load.context)
        self._scaffolds: dict[tuple[Kind, bool], str] = {}

    def write(self, tasks: list[Task], tell: Callable[[Mapping[str, Any]], None]) -> None:
        """Answer the tasks, telling of each as it is begun and done; one that cannot be asked fails by itself."""
        jobs = []
        for number, task in enumerate(tasks):
            try:
                jobs.append(self.job(number, task))
            except ModelError as error:
                tell({"wrote": number, "failure": str(error)})
        for number, text in self.engine.write(jobs, lambda number: tell({"began": number}), _pulse(tell)):
            task = tasks[number]
            told = whole(text, FIELDS[task.kind]) if self._is_form(task) else _first_sentence(text)
            tell({"wrote": number, "text": told})

    def job(self, number: int, task: Task) -> Any:  # noqa: ANN401  an engine's Job, whose module loads llama_cpp
        """Return what the engine is to do for a task.

        Raises:
            ModelError: there is no room for the paper.
        """
        from digest.write.model.engine import Job  # noqa: PLC0415  as above

        is_form = self._is_form(task)
        fields = FIELDS[task.kind]
        most = MOST_TOKENS[task.kind] if is_form else _MOST_TOKENS_OF_A_SENTENCE
        room = self._context - most - _SPARE
        tokens, shared, begins = self._asked(task, room)
        return Job(
            number,
            tokens,
            shared,
            begins,
            most,
            goes_on_as_form(task) if is_form else goes_on_as_sentence(task),
            grammar(fields, task.offered) if is_form else "",
            may_come_again=not task.refused,
            first_try=self._asked(replace(task, refused=""), room)[0] if task.refused else (),
        )

    def _asked(self, task: Task, room: int) -> tuple[list[int], int, str]:
        """Return a prompt with its answer's beginning, how many tokens come before the paper's, and that beginning."""
        tokens, shared = self._prompt(task, room)
        begins = self._beginning(task)
        return [*tokens, *self.engine.tokens(begins, special=False)], shared, begins

    def _beginning(self, task: Task) -> str:
        """Return what the answer is begun with; "" where the tokenizer would put a blank before it."""
        if not self._is_form(task):
            return self._prompts.opening(again=bool(task.refused))
        begins = opening(FIELDS[task.kind])
        spelled = b"".join(self.engine.spelling(token) for token in self.engine.tokens(begins, special=False))
        return begins if spelled == begins.encode() else ""

    def _prompt(self, task: Task, room: int) -> tuple[list[int], int]:
        """Return the prompt's tokens and how many come before the paper's.

        The abstract's end is left out where it would not fit: at a sentence, if any.

        Raises:
            ModelError: there is no room even for the title.
        """
        scaffold = self._scaffold(task.kind, again=bool(task.refused))

        def tokens_up_to(cut: int) -> list[int]:
            return self._tokens(pieces(scaffold, replace(task, shown=task.shown[:cut])))

        def length(cut: int) -> int:
            return len(tokens_up_to(cut))

        tokens = tokens_up_to(len(task.shown))
        if len(tokens) > room:
            for cuts in ([end for _, end in split_sentences(task.shown)], range(1, len(task.shown))):
                fitting = bisect_right(cuts, room, key=length)
                if fitting:
                    tokens = tokens_up_to(cuts[fitting - 1])
                    break
            else:
                raise ModelError(f"there is no room for the paper in {self._context} tokens: raise models.context")
        head = self._tokens(common_pieces(scaffold, task))
        return tokens, common_length(tokens, head)

    def _tokens(self, parts: list[Piece]) -> list[int]:
        """Return a prompt's tokens: of the whole, so that words keep the tokens that the model learned them by.

        Where the paper's words would bring control tokens in that way, each part is read by itself, data as plain text.
        """
        apart = [token for part in parts for token in self.engine.tokens(part.text, special=not part.is_data)]
        joined = self.engine.tokens("".join(part.text for part in parts), special=True)
        control = self.engine.is_control
        return joined if [*filter(control, joined)] == [*filter(control, apart)] else apart

    def _scaffold(self, kind: Kind, *, again: bool) -> str:
        if (kind, again) not in self._scaffolds:
            self._scaffolds[kind, again] = self.engine.chat_form(self._prompts.words(kind, again=again))
        return self._scaffolds[kind, again]

    def _is_form(self, task: Task) -> bool:
        return is_held_to_form(task.kind, is_small=self._prompts.is_small)


def _pulse(tell: Callable[[Mapping[str, Any]], None]) -> Callable[[], None]:
    """Return what tells once a second that the model is at work: sixteen long texts of a large one end together."""
    told = time.monotonic()

    def stepped() -> None:
        nonlocal told
        if time.monotonic() - told >= _PULSE:
            told = time.monotonic()
            tell({"at work": True})

    return stepped


def _first_sentence(text: str) -> str:
    line = text.strip().split("\n")[0]
    spans = split_sentences(line)
    return line[slice(*spans[0])] if spans else ""
