"""A model in several files is one model: its size, its hash, what it writes, and what is said when one is missing."""

import hashlib
from pathlib import Path

import pytest

from digest.checksum import sha256_of
from digest.errors import ModelError
from digest.places import PROMPTS
from digest.write.ask.prompt import load_prompts
from digest.write.ask.writer import Kind, Task
from digest.write.model.child import Desk, Load
from digest.write.model.llama import describe_writer, find_writer
from digest.write.model.shards import files_of, hash_of, name_of, parameters_of
from tests.write.model.families import CONTEXT, FAMILIES, write_model

OPENELM = FAMILIES[-1]  # the one with the fewest words


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(OPENELM, tmp_path_factory.mktemp("whole"))


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return write_model(OPENELM, tmp_path, shard=8)


def test_its_files_are_counted_together(whole: Path, first: Path) -> None:
    files = files_of(first)
    assert files == sorted(first.parent.iterdir())
    assert len(files) > 2
    assert parameters_of(first) == parameters_of(whole) > 0
    facts = describe_writer(first)
    assert facts.size_bytes == sum(file.stat().st_size for file in files)
    assert (name_of(first), name_of(whole)) == ("OpenELM", "OpenELM")


def test_its_hash_changes_with_each_of_its_files(first: Path) -> None:
    before = hash_of(first)
    lines = "".join(f"{sha256_of(file)}\n" for file in files_of(first))
    assert before == hashlib.sha256(lines.encode()).hexdigest()  # sha256sum NAME-* | cut -d" " -f1 | sha256sum
    last = files_of(first)[-1]
    content = bytearray(last.read_bytes())
    content[-1] ^= 1
    last.write_bytes(content)
    assert hash_of(first) != before


def test_the_hash_of_one_file_is_its_own(whole: Path) -> None:
    assert hash_of(whole) == sha256_of(whole)


@pytest.mark.model
def test_it_writes_what_the_same_model_in_one_file_writes(whole: Path, first: Path) -> None:
    task = Task(kind=Kind.SUMMARY, title="A loom", abstract="We weave.", shown="We weave.")
    written = []
    for file in (whole, first):
        told: list[dict[str, object]] = []
        desk = Desk(Load(str(file), 1, CONTEXT, load_prompts(PROMPTS, is_small=False)))
        desk.write([task], lambda message, told=told: told.append(dict(message)))  # type: ignore[misc]
        written.append([message for message in told if "text" in message])
    assert written[0] == written[1] != []


def test_one_that_is_missing_or_cut_short_is_named(first: Path) -> None:
    *_, last = files_of(first)
    content = last.read_bytes()
    last.write_bytes(content[: len(content) // 4])
    with pytest.raises(ModelError, match=rf"{last.name} is cut short"):
        find_writer(str(first), Path())
    last.unlink()
    with pytest.raises(ModelError, match=rf"{last.name} is missing: fetch it into the same folder"):
        find_writer(str(first), Path())


def test_another_than_the_first_is_refused_with_the_first_ones_name(first: Path) -> None:
    second = files_of(first)[1]
    with pytest.raises(ModelError, match=rf"set select.rater to {first}"):
        find_writer(str(second), Path(), "select.rater")


def test_a_name_alone_makes_no_shard(whole: Path, tmp_path: Path) -> None:
    alone = tmp_path / "night-00001-of-01001.gguf"
    alone.write_bytes(whole.read_bytes())
    assert files_of(alone) == [alone]
