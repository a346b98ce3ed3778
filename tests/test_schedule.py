"""The daemon's clock: when a night is due, and what it refuses."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.errors import UsageError
from digest.schedule import trigger
from digest.sections import Schedule


def test_the_night_is_due_at_the_next_time_the_expression_names() -> None:
    due = trigger(Schedule()).get_next_fire_time(None, datetime(2024, 4, 30, 8, 0, tzinfo=UTC))
    assert due == datetime(2024, 5, 1, 7, 17, tzinfo=UTC)


@pytest.mark.parametrize("wrong", [{"cron": "every day"}, {"cron": "99 * * * *"}, {"timezone": "Mars/Olympus"}])
def test_what_is_no_schedule_is_refused_in_one_line(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"\[schedule\]"):
        trigger(Schedule(**wrong))


def test_sigterm_ends_the_daemon_in_peace(tmp_path: Path) -> None:
    (tmp_path / "digest.toml").write_text("")
    daemon = subprocess.Popen(
        [sys.executable, "-m", "digest", "schedule"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert daemon.stderr is not None
    assert "the next night runs at" in daemon.stderr.readline()
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(timeout=60) == 143
    daemon.stderr.close()
