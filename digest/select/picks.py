"""A file of papers that a person chose before → picks."""

import gzip
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from digest.errors import UsageError
from digest.paper import split_arxiv_id


@dataclass(frozen=True, slots=True)
class Pick:
    """A paper that a person chose."""

    arxiv_id: str
    title: str = ""
    abstract: str = ""  # "" where the file does not give it: the store may hold it
    picked: date | None = None


def read_picks(file: Path) -> list[Pick]:
    """Read picks from JSONL (`id`; `title`, `abstract` and `picked` if known), gzipped if its name ends in .gz.

    Raises:
        UsageError: the file cannot be read, or a line is no pick.
    """
    try:
        content = file.read_bytes()
        if file.suffix == ".gz":
            content = gzip.decompress(content)
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{file} cannot be read: {reason}; set select.picks in digest.toml") from error
    return parse_picks(content, str(file))


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
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(f'{name}, line {number}: not a pick ({error!r}); write {{"id": "2404.07143"}}') from error
        picks[arxiv_id] = Pick(arxiv_id, record.get("title") or "", record.get("abstract") or "", day)
    return list(picks.values())
