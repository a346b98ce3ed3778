"""The files of the site → a folder that holds them and nothing else; the old site stays until the new is whole."""

import hashlib
import json
import os
import shutil
import stat
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from digest import __version__
from digest.errors import DigestError, UsageError
from digest.publish.collector import seldom_collecting
from digest.publish.draft import Draft, Sheaf
from digest.publish.exchange import exchange
from digest.publish.notes import Kept, Made, read_notes, write_notes
from digest.publish.room import NOTHING, Filling, LeftOut, Room
from digest.publish.trees import Files, files_of, fit, folders_above, move_all, write_new

MARKER = "build.json"  # tells a site of ours from a folder of someone's
_MAKER = "digest"

Content = bytes | Draft | Sheaf


@dataclass(frozen=True, slots=True)
class Written:
    """What writing a site did."""

    files: int  # in the site, the marker among them
    changed: int  # added, altered or removed; 0: nothing was written
    size: int = 0  # bytes of all files
    hashes: Mapping[str, str] = field(default_factory=dict)  # SHA-256 of each file by its path, but the marker's
    left_out: LeftOut = NOTHING


@seldom_collecting()
def write_site(
    files: Mapping[str, Content] | Mapping[PurePosixPath, Content], folder: Path, room: Room | None = None
) -> Written:
    """Make the folder hold exactly these files, all at once; where it does already, leave it untouched.

    A draft or sheaf whose fingerprint is that of the files that lie there, untouched since, is not rendered. Where the
    room is bounded, what is spare and does not fit is left out; which that is hangs on the files' contents alone.

    Raises:
        UsageError: the folder holds something that is no site of ours, or a template is broken.
        DigestError: a path leads out of the site, what must be in it has no room, or the disk refused; the old site is
            as it was.
    """
    folder = folder.resolve()
    if not folder.name:
        raise UsageError(f"{folder} is the root of the disk: set site.output to a folder of its own")
    contents = {str(name): content for name, content in files.items()}
    plain = [name for name, content in contents.items() if not isinstance(content, Sheaf)]
    _check_paths(plain)
    _check_places([*plain, MARKER])
    beside, before, old = (folder.with_name(f".{folder.name}.{kind}") for kind in ("new", "before", "old"))
    press = _Press(folder, beside, before, old)
    try:
        return press.write(contents, room)
    except OSError as error:
        raise DigestError(
            f"the site cannot be written to {folder}: {error.strerror}; mend that, or set site.output"
        ) from error


def built_files(folder: Path) -> list[str]:
    """Return the paths of a site that was built, sorted, after holding its files against its marker.

    Raises:
        UsageError: there is no site of ours, or someone altered it.
    """
    if not _is_ours(folder / MARKER):
        raise UsageError(f"there is no site in {folder}: run `digest build`")
    paths = files_of(folder).keys() - {MARKER}
    hashes = {path: hashlib.sha256((folder / path).read_bytes()).hexdigest() for path in paths}
    marker = (folder / MARKER).read_bytes()
    if marker != _marker(hashes, json.loads(marker).get("left_out")):
        raise UsageError(f"the site in {folder} is not as digest built it: run `digest build`, and edit nothing there")
    return sorted([*paths, MARKER])


def _check_paths(paths: Iterable[str]) -> None:
    """Refuse paths that lead out of the site."""
    for path in paths:
        if not {"", ".", ".."}.isdisjoint(path.split("/")) or "\\" in path or "\0" in path:
            raise DigestError(f"{path!r} leads out of the site: mend the slug or name it was made from")


def _check_places(paths: Sequence[str]) -> None:
    """Refuse paths that are wanted twice, or as a file and as a folder."""
    folders = folders_above(paths)
    for path, count in Counter(paths).items():
        if count > 1 or path in folders:
            raise DigestError(f"{path!r} is wanted twice in the site: mend the slug or name it was made from")


