"""Tasks → answers through a child process: a model that crashes or hangs costs one paper, not the run."""

import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Self

import orjson

from digest.errors import ModelError
from digest.write.ask.writer import Answer, Task
from digest.write.model.child import Load, pack, serve

logger = logging.getLogger(__name__)

_MOST_LOSSES = 3  # papers in a row that ended the child: then it is not the paper's fault
_GRACE = 5.0  # seconds to end by itself
_TO_LOAD = 3.0  # times the deadline of a text


class _ChildLost(Exception):  # noqa: N818  it is dealt with here
    """The child ended, or did not answer in time."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ModelProcess:
    """A model in a process of its own; use it in a `with` block."""

    def __init__(self, load: Load, deadline: float, main: Callable[[Connection, Load], None] = serve) -> None:
        """Say what to load; the process starts with the first text.

        `deadline`: seconds without any sign of the child, after which it is ended. `main`: what it does.
        """
        self._load, self._deadline, self._main = load, deadline, main
        self._child: Any = None
        self._pipe: Any = None
        self._is_closed = False  # by another thread, while this one waits for an answer

    def __enter__(self) -> Self:
        """Return itself."""
        self._is_closed = False
        return self

    def __exit__(self, *_: object) -> None:
        """End the child; a thread that waits for its answer stops then, and says nothing."""
        self._is_closed = True
        self._end()

    def write(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Answer]]:
        """Yield each task's place and answer.

        Where the child is lost, those it was at are tried again, each alone; one that ends it again fails.

        Raises:
            ModelError: the model cannot be loaded, or ends at every paper.
        """
        waiting, suspects, losses = list(range(len(tasks))), list[int](), 0
        while waiting or suspects:
            alone = bool(suspects)
            asked = [suspects.pop(0)] if alone else waiting
            begun, answered = set[int](), set[int]()
            try:
                for number, answer in self._ask([tasks[n] for n in asked], begun):
                    answered.add(asked[number])
                    yield asked[number], answer
                losses = 0
            except _ChildLost as lost:
                if self._is_closed:
                    return
                logger.warning("the model's process was lost: %s", lost.reason)
                self._end()
                if alone:
                    losses += 1
                    yield asked[0], Answer(failure=f"the model was lost twice ({lost.reason})")
                suspects += [asked[n] for n in sorted(begun) if asked[n] not in answered and not alone]
                if losses == _MOST_LOSSES:
                    raise ModelError(f"{self._load.file} was lost at {losses} papers in a row: {lost.reason}") from lost
            if not alone:
                waiting = [n for n in waiting if n not in answered and n not in suspects]

    def _start(self) -> None:
        """Load the model.

        Raises:
            ModelError: it cannot be loaded.
            _ChildLost: another thread closed this meanwhile.
        """
        # spawn: a forked child would hold copies of the parent's threads' locks and of its open store.
        spawn = get_context("spawn")
        self._pipe, far_end = spawn.Pipe()
        self._child = spawn.Process(target=self._main, args=(far_end, self._load), name="digest-writer", daemon=True)
        # Ctrl-C reaches all processes of a terminal: a child inherits that it is not heard, and is ended from here.
        heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._child.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, heard)
        far_end.close()  # so that the child's end is the only one, and its death is seen here
        try:
            self._receive(_TO_LOAD * self._deadline)
        except _ChildLost as lost:
            self._end()
            if self._is_closed:
                raise
            raise ModelError(
                f"{self._load.file} cannot be loaded: {lost.reason}; fetch it again or choose another"
            ) from lost

    def _ask(self, tasks: list[Task], begun: set[int]) -> Iterator[tuple[int, Answer]]:
        if self._child is None:
            self._start()
        pipe = self._pipe
        if self._is_closed or pipe is None:
            raise _ChildLost("it was closed")
        try:
            pipe.send_bytes(pack(tasks))
        except OSError as error:
            raise _ChildLost("it ended") from error
        while not (message := self._receive(self._deadline)).get("done"):
            if "began" in message:
                begun.add(message["began"])
            elif "wrote" in message:
                yield message["wrote"], Answer(message.get("text", ""), message.get("failure", ""))

    def _receive(self, seconds: float) -> dict[str, Any]:
        child, pipe = self._child, self._pipe
        if child is None:
            raise _ChildLost("it was closed")
        try:
            if not pipe.poll(seconds):
                raise _ChildLost(f"no answer within {seconds:g} s")
            message: dict[str, Any] = orjson.loads(pipe.recv_bytes())
        except (EOFError, OSError) as error:
            child.join(_GRACE)
            raise _ChildLost(f"it ended with exit code {child.exitcode}") from error
        if "error" in message:
            raise ModelError(message["error"])
        return message

    def _end(self) -> None:
        child, pipe = self._child, self._pipe
        if child is None:
            return
        self._child, self._pipe = None, None
        pipe.close()
        child.join(0.2)
        if child.is_alive():
            child.kill()  # it may be deep in a computation, where it hears no gentler word
        child.join(_GRACE)
