"""A stand-in for arXiv, a template of a magazine, and what its first night leaves when nothing disturbs it."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

import pytest

from digest.harvest.snapshot import read_snapshot
from digest.paper import Paper
from digest.places import BUNDLED
from tests.arxiv_stand_in import ArxivStandIn, Stored, serve, stored
from tests.faults.magazine import NOON, Magazine, Undisturbed, make_template, renew, warm_up


@pytest.fixture(scope="session")
def stock() -> list[Stored]:
    """Some papers of April and May 2024, as arXiv has them."""
    records = islice(read_snapshot(BUNDLED / "april-2024.jsonl.gz"), 100, 200)
    papers = [record for record in records if isinstance(record, Paper) and record.arxiv_id.startswith("2404.")]
    return [
        stored(replace(paper, categories=("cs.CL",), submitted=date(2024, 4 + n % 2, 1 + n % 2)), n)
        for n, paper in enumerate(papers[:16])
    ]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication before its first night."""
    return make_template(tmp_path_factory.mktemp("template") / "magazine")


@pytest.fixture(scope="session")
def arxiv(stock: list[Stored], tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArxivStandIn]:
    """The stand-in, eight papers to a page."""
    before = {name: os.environ.get(name) for name in ("NO_PROXY", "XDG_CACHE_HOME")}
    os.environ["NO_PROXY"], os.environ["XDG_CACHE_HOME"] = "*", str(tmp_path_factory.mktemp("cache"))
    with serve(ArxivStandIn(list(stock), oai_page=8)) as stand_in:
        yield stand_in
    for name, value in before.items():
        if value is None:
            os.environ.pop(name)
        else:
            os.environ[name] = value


@pytest.fixture
def magazine(template: Path, arxiv: ArxivStandIn, tmp_path: Path) -> Iterator[Magazine]:
    """A new magazine; `renew` makes it new again."""
    arxiv.faults.clear()
    yield renew(tmp_path / "magazine", template, arxiv)
    arxiv.faults.clear()


@dataclass(frozen=True)
class SecondNight:
    """A magazine that has had its first night, and what an undisturbed second one with new papers leaves."""

    _folder: Path
    _arxiv: ArxivStandIn
    before: dict[str, object]
    after: dict[str, object]

    def lay_out(self, folder: Path) -> Magazine:
        """Put the magazine, as it was after its first night, into a folder."""
        shutil.copytree(self._folder, folder)
        return Magazine(folder, self._arxiv)


@pytest.fixture(scope="session")
def second(
    undisturbed: Undisturbed, template: Path, arxiv: ArxivStandIn, tmp_path_factory: pytest.TempPathFactory
) -> SecondNight:
    """A second night that has four new papers to print."""
    assert undisturbed.operations  # the fixture warms what the forks share
    arxiv.faults.clear()
    root, stock = tmp_path_factory.mktemp("second"), list(arxiv.papers)
    first = renew(root / "first", template, arxiv)
    arxiv.papers[:] = stock[:-4]
    assert first.night() == 0
    arxiv.papers[:] = stock
    both = root / "both"
    shutil.copytree(first.folder, both)
    whole = Magazine(both, arxiv)
    assert whole.night(now=NOON + timedelta(days=1)) == 0
    return SecondNight(first.folder, arxiv, first.state(), whole.state())


@pytest.fixture(scope="session")
def undisturbed(template: Path, arxiv: ArxivStandIn, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """The operations of a first night that nothing disturbs, and what it leaves."""
    arxiv.faults.clear()
    root = tmp_path_factory.mktemp("undisturbed")
    warm_up(renew(root / "warm", template, arxiv))
    magazine = renew(root / "magazine", template, arxiv)
    return Undisturbed(*magazine.operations(), magazine.state())
