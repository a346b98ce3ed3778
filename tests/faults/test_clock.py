"""A clock that goes back, runs a year ahead, or stands in an odd time zone: the same papers, the same site."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.conftest import SecondNight
from tests.faults.magazine import NOON, Magazine, Undisturbed

_NEXT = NOON + timedelta(days=1)


def test_a_clock_that_goes_back_an_hour_changes_nothing(second: SecondNight, tmp_path: Path) -> None:
    magazine = second.lay_out(tmp_path / "magazine")
    assert magazine.night(now=_NEXT) == 0
    for back in (timedelta(hours=1), timedelta(hours=1, microseconds=1), timedelta(days=1, hours=1)):
        assert magazine.night(now=_NEXT - back) == 3
    assert magazine.state() == second.after


def test_a_night_a_year_ahead_loses_nothing_once_the_clock_is_right(second: SecondNight, tmp_path: Path) -> None:
    magazine = second.lay_out(tmp_path / "magazine")
    assert magazine.night(now=_NEXT.replace(year=2025)) == 0
    assert magazine.night(now=_NEXT) in {0, 3}
    after = magazine.state()
    for part, expected in second.after.items():
        assert after[part] == expected, part


def test_a_first_night_a_year_ahead_prints_nothing_and_the_next_one_all(
    magazine: Magazine, undisturbed: Undisturbed
) -> None:
    assert magazine.night(now=NOON.replace(year=2025)) == 0
    assert magazine.night() == 0
    after = magazine.state()
    assert (after["site"], after["published"]) == (undisturbed.state["site"], undisturbed.state["published"])


def zone(name: str) -> Callable[[], None]:
    """Return what puts a process into a time zone."""

    def move() -> None:
        os.environ["TZ"] = name
        time.tzset()
        assert time.tzname[0] != "UTC"

    return move


@pytest.mark.parametrize(
    ("name", "now"),
    [
        ("Asia/Kathmandu", NOON),  # +05:45
        ("Pacific/Kiritimati", NOON),  # +14:00: tomorrow already
        ("Etc/GMT+12", NOON),  # -12:00: yesterday still
        ("Europe/Berlin", datetime(2024, 5, 2, 23, 59, 59, tzinfo=UTC)),  # the third of May there
    ],
)
def test_a_night_is_the_same_in_every_time_zone(
    magazine: Magazine, undisturbed: Undisturbed, name: str, now: datetime
) -> None:
    assert magazine.night(now=now, before=zone(name)) == 0
    after = magazine.state()
    for part, expected in undisturbed.state.items():
        assert after[part] == expected, part


@pytest.mark.parametrize(
    ("name", "now"),
    [
        ("Africa/Cairo", datetime(2024, 4, 25, 21, 59, 59, tzinfo=UTC)),  # a second before midnight, which is left out
        ("America/Santiago", datetime(2024, 4, 7, 2, 30, tzinfo=UTC)),  # 23:30, for the first time
        ("Australia/Lord_Howe", datetime(2024, 4, 6, 14, 45, tzinfo=UTC)),  # half an hour comes twice
    ],
)
def test_a_night_on_which_clocks_are_changed_ends_in_order(magazine: Magazine, name: str, now: datetime) -> None:
    later = now + timedelta(hours=1)
    assert [magazine.night(now=moment, before=zone(name)) for moment in (now, later)] == [0, 3]
