"""Papers per minute of our writing against the loop anyone would write first, in the same run on the same papers.

python benchmarks/write.py [PAPERS] [MODEL.gguf | phi-3-mini-shaped] [THREADS] [TOKENS]

Three comparisons, each with how often the outputs are equal:
- the same prompt with the whole abstract, decoded greedily, at most TOKENS of answer. "first sentence" stops both at
  the same place: what the loop writes after its first sentence is not counted against it. Ours reads the file as it is
  ("same file") and in the format that this processor multiplies fastest; other rounding, so here and there other words;
- what is printed in the end: the loop's first sentence held by the same gate, asked for once more where it is refused,
  and replaced by the extracted sentence after that, against ours as it is used (short prompts, early stop, processes).

"phi-3-mini-shaped" is a file of 2.2 GB in Q4_0 that the benchmark makes in the temporary folder: Phi-3-mini's shape and
tokenizer (arXiv:2404.14219: 32 layers of width 3072, 32 heads), random weights; `make test` unpacks the tokenizer. CPU
seconds are compared, so that a busy machine does not matter; each way does all papers of a group before the next does.
"""

import gzip
import json
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import llama_cpp
import numpy as np

from digest.checksum import sha256_of
from digest.paper import Summary
from digest.places import BUNDLED, PROMPTS
from digest.text import plain_text, plain_title, split_sentences
from digest.write.ask.prompt import load_prompts
from digest.write.ask.writer import Answer, Kind, Task, Writer
from digest.write.model.child import Desk, Load
from digest.write.model.faster import Form, best_form, faster_file
from digest.write.model.llama import LlamaWriter, Means, find_writer, is_small
from digest.write.summarise import Subject, write_texts

_PAPERS, _GROUP = 32, 16
_CONTEXT, _MOST_TOKENS = 2048, 128
_CACHE = Path("data/models")
_PHI_3 = "phi-3-mini-shaped"


@dataclass(frozen=True, slots=True)
class Trial:
    """What is measured."""

    file: Path
    threads: int
    most_tokens: int  # of an answer
    subjects: Sequence[Subject]

    @property
    def is_small(self) -> bool:
        """Whether it is asked as a small model is."""
        return is_small(self.file)

    @property
    def faster(self) -> Path:
        """The file in the format that is used here."""
        form = best_form(self.file) if self.is_small else Form.OWN
        return faster_file(self.file, sha256_of(self.file), form, _CACHE)


