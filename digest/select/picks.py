"""A file of papers that a person chose before, from wherever they keep them → picks."""

import gzip
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from digest.errors import UsageError
from digest.paper import split_arxiv_id

_HEAVIEST = 1_000_000  # picks that one may count for: more than anyone has


@dataclass(frozen=True, slots=True)
class Pick:
    """A paper that a person chose."""

    arxiv_id: str
    title: str = ""
    abstract: str = ""  # "" where the file does not give it: the store may hold it
    picked: date | None = None
    weight: float = 1.0  # how many picks it counts for


def read_picks(file: Path) -> list[Pick]:
    """Read picks from BibTeX (.bib), CSL-JSON as Zotero exports it (.json), or JSONL, gzipped if its name ends in .gz.

    JSONL has `id`, and `title`, `abstract` and `picked` if known, and a `weight` where a pick counts for more than one.

    Raises:
        UsageError: the file cannot be read, or a line is no pick.
    """
    try:
        content = file.read_bytes()
        if file.suffix == ".gz":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{file} cannot be read: {reason}; set select.picks in digest.toml") from error
    name = file.name.removesuffix(".gz")
    if name.endswith(".bib"):
        return parse_bibtex(content, str(file))
    return parse_csl(content, str(file)) if name.endswith(".json") else parse_picks(content, str(file))


def parse_picks(content: bytes, name: str) -> list[Pick]:
    """Read picks from the bytes of a JSONL file; a paper picked twice counts once.

    Raises:
        UsageError: a line is no pick; the message names the file and the line.
    """
    picks: dict[str, Pick] = {}
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            arxiv_id, _ = split_arxiv_id(record["id"])
            day = date.fromisoformat(record["picked"]) if record.get("picked") else None
            weight = _weight(record.get("weight", 1))
            title, abstract = (_text(record, key) for key in ("title", "abstract"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            fault = _fault(error)
            raise UsageError(f'{name}, line {number}: not a pick ({fault}); write {{"id": "2404.07143"}}') from error
        picks[arxiv_id] = Pick(arxiv_id, title, abstract, day, weight)
    return list(picks.values())


def _weight(value: object) -> float:
    """Return a pick's weight.

    Raises:
        ValueError: it is no number above 0, or would be all that counts.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _HEAVIEST:
        raise ValueError(f"its weight is no number above 0 and up to {_HEAVIEST:,}")
    return float(value)


def _text(record: Mapping[str, object], key: str) -> str:
    """Return a text of a pick; "" where it is not given.

    Raises:
        ValueError: it is no text.
    """
    value = record.get(key) or ""
    if not isinstance(value, str):
        raise ValueError(f"its {key} is no text")  # noqa: TRY004  every fault of a line is a ValueError
    return value


def _fault(error: Exception) -> str:
    """Return in a few words what is wrong with a line, without the line."""
    match error:
        case UnicodeDecodeError():
            return f"not UTF-8 from byte {error.start + 1} on"
        case json.JSONDecodeError():
            return f"not JSON: {error.msg}"
        case ValueError():
            return str(error)
        case RecursionError():
            return "nested too deeply"
        case KeyError():
            return f"it has no {error}"
        case _:
            return "not an object with an id in quotes"


_ARXIV_FIELDS = ("eprint", "number", "DOI", "doi", "URL", "url", "note", "archive_location")
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.", re.IGNORECASE)  # arXiv's prefix at DataCite
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_DAY_FIELDS = ("date-added", "timestamp", "urldate")  # as BibDesk, JabRef and Zotero write them


def parse_bibtex(content: bytes, name: str) -> list[Pick]:
    """Read picks from the bytes of a BibTeX file; entries without an arXiv id are passed over.

    Raises:
        UsageError: it is no BibTeX in UTF-8, or no entry has an arXiv id.
    """
    from pybtex.database import BibliographyDataError, parse_string  # noqa: PLC0415  only who keeps BibTeX waits for it
    from pybtex.scanner import PybtexSyntaxError  # noqa: PLC0415

    try:
        entries = parse_string(content.decode("utf-8-sig"), "bibtex").entries.values()
    except (UnicodeDecodeError, PybtexSyntaxError, BibliographyDataError) as error:
        raise UsageError(f"{name} is no BibTeX in UTF-8: {str(error).splitlines()[0]}; export it anew") from error
    return _picks_of([dict(entry.fields.items()) for entry in entries], name)


def parse_csl(content: bytes, name: str) -> list[Pick]:
    """Read picks from the bytes of a CSL-JSON file; items without an arXiv id are passed over.

    Raises:
        UsageError: it is no list of items, or none has an arXiv id.
    """
    try:
        items = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name} is not JSON: {error}; export it as CSL JSON, or name JSONL .jsonl") from error
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise UsageError(f"{name} is no list of CSL items: export it as CSL JSON, or name JSONL .jsonl")
    return _picks_of(items, name)


def _picks_of(records: Iterable[Mapping[str, object]], name: str) -> list[Pick]:
    picks: dict[str, Pick] = {}
    for record in records:
        arxiv_id = next(filter(None, (_arxiv_id(record.get(field)) for field in _ARXIV_FIELDS)), "")
        if arxiv_id:
            title, abstract = (_plain(record.get(field)) for field in ("title", "abstract"))
            picks[arxiv_id] = Pick(arxiv_id, title, abstract, _day(record))
    if not picks:
        raise UsageError(f"{name} names no arXiv paper: its entries need eprint, DOI or URL of arXiv")
    return list(picks.values())


def _arxiv_id(value: object) -> str:
    if not isinstance(value, str):
        return ""
    try:
        return split_arxiv_id(_ARXIV_DOI.sub("", value.removeprefix("https://doi.org/").strip()))[0]
    except ValueError:
        return ""


def _plain(value: object) -> str:
    return " ".join(re.sub(r"[{}]", "", value).split()) if isinstance(value, str) else ""


def _day(record: Mapping[str, object]) -> date | None:
    """Return the day an entry was added, or else looked at."""
    for field in _DAY_FIELDS:
        found = _DAY.match(str(record.get(field, "")))
        try:
            if found:
                return date.fromisoformat(found[0])
        except ValueError:
            continue
    accessed = record.get("accessed")
    try:
        return date(*map(int, accessed["date-parts"][0])) if isinstance(accessed, dict) else None
    except (KeyError, IndexError, TypeError, ValueError, OverflowError):
        return None
