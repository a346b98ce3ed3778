"""A reading is drafted from the abstract, or from the full text where the licence allows and the user asks."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from digest.errors import GateRefused, SourceError, UsageError
from digest.pipeline import harvesting, reading
from digest.pipeline.workshop import Workshop, open_workshop
from digest.settings import load_settings
from tests.arxiv_stand_in import ArxivStandIn, serve
from tests.openai_stand_in import Reply, Stand, says
from tests.openai_stand_in import serve as serve_model

OPEN, CLOSED = "2404.00001", "2404.00002"
PAGE = b"""<html><h1>On Memory</h1><section id="S1"><h2>1 Introduction</h2>
<p id="S1.p1">We ask whether the memory of a model can be bounded.</p></section>
<section id="S3"><h2>3 Results</h2><p id="S3.p2">Our model outperforms the larger one by 3 points on MMLU.</p></section>
<section id="S5"><h2>5 Limitations</h2>
<p id="S5.p1">We did not test other languages than English.</p></section></html>"""


@pytest.fixture
def arxiv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ArxivStandIn]:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with serve(ArxivStandIn([], pages={f"/html/{OPEN}v1": PAGE})) as stand_in:
        yield stand_in


@pytest.fixture
def workshop(arxiv: ArxivStandIn, tmp_path: Path) -> Iterator[Workshop]:
    with _opened(arxiv, tmp_path, 'writer = "none"') as opened:
        yield opened


@contextmanager
def _opened(arxiv: ArxivStandIn, folder: Path, models: str) -> Iterator[Workshop]:
    """Open a store with a paper under CC BY and one under arXiv's own licence."""
    toml = f'[harvest]\nhtml_url = "{arxiv.url}/html"\n[models]\n{models}\n'
    (folder / "digest.toml").write_text(toml, encoding="utf-8")
    versions = [{"version": "v1", "created": "Mon, 1 Apr 2024 16:18:42 GMT"}]
    record = {"title": "On Memory", "abstract": "We propose a bounded memory.", "versions": versions}
    records = [
        record | {"id": OPEN, "license": "http://creativecommons.org/licenses/by/4.0/"},
        record | {"id": CLOSED, "license": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/"},
    ]
    (folder / "papers.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    settings = load_settings(folder / "digest.toml")
    with open_workshop(settings, lambda: datetime(2024, 5, 1, tzinfo=UTC), lambda *_: None) as opened:
        harvesting.harvest_file(opened, folder / "papers.jsonl")
        yield opened


@contextmanager
def _asking(arxiv: ArxivStandIn, folder: Path, stand: Stand) -> Iterator[Workshop]:
    with (
        serve_model(stand) as url,
        _opened(arxiv, folder, f'writer = "{url}"\nwriter_model = "llama3"\nat_once = 1\ndeadline = 60') as opened,
    ):
        yield opened


def _read(workshop: Workshop, arxiv_id: str, file: Path | None = None, *, full: bool = False) -> str:
    target, report = reading.read_paper(workshop, arxiv_id, file=file, full=full)
    assert report.outcome.changed
    return target.read_text(encoding="utf-8")


def test_the_abstract_is_read_where_nothing_else_is_asked_and_arxiv_is_left_alone(
    workshop: Workshop, arxiv: ArxivStandIn, tmp_path: Path
) -> None:
    text = _read(workshop, f"https://arxiv.org/abs/{CLOSED}")
    assert (
        f"- “We propose a bounded memory.” ([Abstract, sentence 1](https://arxiv.org/abs/{CLOSED}v1), characters 0–28)"
        in text
    )
    file = tmp_path / "site" / "content" / "2024-04" / f"reading-{CLOSED}.md"
    file.write_text("My own words now.", encoding="utf-8")
    with pytest.raises(UsageError, match="is there already and was left as it is"):
        reading.read_paper(workshop, CLOSED, file=None, full=False)
    assert file.read_text(encoding="utf-8") == "My own words now."
    assert arxiv.requests == []


def test_the_full_text_is_fetched_once_and_every_claim_leads_into_it(workshop: Workshop, arxiv: ArxivStandIn) -> None:
    text = _read(workshop, OPEN, full=True)
    page = f"{arxiv.url}/html/{OPEN}v1"
    assert (
        f"- “Our model outperforms the larger one by 3 points on MMLU.” ([“3 Results”]({page}#S3.p2), characters 0–57)"
        in text
    )
    assert (
        f"- “We did not test other languages than English.” ([“5 Limitations”]({page}#S5.p1), characters 0–45)" in text
    )
    assert "[this licence](http://creativecommons.org/licenses/by/4.0/)" in text
    assert arxiv.requests == [f"/html/{OPEN}v1"]


def test_a_closed_licence_keeps_the_full_text_out_and_nothing_is_fetched(
    workshop: Workshop, arxiv: ArxivStandIn, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_bytes(PAGE)
    for file, full in ((None, True), (tmp_path / "page.html", False)):
        with pytest.raises(GateRefused, match="only under CC0, CC BY or CC BY-SA"):
            reading.read_paper(workshop, CLOSED, file=file, full=full)
    assert arxiv.requests == []
    assert not (tmp_path / "site").exists()


def test_a_page_on_disk_does_as_well_and_needs_no_network(
    workshop: Workshop, arxiv: ArxivStandIn, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_bytes(PAGE)
    text = _read(workshop, OPEN, tmp_path / "page.html")
    assert "the full text (page.html)" in text
    assert "(“3 Results”, characters 0–57)" in text
    assert arxiv.requests == []


def test_a_paper_without_html_a_missing_file_and_an_unknown_paper_are_named(
    workshop: Workshop, arxiv: ArxivStandIn, tmp_path: Path
) -> None:
    arxiv.pages.clear()
    with pytest.raises(SourceError, match="HTTP 404: arXiv has no HTML of every paper: save its PDF"):
        reading.read_paper(workshop, OPEN, file=None, full=True)
    with pytest.raises(UsageError, match=r"gone\.pdf cannot be read"):
        reading.read_paper(workshop, OPEN, file=tmp_path / "gone.pdf", full=False)
    with pytest.raises(UsageError, match=r"digest harvest --id 2404\.99999"):
        reading.read_paper(workshop, "2404.99999", file=None, full=False)
    assert not (tmp_path / "site").exists()


TRUE_BY_QUESTION = {
    "What was found": "The model outperforms a larger one by 3 points on MMLU.",
    "What does it not show": "Languages other than English are not tested on code.",  # "on code" stands nowhere
}


def _answers(body: dict[str, Any]) -> Reply:
    words: str = body["messages"][0]["content"]
    answer = next((true for question, true in TRUE_BY_QUESTION.items() if question in words), "Not stated")
    return says(json.dumps({"answer": answer}))


def test_a_model_answers_from_the_quotations_and_what_they_do_not_bear_out_is_left_out_and_counted(
    arxiv: ArxivStandIn, tmp_path: Path
) -> None:
    stand, told = Stand(answer=_answers), list[tuple[str, int, int]]()
    with _asking(arxiv, tmp_path, stand) as workshop:
        watched = replace(workshop, progress=lambda *step: told.append(step))
        target, report = reading.read_paper(watched, OPEN, file=None, full=True)
    text = target.read_text(encoding="utf-8")
    page = f"{arxiv.url}/html/{OPEN}v1"
    found = "## 1.4 What was found" + text.split("## 1.4 What was found")[1].split("## 1.5")[0]
    assert found.splitlines()[4:] == [
        f"- **Model:** {TRUE_BY_QUESTION['What was found']} (rests on [“3 Results”]({page}#S3.p2), characters 0–57)",
        "",
        f"- “Our model outperforms the larger one by 3 points on MMLU.” ([“3 Results”]({page}#S3.p2), characters 0–57)",
        "",
    ]
    assert "on code" not in text
    assert "was written by llama3 (SHA-256 " in text
    assert "; 2 more did not pass and are left out." in text  # the second try of the same question as well
    assert report.outcome.counts == {"passages": 3, "claims": 3, "model's sentences": 1, "refused": 2}
    assert told == [("read", done, 3) for done in (1, 2, 3)]  # of the parts that hold anything
    assert not any("We propose" in body["messages"][0]["content"] for body in stand.asked)  # the abstract was not asked


def test_a_model_that_fails_costs_its_answers_and_the_draft_is_written(arxiv: ArxivStandIn, tmp_path: Path) -> None:
    with _asking(arxiv, tmp_path, Stand(answer=lambda _: (403, {}, b""))) as workshop:
        target, report = reading.read_paper(workshop, CLOSED, file=None, full=False)
    assert "“We propose a bounded memory.”" in target.read_text(encoding="utf-8")
    assert "**Model:**" not in target.read_text(encoding="utf-8")
    (warning,) = report.outcome.warnings
    assert warning.endswith(
        "answered 403: the key in DIGEST_WRITER_KEY has no right to it; "
        "of the other parts the draft holds the quotations alone"
    )


def test_no_model_is_asked_where_the_user_wants_none(arxiv: ArxivStandIn, tmp_path: Path) -> None:
    stand = Stand(answer=_answers)
    with _asking(arxiv, tmp_path, stand) as workshop:
        target, _ = reading.read_paper(workshop, CLOSED, file=None, full=False, with_model=False)
    assert stand.asked == []
    assert "odel" not in target.read_text(encoding="utf-8")


def test_a_model_file_that_is_gone_is_named_and_the_draft_is_written(arxiv: ArxivStandIn, tmp_path: Path) -> None:
    with _opened(arxiv, tmp_path, 'writer = "gone.gguf"') as workshop:
        target, report = reading.read_paper(workshop, CLOSED, file=None, full=False)
    assert "“We propose a bounded memory.”" in target.read_text(encoding="utf-8")
    assert "gone.gguf" in report.outcome.warnings[0]
