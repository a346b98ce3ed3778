"""A draft adds candidates below a marker, once, and never touches what the editor wrote."""

import tomllib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from digest.issue.draft import MARKER, Candidate, count_new, draft
from digest.issue.editor import EditorFile, load_editor_file, parse_editor_file
from digest.paper import Month

APRIL = Month(2024, 4)
MINE = b'title = "Mine"  # an odd   line\r\npapers = [{ id = "2404.00001", title = "One" }]'
IDS = ("2404.00001", "2404.00002", "hep-th/9901001")


def _candidate(arxiv_id: str, title: str = "A title", reason: str = "Close to “X”") -> Candidate:
    return Candidate(arxiv_id, title, 0.5, reason, is_listed=True)


def test_a_new_file_says_how_it_is_used_and_wants_nothing_yet() -> None:
    text = draft(b"", APRIL, [_candidate("2404.00002")]).decode()
    assert text.startswith("# The editor's file of the April 2024 issue.")
    assert '# 0.500, listed by the ranking. Close to “X”\n#   { id = "2404.00002", title = "A title" },\n' in text
    assert parse_editor_file(text, "issue.toml", {}) == EditorFile(name="issue.toml")


def test_what_is_there_stays_and_what_it_names_is_not_offered_again() -> None:
    after = draft(MINE, APRIL, [_candidate(arxiv_id) for arxiv_id in IDS])
    assert after.startswith(MINE + b"\n\n" + MARKER.encode())
    assert [arxiv_id for arxiv_id in IDS if f'"{arxiv_id}"' in after[len(MINE) :].decode()] == list(IDS[1:])
    assert count_new(MINE, after) == 2


def test_a_second_draft_changes_nothing_and_a_third_adds_only_what_is_new() -> None:
    first = draft(MINE, APRIL, [_candidate("2404.00002")])
    assert draft(first, APRIL, [_candidate("2404.00002", "Other title", "Other reason")]) == first
    third = draft(first, APRIL, [_candidate("2404.00002"), _candidate("2404.00003")])
    assert third.startswith(first)
    assert (third.count(MARKER.encode()), count_new(first, third)) == (1, 1)


def test_what_the_editor_wrote_below_the_marker_stays_too() -> None:
    mine = draft(MINE, APRIL, [_candidate("2404.00002")]) + b"# my thought on https://arxiv.org/abs/2404.00003\n"
    assert draft(mine, APRIL, [_candidate("2404.00003")]).startswith(mine)


def test_nothing_to_add_leaves_a_file_without_a_marker() -> None:
    assert draft(MINE, APRIL, [_candidate("2404.00001")]) == MINE


def test_a_paper_that_a_link_names_is_named() -> None:
    mine = b'papers = [{ id = "https://arxiv.org/abs/2404.00002v3", title = "T" }]\n'
    assert draft(mine, APRIL, [_candidate("2404.00002")]) == mine


@given(st.text(), st.text())
def test_a_candidates_words_stay_in_their_comment_and_mean_the_same_without_it(title: str, reason: str) -> None:
    text = draft(b"", APRIL, [_candidate("2404.00001", "x" + title, reason)]).decode()
    assert parse_editor_file(text, "issue.toml", {}) == EditorFile(name="issue.toml")
    line = next(line for line in text.splitlines() if "2404.00001" in line)
    taken = tomllib.loads(f"papers = [\n{line.removeprefix('#')}\n]")["papers"]
    assert [paper["id"] for paper in taken] == ["2404.00001"]
    assert taken[0]["title"].isprintable()


@given(st.binary(), st.sets(st.sampled_from(IDS)))
def test_every_byte_stays_whatever_the_file_holds(before: bytes, ids: set[str]) -> None:
    wanted = [_candidate(arxiv_id) for arxiv_id in sorted(ids)]
    after = draft(before, APRIL, wanted)
    assert after.startswith(before)
    assert draft(after, APRIL, wanted) == after


def test_a_drafted_file_is_one_that_can_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "issue.toml").write_bytes(draft(b"", APRIL, [_candidate("2404.00001")]))
    assert load_editor_file(tmp_path).named == ()
