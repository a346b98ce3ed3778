"""Papers per minute of our writing against the loop anyone would write first, in the same run on the same papers.

python benchmarks/write.py [PAPERS] [MODEL.gguf | phi-3-mini-shaped] [THREADS] [TOKENS]

The loop is what tutorials show: one `Llama` with its own defaults but for the context's size and the threads, one
`create_chat_completion` a paper with temperature 0 and a bound on the answer, the whole abstract in the prompt, one
after the other; a second try follows its first one at once, so that llama-cpp-python's own reuse of what two prompts in
a row begin with serves it. A large model is held to JSON as tutorials do it, by `response_format` with a schema.

Comparisons, each with how often the outputs are equal:
- the same prompt with the whole abstract, decoded greedily, at most TOKENS of answer, held to no form. Of a large model
  each paper is asked twice, the second time with a refusal. "first sentence" stops a small model at the same place in
  both: what the loop writes after its first sentence is not counted against it. Ours reads the file as it is ("same
  file") and in the format that this processor multiplies fastest; other rounding, so here and there other words;
- what is printed in the end, by kind of text: the loop's answer held by the same gate, asked for once more where it is
  refused, and replaced by the extracted sentence after that, against ours as it is used (short prompts for a small
  model, early stop, processes, many papers at once).

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
from digest.write.ask.answers import schema
from digest.write.ask.prompt import load_prompts
from digest.write.ask.writer import FIELDS, MOST_TOKENS, Answer, Kind, Task
from digest.write.model.child import Desk, Load
from digest.write.model.faster import Form, best_form, faster_file
from digest.write.model.llama import LlamaWriter, Means, find_writer, is_small
from digest.write.summarise import Subject, write_texts

_PAPERS, _GROUP = 32, 16
_CONTEXT, _MOST_TOKENS = 2048, 128
_CACHE = Path("data/models")
_PHI_3 = "phi-3-mini-shaped"
_REFUSED = "words the abstract does not use"
_READ = 8  # papers, to tell how fast prompts are read

Texts = dict[str, Summary]  # by field


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
    """Asks for one paper after another, as said above; a writer too, whose texts the gate can hold."""

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
        """Yield each task's place and answer: a small model's first sentence, a large one's JSON."""
        for n, task in enumerate(tasks):
            subject = Subject(task.title, task.abstract)
            if self.is_small:
                yield n, Answer(_first(self.one(subject, refused=task.refused)))
            else:
                yield n, Answer(self.one(subject, refused=task.refused, held_to=task.kind))

    def one(self, subject: Subject, *, whole: bool = True, refused: str = "", held_to: Kind | None = None) -> str:
        """Return an answer, a small model's only up to the end of its first sentence where not `whole`."""
        kind = held_to or Kind.SUMMARY
        words = self.prompts.words(kind, again=bool(refused)).replace("{title}", plain_title(subject.title))
        words = words.replace("{abstract}", plain_text(subject.abstract)).replace("{refused}", refused)
        form = {"type": "json_object", "schema": schema(FIELDS[kind])} if held_to else None
        text = ""
        for part in self.model.create_chat_completion(
            [{"role": "user", "content": words}],
            temperature=0.0,
            max_tokens=MOST_TOKENS[kind] if held_to else self._most_tokens,
            response_format=form,
            stream=True,
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

    def write(self, subjects: Sequence[Subject], *, refused: str = "", most_tokens: int = 0) -> list[str]:
        """Return an answer for each paper, a small model's up to the end of its first sentence."""
        jobs = []
        for n, one in enumerate(subjects):
            task = Task(kind=Kind.SUMMARY, title=one.title, abstract=one.abstract, shown=one.abstract, refused=refused)
            job = self._desk.job(n, task)
            begun = len(self._desk.engine.tokens(job.opening, special=False))
            bare = replace(
                job,
                tokens=job.tokens[: len(job.tokens) - begun],
                first_try=job.first_try[: len(job.first_try) - begun],
                opening="",
                goes_on=_is_one_sentence if self._trial.is_small else lambda _text: True,
                most_tokens=most_tokens or self._trial.most_tokens,
                grammar="",
            )
            jobs.append(bare)
        texts = dict(self._desk.engine.write(jobs, lambda _n: None))
        return [texts[n] for n in range(len(jobs))]

    def reads(self, subjects: Sequence[Subject]) -> float:
        """Return how many tokens of prompts a second of CPU are read."""
        before, began = self._desk.engine.tokens_read, _spent()
        self.write(subjects, most_tokens=1)
        return (self._desk.engine.tokens_read - before) / (_spent() - began)


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
    for name, ours in contenders.items():
        print(f"{name}: reads {ours.reads(trial.subjects[:_READ]):.0f} tokens of prompts a second of CPU", flush=True)
    clock, equal = Clock(), Counter[str]()
    baseline = "loop, first sentence" if trial.is_small else "loop, two tries"
    asked = [""] if trial.is_small else ["", _REFUSED]
    for begin in range(0, len(trial.subjects), _GROUP):
        group = trial.subjects[begin : begin + _GROUP]
        if trial.is_small:
            with clock.time("loop, whole answers"):
                [loop.one(one) for one in group]
        with clock.time(baseline):
            theirs = [[loop.one(one, whole=not trial.is_small, refused=refused) for refused in asked] for one in group]
        for name, ours in contenders.items():
            with clock.time(name):
                texts = [ours.write(group, refused=refused) for refused in asked]
            equal[name] += sum(
                one.strip() == other.strip() or (trial.is_small and _first(one) == _first(other))
                for tries, others in zip(theirs, zip(*texts, strict=True), strict=True)
                for one, other in zip(tries, others, strict=True)
            )
    clock.report(len(trial.subjects), *[name for name in clock.seconds if name.startswith("loop")])
    for name, count in equal.items():
        print(f"{name}: equal to the loop's for {count} of {len(asked) * len(trial.subjects)}", flush=True)


def _as_printed(trial: Trial, loop: PlainLoop, kind: Kind) -> None:
    """Compare what readers get: gate, second try and fallback for both."""
    clock, theirs = Clock(), dict[int, Texts]()
    with clock.time("loop, gate, fallback"):
        for n, subject in enumerate(trial.subjects):
            ((_, theirs[n]),) = write_texts([subject], kind, loop)
    began = time.perf_counter()
    with clock.time("as used"), LlamaWriter(trial.file, Means(trial.threads, _CONTEXT, 600, _CACHE)) as writer:
        ours = dict(write_texts(trial.subjects, kind, writer))
    print(f"{kind}, {trial.threads} core(s): {time.perf_counter() - began:.1f} s in all, with loading", flush=True)
    clock.report(len(trial.subjects), "loop, gate, fallback")
    for name, held in (("loop", theirs), ("as used", ours)):
        verdicts = Counter(one.verdict.value for texts in held.values() for one in texts.values())
        print(f"{name}: {', '.join(f'{n} {verdict}' for verdict, n in verdicts.most_common())}")
    pairs = [(theirs[n][field].text, ours[n][field].text) for n in ours for field in FIELDS[kind]]
    print(f"as used: the printed text is equal to the loop's for {sum(a == b for a, b in pairs)} of {len(pairs)}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"peak memory of a writing process: {peak / 1024:.0f} MB", flush=True)


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
        for kind in (Kind.SUMMARY,) if trial.is_small else (Kind.SUMMARY, Kind.STRUCTURED):
            _as_printed(trial, loop, kind)


if __name__ == "__main__":
    main()
