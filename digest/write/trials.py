"""Labelled sentences and topics of real papers → how often the gate and the tags are right (pure)."""

import io
import json
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from digest.errors import UsageError
from digest.write.gate.check import check

HELD_OUT, CALIBRATION = "held-out", "calibration"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence about a paper, labelled by a person who read both."""

    arxiv_id: str
    half: str  # "calibration", which the rules were set on, or "held-out"; a paper lies in one of them
    kind: str  # "true ..." or what was made false in it
    text: str

    @property
    def is_true(self) -> bool:
        """Whether it may be printed."""
        return self.kind.startswith("true")


@dataclass(frozen=True, slots=True)
class Tally:
    """How the gate did on the sentences of one kind."""

    half: str
    kind: str
    sentences: int
    refused: int
    precision: float  # of the refusals of this kind and of true sentences, the share that was right
    recall: float  # of this kind, the share that was refused


def parse_labelled(text: str, name: str) -> list[Labelled]:
    """Read labelled sentences, one JSON object a line.

    Raises:
        UsageError: a line is not one, with its number.
    """
    found = []
    for number, line in enumerate(io.StringIO(text), start=1):  # JSON may hold what else ends a line: U+2028
        try:
            row = json.loads(line)
            found.append(Labelled(row["id"], row["half"], row["kind"], row["text"]))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UsageError(f"{name}, line {number}: want an object with id, half, kind and text") from error
    if not found:
        raise UsageError(f"{name} holds no labelled sentences")
    return found


def try_gate(labelled: Sequence[Labelled], papers: Mapping[str, tuple[str, str]]) -> list[Tally]:
    """Hold every sentence against its paper's title and abstract; each half's kinds, the true ones first.

    Raises:
        UsageError: a paper is not among `papers`.
    """
    missing = next((row.arxiv_id for row in labelled if row.arxiv_id not in papers), "")
    if missing:
        raise UsageError(f"no abstract of {missing} is at hand for its labelled sentences")
    verdicts = [(row, not check(row.text, *papers[row.arxiv_id]).ok) for row in labelled]
    halves = list(dict.fromkeys(row.half for row in labelled))
    tallies = [tally for half in sorted(halves) for tally in _of_half(half, (half,), verdicts)]
    kept_apart = [half for half in halves if half.startswith(HELD_OUT)]
    return tallies + (_of_half(f"{HELD_OUT}, all", kept_apart, verdicts) if len(kept_apart) > 1 else [])


def _of_half(name: str, halves: Collection[str], verdicts: Iterable[tuple[Labelled, bool]]) -> list[Tally]:
    mine = [(row, refused) for row, refused in verdicts if row.half in halves]
    wrongly = sum(refused for row, refused in mine if row.is_true)
    kinds = sorted({row.kind for row, _ in mine}, key=lambda kind: (not kind.startswith("true"), kind))
    groups = [(kind, [refused for row, refused in mine if row.kind == kind]) for kind in kinds]
    groups.append(("all that is false", [refused for row, refused in mine if not row.is_true]))
    return [
        Tally(
            half=name,
            kind=kind,
            sentences=len(refusals),
            refused=sum(refusals),
            precision=0.0 if kind.startswith("true") else sum(refusals) / max(1, sum(refusals) + wrongly),
            recall=sum(refusals) / max(1, len(refusals)),
        )
        for kind, refusals in groups
    ]


@dataclass(frozen=True, slots=True)
class TagScore:
    """How given topics compare with a reader's, over all papers together (micro-averages, 0..1)."""

    method: str
    papers: int
    f1: float
    precision: float
    recall: float
    first_right: float  # share of papers whose first topic is one of the reader's


def parse_tag_map(text: str, name: str, topics: Collection[str]) -> dict[str, str]:
    """Read which of a reader's tags mean which topic: tag → slug.

    Raises:
        UsageError: it is not TOML, has no such table, or speaks of a topic that the taxonomy lacks.
    """
    try:
        table = tomllib.loads(text)["topics"]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise UsageError(f"{name}: want a TOML table [topics] of lists of tags: {error}") from error
    unknown = next((slug for slug in table if slug not in topics), "")
    if unknown:
        raise UsageError(f"{name}: the taxonomy has no topic {unknown!r}")
    return {tag: slug for slug, tags in table.items() for tag in tags}


def score_tags(method: str, given: Sequence[Sequence[str]], wanted: Sequence[Collection[str]]) -> TagScore:
    """Compare the topics given to papers with those wanted; papers of which none is wanted are passed over.

    Raises:
        UsageError: none is wanted of any paper.
    """
    pairs = [(list(mine), set(theirs)) for mine, theirs in zip(given, wanted, strict=True) if theirs]
    if not pairs:
        raise UsageError("no paper has a tag that means a topic: nothing to measure against")
    right = sum(len(theirs.intersection(mine)) for mine, theirs in pairs)
    said, held = sum(len(mine) for mine, _ in pairs), sum(len(theirs) for _, theirs in pairs)
    return TagScore(
        method=method,
        papers=len(pairs),
        f1=2 * right / (said + held),
        precision=right / max(1, said),
        recall=right / held,
        first_right=sum(mine[0] in theirs for mine, theirs in pairs if mine) / len(pairs),
    )
