"""`digest check` reads the magazine's own lists and others, and holds them against the store."""

import json
from pathlib import Path

import pytest

from digest.errors import UsageError
from digest.issue.printed import Kind
from digest.paper import Paper
from digest.pipeline import harvesting
from digest.pipeline.checking import check_lists
from digest.pipeline.workshop import Workshop
from digest.store.papers import mark_withdrawn, save_papers

PINNED = "2404.07143"


@pytest.fixture
def filled(workshop: Workshop, publication: Path) -> Workshop:
    harvesting.harvest_file(workshop, publication / "papers.jsonl")
    return workshop


def test_the_magazines_own_lists_are_right(filled: Workshop) -> None:
    assert check_lists(filled, []) == []


def test_a_wrong_pin_is_found_with_its_line(filled: Workshop, publication: Path) -> None:
    file = publication / "site" / "content" / "2024-04" / "issue.toml"
    file.write_text(file.read_text().replace("Leave No Context Behind", "Rivers and Bridges of the Old World"))
    (finding,) = check_lists(filled, [])
    assert (finding.kind, finding.line) == (Kind.UNKNOWN_TITLE, 3) or finding.kind is Kind.RETITLED


def test_an_earlier_title_is_only_a_note(filled: Workshop, tmp_path: Path) -> None:
    now = Paper(arxiv_id=PINNED, version=9, title="A Wholly New Name for the Work", abstract="It is about memory.")
    save_papers(filled.store, [now])
    file = tmp_path / "list.md"
    file.write_text(
        "- [Leave No Context Behind: Efficient Infinite Context Transformers with Infini-attention]"
        f"(https://arxiv.org/abs/{PINNED})\n"
    )
    assert [one.kind for one in check_lists(filled, [file])] == [Kind.RETITLED]


@pytest.mark.parametrize("written", [PINNED, f"{PINNED}v2", f"arXiv:{PINNED}", f"https://arxiv.org/abs/{PINNED}v2"])
def test_a_withdrawn_paper_is_found_however_its_id_is_written(filled: Workshop, tmp_path: Path, written: str) -> None:
    mark_withdrawn(filled.store, [PINNED])
    file = tmp_path / "list.jsonl"
    file.write_text(json.dumps({"id": written}))
    assert [one.kind for one in check_lists(filled, [file])] == [Kind.WITHDRAWN]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.md", None, "cannot be read: No such file"),
        ("list.md", b"\xff\xfe", "is not UTF-8"),
        ("list.jsonl", b"{", "line 1: not JSON"),
    ],
)
def test_a_list_that_cannot_be_read_is_named(
    filled: Workshop, tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=said) as refused:
        check_lists(filled, [tmp_path / name])
    assert name in str(refused.value)
