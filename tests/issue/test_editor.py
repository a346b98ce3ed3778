"""The editor's file says what it means, and what is wrong with it is named with its line."""

from pathlib import Path

import pytest

from digest.errors import UsageError
from digest.issue.editor import EditorFile, check_titles, load_editor_file, parse_editor_file, same_title

WHOLE = """\
title = "How good?"
subtitle = "In April"
editor = "Ed"
published = 2024-05-12
opening = "opening.md"
hides = [
  { id = "2404.00001", title = "Hidden" },
]

[[features]]
slug = "models"
title = "Models"
file = "models.md"
papers = ["2404.14219"]

[[papers]]
id = "2404.19756"
title = "KAN: Kolmogorov-Arnold Networks"
starred = true
note = "Read it."

[[papers]]
id = "2404.14219"
title = "Phi-3"
retitle = "Phi-3 on your phone"
"""
FILES = {"opening.md": "It was April.", "models.md": "Three models."}


def _parse(text: str) -> EditorFile:
    return parse_editor_file(text, "issue.toml", FILES)


def test_a_whole_file_is_read() -> None:
    editor = _parse(WHOLE)
    assert (editor.title, editor.opening, editor.hides) == ("How good?", "It was April.", ("2404.00001",))
    assert editor.features[0].markdown == "Three models."
    assert [(pin.arxiv_id, pin.line, pin.starred) for pin in editor.pins] == [
        ("2404.19756", 17, True),
        ("2404.14219", 23, False),
    ]
    assert editor.pins[1].retitle == "Phi-3 on your phone"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("published = 2024-05-12", 'published = "May"', "line 4: published must be a day"),
        ('subtitle = "In April"', 'subtitel = "In April"', "line 2: unknown key 'subtitel'"),
        ("starred = true", "stared = true", "line 19: unknown key 'stared'"),
        ("starred = true", 'starred = "yes"', "line 17: 2404.19756: starred must be true or false"),
        ('id = "2404.14219"', 'id = "2404.19756"', "line 23: 2404.19756 stands twice"),
        ('id = "2404.14219"', 'id = "2404.00001"', "2404.00001 stands twice"),
        ('id = "2404.14219"', 'id = "Phi"', "line 23: 'Phi' is not an arXiv id"),
        ('title = "Phi-3"\n', "", "line 23: 2404.14219 has no title"),
        ('title = "Phi-3"', "title = 3", "title must be text"),
        ('slug = "models"', 'slug = ""', "a feature needs slug, title and file"),
        ('title = "How good?"', "title = How good?", "is not TOML"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old: str, new: str, complaint: str) -> None:
    assert old in WHOLE
    with pytest.raises(UsageError) as caught:
        _parse(WHOLE.replace(old, new))
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_month_without_a_file_is_edited_by_nobody(tmp_path: Path) -> None:
    assert load_editor_file(tmp_path / "2024-05") == EditorFile()


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "issue.toml").write_text(WHOLE, encoding="utf-8")
    with pytest.raises(UsageError, match=r"opening\.md cannot be read"):
        load_editor_file(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert load_editor_file(tmp_path).opening == "It was April."
    (tmp_path / "models.md").write_bytes(b"\xff")
    with pytest.raises(UsageError, match=r"models\.md is not UTF-8"):
        load_editor_file(tmp_path)


STORED = {
    "2404.19756": "KAN: Kolmogorov–Arnold Networks",
    "2404.14219": "Phi-3 Technical Report: A Highly Capable Language Model Locally on Your Phone",
    "2404.02151": "Jailbreaking Leading Safety-Aligned LLMs with Simple Adaptive Attacks",
    "2404.03715": "Direct Nash Optimization: Teaching Language Models to Self-Improve with General Preferences",
}


def test_a_title_of_another_paper_is_an_error_that_names_the_right_id() -> None:
    wrong = WHOLE.replace('title = "Phi-3"', f'title = "{STORED["2404.02151"].lower()}"')
    with pytest.raises(UsageError, match=r"line 23: 2404\.14219 is 'Phi-3 Tech.*it is the title of 2404\.02151"):
        check_titles(_parse(wrong), STORED)


def test_a_pinned_paper_that_is_not_held_is_reported() -> None:
    assert check_titles(_parse(WHOLE), {"2404.19756": STORED["2404.19756"]}) == ("2404.14219",)


def test_a_lost_space_and_a_retitled_version_are_no_fault() -> None:
    assert same_title("KAN:Kolmogorov-Arnold Networks", STORED["2404.19756"])
    assert same_title("Phi-3 Technical Report:A Highly Capable Language Model", STORED["2404.14219"])
    assert not same_title(STORED["2404.03715"], STORED["2404.02151"])
    assert not same_title("A Survey on Self-Evolution of LLMs", "NExT: Teaching LLMs to Reason about Code")
