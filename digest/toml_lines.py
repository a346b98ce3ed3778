"""The text of a TOML file → its tables, each with the lines it stands on, so that an error can name one (pure)."""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from digest.errors import UsageError

_ANY_HEADER = r"\[\[?\s*[\w\"'-][^,]*\]\s*(#|$)"  # [table] or [[table]], not a list of texts
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the file; tomllib does not tell where a key stands, so its lines are searched for it."""

    values: Mapping[str, Any]
    name: str  # of the file, for messages
    lines: tuple[str, ...]  # of the whole file; comments are blank
    first: int  # of the lines that hold the table, from 0
    last: int  # one past the last

    def line_of(self, key: str) -> int:
        """Return the line (from 1) that gives the key a value; the table's first line where none is found."""
        assigning = [n for n in range(self.first, self.last) if _assigns(self.lines[n], key)]
        return next(iter([*assigning, *_headers(self.lines, rf"\[\[?\s*{re.escape(key)}\s*\]"), self.first])) + 1

    def error(self, key: str, complaint: str, about: str = "") -> UsageError:
        """Return an error that names the file, the line of the key (or of a text in its list) and the complaint."""
        line = self.line_of(key)
        below = range(line - 1, self.last) if about else range(0)
        line = next((n + 1 for n in below if about in self.lines[n]), line)
        return UsageError(f"{self.name}, line {line}: {complaint}")

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Refuse a key that means nothing here, so that a misspelt one is noticed.

        Raises:
            UsageError: there is such a key.
        """
        for key in self.values:
            if key not in known:
                raise self.error(key, f"unknown key {key!r}: known here are {', '.join(known)}")

    def text(self, key: str) -> str:
        """Return a text without the white space around it; "" where there is none.

        Raises:
            UsageError: it is no text.
        """
        value = self.values.get(key, "")
        if not isinstance(value, str):
            raise self.error(key, f'{key} must be text in quotes, such as {key} = "..."')
        return value.strip()

    def needed_text(self, key: str, why: str) -> str:
        """Return a text that must be there.

        Raises:
            UsageError: it is missing, empty or no text.
        """
        return self.text(key) or self._missing(key, why)

    def _missing(self, key: str, why: str) -> str:
        raise self.error(key, f"{key} is missing: {why}")

    def flag(self, key: str) -> bool:
        """Return true or false; false where the key is missing.

        Raises:
            UsageError: it is neither.
        """
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f"{key} must be true or false, without quotes")
        return value

    def day(self, key: str) -> date | None:
        """Return a day, or None.

        Raises:
            UsageError: it is no day.
        """
        value = self.values.get(key)
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            raise self.error(key, f"{key} must be a day without quotes, such as {key} = 2024-05-12")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; an empty one where the key is missing.

        Raises:
            UsageError: it is no such list.
        """
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.error(key, f'{key} must be a list of texts, such as {key} = ["2404.07143"]')
        return tuple(value)

    def count(self, key: str, least: int = 1) -> int | None:
        """Return a whole number from `least`, or None.

        Raises:
            UsageError: it is no such number.
        """
        value = self.values.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < least):
            raise self.error(key, f"{key} must be a whole number from {least}, without quotes, such as {key} = 8")
        return value

    def table(self, key: str) -> "Table":
        """Return one table, written as [key] or as key = { ... }; an empty one where the key is missing.

        Raises:
            UsageError: it is no table.
        """
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.error(key, f"{key} must be a table: it begins with [{key}] or is one {{ ... }}")
        headers = _headers(self.lines, rf"\[\s*{key}\s*\]")
        line = self.line_of(key) - 1
        is_dotted = not _assigns(self.lines[line], key)  # key.inner = ..., on lines of their own
        span = (self.first, self.last) if is_dotted else (line, line + 1)
        return Table(value, self.name, self.lines, *next(iter(self._below(headers)), span))

    def tables(self, key: str) -> list["Table"]:
        """Return a list of tables, written as [[key]] or as key = [{ ... }, ...], each with its own lines.

        Raises:
            UsageError: it is no such list.
        """
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.error(key, f"{key} must be a list of tables: each begins with [[{key}]] or is one {{ ... }}")
        headers = _headers(self.lines, rf"\[\[\s*{key}\s*\]\]")
        spans = self._below(headers) if len(headers) == len(value) else self._inline(key, value)
        return [Table(one, self.name, self.lines, *span) for one, span in zip(value, spans, strict=True)]

    def _below(self, headers: list[int]) -> list[tuple[int, int]]:
        """Return for each header's table its lines: to the next header of any table."""
        starts = _headers(self.lines, _ANY_HEADER)
        return [(header, next((n for n in starts if n > header), len(self.lines))) for header in headers]

    def _inline(self, key: str, tables: list[dict[str, Any]]) -> list[tuple[int, int]]:
        """Return the line of each { ... }: below the one before, or the same, and giving the table's id."""
        spans = []
        place = self.line_of(key) - 1
        for table in tables:
            written = re.escape(str(table.get("id", "")))
            wanted = re.compile(rf"[{{,]\s*id\s*=\s*[\"']{written}[\"']" if written else r"\{")
            below = [n for n in range(place + 1, len(self.lines)) if wanted.search(self.lines[n])]
            place = below[0] if below else place
            spans.append((place, place + 1))
        return spans


def read_toml(text: str, name: str) -> Table:
    """Read the text of a TOML file as one table.

    Raises:
        UsageError: it is not TOML; the message names the line.
    """
    lines = text.split("\n")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at_line = _AT_LINE.search(str(error))
        line = at_line[1] if at_line else str(len(lines))
        complaint = _AT_LINE.sub("", str(error)).removesuffix(" (at end of document)")
        raise UsageError(f"{name}, line {line}: not TOML: {complaint}; texts stand in quotes") from error
    except ValueError as error:  # Python reads no whole number of more than 4,300 digits
        raise UsageError(f"{name}: not TOML: a number has too many digits") from error
    except RecursionError as error:
        raise UsageError(f"{name}: not TOML: its lists or tables are nested too deeply") from error
    bare = tuple("" if line.lstrip().startswith("#") else line for line in lines)
    return Table(values, name, bare, 0, next(iter([*_headers(bare, _ANY_HEADER), len(bare)])))


def _assigns(line: str, key: str) -> bool:
    """Tell whether the line gives the key a value: at its start, after a dotted table, or within { ... }."""
    bare = re.escape(key)
    return bool(re.search(rf"(?:^|[{{,]|^\s*[\w.-]+\.)\s*(?:{bare}|\"{bare}\"|'{bare}')\s*=", line))


def _headers(lines: tuple[str, ...], pattern: str) -> list[int]:
    """Return the lines that begin a table as the pattern says."""
    return [n for n, line in enumerate(lines) if re.match(rf"\s*{pattern}", line)]
