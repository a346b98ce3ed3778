"""Papers per minute of our writing against the loop anyone would write first, in the same run on the same papers.

python benchmarks/write.py [PAPERS] [MODEL.gguf] [THREADS]
"""

import gzip
import json
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import llama_cpp

from digest.places import BUNDLED
from digest.write.extract import extract_tldr
from digest.write.llama import Writer, find_writer, load_writer
from digest.write.summarise import prompt_template, summarise

_PAPERS = 20
_CONTEXT = 2048
_EXTRACTED = 1000  # papers: one takes about a millisecond


def _papers(count: int) -> list[tuple[str, str]]:
    with gzip.open(BUNDLED / "april-2024.jsonl.gz", "rt", encoding="utf-8") as lines:
        papers = [json.loads(line) for line in lines]
    step = max(1, len(papers) // count)
    return [(paper["title"], paper["abstract"]) for paper in papers[::step][:count]]


def _plain_loop(model: Any, title: str, abstract: str) -> str:  # noqa: ANN401  llama_cpp has no types
    """Ask for one sentence as every tutorial does: whole answers, no early stop."""
    prompt = prompt_template().replace("{title}", title).replace("{abstract}", abstract)
    answer = model.create_chat_completion([{"role": "user", "content": prompt}], temperature=0.0, max_tokens=128)
    return str(answer["choices"][0]["message"]["content"])


def _always(_begun: str) -> bool:
    return True


def _compare(writer: Writer, model: Any, papers: list[tuple[str, str]]) -> None:  # noqa: ANN401  llama_cpp has no types
    """Time both ways paper by paper, so that a busy machine slows both alike."""
    seconds: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    for title, abstract in papers:
        began = time.perf_counter()
        _plain_loop(model, title, abstract)
        looped = time.perf_counter()
        writer.write(title, abstract, 0, _always)
        once = time.perf_counter()
        verdicts[summarise(title, abstract, writer).verdict] += 1
        ended = time.perf_counter()
        seconds += Counter({"plain": looped - began, "once": once - looped, "gated": ended - once})
    rate = {name: 60 * len(papers) / spent for name, spent in seconds.items()}
    print(f"plain loop, ungated          {rate['plain']:8.1f} papers/min")
    print(f"our writer, one answer       {rate['once']:8.1f} papers/min, {rate['once'] / rate['plain']:.2f} x")
    print(f"our writer, gated and retried{rate['gated']:8.1f} papers/min, {rate['gated'] / rate['plain']:.2f} x")
    print(f"verdicts of {len(papers)}: {', '.join(f'{n} {verdict}' for verdict, n in verdicts.most_common())}")


def _time_extraction() -> None:
    papers = _papers(_EXTRACTED)
    began = time.process_time()
    for title, abstract in papers:
        extract_tldr(title, abstract)
    print(f"extracted sentences          {len(papers) / (time.process_time() - began):8.0f} papers/s on one core")


def main() -> None:
    """Run the comparison and print it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else _PAPERS
    file = find_writer(sys.argv[2] if len(sys.argv) > 2 else "embedded", Path())  # noqa: PLR2004  the second argument
    threads = int(sys.argv[3]) if len(sys.argv) > 3 else 1  # noqa: PLR2004  the third argument
    if file is None:
        sys.exit("name a model: there is nothing to measure with none")
    _time_extraction()
    writer = load_writer(file, threads, _CONTEXT, prompt_template())
    model = llama_cpp.Llama(str(file), n_ctx=_CONTEXT, n_threads=threads, n_threads_batch=threads, verbose=False)
    print(f"{file.name}, {file.stat().st_size / 1e6:.0f} MB, {threads} thread(s), {count} papers of April 2024")
    _compare(writer, model, _papers(count))
    print(f"peak memory, both models loaded: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
