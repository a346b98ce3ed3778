"""A month of nights on which all sorts of things go wrong ends as one clean harvest does."""

from pathlib import Path

from tests.arxiv_stand_in import ArxivStandIn
from tests.faults.magazine import Magazine, Undisturbed, renew, tree
from tests.faults.month import NIGHTS, SEED, NightTold, last_night, papers_of_the_month, spend_month, whole_month


def test_a_month_of_troubled_nights_ends_with_the_site_of_one_clean_harvest(
    undisturbed: Undisturbed, template: Path, arxiv: ArxivStandIn, tmp_path: Path
) -> None:
    assert undisturbed.operations  # the fixture warms what the forks share
    before, day, papers = list(arxiv.papers), arxiv.today, papers_of_the_month()
    try:
        magazine = renew(tmp_path / "magazine", template, arxiv)
        nights = list(spend_month(magazine, papers, seed=SEED))
        clean = renew(tmp_path / "clean", template, arxiv)
        whole_month(papers, arxiv)
        assert clean.night(now=last_night()) == 0
    finally:
        arxiv.papers[:], arxiv.today = before, day
    check_that_things_went_wrong(nights)
    check_the_end(magazine, clean)


def check_that_things_went_wrong(nights: list[NightTold]) -> None:
    assert [night.number for night in nights] == list(range(1, NIGHTS + 1))
    assert len({night.trouble for night in nights}) > 6
    assert {night.status for night in nights} >= {None, 0, 1, 3}
    assert any(night.status is not None and night.status < 0 for night in nights)
    assert all(night.status in {0, 3} for night in nights if not night.trouble)
    held = [night.held for night in nights]
    assert held == sorted(held)


def check_the_end(magazine: Magazine, clean: Magazine) -> None:
    site, expected = tree(magazine.folder / "site" / "public"), tree(clean.folder / "site" / "public")
    assert site.keys() == expected.keys()
    assert [path for path in site if site[path] != expected[path]] == []
    assert magazine.published() == clean.published()
    assert magazine.state()["leftovers"] == []
    rows, expected_rows = magazine.state()["store"], clean.state()["store"]
    assert isinstance(rows, dict)
    assert isinstance(expected_rows, dict)
    assert {row[0] for row in rows["paper"]} == {row[0] for row in expected_rows["paper"]}