def _subjects(count: int) -> list[Subject]:
    with gzip.open(BUNDLED / "april-2024.jsonl.gz", "rt", encoding="utf-8") as lines:
        papers = [json.loads(line) for line in lines]
    step = max(1, len(papers) // count)
    return [Subject(paper["title"], paper["abstract"]) for paper in papers[::step][:count]]


class PlainLoop:
    """Asks for one paper after another as every tutorial does; a writer too, whose texts the gate can hold."""

    name, form = "loop", ""

    def __init__(self, trial: Trial) -> None:
        """Load the model."""
        self.model_hash = self.name
        self.is_small = trial.is_small
        self._most_tokens = trial.most_tokens
        self.model: Any = llama_cpp.Llama(
            str(trial.file), n_ctx=_CONTEXT, n_threads=trial.threads, n_threads_batch=trial.threads, verbose=False
        )
        self.prompts = load_prompts(PROMPTS, is_small=self.is_small)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Keep the model: what it costs to load is not counted."""

    def write(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Answer]]:
        """Yield each task's place and first sentence."""
        for n, task in enumerate(tasks):
            yield n, Answer(_first(self.one(Subject(task.title, task.abstract), whole=True, refused=task.refused)))

    def one(self, subject: Subject, *, whole: bool, refused: str = "") -> str:
        """Return an answer, a small model's only up to the end of its first sentence where not `whole`."""
        words = self.prompts.words(Kind.SUMMARY, again=bool(refused)).replace("{title}", plain_title(subject.title))
        words = words.replace("{abstract}", plain_text(subject.abstract)).replace("{refused}", refused)
        text = ""
        for part in self.model.create_chat_completion(
            [{"role": "user", "content": words}], temperature=0.0, max_tokens=self._most_tokens, stream=True
        ):
            text += part["choices"][0]["delta"].get("content") or ""
            if not whole and not _is_one_sentence(text):
                break
        return text


class Ours:
    """Our engine, asked the same as the loop: no opening, no gate, no grammar, and no penalty for what was said."""

    def __init__(self, trial: Trial, file: Path) -> None:
        """Load a model file."""
        prompts = load_prompts(PROMPTS, is_small=trial.is_small)
        self._desk = Desk(Load(str(file), trial.threads, _CONTEXT, prompts))
        self._desk.engine.repeat_penalty = 1.0
        self._trial = trial

    def write(self, subjects: Sequence[Subject]) -> list[str]:
        """Return an answer for each paper, a small model's up to the end of its first sentence."""
        jobs = []
        for n, one in enumerate(subjects):
            task = Task(kind=Kind.SUMMARY, title=one.title, abstract=one.abstract, shown=one.abstract)
            job = self._desk.job(n, task)
            bare = len(job.tokens) - len(self._desk.engine.tokens(job.opening, special=False))
            goes_on = _is_one_sentence if self._trial.is_small else lambda _text: True
            most = self._trial.most_tokens
            jobs.append(
                replace(job, tokens=job.tokens[:bare], opening="", goes_on=goes_on, most_tokens=most, grammar="")
            )
        texts = dict(self._desk.engine.write(jobs, lambda _n: None))
        return [texts[n] for n in range(len(jobs))]


def _is_one_sentence(text: str) -> bool:
    return "\n" not in text.strip() and len(split_sentences(text)) <= 1


def _first(text: str) -> str:
    line = text.strip().split("\n")[0]
    spans = split_sentences(line)
    return line[slice(*spans[0])] if spans else ""


def _spent() -> float:
    """Return the CPU seconds of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


class Clock:
    """CPU seconds by contender."""

    def __init__(self) -> None:
        """Begin with none."""
        self.seconds: dict[str, float] = {}

    @contextmanager
    def time(self, name: str) -> Iterator[None]:
        """Count what is spent in a block."""
        began = _spent()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + _spent() - began

    def report(self, papers: int, *against: str) -> None:
        """Print papers a minute of each, and times those of the contenders named."""
        for name, spent in self.seconds.items():
            ratios = "  ".join(f"{self.seconds[other] / spent:5.2f} x {other}" for other in against)
            print(f"{name:28} {60 * papers / spent:8.1f} papers/min of CPU  {ratios}", flush=True)


def _same_prompt(trial: Trial, loop: PlainLoop) -> None:
    """Compare answers to the same prompts."""
    contenders = {"ours, same file": Ours(trial, trial.file)}
    if trial.faster != trial.file:
        contenders["ours, faster file"] = Ours(trial, trial.faster)
    clock, equal = Clock(), Counter[str]()
    baseline = "loop, first sentence" if trial.is_small else "loop"
    for begin in range(0, len(trial.subjects), _GROUP):
        group = trial.subjects[begin : begin + _GROUP]
        if trial.is_small:
            with clock.time("loop, whole answers"):
                [loop.one(one, whole=True) for one in group]
        with clock.time(baseline):
            theirs = [loop.one(one, whole=not trial.is_small) for one in group]
        for name, ours in contenders.items():
            with clock.time(name):
                texts = ours.write(group)
            equal[name] += sum(
                one.strip() == other.strip() or (trial.is_small and _first(one) == _first(other))
                for one, other in zip(theirs, texts, strict=True)
            )
    clock.report(len(trial.subjects), *[name for name in clock.seconds if name.startswith("loop")])
    for name, count in equal.items():
        print(f"{name}: equal to the loop's for {count} of {len(trial.subjects)}", flush=True)


def _printed(trial: Trial, writer: Writer) -> dict[int, Summary]:
    return {n: texts["summary"] for n, texts in write_texts(trial.subjects, Kind.SUMMARY, writer)}


def _as_printed(trial: Trial, loop: PlainLoop) -> None:
    """Compare what readers get: gate, second try and fallback for both."""
    clock = Clock()
    with clock.time("loop, gate, fallback"):
        theirs = _printed(trial, loop)
    began = time.perf_counter()
    with clock.time("as used"), LlamaWriter(trial.file, Means(trial.threads, _CONTEXT, 600, _CACHE)) as writer:
        texts = _printed(trial, writer)
    print(f"as used, {trial.threads} core(s): {time.perf_counter() - began:.1f} s in all, with loading", flush=True)
    clock.report(len(trial.subjects), "loop, gate, fallback")
    for name, held in (("loop", theirs), ("as used", texts)):
        verdicts = Counter(one.verdict.value for one in held.values())
        print(f"{name}: {', '.join(f'{n} {verdict}' for verdict, n in verdicts.most_common())}")
    equal = sum(theirs[n].text == texts[n].text for n in texts)
    print(f"as used: the printed text is equal to the loop's for {equal} of {len(texts)}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"peak memory of a writing process: {peak / 1024:.0f} MB")


def _bandwidth() -> float:
    """Return the bytes a second that one core reads from memory (the best of five passes over half a gigabyte)."""
    block = np.ones(1 << 26, np.float64)
    best = 0.0
    for _ in range(5):
        began = time.perf_counter()
        block.sum()
        best = max(best, block.nbytes / (time.perf_counter() - began))
    return best


def _phi_3_shaped() -> Path:
    """Return a model of Phi-3-mini's shape, made once."""
    from tests.write.model.families import FAMILIES, Size, write_model  # noqa: PLC0415  needs the unpacked tokenizers

    folder = Path(tempfile.gettempdir()) / _PHI_3
    folder.mkdir(exist_ok=True)
    made = sorted(folder.glob("*.gguf"))
    if made:
        return made[0]
    (family,) = (family for family in FAMILIES if family.name == "Phi-3")
    size = Size(width=3072, layers=32, heads=32, forward=8192, context=4096, four_bits=True)
    with tempfile.TemporaryDirectory(dir=folder) as beside:
        return write_model(family, Path(beside), size).rename(folder / f"{_PHI_3}.gguf")


def main() -> None:
    """Run the comparisons and print them."""
    given = dict(enumerate(sys.argv))
    named = given.get(2, "embedded")
    file = _phi_3_shaped() if named == _PHI_3 else find_writer(named, Path())
    if file is None:
        sys.exit("name a model: there is nothing to measure with none")
    trial = Trial(file, int(given.get(3, 1)), int(given.get(4, _MOST_TOKENS)), _subjects(int(given.get(1, _PAPERS))))
    size, bandwidth = trial.faster.stat().st_size, _bandwidth()
    print(
        f"{file.name}, {file.stat().st_size / 1e6:.0f} MB, run as {size / 1e6:.0f} MB; "
        f"{trial.threads} thread(s), {len(trial.subjects)} papers, answers of {trial.most_tokens} tokens at most"
    )
    print(
        f"roofline: {bandwidth / 1e9:.0f} GB/s over {size / 1e6:.0f} MB = {bandwidth / size:.1f} steps/s, "
        f"each a token of one text, or of {_GROUP} at once",
        flush=True,
    )
    loop = PlainLoop(trial)
    _same_prompt(trial, loop)
    if named != _PHI_3:  # random weights print nothing
        _as_printed(trial, loop)


if __name__ == "__main__":
    main()