@dataclass(frozen=True, slots=True)
class _Press:
    folder: Path
    beside: Path  # the new site while it is made
    before: Path  # the site before this one: most of its files are those of the next one too, as links
    old: Path  # the old site while it and the new one change places
    made: dict[str, Made] = field(default_factory=dict)  # what the new site is made of
    written: set[str] = field(default_factory=set)  # its files that the old one has not

    @property
    def notes(self) -> Path:
        """The file beside the site that says what each page was made from; a cache that may be deleted."""
        return self.folder.with_name(f".{self.folder.name}.made.json")

    def write(self, contents: Mapping[str, Content], room: Room | None) -> Written:
        self._recover()
        held = self._held()
        noted = read_notes(self.notes) if held else {}
        self._clear()
        try:
            left_out = self._fill(contents, room, held, noted)
            files = {file.path: file for one in self.made.values() for file in one.files}
            hashes = {path: file.sha256 for path, file in files.items()}
            self._make(MARKER, _marker(hashes, left_out.counts if left_out else None), held, noted)
            files[MARKER] = self.made[MARKER].files[0]
            changed = len(self.written & files.keys()) + len(held.keys() - files.keys())
            if changed:
                _check_places([file.path for one in self.made.values() for file in one.files])
                self._begin()
                fit(self.beside, files.keys(), self.written, self.folder, held)
                self._swap()
            else:
                self._clear()
        except BaseException:
            shutil.rmtree(self.beside, ignore_errors=True)
            raise
        if changed or noted != self.made:
            write_notes(self.notes, self.made)
        return Written(len(files), changed, sum(file.size for file in files.values()), hashes, left_out)

    def _recover(self) -> None:
        """Put the old site back where a swap was cut off between its two renames."""
        if self.old.exists() and not self.folder.exists():
            self.old.rename(self.folder)

    def _held(self) -> Files:
        """Return the files of the site that is there now."""
        folder = self.folder
        if not folder.exists():
            return {}
        if not folder.is_dir():
            raise UsageError(f"{folder} is a file: set site.output to a folder of its own")
        if any(folder.iterdir()) and not _is_ours(folder / MARKER):
            raise UsageError(
                f"{folder} holds files that digest did not write: empty it, or set site.output to another folder"
            )
        return files_of(folder)

    def _clear(self) -> None:
        """Remove what a build that was cut off left."""
        for leftover in (self.beside, self.old):
            shutil.rmtree(leftover, ignore_errors=True)

    def _fill(
        self, contents: Mapping[str, Content], room: Room | None, held: Files, noted: Mapping[str, Made]
    ) -> LeftOut:
        """Make all that there is room for, and return the rest; without it, some pages read otherwise."""
        filling = Filling(room.max_bytes if room else 0)
        whole: dict[str, tuple[str, int]] = {}  # the fingerprint and bytes of what may read otherwise
        for name, content in contents.items():
            if not _is_spare(content):
                whole[name] = _mark(content), self._need(name, content, filling, held, noted)
        filling.check()
        for name, content in contents.items():
            if _is_spare(content) and (filling.is_full or not self._fits(name, content, filling, held, noted)):
                filling.left_out.add(name)
        left_out = LeftOut(frozenset(filling.left_out))
        first = dict(self.made)
        self.made.clear()
        for name, content in (room.drafts(left_out) if room and left_out else contents).items():
            if name in first and first[name].fingerprint == _mark(content):
                self.made[name] = first[name]
                continue
            self._make(name, content, held, noted)
            if whole[name][0] != _mark(content):
                self.made[name] = replace(self.made[name], whole=whole[name][0], weight=whole[name][1])
        return left_out

    def _need(self, name: str, content: Content, filling: Filling, held: Files, noted: Mapping[str, Made]) -> int:
        """Make what must be in the site, unless it is known how large it is and it lies here in another form."""
        known = noted.get(name)
        if known and known.whole and known.whole == _mark(content):
            size = known.weight
        elif filling.is_over:  # the site will be refused: only how large it is remains to be told
            size = sum(map(len, _rendered(name, content).values()))
        else:
            self._make(name, content, held, noted)
            size = self.made[name].size
        filling.need(size)
        return size

    def _fits(self, name: str, content: Content, filling: Filling, held: Files, noted: Mapping[str, Made]) -> bool:
        """Make something spare if there is room for it."""
        known = _known(name, content, held, noted)
        files = {} if known else _rendered(name, content)
        if not filling.takes(known.size if known else sum(map(len, files.values()))):
            return False
        self.made[name] = known or self._placed(content, files, held)
        return True

    def _make(self, name: str, content: Content, held: Files, noted: Mapping[str, Made]) -> None:
        """Put what is new of a draft's or a sheaf's files into the new site."""
        known = _known(name, content, held, noted)
        self.made[name] = known or self._placed(content, _rendered(name, content), held)

    def _placed(self, content: Content, files: Mapping[str, bytes], held: Files) -> Made:
        return Made(_mark(content), tuple(self._place(path, made, held.get(path)) for path, made in files.items()))

    def _place(self, path: str, content: bytes, there: os.stat_result | None) -> Kept:
        """Write a file into the new site, unless the old one holds the same."""
        is_same = (
            there is not None
            and stat.S_ISREG(there.st_mode)
            and there.st_size == len(content)
            and (self.folder / path).read_bytes() == content
        )
        if not is_same:
            self._begin()
            there = write_new(f"{self.beside}/{path}", content)
            self.written.add(path)
        else:
            self.written.discard(path)
        assert there is not None  # noqa: S101  it was there, or it has just been written
        return Kept(path, hashlib.sha256(content).hexdigest(), len(content), there.st_mtime_ns)

    def _begin(self) -> None:
        """Begin the new site with the files of the one before this; what is wanted no more is sorted out at the end."""
        is_begun = self.written or self.beside.exists()
        if not is_begun and self.before.is_dir() and not self.before.is_symlink():
            move_all(self.before, self.beside)

    def _swap(self) -> None:
        """Put the new site in the place of the old one, in one step where the system can."""
        if self.folder.exists() and exchange(self.beside, self.folder):
            self._keep(self.beside)
            return
        if self.folder.exists():
            self.folder.rename(self.old)
        try:
            self.beside.rename(self.folder)
        except OSError:
            if self.old.exists():
                self.old.rename(self.folder)
            raise
        self._keep(self.old)

    def _keep(self, site: Path) -> None:
        """Keep the site that was replaced, for the next one to begin with."""
        shutil.rmtree(self.before, ignore_errors=True)
        try:
            site.rename(self.before)
        except OSError:  # there was none, or the disk refuses: the new site stands, and this is only a help
            shutil.rmtree(site, ignore_errors=True)


