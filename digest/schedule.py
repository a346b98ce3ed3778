"""The daemon that runs the night whenever it is due."""

import logging
import signal
import threading
from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from digest.errors import UsageError
from digest.settings import Schedule

logger = logging.getLogger(__name__)


def trigger(schedule: Schedule) -> CronTrigger:
    """Read the settings' cron expression in their time zone.

    Raises:
        UsageError: one of the two is not what it must be.
    """
    try:
        return CronTrigger.from_crontab(schedule.cron, timezone=schedule.timezone)
    except (ValueError, LookupError) as error:  # an unknown time zone is a LookupError
        raise UsageError(
            f"[schedule] cron = {schedule.cron!r}, timezone = {schedule.timezone!r}: {error}; "
            'write them like "17 7 * * *" and "Europe/Berlin"'
        ) from error


def keep_running(schedule: Schedule, night: Callable[[], None]) -> None:
    """Call the night whenever it is due until SIGINT or SIGTERM; nights missed become one.

    Raises:
        UsageError: see `trigger`.
    """
    due = trigger(schedule)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: ended.set())
    scheduler = BackgroundScheduler(timezone=due.timezone)
    scheduler.add_job(night, due, id="night", coalesce=True, max_instances=1, misfire_grace_time=None)
    scheduler.start()
    logger.info("the night runs at %s (%s)", schedule.cron, schedule.timezone)
    ended.wait()
    scheduler.shutdown(wait=True)  # a night at work is waited for
