"""Lines of JSON, in our shape or the Kaggle snapshot's → papers, one line at a time."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson

from digest.errors import SourceError, UsageError
from digest.harvest.records import (
    LONGEST_AUTHORS,
    VERSION,
    read_authors,
    read_categories,
    read_date,
    read_moment,
    read_state,
    read_text,
    read_title,
)
from digest.harvest.source import Rejected, reject
from digest.paper import Paper, split_arxiv_id

_LONGEST_LINE = 4 * 1024 * 1024  # bytes; the longest real one, with 3,000 authors, has some 200,000
_PEEKED = 20  # lines that decide whether a file is JSONL at all
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_NO_AUTHOR = "an author is not as in the snapshot: [last, first, suffix]"
_PARTICLES = frozenset({"de", "van", "von", "der", "den"})


def parse_record(line: bytes | str) -> Paper:
    """Read one line of either shape.

    The Kaggle snapshot's shape: kaggle.com/datasets/Cornell-University/arxiv. Ours: docs/data.md.

    Raises:
        ValueError: it is no paper; the message says why.
    """
    return _parse_paper(_parse_object(line))


def _parse_object(line: bytes | str) -> dict[str, Any]:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        record = _parse_patiently(line)  # it takes what orjson refuses, and says better what it is
    if not isinstance(record, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004  every fault of a line is a ValueError
    return record


def _parse_patiently(line: bytes | str) -> object:
    try:
        text = line.decode("utf-8-sig") if isinstance(line, bytes) else line
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 (byte {error.start + 1})") from None
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} (character {error.pos + 1})") from None
    except RecursionError:
        raise ValueError("not plausible JSON: nested too deeply") from None


def _parse_paper(record: Mapping[str, Any]) -> Paper:
    if not isinstance(record.get("id"), str):
        raise ValueError("no id" if record.get("id") is None else "id is not text")  # noqa: TRY004  as above
    arxiv_id, version = split_arxiv_id(record["id"])
    # What only the snapshot has tells the shapes apart.
    is_snapshot = "versions" in record or "authors_parsed" in record or "update_date" in record
    read = _parse_snapshot if is_snapshot else _parse_ours
    return read(record, arxiv_id, version)


def _parse_ours(record: Mapping[str, Any], arxiv_id: str, version: int) -> Paper:
    names = _list(record, "authors")
    if record.get("authors_order") == "family-first":
        names = [_given_name_first(name) if isinstance(name, str) else name for name in names]
    submitted = read_text(record, "submitted")
    comment, abstract, withdrawn = read_state(record, "comment")
    return Paper(
        arxiv_id=arxiv_id,
        version=version,
        title=read_title(record),
        abstract=abstract,
        authors=read_authors(names),
        categories=read_categories(_list(record, "categories")),
        submitted=read_date(submitted, "submitted") if submitted else None,
        comment=comment or None,
        abstract_truncated=record.get("abstract_truncated") is True,
        withdrawn=withdrawn,
    )


def _parse_snapshot(record: Mapping[str, Any], arxiv_id: str, version: int) -> Paper:
    days = _version_days(record)
    latest = max(days, default=version)
    comment, abstract, withdrawn = read_state(record, "comments")
    return Paper(
        arxiv_id=arxiv_id,
        version=latest,
        title=read_title(record),
        abstract=abstract,
        authors=read_authors(_snapshot_names(record)),
        authors_line=read_text(record, "authors", LONGEST_AUTHORS) or None,
        categories=read_categories(read_text(record, "categories").split()),
        submitted=days.get(1),
        updated=days.get(latest),
        comment=comment or None,
        journal_ref=read_text(record, "journal-ref") or None,
        doi=read_text(record, "doi") or None,
        licence=read_text(record, "license") or None,
        withdrawn=withdrawn,
    )


def _list(record: Mapping[str, Any], key: str) -> list[object]:
    value = record.get(key) or []
    if not isinstance(value, list):
        raise ValueError(f"{key} is not a list")  # noqa: TRY004  as above
    return value


def _given_name_first(name: str) -> str:
    """Turn "Rossi Ryan A." into "Ryan A. Rossi", and "De Paoli Stefano" into "Stefano De Paoli"."""
    words = name.split()
    family = 1
    while family < len(words) - 1 and words[family - 1].lower() in _PARTICLES:
        family += 1
    return " ".join(words[family:] + words[:family])


def _version_days(record: Mapping[str, Any]) -> dict[int, date]:
    """Map each version's number to the day (UTC) it was made."""
    days = {}
    for made in _list(record, "versions"):
        name, created = (made.get("version"), made.get("created")) if isinstance(made, dict) else (None, None)
        number = VERSION.fullmatch(name) if isinstance(name, str) else None
        if number is None or not isinstance(created, str):
            raise ValueError("a version is not as in the snapshot: {version, created}")
        days[int(number[1])] = read_moment(created, "created")
    return days


