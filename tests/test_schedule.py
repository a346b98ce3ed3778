"""The daemon's clock: when a night is due, and what it refuses."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.errors import UsageError
from digest.schedule import trigger
from digest.sections import Schedule


def test_the_night_is_due_at_the_next_time_the_expression_names() -> None:
    due = trigger(Schedule()).get_next_fire_time(None, datetime(2024, 4, 30, 8, 0, tzinfo=UTC))
    assert due == datetime(2024, 5, 1, 7, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "cron", "begin", "nights"),
    [
        ("Europe/Berlin", "30 2 * * *", "2024-03-29", [1, 1, 1, 1]),  # 02:30 of the 31st is left out
        ("Europe/Berlin", "30 2 * * *", "2024-10-25", [1, 2, 1, 1]),  # 02:30 of the 27th comes twice
        ("Australia/Lord_Howe", "45 1 * * *", "2024-04-04", [1, 2, 1, 1]),  # half an hour comes twice
        ("Pacific/Kiritimati", "17 7 * * *", "2024-04-05", [1, 1, 1, 1]),  # +14:00
        ("Asia/Kathmandu", "17 7 * * *", "2024-04-04", [1, 1, 1, 1]),  # +05:45
    ],
)
def test_every_day_has_its_night_when_clocks_are_changed(zone: str, cron: str, begin: str, nights: list[int]) -> None:
    due, now, last, days = trigger(Schedule(cron=cron, timezone=zone)), datetime.fromisoformat(f"{begin}T16Z"), None, []
    for _ in range(sum(nights)):
        last = due.get_next_fire_time(last, now)
        now = last.astimezone(UTC) + timedelta(microseconds=1)
        days.append(last.date())
    first = days[0]
    assert [days.count(first + timedelta(days=n)) for n in range(len(nights))] == nights


@pytest.mark.parametrize(
    "wrong", [{"cron": "every day"}, {"cron": "99 * * * *"}, {"cron": "0 7 31 2 *"}, {"timezone": "Mars/Olympus"}]
)
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


SLEEPER = """
import logging, subprocess, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
import apscheduler.schedulers.base as base
from digest import schedule
from digest.sections import Schedule

asleep, nights = Path(sys.argv[1]), Path(sys.argv[2])
begin = datetime.now(UTC)

class Clock(datetime):  # what the wall's clock says; timers, which stand still while a machine sleeps, do not know
    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + timedelta(days=float(asleep.read_text()))

def night():
    with nights.open("a") as file:
        file.write("a night\\n")
    return subprocess.Popen([sys.executable, "-c", "pass"])

logging.basicConfig(level=logging.INFO)
base.datetime, schedule._LOOK = Clock, 0.1
in_an_hour = begin + timedelta(hours=1)
schedule._Daemon(night).stay(schedule.trigger(Schedule(cron=f"{in_an_hour.minute} {in_an_hour.hour} * * *")))
"""


def test_nights_that_a_machine_slept_through_are_one_night_as_soon_as_it_wakes(tmp_path: Path) -> None:
    asleep, nights = tmp_path / "asleep", tmp_path / "nights"
    asleep.write_text("0")
    nights.write_text("")
    command = [sys.executable, "-c", SLEEPER, str(asleep), str(nights)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as daemon:  # noqa: S603  our own code
        try:
            assert daemon.stderr is not None
            assert any("the next night runs at" in line for line in iter(daemon.stderr.readline, ""))
            for days, held in ((3, 1), (3.01, 1), (7, 2)):  # three nights missed, none, and four
                _write_whole(asleep, str(days))
                _wait_for(nights, held)
        finally:
            daemon.terminate()
    assert daemon.returncode == 143
    assert nights.read_text().count("a night") == 2


def _write_whole(file: Path, text: str) -> None:
    (file.parent / "new").write_text(text)
    (file.parent / "new").replace(file)


def _wait_for(nights: Path, count: int) -> None:
    end = time.monotonic() + 60
    while nights.read_text().count("a night") < count:
        assert time.monotonic() < end, "no night begins"
        time.sleep(0.05)
    time.sleep(1)  # in which a night too many would begin
