"""What every test stands on: no network, no leftover settings, a fresh store."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from digest.store.database import Store, open_store

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
def store(tmp_path: Path) -> Iterator[Store]:
    """A new, migrated database in a folder of its own."""
    opened = open_store(tmp_path / "digest.db")
    yield opened
    opened.close()
