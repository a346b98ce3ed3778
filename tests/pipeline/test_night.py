"""A month goes from a file to a site: resumable, repeatable, and refused where a gate says no."""

from dataclasses import replace
from pathlib import Path

import pytest

from digest.errors import GateRefused, UsageError
from digest.paper import Month, Verdict
from digest.pipeline import choosing, gathering, harvesting, lookup, making, night
from digest.pipeline.models import writer_of
from digest.pipeline.workshop import StageReport, Workshop
from digest.search.query import parse_query
from digest.settings import Settings
from digest.store import issues, runs
from digest.store.papers import papers_by_id
from digest.store.writings import summaries
from digest.write.ask.writer import Kind

pytestmark = pytest.mark.model
APRIL = Month(2024, 4)
PINNED = "2404.07143"


def _run(workshop: Workshop) -> list[StageReport]:
    return night.run_month(workshop, APRIL, from_file=workshop.settings.root / "papers.jsonl")


def _files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def _with(workshop: Workshop, **sections: object) -> Workshop:
    return replace(workshop, settings=Settings.model_construct(**{**dict(workshop.settings), **sections}))


def test_a_month_goes_from_a_file_to_a_site_and_a_second_run_does_nothing(workshop: Workshop) -> None:
    reports = _run(workshop)
    site = workshop.settings.root / "site" / "public"
    assert [report.stage for report in reports] == ["harvest", "picks", "embed", "tag", "select", "write", "build"]
    assert all(report.outcome.changed for report in reports)
    page = (site / "2024-04" / "index.html").read_text(encoding="utf-8")
    assert "Can memory be bounded?" in page
    assert f"https://arxiv.org/abs/{PINNED}" in page
    assert (site / "papers" / PINNED / "index.html").is_file()
    before = _files(site)
    again = _run(workshop)
    assert not any(report.outcome.changed for report in again)
    assert _files(site) == before
    hits = lookup.Searcher(workshop).search(parse_query("bounded memory for infinitely long inputs"), 3).papers
    assert hits[0].arxiv_id == PINNED
    assert PINNED not in [hit.arxiv_id for hit in lookup.similar(workshop, PINNED, 5).papers]


def test_a_night_that_was_cut_short_ends_with_the_same_site(workshop: Workshop, tmp_path: Path) -> None:
    harvesting.harvest_file(workshop, tmp_path / "papers.jsonl")
    gathering.import_picks(workshop)
    gathering.embed(workshop)
    choosing.tag(workshop, APRIL)
    _run(workshop)
    resumed = _files(tmp_path / "site" / "public")
    for derived in ("data", "site/public"):
        (tmp_path / derived).rename(tmp_path / f"{derived.replace('/', '-')}-before")
    with_new_store = replace(workshop, store=_reopened(workshop))
    _run(with_new_store)
    with_new_store.store.close()
    assert _files(tmp_path / "site" / "public") == resumed


def _reopened(workshop: Workshop):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from digest.store.database import open_store  # noqa: PLC0415

    workshop.store.close()
    return open_store(workshop.settings.path(workshop.settings.store))


def test_the_editors_change_of_one_line_wins_at_the_next_run(workshop: Workshop, tmp_path: Path) -> None:
    _run(workshop)
    listed = [choice.arxiv_id for _, choice in issues.choices(workshop.store, APRIL)]
    hidden = next(arxiv_id for arxiv_id in listed if arxiv_id != PINNED)
    file = tmp_path / "site" / "content" / "2024-04" / "issue.toml"
    title = papers_by_id(workshop.store, [hidden])[hidden].paper.title.replace('"', "'")
    file.write_text(f'hides = [{{ id = "{hidden}", title = "{title}" }}]\n' + file.read_text())
    changed = [report.stage for report in _run(workshop) if report.outcome.changed]
    assert changed == ["select", "write", "build"]
    assert hidden not in [choice.arxiv_id for _, choice in issues.choices(workshop.store, APRIL)]


def test_a_title_of_another_paper_stops_the_night_and_leaves_the_site(workshop: Workshop, tmp_path: Path) -> None:
    _run(workshop)
    before = _files(tmp_path / "site" / "public")
    file = tmp_path / "site" / "content" / "2024-04" / "issue.toml"
    file.write_text(file.read_text().replace("Leave No Context Behind: Efficient Infinite", "KAN: Kolmogorov-Arnold"))
    with pytest.raises(UsageError, match=PINNED):
        _run(workshop)
    assert _files(tmp_path / "site" / "public") == before
    assert PINNED in runs.runs(workshop.store)[0].failure


def test_a_source_that_is_down_does_not_end_the_night(workshop: Workshop) -> None:
    _run(workshop)
    nowhere = workshop.settings.harvest.model_copy(update={"api_url": "http://127.0.0.1:9/api/query"})
    reports = night.run_month(_with(workshop, harvest=nowhere), APRIL)
    assert reports[0].failure
    assert "\n" not in reports[0].failure
    assert [report.stage for report in reports][-1] == "build"


def test_real_summaries_are_gated_and_too_many_refusals_publish_nothing(workshop: Workshop) -> None:
    models = workshop.settings.models.model_copy(update={"writer": "embedded"})
    few = workshop.settings.select.model_copy(update={"entries": 3})
    strict = workshop.settings.gate.model_copy(update={"max_fallback_share": 0.0})
    written = _with(workshop, models=models, select=few, gate=strict)
    with pytest.raises(GateRefused, match="max_fallback_share"):
        _run(written)
    assert not (workshop.settings.root / "site" / "public").exists()
    texts = summaries(workshop.store, making.recipe_of(Kind.SUMMARY, "summary", writer_of(written)))
    assert len(texts) == 3
    assert all(text.evidence and text.text for text in texts.values())
    assert any(text.verdict is Verdict.FELL_BACK and text.failed_check for text in texts.values())
