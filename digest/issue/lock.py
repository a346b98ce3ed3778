"""What an issue was made of ↔ its lock file, and how what there is now differs from it (pure)."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache

import orjson
from pydantic import TypeAdapter, ValidationError

from digest.errors import UsageError
from digest.issue.compose import Material
from digest.paper import Month

FILE_NAME = "issue.lock"
_FORMAT = 1
_LINE_DIGITS = 10  # of a line's hash: a collision among a file's few hundred lines is one in ten billion
_SHOWN = 90  # characters of a changed line


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What shapes the pages besides what the issue says: two builds that agree in it agree in every byte."""

    digest: str  # its version
    code: str  # SHA-256 of its modules
    libraries: Mapping[str, str]  # version by name: those whose work is seen in the pages
    settings: Mapping[str, str]  # those that the pages print
    templates: Mapping[str, str]  # SHA-256 by path
    static: Mapping[str, str]  # SHA-256 by path
    editor_files: Mapping[str, tuple[str, ...]]  # by name, a hash for each line: what the editor changed can be named


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """One published issue: all it was made of, and what came out."""

    month: Month
    surroundings: Surroundings
    made_with: Mapping[str, str]  # the settings that chose and wrote: a record, not needed to print again
    papers: Mapping[str, str]  # version and content hash by arXiv id
    material: Material
    output: Mapping[str, str] = field(default_factory=dict)  # SHA-256 by the first part of the files' paths
    format: int = _FORMAT

    @property
    def is_whole(self) -> bool:
        """Tell whether the papers' texts are still those that were locked."""
        return dict(self.papers) == stated_papers(self.material)


@cache
def _adapter() -> TypeAdapter[Lock]:
    return TypeAdapter(Lock)


def stated_papers(material: Material) -> dict[str, str]:
    """Return the version and content hash of each listed paper, by arXiv id."""
    papers = (one.paper for one in material.listed)
    return {paper.arxiv_id: f"v{paper.version} {paper.content_hash}" for paper in papers}


def write_lock(lock: Lock) -> bytes:
    """Return the lock as JSON, its keys in order and a line for each value, so that git shows what changed."""
    plain = _adapter().dump_python(lock, mode="json")
    return orjson.dumps(plain, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def read_lock(content: bytes, name: str) -> Lock:
    """Read a lock.

    Raises:
        UsageError: it is none, or of a form that this digest does not know; the message names the file.
    """
    mend = "take it back from git, or remove it and run `digest build`"
    try:
        lock = _adapter().validate_json(content)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise UsageError(f"{name} is no lock ({where or 'the whole'}: {fault['msg']}): {mend}") from error
    if lock.format != _FORMAT:
        raise UsageError(f"{name} is a lock of form {lock.format}, this digest reads form {_FORMAT}: {mend}")
    if not lock.is_whole:
        wrong = [
            arxiv_id for arxiv_id, stated in stated_papers(lock.material).items() if lock.papers.get(arxiv_id) != stated
        ]
        raise UsageError(f"{name}: the text of {', '.join(wrong) or 'a paper'} is not what its hash says: {mend}")
    return lock


def is_of_other_code(content: bytes, code: str) -> bool:
    """Tell whether a lock was written by another digest than the one with this code, and so may have another form."""
    try:
        written = orjson.loads(content)["surroundings"]["code"]
    except (ValueError, KeyError, TypeError):
        return False
    return isinstance(written, str) and written != code


def line_hashes(content: bytes) -> tuple[str, ...]:
    """Return a hash for each line of a file."""
    return tuple(hashlib.sha256(line).hexdigest()[:_LINE_DIGITS] for line in content.split(b"\n"))


def output_hashes(hashes: Mapping[str, str]) -> dict[str, str]:
    """Return a SHA-256 for each part of a site: the files below each of its folders, and those at its root.

    `hashes` maps the path of each file to its own SHA-256.
    """
    parts: dict[str, hashlib._Hash] = {}
    for path in sorted(hashes, key=lambda path: path.split("/")):
        first, slash, _ = path.partition("/")
        part = first + "/" if slash else "./"
        parts.setdefault(part, hashlib.sha256()).update(path.encode() + b"\0" + bytes.fromhex(hashes[path]))
    return {part: whole.hexdigest() for part, whole in parts.items()}


def editors_changes(lock: Lock, now: Mapping[str, bytes]) -> list[str]:
    """Name each file and line of the editor's that is not as it was locked."""
    before = lock.surroundings.editor_files
    lines = [f"{name} is gone" for name in before if name not in now]
    lines += [f"{name} is new" for name in now if name not in before]
    for name in sorted(before.keys() & now.keys()):
        lines += [f"{name}, {change}" for change in _line_changes(before[name], now[name])]
    return lines


def _line_changes(before: Sequence[str], now: bytes) -> Iterator[str]:
    lines = now.split(b"\n")
    matcher = SequenceMatcher(None, before, line_hashes(now), autojunk=False)
    for kind, start, end, first, last in matcher.get_opcodes():
        if kind == "equal":
            continue
        for number in range(first, last):
            said = "changed" if kind == "replace" and number - first < end - start else "new"
            yield f"line {number + 1} is {said}: {_shown(lines[number])}"
        gone = (end - start) - (last - first)
        if gone > 0:
            yield f"line {last}: {gone} line{'' if gone == 1 else 's'} after it {'is' if gone == 1 else 'are'} gone"


def _shown(line: bytes) -> str:
    text = "".join(char if char.isprintable() else " " for char in line.decode(errors="replace")).strip()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def other_changes(lock: Lock, now: Surroundings) -> list[str]:
    """Name everything but the editor's files that is not as it was locked."""
    before = lock.surroundings
    lines = []
    if now.digest != before.digest:
        lines.append(f"digest is {now.digest}, was {before.digest}")
    elif now.code != before.code:
        lines.append(f"digest's own code is not that of the lock, though both are {now.digest}")
    lines += _changed("setting ", before.settings, now.settings, tell=True)
    lines += _changed("library ", before.libraries, now.libraries, tell=True)
    lines += _changed("templates/", before.templates, now.templates)
    return lines + _changed("static/", before.static, now.static)


def _changed(of: str, before: Mapping[str, str], now: Mapping[str, str], *, tell: bool = False) -> list[str]:
    lines = []
    for name in sorted(before.keys() | now.keys()):
        if name not in now:
            lines.append(f"{of}{name} is gone")
        elif name not in before:
            lines.append(f"{of}{name} is new")
        elif before[name] != now[name]:
            lines.append(f"{of}{name} is {now[name]!r}, was {before[name]!r}" if tell else f"{of}{name} differs")
    return lines


def output_changes(lock: Lock, output: Mapping[str, str]) -> list[str]:
    """Name the parts of the site that did not come out as they were locked."""
    return _changed("pages: ", lock.output, output)
