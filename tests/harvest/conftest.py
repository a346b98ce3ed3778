"""A stand-in for arXiv with a few papers, and a clock that does not make tests wait."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import pytest

from digest.harvest.snapshot import read_snapshot
from digest.paper import Paper
from digest.places import BUNDLED
from tests.arxiv_stand_in import ArxivStandIn, Stored, serve, stored


@pytest.fixture(scope="session")
def papers() -> list[Paper]:
    """25 bundled papers with different ids, as arXiv has them, in the order of their submission."""
    records = islice(read_snapshot(BUNDLED / "april-2024.jsonl.gz"), 40)
    found = {record.arxiv_id: record for record in records if isinstance(record, Paper)}
    whole = [stored(paper, n).paper for n, paper in enumerate(list(found.values())[:25])]
    in_reach = [replace(paper, categories=("cs.CL", "cs.LG")) for paper in whole]
    return sorted(in_reach, key=lambda paper: (str(paper.submitted), paper.arxiv_id))


@pytest.fixture
def arxiv(papers: list[Paper], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ArxivStandIn]:
    """The stand-in, serving the papers on a free port; no process but this one waits for its turn."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with serve(ArxivStandIn([as_stored(paper) for paper in papers])) as stand_in:
        yield stand_in


def as_stored(paper: Paper) -> Stored:
    assert paper.submitted
    assert paper.updated
    return Stored(paper, changed=paper.updated, announced=paper.submitted)


@dataclass
class Clock:
    """A monotonic clock that sleeping moves on, and nothing else but real work."""

    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return time.monotonic() + sum(self.slept)

    def sleep(self, seconds: float) -> None:
        if seconds:
            self.slept.append(seconds)


@pytest.fixture
def clock() -> Clock:
    """A clock that does not make tests wait."""
    return Clock()