def _snapshot_names(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield "First Last Suffix" for each author."""
    for parts in _list(record, "authors_parsed"):
        if not isinstance(parts, list) or len(parts) < 2:  # noqa: PLR2004
            raise ValueError(_NO_AUTHOR)
        try:
            yield " ".join(filter(None, (parts[1], parts[0], *parts[2:3])))
        except TypeError:
            raise ValueError(_NO_AUTHOR) from None


# --- the file ----------------------------------------------------------------------------------------------


def read_snapshot(file: Path) -> Iterator[Paper | Rejected]:
    """Yield the papers of a JSONL file, plain or gzipped, in a memory that does not grow with the file.

    Raises:
        UsageError: the file is missing, cannot be read, or none of its first lines is a JSON object.
        SourceError: it is damaged on the way; what was yielded before stands.
    """
    with _open(file) as stream:
        lines = _lines(file, stream)
        peeked = list(islice(lines, _PEEKED))
        _check_beginning(file, peeked)
        for number, line in chain(peeked, lines):
            if len(line) > _LONGEST_LINE:
                yield reject(number, f"longer than {_LONGEST_LINE:,} bytes", line)
                continue
            try:
                yield parse_record(line)
            except ValueError as error:
                yield reject(number, str(error), line)


def _open(file: Path) -> BinaryIO:
    if file.is_dir():
        raise UsageError(f"{file} is a folder: name a JSONL file in it")
    try:
        with file.open("rb") as plain:
            beginning = plain.read(4)
        if beginning.startswith(_ZIP):
            raise UsageError(f"{file} is a zip archive: unpack it (unzip {file.name}) and name the file in it")
        # gzip.open gives what a BinaryIO can do, under another type.
        return cast(BinaryIO, gzip.open(file)) if beginning.startswith(_GZIP) else file.open("rb")
    except FileNotFoundError as error:
        raise UsageError(f"{file} is not there: check the path") from error
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error


def _lines(file: Path, stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank with their numbers; of a line that is too long, its beginning."""
    number = 0
    try:
        while line := stream.readline(_LONGEST_LINE + 1):
            number += 1
            if len(line) > _LONGEST_LINE and not line.endswith(b"\n"):
                _skip_line(stream)
            if line.strip():
                yield number, line
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(
            f"{file} is damaged after line {number} ({error}): get it anew; what was read before is kept"
        ) from error


def _skip_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass


def _check_beginning(file: Path, peeked: list[tuple[int, bytes]]) -> None:
    """Refuse a file that is something else before anything of it is stored."""
    if not peeked:
        raise UsageError(f"{file} is empty: name a file with one JSON object a line")
    if peeked[0][1].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
        raise UsageError(f"{file} is a JSON array, not JSONL: turn it into lines (jq -c '.[]' {file.name})")
    reasons = []
    for number, line in peeked:
        try:
            _parse_object(line)
        except ValueError as error:
            reasons.append(f"line {number} is {error}")
        else:
            return
    raise UsageError(f"{file} is not JSONL: {reasons[0]}; write one JSON object a line, in UTF-8")
