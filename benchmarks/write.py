"""Papers per minute of our writing against the loop anyone would write first, in the same run on the same papers.

python benchmarks/write.py [PAPERS] [MODEL.gguf] [THREADS]

Both are asked the same: the same prompt with the whole abstract, decoding greedily. "first sentence" stops both at the
same place: what the loop writes after its first sentence is not counted against it. CPU seconds are compared, so that a
busy machine does not matter; each way does all papers of a group before the other does, group by group.
"""

import gzip
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np

from digest.checksum import sha256_of
from digest.places import BUNDLED, PROMPTS
from digest.text import plain_text, plain_title, split_sentences
from digest.write.child import Desk, Load
from digest.write.faster import best_form, faster_file
from digest.write.llama import LlamaWriter, Means, find_writer
from digest.write.prompt import OPENINGS, load_prompts
from digest.write.summarise import Subject, write_texts
from digest.write.writer import Kind, Task

_PAPERS, _GROUP = 32, 16
_CONTEXT, _MOST_TOKENS = 2048, 128
_CACHE = Path("data/models")


def _subjects(count: int) -> list[Subject]:
    with gzip.open(BUNDLED / "april-2024.jsonl.gz", "rt", encoding="utf-8") as lines:
        papers = [json.loads(line) for line in lines]
    step = max(1, len(papers) // count)
    return [Subject(paper["title"], paper["abstract"]) for paper in papers[::step][:count]]


class PlainLoop:
    """Asks for one paper after another as every tutorial does: whole answers, no early stop."""

    def __init__(self, file: Path, threads: int) -> None:
        """Load the model."""
        self.model: Any = llama_cpp.Llama(
            str(file), n_ctx=_CONTEXT, n_threads=threads, n_threads_batch=threads, verbose=False
        )
        self.template = load_prompts(PROMPTS, is_small=True).words(Kind.SUMMARY, again=False)

    def write(self, subjects: Sequence[Subject], *, whole: bool) -> list[str]:
        """Return an answer for each paper; where not `whole`, each is stopped after its first sentence."""
        return [self._one(subject, whole=whole) for subject in subjects]

    def _one(self, subject: Subject, *, whole: bool) -> str:
        words = self.template.replace("{title}", plain_title(subject.title))
        messages = [{"role": "user", "content": words.replace("{abstract}", plain_text(subject.abstract))}]
        text = ""
        for part in self.model.create_chat_completion(
            messages, temperature=0.0, max_tokens=_MOST_TOKENS, stream=True, repeat_penalty=1.05
        ):
            text += part["choices"][0]["delta"].get("content") or ""
            if not whole and ("\n" in text.strip() or len(split_sentences(text)) > 1):
                break
        return text


def _tasks(subjects: Sequence[Subject]) -> list[Task]:
    return [Task(kind=Kind.SUMMARY, title=one.title, abstract=one.abstract, shown=one.abstract) for one in subjects]


def _ours(desk: Desk, subjects: Sequence[Subject]) -> list[str]:
    """Write the same answers with our engine: no opening, no gate, one sentence each."""
    jobs = []
    for n, task in enumerate(_tasks(subjects)):
        job = desk.job(n, task)
        bare = len(job.tokens) - len(desk.engine.tokens(job.opening, special=False))
        jobs.append(
            replace(job, tokens=job.tokens[:bare], opening="", goes_on=_is_one_sentence, most_tokens=_MOST_TOKENS)
        )
    texts = dict(desk.engine.write(jobs, lambda _n: None))
    return [texts[n] for n in range(len(jobs))]


def _is_one_sentence(text: str) -> bool:
    return "\n" not in text.strip() and len(split_sentences(text)) <= 1


def _first(text: str) -> str:
    line = text.strip().split("\n")[0]
    spans = split_sentences(line)
    return line[slice(*spans[0])] if spans else ""


def _timed(seconds: Counter[str], name: str, work: Callable[[], list[str]]) -> list[str]:
    began = time.process_time()
    done = work()
    seconds[name] += time.process_time() - began  # type: ignore[assignment]  # a Counter of seconds
    return done


def _compare(file: Path, faster: Path, threads: int, subjects: list[Subject]) -> None:
    loop = PlainLoop(file, threads)
    desk = Desk(Load(str(faster), threads, _CONTEXT, load_prompts(PROMPTS, is_small=True)))
    seconds: Counter[str] = Counter()
    agreed = 0
    for begin in range(0, len(subjects), _GROUP):
        group = subjects[begin : begin + _GROUP]
        _timed(seconds, "loop, whole answers", lambda group=group: loop.write(group, whole=True))  # type: ignore[misc]
        theirs = _timed(seconds, "loop, first sentence", lambda group=group: loop.write(group, whole=False))  # type: ignore[misc]
        ours = _timed(seconds, "ours, first sentence", lambda group=group: _ours(desk, group))  # type: ignore[misc]
        agreed += sum(_first(one) == _first(other) for one, other in zip(theirs, ours, strict=True))
    rate = {name: 60 * len(subjects) / spent for name, spent in seconds.items()}
    for name, papers in rate.items():
        faster_than = " ".join(f"{papers / rate[other]:6.2f} x" for other in list(rate)[:2])
        print(f"{name:28} {papers:8.1f} papers/min of CPU  {faster_than}")
    print(f"the same first sentence for {agreed} of {len(subjects)}")


def _as_used(file: Path, threads: int, subjects: list[Subject]) -> None:
    """Time the whole of it: short prompts, openings, the gate's early stop, the second try, the processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began, cpu = time.perf_counter(), time.process_time()
    with LlamaWriter(file, Means(threads, _CONTEXT, 600, _CACHE)) as writer:
        verdicts = Counter(texts["summary"].verdict.value for _, texts in write_texts(subjects, Kind.SUMMARY, writer))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = time.process_time() - cpu + after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    wall = time.perf_counter() - began
    print(
        f"as used, {threads} process(es)       {60 * len(subjects) / spent:8.1f} papers/min of CPU, {wall:.1f} s in all"
    )
    print(f"verdicts: {', '.join(f'{n} {verdict}' for verdict, n in verdicts.most_common())}")
    print(f"peak memory of a writing process: {after.ru_maxrss / 1024:.0f} MB")


def _bandwidth() -> float:
    """Return the bytes a second that one core reads from memory (the best of five passes over half a gigabyte)."""
    block = np.ones(1 << 26, np.float64)
    best = 0.0
    for _ in range(5):
        began = time.perf_counter()
        block.sum()
        best = max(best, block.nbytes / (time.perf_counter() - began))
    return best


def main() -> None:
    """Run the comparison and print it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else _PAPERS
    file = find_writer(sys.argv[2] if len(sys.argv) > 2 else "embedded", Path())  # noqa: PLR2004  the second argument
    threads = int(sys.argv[3]) if len(sys.argv) > 3 else 1  # noqa: PLR2004  the third argument
    if file is None:
        sys.exit("name a model: there is nothing to measure with none")
    faster = faster_file(file, sha256_of(file), best_form(file), _CACHE)
    size, bandwidth = faster.stat().st_size, _bandwidth()
    print(
        f"{file.name}, {file.stat().st_size / 1e6:.0f} MB, run as {size / 1e6:.0f} MB; "
        f"{threads} thread(s), {count} papers"
    )
    print(
        f"roofline: {bandwidth / 1e9:.0f} GB/s over {size / 1e6:.0f} MB = {bandwidth / size:.0f} steps/s, "
        f"each a token of one text, or of {_GROUP} at once"
    )
    subjects = _subjects(count)
    _compare(file, faster, threads, subjects)
    _as_used(file, threads, subjects)
    print(f"openings of a small model: {', '.join(OPENINGS)}")


if __name__ == "__main__":
    main()
