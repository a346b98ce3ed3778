"""A month that was printed keeps its texts when another model comes, until that model has written about it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from digest.issue.printed import Kind
from digest.paper import Month, Verdict
from digest.pipeline import checking, making, night, printing
from digest.pipeline.workshop import Workshop, open_workshop
from digest.settings import load_settings
from digest.write.extract.sentences import extract_tldr
from digest.write.gate.check import Finding
from tests.openai_stand_in import Reply, Stand, says, serve
from tests.small_publication import SETTINGS, make_publication

APRIL = Month(2024, 4)


def _true_sentence(body: dict[str, Any]) -> Reply:
    words: str = body["messages"][0]["content"]
    title, abstract = words.rsplit("\nTitle: ", maxsplit=1)[-1].split("\nAbstract: ")
    text = extract_tldr(title, abstract).text
    return says(json.dumps(dict.fromkeys(("summary", "problem", "method", "result", "limits"), text)))


@contextmanager
def _opened(folder: Path, writer: str) -> Iterator[Workshop]:
    toml = SETTINGS.replace('writer = "none"', writer)
    (folder / "digest.toml").write_text(toml, encoding="utf-8")
    moment = datetime(2024, 8, 1, tzinfo=UTC)
    with open_workshop(load_settings(folder / "digest.toml"), lambda: moment, lambda *_: None) as workshop:
        yield workshop


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A publication whose April was written by a model that is gone since."""
    folder = make_publication(tmp_path / "publication")
    with (
        serve(Stand(answer=_true_sentence)) as url,
        _opened(folder, f'writer = "{url}"\nwriter_model = "llama3"\ndeadline = 60') as workshop,
    ):
        night.run_month(workshop, APRIL, from_file=folder / "papers.jsonl")
    return folder


def _page(folder: Path) -> bytes:
    return (folder / "site" / "public" / "2024-04" / "index.html").read_bytes()


@pytest.mark.parametrize("writer", ['writer = "none"', 'writer = "http://127.0.0.1:9/v1"\nwriter_model = "phi3"'])
def test_what_was_printed_stays_and_says_who_wrote_it(folder: Path, writer: str) -> None:
    printed = _page(folder)
    assert b"llama3" in printed
    with _opened(folder, writer) as workshop:
        printing.build(workshop)
        assert _page(folder) == printed
        material = making.material_of(workshop, APRIL)
        assert material.making.writer == "llama3"
        assert Verdict.PASSED in {one.summary.verdict for one in material.listed}
        assert any(one.aspects for one in material.listed)
        assert Kind.NO_SUMMARY not in {finding.kind for finding in checking.check_lists(workshop, [])}


def test_the_new_writer_replaces_all_of_it_once_it_has_written(folder: Path) -> None:
    with _opened(folder, 'writer = "none"') as workshop:
        making.write(workshop, APRIL)
        material = making.material_of(workshop, APRIL)
    assert material.making.writer == "none"
    assert {one.summary.verdict for one in material.listed} == {Verdict.EXTRACTED}
    assert not any(one.aspects for one in material.listed)


def test_what_the_gate_of_today_refuses_is_not_printed_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "check", lambda *_: Finding(failed="a new rule"))
    with _opened(folder, 'writer = "none"') as workshop:
        material = making.material_of(workshop, APRIL)
    assert {one.summary.verdict for one in material.listed} <= {Verdict.EXTRACTED, Verdict.FELL_BACK}
