"""The editor's file says what it means, and what is wrong with it is named with its line."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz import fuzz, process

from digest.errors import UsageError
from digest.issue.editor import Caps, EditorFile, check_titles, load_editor_file, parse_editor_file, same_title
from digest.places import BUNDLED
from digest.text import fold_title

WHOLE = """\
title = "How good?"
subtitle = "In April"
editor = "Ed"
published = 2024-05-12
opening = "opening.md"
hides = [
  # id = "2404.99999" is not here
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
title = "Phi-3 Technical Report"
retitle = "Phi-3 on your phone"
summary = "A small model."
"""
INLINE = """\
papers = [
  { id = "2404.19756", title = "KAN" },
  # a comment
  { title = "Phi-3", id = "2404.14219", starred = true },
]
hides = [{ id = "2404.00001", title = "A" }, { id = "2404.00002", title = "B" }]
"""
ARTICLES = {"opening.md": "It was April.\n", "models.md": "Three models.\n"}


def _parse(text: str) -> EditorFile:
    return parse_editor_file(text, "issue.toml", ARTICLES)


def _complaint(text: str) -> str:
    with pytest.raises(UsageError) as caught:
        _parse(text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_whole_file_is_read() -> None:
    editor = _parse(WHOLE)
    assert (editor.title, editor.opening, editor.hides) == ("How good?", "It was April.", ("2404.00001",))
    assert (editor.features[0].markdown, editor.features[0].papers) == ("Three models.", ("2404.14219",))
    assert [(pin.arxiv_id, pin.line, pin.starred) for pin in editor.pins] == [
        ("2404.19756", 18, True),
        ("2404.14219", 24, False),
    ]
    assert (editor.pins[1].retitle, editor.pins[1].summary) == ("Phi-3 on your phone", "A small model.")
    assert editor.hidden[0].line == 8


def test_a_line_for_each_paper_does_as_well() -> None:
    editor = _parse(INLINE)
    assert [(pin.arxiv_id, pin.line, pin.starred) for pin in editor.pins] == [
        ("2404.19756", 2, False),
        ("2404.14219", 4, True),
    ]
    assert [(hide.arxiv_id, hide.line) for hide in editor.hidden] == [("2404.00001", 6), ("2404.00002", 6)]


def test_an_empty_file_wants_nothing() -> None:
    assert _parse("# nothing yet\n") == EditorFile(name="issue.toml")


def test_the_opening_may_stand_in_the_file_itself() -> None:
    assert _parse('opening = """\nIt was *April*.\n\nSee README.md"""').opening == "It was *April*.\n\nSee README.md"


def test_an_id_may_be_a_link_or_name_a_version() -> None:
    text = 'papers = [{ id = "https://arxiv.org/abs/2404.19756v2", title = "KAN" }]'
    assert _parse(text).pins[0].arxiv_id == "2404.19756"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("published = 2024-05-12", 'published = "May"', "line 4: published must be a day"),
        ("published = 2024-05-12", "published = 2024-05-12T10:00:00Z", "line 4: published must be a day"),
        ('subtitle = "In April"', 'subtitel = "In April"', "line 2: unknown key 'subtitel'"),
        ('subtitle = "In April"', "subtitle = 5", "line 2: subtitle must be text in quotes"),
        ('title = "How good?"', "title = How good?", "line 1: not TOML: Invalid value"),
        ('retitle = "Phi-3 on your phone"\n', 'retitle = "Phi', "line 26: not TOML: "),
        ('title = "How good?"', f"title = {'9' * 5000}", "not TOML: a number has too many digits"),
        ('opening = "opening.md"', 'opening = "start.md"', "line 5: start.md is not there"),
        ('opening = "opening.md"', 'opening = "../opening.md"', "line 5: ../opening.md is not there"),
        ("starred = true", "stared = true", "line 20: unknown key 'stared'"),
        ("starred = true", 'starred = "yes"', "line 20: starred must be true or false"),
        ('id = "2404.14219"', 'id = "2404.19756"', "line 24: 2404.19756 stands on line 18 too"),
        ('id = "2404.14219"', 'id = "2404.00001"', "stands on line 24 too"),
        ('id = "2404.14219"', 'id = "Phi"', "line 24: 'Phi' is not an arXiv id"),
        ('id = "2404.14219"', "id = 2404.14219", "line 24: id must be text in quotes"),
        ('id = "2404.14219"\n', "", "line 23: id is missing"),
        ('title = "Phi-3 Technical Report"\n', "", "line 23: title is missing"),
        ('title = "Phi-3 Technical Report"', 'title = " "', "line 25: title is missing"),
        ('title = "Phi-3 Technical Report"', "title = 3", "line 25: title must be text"),
        ('title = "Hidden"', 'title = ""', "line 8: title is missing"),
        ('title = "Hidden"', 'note = "no"', "line 8: unknown key 'note'"),
        ('slug = "models"', 'slug = ""', "line 12: slug is missing"),
        ('slug = "models"', 'slug = "The Models"', "line 12: the slug 'The Models' cannot be used"),
        ('slug = "models"', 'slug = "contents"', "line 12: the slug 'contents' cannot be used"),
        ('file = "models.md"', 'file = "model.md"', "line 14: model.md is not there"),
        ('papers = ["2404.14219"]', 'papers = "2404.14219"', "line 15: papers must be a list of texts"),
        ('papers = ["2404.14219"]', 'papers = ["2404.1"]', "line 15: '2404.1' is not an arXiv id"),
        ('papers = ["2404.14219"]', 'papers = ["2404.14210"]', "line 15: 2404.14210 is not among the issue's papers"),
        ("[[features]]", "[features]", "line 11: features must be a list of tables"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old: str, new: str, complaint: str) -> None:
    assert WHOLE.count(old) == 1
    assert complaint in _complaint(WHOLE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('id = "2404.14219"', 'id = "2404.19756"', "line 4: 2404.19756 stands on line 2 too"),
        ("starred = true", "stars = 1", "line 4: unknown key 'stars'"),
        ('title = "Phi-3", ', "", "line 4: title is missing"),
        ('id = "2404.14219"', 'id = "2404"', "line 4: '2404' is not an arXiv id"),
        ('{ id = "2404.19756", title = "KAN" }', '"2404.19756"', "line 1: papers must be a list of tables"),
        ('id = "2404.00002"', 'id = "2404.00001"', "line 6: 2404.00001 stands on line 6 too"),
    ],
)
def test_so_it_is_where_each_paper_has_one_line(old: str, new: str, complaint: str) -> None:
    assert INLINE.count(old) == 1
    assert complaint in _complaint(INLINE.replace(old, new))


def test_two_features_do_not_share_a_slug() -> None:
    second = '\n[[features]]\nslug = "models"\ntitle = "Again"\nfile = "models.md"\n'
    assert "line 30: the slug 'models' is taken" in _complaint(WHOLE + second)


def test_a_month_without_a_file_is_edited_by_nobody(tmp_path: Path) -> None:
    assert load_editor_file(tmp_path / "2024-05") == EditorFile()
    assert load_editor_file(tmp_path) == EditorFile()


def test_a_file_that_is_named_must_be_there_and_readable(tmp_path: Path) -> None:
    (tmp_path / "issue.toml").write_text(WHOLE, encoding="utf-8")
    with pytest.raises(UsageError, match=r"issue\.toml, line 5: opening\.md is not there"):
        load_editor_file(tmp_path)
    for name, text in ARTICLES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert load_editor_file(tmp_path).opening == "It was April."
    (tmp_path / "models.md").write_bytes(b"\xff")
    with pytest.raises(UsageError, match=r"models\.md is not UTF-8"):
        load_editor_file(tmp_path)
    (tmp_path / "models.md").unlink()
    (tmp_path / "models.md").mkdir()
    with pytest.raises(UsageError, match=r"models\.md cannot be read: Is a directory"):
        load_editor_file(tmp_path)


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path: Path) -> None:
    (tmp_path / "issue.toml").write_bytes(b"\xef\xbb\xbf" + INLINE.replace("\n", "\r\n").encode())
    assert [pin.line for pin in load_editor_file(tmp_path).pins] == [2, 4]


STORED = {
    "2404.19756": "KAN: Kolmogorov–Arnold Networks",
    "2404.14219": "Phi-3 Technical Report: A Highly Capable Language Model Locally on Your Phone",
    "2404.02151": "Jailbreaking Leading Safety-Aligned LLMs with Simple Adaptive Attacks",
    "2404.03715": "Direct Nash Optimization: Teaching Language Models to Self-Improve with General Preferences",
    "2404.00001": "Hidden",
}
PHI_TITLE = 'title = "Phi-3 Technical Report"'


def test_a_title_of_another_paper_is_an_error_that_names_the_right_id() -> None:
    wrong = WHOLE.replace(PHI_TITLE, f'title = "{STORED["2404.02151"].lower()}"')
    with pytest.raises(UsageError, match=r"line 24: 2404\.14219 is 'Phi-3 Tech.*that is the title of 2404\.02151$"):
        check_titles(_parse(wrong), STORED)


def test_a_title_of_no_paper_is_an_error_too() -> None:
    with pytest.raises(UsageError, match=r"line 24: .*, not 'Attention Is All': mend the id or the title$"):
        check_titles(_parse(WHOLE.replace(PHI_TITLE, 'title = "Attention Is All"')), STORED)


def test_an_unknown_id_with_the_title_of_a_known_paper_is_a_wrong_pair() -> None:
    wrong = WHOLE.replace(PHI_TITLE, f'title = "{STORED["2404.03715"]}"')
    stored = {arxiv_id: title for arxiv_id, title in STORED.items() if arxiv_id != "2404.14219"}
    with pytest.raises(UsageError, match=r"2404\.14219 is not in the store, .*the title of 2404\.03715"):
        check_titles(_parse(wrong), stored)


def test_hidden_papers_are_checked_as_well_and_all_wrong_pairs_are_named_at_once() -> None:
    wrong = WHOLE.replace('"Hidden"', '"Not it"').replace(PHI_TITLE, 'title = "Attention Is All"')
    with pytest.raises(UsageError, match=r"line 24: .*; line 8: 2404\.00001 is 'Hidden', not 'Not it'"):
        check_titles(_parse(wrong), STORED)


def test_an_id_that_is_not_held_is_an_error_with_its_line_and_the_mend() -> None:
    mend = (
        r"line 24: 2404\.14219 is not in the store: mend the id, or fetch .*`digest harvest --id 2404\.14219`; line 8:"
    )
    with pytest.raises(UsageError, match=mend):
        check_titles(_parse(WHOLE), {"2404.19756": STORED["2404.19756"]})
    check_titles(_parse(WHOLE), STORED)
    check_titles(EditorFile(), {})


def test_the_title_of_an_earlier_version_is_no_fault() -> None:
    renamed = STORED | {"2404.14219": "A Small Model That Knows Much"}
    check_titles(_parse(WHOLE), renamed, {"2404.14219": [STORED["2404.14219"]]})
    with pytest.raises(UsageError, match=r"line 24: 2404\.14219 is 'A Small Model"):
        check_titles(_parse(WHOLE), renamed)


def test_order_and_caps_are_read() -> None:
    editor = _parse(f'order = ["2404.14219", "2404.19756"]\ncaps = {{ per_topic = 3 }}\n{WHOLE}')
    assert editor.order == ("2404.14219", "2404.19756")
    assert editor.caps == Caps(entries=None, per_topic=3)
    assert _parse(f"{WHOLE}\n[caps]\nentries = 40\n").caps == Caps(entries=40)
    assert _parse(f"{WHOLE}\n[caps]\nagents = 6\nsurveys = 0\n").caps == Caps(topics={"agents": 6, "surveys": 0})


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ('order = [\n  "2404.19756",\n  "2404.00001",\n]', "line 3: 2404.00001 is not among the issue's papers"),
        ('order = [\n  "2404.19756",\n  "KAN",\n]', "line 3: 'KAN' is not an arXiv id"),
        ('order = ["2404.19756", "2404.19756v2"]', "line 1: 2404.19756 stands twice in the order"),
        ("caps = { entries = 0 }", "line 1: entries must be a whole number from 1"),
        ("caps = { entries = true }", "line 1: entries must be a whole number from 1"),
        ("caps = { topics = 3 }", "line 1: unknown topic 'topics': "),
        ("caps.entries = 9\ncaps.agent = 3", "line 2: unknown topic 'agent': did you mean agents"),
        ("caps = { entries = 9, agents = -1 }", "line 1: agents must be a whole number from 0"),
        ("caps = 3", "line 1: caps must be a table"),
    ],
)
def test_a_wrong_order_or_cap_is_named_with_its_line(lines: str, complaint: str) -> None:
    assert complaint in _complaint(f"{lines}\n{WHOLE}")


def test_spaces_signs_a_cut_and_a_small_change_are_no_fault() -> None:
    assert same_title("KAN:Kolmogorov-Arnold Networks", STORED["2404.19756"])
    assert same_title("phi-3 technical report", STORED["2404.14219"])
    assert same_title(
        "OpenELM: An Efficient Language Model Family with Open Training and Inference Framework",
        "OpenELM: An Efficient Language Model Family with Open-source Training and Inference Framework",
    )


def test_other_titles_are_other_papers_however_many_words_they_share() -> None:
    assert not same_title(STORED["2404.03715"], STORED["2404.02151"])
    assert not same_title("Mixture of LoRA Experts", "MixLoRA: LoRA based Mixture of Experts")
    assert not same_title("Offset Unlearning for Large Language Models", "Machine Unlearning in Large Language Models")
    assert not same_title("Phi-3", STORED["2404.14219"])


def test_no_two_titles_of_a_real_month_pass_for_each_other() -> None:
    with gzip.open(BUNDLED / "april-2024.jsonl.gz", "rt", encoding="utf-8") as packed:
        titles = list({record["id"]: record["title"] for record in map(json.loads, packed)}.values())
    folded = [fold_title(title) for title in titles]
    alike = process.cdist(folded, folded, scorer=fuzz.ratio, dtype=np.uint8, score_cutoff=80)
    np.fill_diagonal(alike, 0)
    near = np.argwhere(alike)
    assert len(near)
    assert not [(titles[a], titles[b]) for a, b in near if same_title(titles[a], titles[b])]
