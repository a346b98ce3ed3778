"""The site on the disk: whole or as it was, ours or left alone."""

import json
import os
from pathlib import Path, PurePosixPath

import pytest

from digest.errors import DigestError, UsageError
from digest.publish import output
from digest.publish.draft import Draft
from digest.publish.output import write_site

FILES = {PurePosixPath("index.html"): b"home", PurePosixPath("papers/1/index.html"): b"one"}


def _held(folder: Path) -> dict[str, bytes]:
    files = {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert json.loads(files.pop("build.json"))["made_by"] == "digest"
    return files


def test_the_folder_holds_the_files_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "public"
    written = write_site(FILES, folder)
    assert (written.files, written.changed) == (3, 3)
    assert _held(folder) == {"index.html": b"home", "papers/1/index.html": b"one"}
    assert sorted(path.name for path in folder.parent.iterdir()) == [".public.made.json", "public"]


def test_files_that_are_wanted_no_more_vanish(tmp_path: Path) -> None:
    folder = tmp_path / "public"
    write_site(FILES, folder)
    assert write_site({PurePosixPath("index.html"): b"home"}, folder).changed == 2
    assert _held(folder) == {"index.html": b"home"}


def test_an_unchanged_site_is_not_written_again(tmp_path: Path) -> None:
    folder = tmp_path / "public"
    write_site(FILES, folder)
    before = {path: path.stat().st_mtime_ns for path in (folder, *folder.rglob("*"))}
    assert write_site(FILES, folder).changed == 0
    assert {path: path.stat().st_mtime_ns for path in (folder, *folder.rglob("*"))} == before


def _draft(mark: str, content: bytes, rendered: list[bytes]) -> Draft:
    def render() -> bytes:
        rendered.append(content)
        return content

    return Draft(mark, render)


def test_only_drafts_whose_fingerprint_changed_are_rendered(tmp_path: Path) -> None:
    folder, rendered = tmp_path / "public", list[bytes]()
    write_site({PurePosixPath(name): _draft(name, name.encode(), rendered) for name in ("a", "b", "c/d")}, folder)
    kept = folder / "a"
    assert rendered == [b"a", b"b", b"c/d"]
    before = (kept.stat().st_ino, kept.stat().st_mtime_ns)
    rendered.clear()
    files = {PurePosixPath("a"): _draft("a", b"a", rendered), PurePosixPath("b"): _draft("new", b"B", rendered)}
    assert write_site(files, folder).changed == 3  # b, what went, and the marker
    assert rendered == [b"B"]
    assert _held(folder) == {"a": b"a", "b": b"B"}
    assert (kept.stat().st_ino, kept.stat().st_mtime_ns) == before


def test_a_page_that_someone_altered_is_rendered_again_and_so_are_all_where_the_notes_are_lost(tmp_path: Path) -> None:
    folder, rendered = tmp_path / "public", list[bytes]()
    files = {PurePosixPath(name): _draft(name, name.encode(), rendered) for name in ("a", "b")}
    write_site(files, folder)
    rendered.clear()
    (folder / "a").write_bytes(b"defaced")
    assert write_site(files, folder).changed == 1
    assert rendered == [b"a"]
    for notes in (b"", b"[]", b'{"a": 1}', b'{"a": ["a", "", 1, 1, 1]}'):
        (tmp_path / ".public.made.json").write_bytes(notes)
        rendered.clear()
        assert write_site(files, folder).changed == 0
        assert rendered == [b"a", b"b"]
    assert _held(folder) == {"a": b"a", "b": b"b"}


def test_a_disk_without_links_is_written_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    write_site(FILES, tmp_path / "public")
    monkeypatch.setattr("os.link", refuse)
    write_site(FILES | {PurePosixPath("more"): b"more"}, tmp_path / "public")
    assert _held(tmp_path / "public") == {"index.html": b"home", "papers/1/index.html": b"one", "more": b"more"}


def test_a_site_that_someone_altered_is_made_whole(tmp_path: Path) -> None:
    folder = tmp_path / "public"
    write_site(FILES, folder)
    (folder / "index.html").write_bytes(b"defaced")
    (folder / "more.html").write_bytes(b"more")
    assert write_site(FILES, folder).changed == 2
    assert _held(folder)["index.html"] == b"home"


@pytest.mark.parametrize("in_one_step", [True, False])
def test_when_the_swap_fails_the_old_site_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, in_one_step: bool
) -> None:
    folder = tmp_path / "public"
    write_site(FILES, folder)
    rename = Path.rename

    def exchange(*_: Path) -> bool:
        if in_one_step:
            raise OSError(28, "No space left on device")
        return False

    def refuse_the_new(self: Path, target: Path) -> Path:
        if self.name == ".public.new":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse_the_new)
    monkeypatch.setattr(output, "exchange", exchange)
    with pytest.raises(DigestError, match="No space left on device"):
        write_site({PurePosixPath("index.html"): b"new"}, folder)
    assert _held(folder)["index.html"] == b"home"


def test_when_writing_fails_half_way_the_old_site_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "public"
    write_site(FILES, folder)
    write = os.write

    def refuse_the_second(descriptor: int, content: bytes) -> int:
        if content == b"second":
            raise OSError(28, "No space left on device")
        return write(descriptor, content)

    monkeypatch.setattr("os.write", refuse_the_second)
    with pytest.raises(DigestError, match="No space left"):
        write_site({PurePosixPath("a"): b"first", PurePosixPath("b"): b"second"}, folder)
    assert _held(folder)["index.html"] == b"home"
    monkeypatch.undo()
    assert write_site({PurePosixPath("a"): b"first"}, folder).changed == 4
    assert _held(folder) == {"a": b"first"}


def test_a_swap_that_was_cut_off_is_mended(tmp_path: Path) -> None:
    folder = tmp_path / "public"
    write_site(FILES, folder)
    folder.rename(tmp_path / ".public.old")
    assert write_site(FILES, folder).changed == 0
    assert _held(folder)["index.html"] == b"home"


@pytest.mark.parametrize("marker", [None, "{}", "not JSON", "[]", "[" * 100_000, '{"made_by": "someone"}'])
def test_a_folder_of_someone_elses_is_left_alone(tmp_path: Path, marker: str | None) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    if marker is not None:
        (tmp_path / "build.json").write_text(marker)
    with pytest.raises(UsageError, match="holds files that digest did not write"):
        write_site(FILES, tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "public").write_text("mine")
    with pytest.raises(UsageError, match="is a file"):
        write_site(FILES, tmp_path / "public")
    assert (tmp_path / "public").read_text() == "mine"


def test_the_root_of_the_disk_is_refused() -> None:
    with pytest.raises(UsageError, match="root of the disk"):
        write_site(FILES, Path("/"))


@pytest.mark.parametrize("path", ["../evil", "/etc/evil", "a/../../evil", "a\\b", "a\0b", "build.json", "papers", ""])
def test_a_path_that_leaves_the_site_or_is_wanted_twice_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(DigestError, match="mend the slug"):
        write_site(FILES | {PurePosixPath(path): b"x"}, tmp_path / "public")
    assert list(tmp_path.iterdir()) == []
