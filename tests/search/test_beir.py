"""A folder in BEIR's layout is read, and what is wrong in it is named."""

from pathlib import Path

import pytest

from digest.errors import UsageError
from digest.search.beir import Document, read_corpus, read_questions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text(
        '{"_id": "a", "title": "T", "text": "x"}\n{"_id": 2, "text": "y"}\n', "utf-8"
    )
    (tmp_path / "queries.jsonl").write_text('{"_id": "q", "text": "what"}\n{"_id": "r", "text": "who"}\n', "utf-8")
    (tmp_path / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq\ta\t2\nq\t2\t0\nr\ta\t0\nz\ta\t1\n", "utf-8"
    )
    return tmp_path


def test_a_corpus_and_its_questions_are_read(folder: Path) -> None:
    assert list(read_corpus(folder)) == [Document("a", "T", "x"), Document("2", "", "y")]
    questions = read_questions(folder, "test")
    assert [(question.text, question.gains) for question in questions] == [("what", {"a": 2})]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("qrels/test.tsv", "q\ta\n", r"test\.tsv, line 1"),
        ("qrels/test.tsv", "q\ta\t--5\n", r"test\.tsv, line 1"),
        ("queries.jsonl", "{", r"queries\.jsonl, line 1: it is not JSON"),
        ("queries.jsonl", "[]", "not a JSON object"),
    ],
)
def test_what_is_wrong_is_named(folder: Path, name: str, content: str, complaint: str) -> None:
    (folder / name).write_text("q\ta\t1\n" * (name[0] == "q" and "tsv" in name) + content, "utf-8")
    with pytest.raises(UsageError, match=complaint if "line 1" not in complaint or "tsv" not in name else "line 2"):
        read_questions(folder, "test")


def test_a_document_without_a_text_and_a_missing_file_are_named(folder: Path) -> None:
    (folder / "corpus.jsonl").write_text('{"_id": "a"}', "utf-8")
    with pytest.raises(UsageError, match="line 1: it lacks 'text'"):
        list(read_corpus(folder))
    with pytest.raises(UsageError, match=r"dev\.tsv cannot be read"):
        read_questions(folder, "dev")
