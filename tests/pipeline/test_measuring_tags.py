"""A reader's tags, read and measured against."""

import gzip
import json
from pathlib import Path

import pytest

from digest.errors import UsageError
from digest.pipeline.measuring_tags import TaggedPick, read_tagged

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
    with pytest.raises(UsageError, match="cannot read"):
        read_tagged(tmp_path / "picks.jsonl.gz")
