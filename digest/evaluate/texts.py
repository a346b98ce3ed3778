"""Labelled data → how good the extracted and written texts, the gate and the tags are."""

import gzip
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Protocol

from digest.errors import UsageError
from digest.paper import Summary, Verdict
from digest.pipeline.models import writer_of
from digest.pipeline.workshop import Workshop
from digest.places import BUNDLED
from digest.text import plain_text, plain_title, split_sentences
from digest.write.ask.writer import Kind, Writer
from digest.write.extract.sentences import extract_tldr
from digest.write.extract.telling import ANNOUNCES
from digest.write.summarise import Subject, write_texts
from digest.write.trials import Tally, parse_labelled, try_gate

Write = Callable[[Sequence[tuple[str, str]]], list[Summary]]  # titles and abstracts → what is printed of each


@dataclass(frozen=True, slots=True)
class Example:
    """An abstract and the summaries of it that people wrote."""

    title: str
    abstract: str
    summaries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TierScore:
    """How near one way to make a TLDR comes to people's; ROUGE F1 (0..1, stemmed, best of the references)."""

    tier: str
    rouge1: float
    rouge2: float
    rouge_l: float
    with_title: float  # ROUGE-1 with the paper's title: a copied title has 1
    words: float  # mean length
    seconds: float  # a paper
    verdicts: dict[str, int]  # what the gate said, of written texts


def read_examples(file: Path, limit: int | None = None) -> list[Example]:
    """Read SciTLDR's JSONL: `title`, `source` (sentences) and `target` (summaries) a line.

    Raises:
        UsageError: the file cannot be read, holds nothing, or a line is not of that shape.
    """
    try:
        with file.open(encoding="utf-8") as content:  # a file's lines: JSON may hold what else ends one, U+2028
            lines = list(islice(content, limit))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {file}: {error}") from error
    examples = [_example(line, f"{file}, line {number}") for number, line in enumerate(lines, start=1)]
    if not examples:
        raise UsageError(f"{file} holds no examples")
    return examples


def _example(line: str, place: str) -> Example:
    try:
        row = json.loads(line)
        source, target = row["source"], row["target"]
        is_whole = bool(target) and all(isinstance(text, str) for text in [*source, *target])
        title = str(row.get("title") or "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        is_whole = False
    if not is_whole:
        raise UsageError(f"{place}: want SciTLDR's shape, an object with source and target, lists of sentences")
    return Example(title, " ".join(" ".join(source).split()), tuple(target))


def score_tldrs(examples: Sequence[Example], write: Write | None = None) -> list[TierScore]:
    """Score each way to make a TLDR on the examples; the written one where there is a writer.

    Raises:
        UsageError: rouge-score is not installed.
        ModelError: the writer failed.
    """
    tiers: list[tuple[str, Callable[[Example], str]]] = [
        ("title", lambda example: plain_title(example.title)),
        ("lead", lambda example: _sentences(example)[0]),
        ("first cue", _first_cue),
        ("extracted", lambda example: extract_tldr(example.title, example.abstract).text),
    ]
    rouge = _rouge()
    scores = []
    for tier, make in tiers:
        started = time.perf_counter()
        texts = [make(example) for example in examples]
        scores.append(_score(tier, texts, examples, rouge, seconds=time.perf_counter() - started))
    if write is not None:
        started = time.perf_counter()
        made = write([(example.title, example.abstract) for example in examples])
        seconds = time.perf_counter() - started
        verdicts = Counter(summary.verdict for summary in made)
        # A summary's second sentence gives a number; the reference is one sentence.
        first = [summary.text[slice(*split_sentences(summary.text)[0])] for summary in made]
        written = _score("written", first, examples, rouge, seconds=seconds)
        counted = {verdict.value: verdicts[verdict] for verdict in Verdict if verdicts[verdict]}
        scores.append(replace(written, verdicts=counted))
    return scores


def _sentences(example: Example) -> list[str]:
    return [plain_text(example.abstract[start:end]) for start, end in split_sentences(example.abstract)] or [""]


def _first_cue(example: Example) -> str:
    sentences = _sentences(example)
    return next((sentence for sentence in sentences if ANNOUNCES.search(sentence)), sentences[0])


class _Rouge(Protocol):
    def __call__(self, references: Sequence[str], text: str) -> tuple[float, float, float]:
        """Return the best ROUGE-1, ROUGE-2 and ROUGE-L F1 over the references."""
        ...


def _rouge() -> _Rouge:
    try:
        from rouge_score.rouge_scorer import RougeScorer  # noqa: PLC0415  an extra: only this measurement needs it
    except ImportError as error:
        raise UsageError("rouge-score is not installed: pip install 'digest-arxiv[eval]'") from error
    kinds = ("rouge1", "rouge2", "rougeL")
    scorer = RougeScorer(list(kinds), use_stemmer=True)

    def rouge(references: Sequence[str], text: str) -> tuple[float, float, float]:
        scores = [scorer.score(reference, text) for reference in references]
        best = [max(float(score[kind].fmeasure) for score in scores) for kind in kinds]
        return best[0], best[1], best[2]

    return rouge


def _score(tier: str, texts: Sequence[str], examples: Sequence[Example], rouge: _Rouge, *, seconds: float) -> TierScore:
    scores = [rouge(example.summaries, text) for example, text in zip(examples, texts, strict=True)]
    titles = [rouge([example.title], text)[0] for example, text in zip(examples, texts, strict=True)]
    return TierScore(
        tier=tier,
        rouge1=_mean(score[0] for score in scores),
        rouge2=_mean(score[1] for score in scores),
        rouge_l=_mean(score[2] for score in scores),
        with_title=_mean(titles),
        words=_mean(len(text.split()) for text in texts),
        seconds=seconds / len(examples),
        verdicts={},
    )


def _mean(values: Iterator[float] | Sequence[float]) -> float:
    found = list(values)
    return sum(found) / len(found)


@contextmanager
def writing_of(workshop: Workshop) -> Iterator[Write]:
    """Give what writes with the settings' writer, loaded once.

    Raises:
        UsageError: the settings name none.
        ModelError: it is missing or cannot be loaded.
    """
    writer = writer_of(workshop)
    if writer is None:
        raise UsageError('the settings name no writer (models.writer = "none"): nothing to measure with --writer')
    with writer:
        yield lambda papers: _written(papers, writer)


def _written(papers: Sequence[tuple[str, str]], writer: Writer) -> list[Summary]:
    subjects = [Subject(title, abstract) for title, abstract in papers]
    kind = Kind.SUMMARY if writer.is_small else Kind.TLDR  # a small model has one prompt for both
    text_of_place = {n: texts[kind.value] for n, texts in write_texts(subjects, kind, writer)}
    return [text_of_place[n] for n in range(len(papers))]


def score_gate(file: Path | None = None) -> list[Tally]:
    """Hold labelled sentences, the bundled ones by default, against the papers that are bundled.

    Raises:
        UsageError: the file cannot be read, or speaks of a paper that is not bundled.
    """
    file = file or BUNDLED / "gate-pairs.jsonl"
    try:
        labelled = parse_labelled(file.read_text(encoding="utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {file}: {error}") from error
    return try_gate(labelled, _bundled_papers())


def _bundled_papers() -> dict[str, tuple[str, str]]:
    with gzip.open(BUNDLED / "april-2024.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    rows += [json.loads(line) for line in (BUNDLED / "gate-papers.jsonl").read_text(encoding="utf-8").splitlines()]
    return {row["id"]: (row["title"], row["abstract"]) for row in rows}
