"""A month's folder of the editor's files → what the editor wants; wrong files are named with their lines."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from digest.edition import Feature
from digest.errors import UsageError
from digest.paper import split_arxiv_id
from digest.text import fold_title

FILE_NAME = "issue.toml"
_KEYS = {"title", "subtitle", "editor", "published", "opening", "features", "papers", "hides"}
_FEATURE_KEYS = {"slug", "title", "file", "papers"}
_PAPER_KEYS = {"id", "title", "starred", "note", "retitle"}
_HIDE_KEYS = {"id", "title"}
_SAME_TITLE = 80  # of 100: a retitled version shares most of its words, another paper's title does not


@dataclass(frozen=True, slots=True)
class Pin:
    """A paper that the editor puts in."""

    arxiv_id: str
    title: str  # typed by the editor, to be checked against the store
    line: int  # in the editor's file, from 1
    starred: bool = False
    note: str = ""
    retitle: str = ""


@dataclass(frozen=True, slots=True)
class EditorFile:
    """What the editor wants of an issue; all empty where nobody edits it."""

    name: str = ""  # of the file, for messages
    title: str = ""
    subtitle: str = ""
    editor: str = ""
    published: date | None = None
    opening: str = ""  # Markdown
    features: tuple[Feature, ...] = ()
    pins: tuple[Pin, ...] = ()
    hides: tuple[str, ...] = ()


def load_editor_file(folder: Path) -> EditorFile:
    """Read a month's issue.toml and the Markdown it names; a month without the file is edited by nobody.

    Raises:
        UsageError: a file is missing, unreadable or not as it must be; the message names it and the line.
    """
    file = folder / FILE_NAME
    if not file.exists():
        return EditorFile()
    texts = {name: _read(folder / name) for name in _named_files(_tables(_read(file), str(file)))}
    return parse_editor_file(_read(file), str(file), texts)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 (byte {error.start}): save it as UTF-8") from error


def _tables(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name} is not TOML: {error}") from error


def _named_files(tables: Mapping[str, Any]) -> Iterator[str]:
    names = [tables.get("opening"), *(feature.get("file") for feature in tables.get("features", ()))]
    yield from (name for name in names if isinstance(name, str) and name)


def parse_editor_file(text: str, name: str, files: Mapping[str, str]) -> EditorFile:
    """Read the text of an issue.toml; `files` holds the Markdown that it names, by file name (pure).

    Raises:
        UsageError: see `load_editor_file`.
    """
    tables = _tables(text, name)
    lines = _Lines(text, name)
    lines.refuse_unknown(tables, _KEYS)
    pins = tuple(_pin(table, lines) for table in tables.get("papers", ()))
    hides = tuple(_hide(table, lines) for table in tables.get("hides", ()))
    lines.refuse_doubled([pin.arxiv_id for pin in pins] + list(hides))
    published = tables.get("published")
    if published is not None and not isinstance(published, date):
        raise lines.error("published", "published must be a day, written like 2024-05-12 without quotes")
    return EditorFile(
        name=name,
        title=lines.text_of(tables, "title"),
        subtitle=lines.text_of(tables, "subtitle"),
        editor=lines.text_of(tables, "editor"),
        published=published,
        opening=files.get(lines.text_of(tables, "opening"), ""),
        features=tuple(_feature(table, lines, files) for table in tables.get("features", ())),
        pins=pins,
        hides=hides,
    )


def _pin(table: Mapping[str, Any], lines: "_Lines") -> Pin:
    arxiv_id = lines.arxiv_id(table, _PAPER_KEYS)
    if not isinstance(table.get("starred", False), bool):
        raise lines.error(arxiv_id, f"{arxiv_id}: starred must be true or false")
    return Pin(
        arxiv_id,
        lines.text_of(table, "title") or lines.missing(arxiv_id, "title"),
        lines.of(arxiv_id),
        table.get("starred", False),
        lines.text_of(table, "note"),
        lines.text_of(table, "retitle"),
    )


def _hide(table: Mapping[str, Any], lines: "_Lines") -> str:
    return lines.arxiv_id(table, _HIDE_KEYS)


def _feature(table: Mapping[str, Any], lines: "_Lines", files: Mapping[str, str]) -> Feature:
    lines.refuse_unknown(table, _FEATURE_KEYS)
    slug, title, file = (lines.text_of(table, key) for key in ("slug", "title", "file"))
    if not (slug and title and file):
        raise lines.error(slug or title or file or "features", "a feature needs slug, title and file")
    papers = tuple(lines.arxiv_id({"id": arxiv_id}, _HIDE_KEYS) for arxiv_id in table.get("papers", ()))
    return Feature(slug=slug, title=title, markdown=files[file], papers=papers)


class _Lines:
    """Finds the line of a word, so that a message can name it: tomllib does not tell."""

    def __init__(self, text: str, name: str) -> None:
        self._lines = text.splitlines()
        self._name = name

    def of(self, word: str, nth: int = 1) -> int:
        """Return the line (from 1) of the nth `id` that is the word, or of the word's first appearance; else 1."""
        keyed = [n for n, line in enumerate(self._lines, 1) if f'"{word}"' in line and line.lstrip().startswith("id")]
        bare = [n for n, line in enumerate(self._lines, 1) if word in line]
        return (keyed or bare or [1])[min(nth, len(keyed or bare or [1])) - 1]

    def error(self, word: str, complaint: str, nth: int = 1) -> UsageError:
        return UsageError(f"{self._name}, line {self.of(word, nth)}: {complaint}")

    def refuse_unknown(self, table: Mapping[str, Any], known: set[str]) -> None:
        for key in table:
            if key not in known:
                raise self.error(key, f"unknown key {key!r}: known are {', '.join(sorted(known))}")

    def refuse_doubled(self, arxiv_ids: list[str]) -> None:
        for arxiv_id in arxiv_ids:
            if arxiv_ids.count(arxiv_id) > 1:
                raise self.error(arxiv_id, f"{arxiv_id} stands twice among the papers and hides: keep one", nth=2)

    def text_of(self, table: Mapping[str, Any], key: str) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            raise self.error(key, f"{key} must be text in quotes")
        return value.strip()

    def missing(self, word: str, key: str) -> str:
        raise self.error(word, f"{word} has no {key}: write the paper's, so that a wrong id is noticed")

    def arxiv_id(self, table: Mapping[str, Any], known: set[str]) -> str:
        self.refuse_unknown(table, known)
        written = str(table.get("id", ""))
        try:
            return split_arxiv_id(written)[0]
        except ValueError as error:
            raise self.error(written or "papers", str(error)) from error


