"""Commands of the night shift: run, publish, notify, schedule, status."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.shell import (
    ConfigOption,
    JsonOption,
    MonthOption,
    app,
    parse_month,
    perform,
    read_settings,
    utc_now,
    workshop_of,
)
from digest.errors import DigestError, NothingToDo
from digest.paper import Month
from digest.sections import seconds_in
from digest.settings import Settings
from digest.terminal import counted, is_watched, say, show_json, show_report, show_table

if TYPE_CHECKING:
    from digest.journal import Journal
    from digest.pipeline.status import Status
    from digest.pipeline.workshop import Workshop


def _parse_budget(text: str) -> float:
    try:
        return seconds_in(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


@app.command(short_help="all of it, from harvest to publishing: what cron calls")
def run(
    month: Annotated[
        Month | None,
        typer.Option("--month", parser=parse_month, metavar="YYYY-MM", help="Default: the months that are due."),
    ] = None,
    config: ConfigOption = None,
    from_file: Annotated[
        Path | None, typer.Option("--from-file", metavar="FILE", help="Take the papers from JSONL, not arXiv.")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Use no network: work with what is held.")] = False,
    budget: Annotated[
        float | None,
        typer.Option("--budget", parser=_parse_budget, metavar="2h", help="Write no more after it; the rest tomorrow."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Do the whole night: harvest, embed, tag, select, write, build, publish, notify. Cron calls this.

    On a terminal it shows how far it is; elsewhere it prints a line of JSON for each stage.

    Example: digest run --month 2024-04
    Example: digest run --budget 2h
    """
    from digest.pipeline import night  # noqa: PLC0415  as in shell.py

    settings = read_settings(config)
    seconds = budget if budget is not None else _set_budget(settings)

    def work(workshop: "Workshop") -> None:
        with night.recorded(workshop, budget=seconds) as tonight:
            if month is None and from_file is None:
                night.run_night(tonight, offline=offline)
            else:
                now = tonight.clock()
                wanted = month or Month(now.year, now.month)
                night.run_month(tonight, wanted, from_file=from_file, offline=offline)

    if is_watched() or as_json:
        perform(config, work, as_json=as_json, tell=show_report)
    else:
        _journalled(settings, lambda journal: perform(config, work, as_json=False, tell=journal.tell))


def _set_budget(settings: Settings) -> float | None:
    return seconds_in(settings.schedule.budget) if settings.schedule.budget else None


def _journalled(settings: Settings, work: "Callable[[Journal], None]") -> None:
    """Do the night's work, with a line of JSON for each stage and for its end."""
    from digest.journal import Journal  # noqa: PLC0415  as in shell.py

    journal = Journal(settings.without_secrets)
    try:
        work(journal)
    except DigestError as error:
        journal.end(error.status, "" if isinstance(error, NothingToDo) else str(error))
        raise
    except SystemExit as ended:
        journal.end(ended.code if isinstance(ended.code, int) else 1, "stopped by a signal")
        raise
    journal.end(0)


@app.command(short_help="push the built site")
def publish(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Push the built site to the branch that [publish] names; nothing where it is there already.

    Example: digest publish
    """
    from digest.pipeline import publishing  # noqa: PLC0415  as in shell.py

    perform(config, lambda w: [publishing.publish(w)], as_json=as_json)


@app.command(short_help="send an issue by e-mail and to chats")
def notify(
    month: MonthOption,
    again: Annotated[bool, typer.Option("--again", help="Also to those who were sent it already.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send an issue by e-mail and to chats now; `digest run` sends each when its month is over.

    Example: digest notify --month 2024-04
    """
    from digest.pipeline import notifying  # noqa: PLC0415  as in shell.py

    perform(config, lambda w: [notifying.send(w, month, again=again)], as_json=as_json)


@app.command(short_help="stay, and run the night when it is due")
def schedule(config: ConfigOption = None) -> None:
    """Stay and run the night whenever [schedule] in digest.toml says; Ctrl-C or SIGTERM ends it.

    Example: digest schedule
    """
    from digest.schedule import keep_running  # noqa: PLC0415  as in shell.py

    settings = read_settings(config)
    keep_running(settings, config)


@app.command(short_help="the last nights, what waits, and the next night")
def status(
    config: ConfigOption = None,
    last: Annotated[int, typer.Option("--last", metavar="N", min=1, max=1000, help="How many nights.")] = 7,
    as_json: JsonOption = False,
) -> None:
    """Show the last nights, what waits to be done, the disk, and when the next night is due.

    Example: digest status
    """
    from digest.pipeline.status import look, nothing_yet  # noqa: PLC0415  as in shell.py

    settings = read_settings(config)
    is_there = settings.path(settings.store).exists()
    with workshop_of(settings) if is_there else nullcontext() as workshop:
        found = look(workshop, last) if workshop else nothing_yet(settings)
    upcoming = _next_night(settings)
    if as_json:
        show_json(found.as_json() | {"next_night": upcoming.isoformat(timespec="minutes")})
    else:
        _show_status(found, upcoming)


def _next_night(settings: Settings) -> datetime:
    from digest.schedule import trigger  # noqa: PLC0415  as in shell.py

    upcoming: datetime = trigger(settings.schedule).get_next_fire_time(None, utc_now())
    return upcoming


def _show_status(found: "Status", upcoming: datetime) -> None:
    rows = [
        (f"{night.began:%Y-%m-%d %H:%M}", night.ended, f"{night.seconds:,.0f} s", night.failure or night.did)
        for night in found.nights
    ]
    if rows:
        show_table(("night (UTC)", "exit", "took", "what"), rows)
    else:
        say("no night has run yet")
    say("\nwaiting: " + (", ".join(counted(count, what) for what, count in found.waiting.items()) or "nothing"))
    say("disk:    " + ", ".join(f"{what} {size / 1e6:,.1f} MB" for what, size in found.disk.items()))
    say(f"next:    {upcoming:%Y-%m-%d %H:%M %Z}, where `digest schedule` or a timer runs" + _at_work(found))


def _at_work(found: "Status") -> str:
    return "; another digest is at work now" if found.at_work else ""
