"""A reader's tags, read and measured against."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from digest.errors import UsageError
from digest.evaluate.tags import TaggedPick, read_tagged, score_chooser
from digest.pipeline.models import taxonomy
from digest.pipeline.workshop import open_workshop
from digest.settings import load_settings
from digest.write.trials import TagScore
from tests.openai_stand_in import Reply, Stand, says, serve
from tests.tiny_encoder import write_tiny_encoder

ROW = {"title": "Looms", "abstract": "Cloth.", "tags": ["weaving"]}


@pytest.mark.parametrize("name", ["picks.jsonl", "picks.jsonl.gz"])
def test_picks_without_tags_or_abstract_are_passed_over(tmp_path: Path, name: str) -> None:
    rows = [ROW, ROW | {"tags": []}, ROW | {"abstract": None}, ROW | {"title": ""}]
    content = "\n".join(map(json.dumps, rows)).encode()
    file = tmp_path / name
    file.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert read_tagged(file) == [TaggedPick("Looms", "Cloth.", ("weaving",))]


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff", b'{"title": "a", "abstract": "b", "tags": 3}'])
def test_a_file_of_another_shape_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "picks.jsonl"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=r"picks\.jsonl"):
        read_tagged(file)


def test_a_file_that_is_not_there_or_not_gzipped_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read_tagged(tmp_path / "none.jsonl")
    (tmp_path / "picks.jsonl.gz").write_bytes(b"plain")
    with pytest.raises(UsageError, match="holds no picks with tags"):
        read_tagged(tmp_path / "picks.jsonl.gz")


TAGS = {"one": "agents", "two": "vision", "three": "surveys"}
TAG_MAP = "[topics]\n" + "".join(f'{slug} = ["{tag}"]\n' for tag, slug in TAGS.items())


@pytest.fixture
def tagged(tmp_path: Path) -> Path:
    """A folder with 12 tagged picks, a map of their tags and a tiny encoder."""
    names = list(TAGS)
    rows = [
        {"title": f"Paper {n}", "abstract": f"On cloth, of {n} kinds.", "tags": [names[n % 3], "other"]}
        for n in range(12)
    ]
    (tmp_path / "picks.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (tmp_path / "map.toml").write_text(TAG_MAP, encoding="utf-8")
    write_tiny_encoder(tmp_path / "encoder", [json.dumps(one | {"id": "2404.00001"}) for one in rows])
    return tmp_path


def _measured(folder: Path, chooser: str, limit: int | None = None) -> dict[str, TagScore]:
    (folder / "digest.toml").write_text(f'[models]\nencoder = "encoder"\n[tags]\n{chooser}', encoding="utf-8")
    settings = load_settings(folder / "digest.toml")
    with open_workshop(settings, lambda: datetime(2024, 5, 1, tzinfo=UTC), lambda *_: None) as workshop:
        scores = score_chooser(workshop, folder / "picks.jsonl", folder / "map.toml", limit)
    return {score.method: score for score in scores}


def test_a_chooser_is_measured_among_the_likeliest_topics_and_alone_on_the_held_out_half(tagged: Path) -> None:
    rows = [json.loads(line) for line in (tagged / "picks.jsonl").read_text(encoding="utf-8").splitlines()]
    right = {one["title"]: TAGS[one["tags"][0]] for one in rows}

    def knows(body: dict[str, Any]) -> Reply:
        title = body["messages"][0]["content"].split("\nTitle: ")[1].split("\n")[0]
        return says(json.dumps({"topics": [right[title]]}))

    stand = Stand(answer=knows)
    with serve(stand) as url:
        scores = _measured(tagged, f'chooser = "{url}"\nchooser_model = "llama3"\ncandidates = 2\n')
        assert list(scores) == [
            f"{method}, held-out" for method in ("nearest", "ours", "llama3 among 2", "llama3 alone")
        ]
        assert {score.papers for score in scores.values()} == {6}
        assert scores["llama3 alone, held-out"].f1 == 1
        # Where the right topic is not among the two that were offered, the answer is none, and the scores' stand.
        assert scores["ours, held-out"].f1 <= scores["llama3 among 2, held-out"].f1 < 1
        offered = [len(body["response_format"]["json_schema"]["schema"]["properties"]["topics"]["items"]["enum"])
                   for body in stand.asked]  # fmt: skip
        assert sorted(offered) == [2] * 6 + [len(taxonomy()[0])] * 6
        stand.answer = lambda _: says("I do not know.")
        lost = _measured(tagged, f'chooser = "{url}"\nchooser_model = "llama3"\n', limit=4)
        assert replace(lost["llama3 among 6, held-out"], method="") == replace(lost["ours, held-out"], method="")
        assert (lost["llama3 alone, held-out"].f1, lost["llama3 alone, held-out"].papers) == (0, 4)


def test_without_a_chooser_there_is_none_to_measure(tagged: Path) -> None:
    with pytest.raises(UsageError, match=r'tags\.chooser is "none": set it'):
        _measured(tagged, "")
