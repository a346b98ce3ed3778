"""A publication of 24 real papers that goes from a file to a site in under a second, once Python is awake."""

import gzip
import json
from pathlib import Path

from digest.places import BUNDLED
from tests.tiny_encoder import write_tiny_encoder

PINNED = "2404.07143"
SETTINGS = """\
[models]
encoder = "encoder"
writer = "none"
threads = 1
[select]
entries = 8
per_topic = 3
picks = "picks.jsonl"
"""
ISSUE = f"""\
title = "Can memory be bounded?"
[[papers]]
id = "{PINNED}"
title = "Leave No Context Behind: Efficient Infinite Context Transformers with Infini-attention"
starred = true
"""


def bundled(name: str, count: int, *, also: str = "") -> list[str]:
    """Return lines of a bundled file, and the line of one paper besides."""
    with gzip.open(BUNDLED / name, "rt", encoding="utf-8") as file:
        lines = file.readlines()
    return lines[100 : 100 + count] + [line for line in lines if also and json.loads(line)["id"] == also]


def make_publication(folder: Path) -> Path:
    """Write settings, papers, picks, an editor's file and a tiny encoder into a folder."""
    folder.mkdir(exist_ok=True)
    papers, picks = bundled("april-2024.jsonl.gz", 23, also=PINNED), bundled("picks.jsonl.gz", 12)
    (folder / "papers.jsonl").write_text("".join(papers), encoding="utf-8")
    (folder / "picks.jsonl").write_text("".join(picks), encoding="utf-8")
    (folder / "digest.toml").write_text(SETTINGS, encoding="utf-8")
    content = folder / "site" / "content" / "2024-04"
    content.mkdir(parents=True)
    (content / "issue.toml").write_text(ISSUE, encoding="utf-8")
    write_tiny_encoder(folder / "encoder", papers + picks)
    return folder