def check_titles(editor: EditorFile, title_by_id: Mapping[str, str]) -> tuple[str, ...]:
    """Hold the editor's title of each pinned paper against the stored one; return the ids that are not held.

    A retitled version and a lost space are no fault; a title that belongs to another paper is.

    Raises:
        UsageError: a title does not belong to its id; the message names the line, both titles and the right id.
    """
    for pin in editor.pins:
        stored = title_by_id.get(pin.arxiv_id)
        if stored is not None and not same_title(pin.title, stored):
            right = _ids_of_title(pin.title, title_by_id)
            mend = f"it is the title of {right[0]}" if right else "check the id"
            raise UsageError(f"{editor.name}, line {pin.line}: {pin.arxiv_id} is {stored!r}, not {pin.title!r}: {mend}")
    return tuple(pin.arxiv_id for pin in editor.pins if pin.arxiv_id not in title_by_id)


def same_title(one: str, other: str) -> bool:
    """Tell whether two titles name one paper: equal letters, or most words shared after a retitling."""
    if fold_title(one) == fold_title(other):
        return True
    return fuzz.token_set_ratio(one.casefold(), other.casefold()) >= _SAME_TITLE


def _ids_of_title(title: str, title_by_id: Mapping[str, str]) -> list[str]:
    wanted = fold_title(title)
    return [arxiv_id for arxiv_id, stored in title_by_id.items() if fold_title(stored) == wanted]
