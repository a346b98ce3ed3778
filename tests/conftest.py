"""What every test stands on: no network, no leftover settings, a fresh store, a small month of real papers."""

import gzip
import json
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from digest.pipeline.workshop import Workshop, open_workshop
from digest.places import BUNDLED
from digest.settings import load_settings
from digest.store.database import Store, open_store

MONTH = "2024-04"
PINNED = "2404.07143"

os.environ["HF_HUB_OFFLINE"] = "1"
# No test is timed: on a busy machine a property test that is only slow must not fail.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("DIGEST_") and name != "DIGEST_CHROMIUM":
            monkeypatch.delenv(name)


@pytest.fixture
def hears_signals() -> Iterator[None]:
    """SIGINT and SIGHUP as a terminal's command has them: under nohup or behind an & it would inherit deafness."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGINT, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new, migrated database in a folder of its own."""
    opened = open_store(tmp_path / "digest.db")
    yield opened
    opened.close()


def _lines(name: str, count: int, *, also: str = "") -> list[str]:
    with gzip.open(BUNDLED / name, "rt", encoding="utf-8") as file:
        lines = file.readlines()
    return lines[100 : 100 + count] + [line for line in lines if also and json.loads(line)["id"] == also]


@pytest.fixture
def publication(tmp_path: Path) -> Path:
    """A folder with settings, 24 papers of April, 12 picks and an editor's file that pins one paper."""
    (tmp_path / "papers.jsonl").write_text("".join(_lines("april-2024.jsonl.gz", 23, also=PINNED)), encoding="utf-8")
    (tmp_path / "picks.jsonl").write_text("".join(_lines("picks.jsonl.gz", 12)), encoding="utf-8")
    (tmp_path / "digest.toml").write_text(
        '[models]\nwriter = "none"\n[select]\nentries = 8\nper_topic = 3\npicks = "picks.jsonl"\n', encoding="utf-8"
    )
    content = tmp_path / "site" / "content" / MONTH
    content.mkdir(parents=True)
    (content / "issue.toml").write_text(
        f'title = "Can memory be bounded?"\n[[papers]]\nid = "{PINNED}"\n'
        'title = "Leave No Context Behind: Efficient Infinite Context Transformers with Infini-attention"\n'
        "starred = true\n",
        encoding="utf-8",
    )
    return tmp_path


@pytest.fixture
def workshop(publication: Path) -> Iterator[Workshop]:
    """An open workshop over the publication."""
    settings = load_settings(publication / "digest.toml")
    with open_workshop(settings, lambda: datetime(2024, 5, 1, tzinfo=UTC), lambda *_: None) as opened:
        yield opened
