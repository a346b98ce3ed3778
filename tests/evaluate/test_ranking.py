"""A reader's picks are parted by time: learned from before a month, looked for in it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from digest.errors import UsageError
from digest.evaluate.ranking import Figures, Sources, evaluate
from digest.paper import Month
from digest.pipeline.workshop import Workshop, open_workshop
from digest.settings import load_settings
from tests.tiny_encoder import write_tiny_encoder

THEMES = ("mixture of experts routing for language models", "protein folding", "traffic forecasting", "soil moisture")
MARCH = Month(2024, 3)


def _paper(month: str, number: int) -> dict[str, object]:
    theme = THEMES[number % 4]
    abstract = f"We study {theme} in setting {number * 7 % 13}. The results on {theme} hold."
    return {"id": f"{month}.{number:05d}", "title": f"On {theme}", "abstract": abstract}


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    papers = [_paper(month, number) for month in ("2401", "2402", "2403") for number in range(40)]
    lines = [json.dumps(paper) for paper in papers]
    (tmp_path / "papers.jsonl").write_text("\n".join(lines), encoding="utf-8")
    picks = [
        json.dumps({"id": paper["id"], "picked": f"20{str(paper['id'])[:2]}-{str(paper['id'])[2:4]}-20"})
        for number, paper in enumerate(papers)
        if number % 4 == 0
    ]
    (tmp_path / "picks.jsonl").write_text("\n".join(picks), encoding="utf-8")
    write_tiny_encoder(tmp_path / "encoder", lines)
    (tmp_path / "digest.toml").write_text(
        '[models]\nencoder = "encoder"\n[select]\ninterests = ["experts"]\n', encoding="utf-8"
    )
    settings = load_settings(tmp_path / "digest.toml")
    with open_workshop(settings, lambda: datetime(2024, 5, 1, tzinfo=UTC), lambda *_: None) as opened:
        yield opened


def _evaluate(workshop: Workshop, *, month: Month = MARCH, **sources: Path) -> dict[str, Figures]:
    root = workshop.settings.root
    figures = evaluate(workshop, root / "picks.jsonl", [month], Sources(papers=root / "papers.jsonl", **sources))
    return {figure.ranking: figure for figure in figures}


def test_every_ranking_is_measured_on_the_same_month(workshop: Workshop) -> None:
    figures = _evaluate(workshop)
    assert {(one.month, one.papers, one.wanted) for one in figures.values()} == {("2024-03", 40, 10)}
    assert set(figures) == {
        "ours",
        "ours, without authors",
        "ours, with interests",
        "ours, with interests, without authors",
        "ridge on embeddings",
        "linear SVM on tf-idf",
        "random",
    }
    assert figures["ours"].auc == 1  # a theme of its own words
    assert 0.2 < figures["random"].auc < 0.8
    assert figures["ours"].recall_at_60 == figures["random"].recall_at_60 == 1  # 40 papers


def test_nothing_is_learned_from_what_is_wanted(workshop: Workshop) -> None:
    """Were the wanted papers learned from, those of a theme that was never picked would come first."""
    wanted = workshop.settings.root / "wanted.jsonl"
    wanted.write_text("\n".join(json.dumps({"id": _paper("2403", n)["id"]}) for n in range(1, 40, 4)), encoding="utf-8")
    assert _evaluate(workshop, wanted=wanted)["ours"].auc < 0.7


def test_vectors_are_kept_for_the_next_time(workshop: Workshop) -> None:
    cache = workshop.settings.root / "vectors.npz"
    first = _evaluate(workshop, cache=cache)
    written = cache.read_bytes()
    with np.load(cache) as held:
        assert len(held["ids"]) == 120
    assert _evaluate(workshop, cache=cache) == first
    assert cache.read_bytes() == written
    bare = BytesIO()
    np.save(bare, np.zeros(3))  # an array by itself
    for broken in (b"PK", written[:1000], bare.getvalue()):
        cache.write_bytes(broken)
        with pytest.raises(UsageError, match="is no file of vectors"):
            _evaluate(workshop, cache=cache)


def test_a_month_that_cannot_be_tested_is_named(workshop: Workshop) -> None:
    with pytest.raises(UsageError, match="2024-06 has 0 papers"):
        _evaluate(workshop, month=Month(2024, 6))
    with pytest.raises(UsageError, match="picked before 2024-01"):
        _evaluate(workshop, month=Month(2024, 1))
