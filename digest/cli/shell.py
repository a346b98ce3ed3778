"""What all commands share: the application, their options, the open store, and how stages are performed."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest import __version__
from digest.cli.help import GroupedHelp
from digest.paper import Month
from digest.settings import Settings, find_settings_file, load_settings
from digest.terminal import hide_secrets, progress_bars, report_as_json, show_json, show_report

if TYPE_CHECKING:
    from digest.pipeline.workshop import StageReport, Workshop

app = typer.Typer(
    cls=GroupedHelp,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Read arXiv, choose and summarise the month's papers with local models, publish a static magazine.\n\n"
    "Example: digest init my-magazine\n"
    "Example: digest run --month 2024-04\n"
    'Example: digest search "mixture of experts" --k 5',
    epilog="Exit status: 0 done, 1 failed, 2 bad usage or configuration, 3 nothing to do, 4 a gate said no.",
)


def parse_month(text: str) -> Month:
    """Read a month as an option has it."""
    try:
        return Month.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="The settings file; digest.toml here or above.")
]
MonthOption = Annotated[Month, typer.Option("--month", parser=parse_month, metavar="YYYY-MM", help="Which issue.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def read_settings(config: Path | None) -> Settings:
    """Read the settings file that was named, or the nearest one; from now on nothing that is printed holds a secret."""
    settings = load_settings(config or find_settings_file(Path.cwd()))
    hide_secrets(settings.without_secrets)
    return settings


def utc_now() -> datetime:
    """Read the clock; everything else takes the time as an argument."""
    return datetime.now(UTC)


@contextmanager
def workshop_of(
    settings: Settings, tell: Callable[["StageReport"], None] = show_report, *, alone: bool = False
) -> Iterator["Workshop"]:
    """Open the store, with bars on the terminal; `alone` where it is to be changed."""
    from digest.pipeline.workshop import open_workshop  # noqa: PLC0415  half a second that --help need not wait

    with progress_bars() as progress, open_workshop(settings, utc_now, progress, tell, alone=alone) as workshop:
        yield workshop


def perform(
    config: Path | None,
    work: Callable[["Workshop"], object],
    *,
    as_json: bool,
    tell: Callable[["StageReport"], None] = show_report,
) -> None:
    """Do the stages; each is told when it is done, or all as JSON at the end.

    Raises:
        DigestError: a stage failed and the others went on without it.
        NothingToDo: none of them changed anything.
    """
    reports: list[StageReport] = []

    def keep(report: "StageReport") -> None:
        reports.append(report)
        if not as_json:
            tell(report)

    try:
        with workshop_of(read_settings(config), keep, alone=True) as workshop:
            work(workshop)
    finally:
        if as_json:
            show_json([report_as_json(report) for report in reports])
    from digest.pipeline.workshop import check_reports  # noqa: PLC0415  as above

    check_reports(reports)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"digest {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[  # noqa: ARG001  printed by its callback
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print it and end.")
    ] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Tell each request and step on stderr.")] = False,
) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it tells of its font cache
    logging.getLogger("digest").setLevel(logging.DEBUG if verbose else logging.INFO)
