"""The daemon that runs the night whenever it is due, each in a process of its own."""

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from digest.errors import UsageError
from digest.sections import Schedule
from digest.settings import Settings

logger = logging.getLogger(__name__)

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LOOK = 5.0  # seconds after which the clock is looked at again, and a signal is heard that did not wake this thread
_SOME_DAY = datetime(2024, 1, 1, tzinfo=UTC)
_PATIENCE = 60  # seconds that a night has to end in when it is told to


def trigger(schedule: Schedule) -> CronTrigger:
    """Read the settings' cron expression in their time zone.

    Raises:
        UsageError: one of the two is not what it must be.
    """
    try:
        due = CronTrigger.from_crontab(schedule.cron, timezone=schedule.timezone)
        if due.get_next_fire_time(None, _SOME_DAY) is None:
            raise ValueError("there is no such day in any year")  # noqa: TRY301  one message for all of them
    except (ValueError, LookupError) as error:  # an unknown time zone is a LookupError
        raise UsageError(
            f"[schedule] cron = {schedule.cron!r}, timezone = {schedule.timezone!r}: {error}; "
            'write them like "17 7 * * *" and "Europe/Berlin"'
        ) from error
    return due


def keep_running(settings: Settings, config: Path | None) -> None:
    """Run `digest run` whenever it is due; nights missed become one, and none begins while one is at work.

    Raises:
        UsageError: see `trigger`.
        NothingToDo: a daemon runs for these settings already.
        SystemExit: a signal ended it; the night at work was told, and waited for.
    """
    from digest.pipeline.workshop import hold_lock  # noqa: PLC0415  half a second that --help need not wait

    due = trigger(settings.schedule)
    with hold_lock(
        settings.path(settings.store).with_suffix(".schedule"), "`digest schedule` runs for these settings already"
    ):
        command = [sys.executable, "-m", "digest", "run", *(("--config", str(config)) if config else ())]
        _Daemon(lambda: subprocess.Popen(command, start_new_session=True)).stay(due)  # noqa: S603  our own command


class _Daemon:
    """Waits for the hour, and for the night that it began."""

    def __init__(self, begin_night: Callable[[], "subprocess.Popen[bytes]"]) -> None:
        self._begin_night = begin_night
        self._is_due, self._ending = threading.Event(), 0

    def stay(self, due: CronTrigger) -> None:
        for number in _ENDING:
            signal.signal(number, self._end)
        scheduler = BackgroundScheduler(timezone=due.timezone)
        scheduler.add_job(self._is_due.set, due, id="night", coalesce=True, max_instances=1, misfire_grace_time=None)
        scheduler.start()
        logger.info("the next night runs at %s", scheduler.get_job("night").next_run_time)
        while not self._ending:
            if not self._is_due.wait(_LOOK):
                scheduler.wakeup()  # a machine that slept is late by as long as it slept: Linux's timers stop with it
            elif not self._ending:
                self._spend_night()
                self._is_due.clear()  # what came due meanwhile was this night
        scheduler.shutdown(wait=False)
        raise SystemExit(128 + self._ending)

    def _end(self, number: int, _frame: FrameType | None) -> None:
        self._ending = number
        self._is_due.set()

    def _spend_night(self) -> None:
        """Run a night to its end; when a signal comes, hand it on and wait for it."""
        night = self._begin_night()
        while night.poll() is None:
            if self._ending:
                night.send_signal(self._ending)
                try:
                    night.wait(_PATIENCE)
                except subprocess.TimeoutExpired:
                    night.kill()
                    night.wait()
                return
            self._nap(night)
        logger.info("the night ended with status %s", night.returncode)

    def _nap(self, night: "subprocess.Popen[bytes]") -> None:
        try:
            night.wait(0.5)
        except subprocess.TimeoutExpired:
            return
