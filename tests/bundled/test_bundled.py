import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest

from digest.harvest.snapshot import read_snapshot
from digest.paper import Month, Paper, split_arxiv_id
from digest.places import BUNDLED


def lines(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(BUNDLED / name, "rt", encoding="utf-8") as packed:
        yield from map(json.loads, packed)


@pytest.fixture(scope="module")
def april() -> dict[str, Paper]:
    records = list(read_snapshot(BUNDLED / "april-2024.jsonl.gz"))
    papers = {record.arxiv_id: record for record in records if isinstance(record, Paper)}
    assert len(records) == 2276
    assert len(papers) == 2275  # DeLighT comes twice; nothing was set aside
    return papers


def test_april_holds_the_papers_an_issue_of_april_needs(april: dict[str, Paper]) -> None:
    titles = {arxiv_id: april[arxiv_id].title for arxiv_id in ("2404.19756", "2404.02258", "2404.07143", "2404.14219")}
    assert "KAN" in titles["2404.19756"]
    assert "Mixture-of-Depths" in titles["2404.02258"]
    assert "Infini-attention" in titles["2404.07143"]
    assert "Phi-3" in titles["2404.14219"]


def test_april_is_nearly_all_of_april(april: dict[str, Paper]) -> None:
    others = {arxiv_id for arxiv_id, paper in april.items() if paper.month != Month(2024, 4)}
    assert len(others) < 100


def test_names_that_were_read_family_name_first_are_put_right(april: dict[str, Paper]) -> None:
    assert april["2404.00859"].authors == ("Wilson Wu", "John X. Morris", "Lionel Levine")
    assert april["2404.05427"].authors[0] == "Yuntong Zhang"


def test_no_list_of_authors_is_cut_short(april: dict[str, Paper]) -> None:
    assert not [paper.authors for paper in april.values() if any("et al" in name for name in paper.authors)]
    assert sum(bool(paper.authors) for paper in april.values()) == 558


def test_every_pick_has_what_a_profile_needs() -> None:
    picks = list(lines("picks.jsonl.gz"))
    assert len(picks) == 773
    assert all(set(pick) == {"picked", "id", "title", "abstract", "tags"} for pick in picks)
    assert all(pick["title"].strip() and pick["abstract"].strip() for pick in picks)
    assert all(split_arxiv_id(pick["id"])[1] == 0 for pick in picks)


def test_the_picks_were_made_before_april_so_that_they_cannot_know_it() -> None:
    assert max(pick["picked"] for pick in lines("picks.jsonl.gz")) < "2024-04-01"


def test_the_notice_thanks_arxiv_and_names_the_licence() -> None:
    notice = (BUNDLED / "NOTICE.md").read_text(encoding="utf-8")
    assert "CC0 1.0" in notice
    assert "Thank you to arXiv for use of its open access interoperability." in notice
    assert all(file.name in notice for file in BUNDLED.glob("*.gz"))
