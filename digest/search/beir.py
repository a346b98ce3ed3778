"""A folder in the layout of BEIR → documents, questions and which document answers which question.

Thakur et al. (2021), "BEIR: A heterogeneous benchmark for zero-shot evaluation of information retrieval models".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from digest.errors import UsageError

_GRADE = re.compile(r"-?\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a corpus."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the documents that answer it, each with its grade (1 and more)."""

    text: str
    gains: dict[str, int]


def read_corpus(folder: Path) -> Iterator[Document]:
    """Read corpus.jsonl: `_id`, `title` and `text` on each line.

    Raises:
        UsageError: it is missing, or a line is none of these.
    """
    for number, values in _lines(folder / "corpus.jsonl"):
        try:
            yield Document(str(values["_id"]), str(values.get("title") or ""), str(values["text"]))
        except KeyError as error:
            raise UsageError(f"{folder / 'corpus.jsonl'}, line {number}: it lacks {error}") from error


def read_questions(folder: Path, split: str) -> list[Question]:
    """Read queries.jsonl and qrels/SPLIT.tsv; a question that nothing answers is left out.

    Raises:
        UsageError: a file is missing, or a line is not as it must be.
    """
    file = folder / "qrels" / f"{split}.tsv"
    texts = {str(values.get("_id")): str(values.get("text") or "") for _, values in _lines(folder / "queries.jsonl")}
    gains: dict[str, dict[str, int]] = {}
    for number, line in enumerate(_read(file).splitlines(), 1):
        parts = line.split("\t")
        if number == 1 and not _GRADE.fullmatch(parts[-1].strip()):
            continue  # the heading
        if len(parts) != 3 or not _GRADE.fullmatch(parts[2].strip()):  # noqa: PLR2004  question, document, grade
            raise UsageError(f"{file}, line {number}: write it as question, document and grade, with tabs between")
        if int(parts[2]) > 0:
            gains.setdefault(parts[0], {})[parts[1]] = int(parts[2])
    return [Question(texts[key], answers) for key, answers in gains.items() if texts.get(key, "").strip()]


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: a folder in BEIR's layout has it ({error})") from error


def _lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(_read(file).split("\n"), 1):
        if not line.strip():
            continue
        try:
            values = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise UsageError(f"{file}, line {number}: it is not JSON") from error
        if not isinstance(values, dict):
            raise UsageError(f"{file}, line {number}: it is not a JSON object")
        yield number, values
