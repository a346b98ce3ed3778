"""A lock says what an issue was made of, whole and in one way, and names what is not so any more."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import UsageError
from digest.issue.compose import Listed, Making, Material
from digest.issue.lock import (
    Lock,
    Surroundings,
    editors_changes,
    line_hashes,
    other_changes,
    output_changes,
    output_hashes,
    read_lock,
    stated_papers,
    write_lock,
)
from digest.paper import Choice, Evidence, Hit, Month, Paper, Summary, Topic, Verdict

ISSUE = b'title = "A"\nopening = "B"\n\npapers = [\n]\n'


def _listed(arxiv_id: str, text: str) -> Listed:
    summary = Summary(
        kind="summary", text=text, evidence=(Evidence(0, 0, 4),), verdict=Verdict.RETRIED, model="m", model_hash="ab",
        prompt_hash="cd", seed=7,
    )  # fmt: skip
    paper = Paper(
        arxiv_id=arxiv_id, version=2, title=text, abstract=text, authors=("A", "B"), submitted=date(2024, 4, 1)
    )
    choice = Choice(arxiv_id=arxiv_id, score=0.1 + 0.2, reason=text, starred=True)
    return Listed(choice, paper, summary, summary, (Topic("t", "T", "D", ("s",)),), (Hit("2404.00009", text, 1 / 3),))


def _lock(text: str = 'Ünï “code” \\ " \u2028 </script>', **surroundings: object) -> Lock:
    material = Material((_listed("2404.00001", text), _listed("hep-th/9901001", text)), Making(9, "w", "h", "e"))
    around = Surroundings(
        digest="1", code="c", libraries={"jinja2": "3"}, settings={"site.title": "T"}, templates={"a.html": "1"},
        static={"s.css": "1"}, editor_files={"issue.toml": line_hashes(ISSUE)},
    )  # fmt: skip
    return Lock(
        month=Month(2024, 4),
        surroundings=replace(around, **surroundings),  # type: ignore[arg-type]
        made_with={"select.entries": "60"},
        papers=stated_papers(material),
        material=material,
        output={"2024-04/": "ff"},
    )


@given(st.text(st.characters(codec="utf-8")))
def test_what_is_locked_is_read_back_and_written_in_one_way(text: str) -> None:
    lock = _lock(text)
    written = write_lock(lock)
    assert read_lock(written, "issue.lock") == lock
    assert write_lock(read_lock(written, "issue.lock")) == written


def test_every_value_has_its_line_and_the_keys_are_in_order() -> None:
    lines = write_lock(_lock("A plain text.")).decode().splitlines()
    assert max(map(len, lines)) < 120
    top = [line.split('"')[1] for line in lines if line.startswith('  "')]
    assert top == sorted(top)
    assert '      "2404.00001"' not in lines
    assert any("v2 " in line and '"2404.00001"' in line for line in lines)


def test_a_lock_whose_texts_were_changed_by_hand_is_refused() -> None:
    changed = write_lock(_lock("We do it.")).replace(b'"title": "We do it."', b'"title": "We did it."', 1)
    with pytest.raises(UsageError, match=r"issue\.lock: the text of 2404\.00001 is not what its hash says"):
        read_lock(changed, "issue.lock")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"", "is no lock"), (b"{}", r"is no lock \(month: "), (b"\xff", "is no lock"), (b"[" * 100_000, "is no lock")],
)  # fmt: skip
def test_what_is_no_lock_is_refused_with_one_line(content: bytes, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint) as caught:
        read_lock(content, "issue.lock")
    assert "\n" not in str(caught.value)


def test_a_lock_of_another_form_is_refused() -> None:
    with pytest.raises(UsageError, match="a lock of form 9"):
        read_lock(write_lock(replace(_lock(), format=9)), "issue.lock")


@pytest.mark.parametrize(
    ("now", "changes"),
    [
        (ISSUE, []),
        (ISSUE.replace(b'"A"', b'"Z"'), ['issue.toml, line 1 is changed: title = "Z"']),
        (ISSUE.replace(b"papers = [", b"papers = [\n  x"), ["issue.toml, line 5 is new: x"]),
        (ISSUE.replace(b'opening = "B"\n', b""), ["issue.toml, line 1: 1 line after it is gone"]),
        (b"", ["issue.toml, line 1 is changed: ", "issue.toml, line 1: 5 lines after it are gone"]),
    ],
    ids=["nothing", "a line", "a new line", "a line gone", "all gone"],
)
def test_the_editors_change_is_named_with_its_line(now: bytes, changes: list[str]) -> None:
    assert editors_changes(_lock(), {"issue.toml": now}) == changes or (not now and changes)


def test_files_that_came_and_went_are_named() -> None:
    assert editors_changes(_lock(), {"b.md": b""}) == ["issue.toml is gone", "b.md is new"]


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_nothing_is_named_if_and_only_if_the_bytes_are_the_same(before: list[str], now: list[str]) -> None:
    old, new = "\n".join(before).encode(), "\n".join(now).encode()
    changes = editors_changes(_lock(editor_files={"f": line_hashes(old)}), {"f": new})
    assert bool(changes) == (old != new)


def test_what_shapes_the_pages_is_named_where_it_differs() -> None:
    lock = _lock()
    assert other_changes(lock, lock.surroundings) == []
    now = replace(
        lock.surroundings, code="d", libraries={"jinja2": "4"}, settings={"site.title": "U"},
        templates={"b.html": "1"}, static={"s.css": "2"},
    )  # fmt: skip
    assert other_changes(lock, now) == [
        "digest's own code is not that of the lock, though both are 1",
        "setting site.title is 'U', was 'T'",
        "library jinja2 is '4', was '3'",
        "templates/a.html is gone",
        "templates/b.html is new",
        "static/s.css differs",
    ]
    assert other_changes(lock, replace(lock.surroundings, digest="2"))[0] == "digest is 2, was 1"


def test_output_is_told_apart_by_folder_path_and_bytes() -> None:
    files = {"2024-04/index.html": "aa", "x.xml": "bb", "papers/1/i": "cc"}
    before = output_hashes(files)
    assert sorted(before) == ["./", "2024-04/", "papers/"]
    lock = replace(_lock(), output=before)
    assert output_changes(lock, output_hashes(dict(reversed(files.items())))) == []
    assert output_changes(lock, output_hashes(files | {"papers/1/i": "dd"})) == ["pages: papers/ differs"]
    moved = {"2024-04/index.htm": "aa", "x.xml": "bb", "papers/1/i": "cc"}
    assert output_changes(lock, output_hashes(moved)) == ["pages: 2024-04/ differs"]