def _is_ours(marker: Path) -> bool:
    try:
        facts = json.loads(marker.read_bytes())
    except (FileNotFoundError, IsADirectoryError, ValueError, RecursionError):
        return False
    return isinstance(facts, dict) and facts.get("made_by") == _MAKER


def _marker(hashes: Mapping[str, str], left_out: Mapping[str, int] | None) -> bytes:
    whole = hashlib.sha256()
    for path in sorted(hashes):
        whole.update(path.encode() + b"\0" + bytes.fromhex(hashes[path]))
    facts = {"made_by": _MAKER, "version": __version__, "files": len(hashes), "sha256": whole.hexdigest()}
    facts |= {"left_out": left_out} if left_out else {}
    return json.dumps(facts, indent=1).encode() + b"\n"


def _mark(content: Content) -> str:
    return "" if isinstance(content, bytes) else content.fingerprint


def _is_spare(content: Content) -> bool:
    return not isinstance(content, bytes) and content.is_spare


def _rendered(name: str, content: Content) -> dict[str, bytes]:
    """Return a draft's or a sheaf's files by path."""
    if not isinstance(content, Sheaf):
        return {name: content if isinstance(content, bytes) else content.render()}
    files = {name + end: made for end, made in content.render().items()}
    _check_paths(files)
    return files


def _known(name: str, content: Content, held: Files, noted: Mapping[str, Made]) -> Made | None:
    """Return what was made of a draft or sheaf, where it would be made the same again."""
    known, mark = noted.get(name), _mark(content)
    if known is None or not mark or known.fingerprint != mark:
        return None
    for file in known.files:
        if not _is_untouched(file, held):
            return None
    return known


def _is_untouched(file: Kept, held: Files) -> bool:
    there = held.get(file.path)
    return there is not None and there.st_mtime_ns == file.mtime_ns and there.st_size == file.size
