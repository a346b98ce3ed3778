"""The commands: parse, call the pipeline, print; nothing else."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest import __version__
from digest.errors import DigestError, NothingToDo, UsageError
from digest.paper import Month
from digest.settings import Settings, find_settings_file, load_settings
from digest.terminal import complain, progress_bars, report_as_json, say, show_hits, show_json, show_report

if TYPE_CHECKING:
    from digest.pipeline.workshop import StageReport, Workshop

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Read arXiv, choose and summarise the month's papers with local models, publish a static magazine.",
)


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


ConfigOption = Annotated[Path | None, typer.Option("--config", help="The settings file; digest.toml here or above.")]
MonthOption = Annotated[Month, typer.Option("--month", parser=_month, metavar="YYYY-MM", help="Which issue.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def _settings(config: Path | None) -> Settings:
    return load_settings(config or find_settings_file(Path.cwd()))


def _utc_now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _workshop(settings: Settings, tell: Callable[["StageReport"], None] = show_report) -> Iterator["Workshop"]:
    from digest.pipeline.workshop import open_workshop  # noqa: PLC0415  half a second that --help need not wait

    with progress_bars() as progress, open_workshop(settings, _utc_now, progress, tell) as workshop:
        yield workshop


def _perform(config: Path | None, work: Callable[["Workshop"], object], *, as_json: bool) -> None:
    """Do the stages; each is printed when it is done, or all as JSON at the end.

    Raises:
        DigestError: a stage failed and the others went on without it.
        NothingToDo: none of them changed anything.
    """
    reports: list[StageReport] = []

    def tell(report: "StageReport") -> None:
        reports.append(report)
        if not as_json:
            show_report(report)

    try:
        with _workshop(_settings(config), tell) as workshop:
            work(workshop)
    finally:
        if as_json:
            show_json([report_as_json(report) for report in reports])
    failures = [report.failure for report in reports if report.failure]
    if failures:
        raise DigestError(failures[0])
    if not any(report.outcome.changed for report in reports):
        raise NothingToDo("nothing to do")


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Argument(help="Where to work; settings and content are put there if missing.")
    ] = Path(),
) -> None:
    """Build the April 2024 issue from the papers that come with digest; no network.

    Example: digest demo
    """
    from digest.pipeline import night  # noqa: PLC0415  as in _workshop
    from digest.pipeline.starting import prepare_demo  # noqa: PLC0415

    settings = load_settings(prepare_demo(folder))
    with _workshop(settings) as workshop:
        night.run_demo(workshop)
    site = settings.path(settings.site.output)
    say(f"\nThe April 2024 issue lies in {site / '2024-04' / 'index.html'}")
    say(f"Look at it: {sys.executable} -m http.server --directory {site} 8000")
    say("and open http://localhost:8000/2024-04/")


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="The publication's folder.")] = Path()) -> None:
    """Write a digest.toml to begin with; never over one that is there.

    Example: digest init my-magazine
    """
    from digest.pipeline.starting import write_settings  # noqa: PLC0415  as in _workshop

    file = write_settings(folder)
    say(f"wrote {file}: set your categories there, then: digest run --month YYYY-MM")


@app.command()
def harvest(
    config: ConfigOption = None,
    month: Annotated[
        Month | None, typer.Option("--month", parser=_month, metavar="YYYY-MM", help="From arXiv's API.")
    ] = None,
    category: Annotated[list[str] | None, typer.Option("--category", help="Such as cs.CL; may be repeated.")] = None,
    from_file: Annotated[Path | None, typer.Option("--from-file", help="JSONL: ours or the Kaggle snapshot's.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch papers into the store: a month from arXiv, or a file.

    Example: digest harvest --month 2024-04 --category cs.CL
    Example: digest harvest --from-file arxiv-metadata-oai-snapshot.json
    """
    if (month is None) == (from_file is None):
        raise UsageError("digest harvest needs one of --month YYYY-MM and --from-file FILE")
    from digest.pipeline import gathering  # noqa: PLC0415  as in _workshop

    if from_file is not None:
        _perform(config, lambda w: [gathering.harvest_file(w, from_file)], as_json=as_json)
    elif month is not None:
        _perform(config, lambda w: [gathering.harvest_month(w, month, tuple(category or ()))], as_json=as_json)


@app.command()
def embed(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Embed the papers that have no vector yet, and bring the index up to date.

    Example: digest embed
    """
    from digest.pipeline import gathering  # noqa: PLC0415  as in _workshop

    _perform(config, lambda w: [gathering.embed(w)], as_json=as_json)


@app.command()
def select(month: MonthOption, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Tag the month's papers and choose those the issue lists; the editor's file wins.

    Example: digest select --month 2024-04
    """
    from digest.pipeline import choosing  # noqa: PLC0415  as in _workshop

    _perform(config, lambda w: [choosing.tag(w, month), choosing.select(w, month)], as_json=as_json)


@app.command()
def write(month: MonthOption, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Summarise the chosen papers with the local model; what the gate refuses is extracted instead.

    Example: digest write --month 2024-04
    """
    from digest.pipeline import making  # noqa: PLC0415  as in _workshop

    _perform(config, lambda w: [making.write(w, month)], as_json=as_json)


@app.command()
def build(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Build the site from every issue in the store.

    Example: digest build
    """
    from digest.pipeline import making  # noqa: PLC0415  as in _workshop

    _perform(config, lambda w: [making.build(w)], as_json=as_json)


@app.command()
def run(
    month: Annotated[
        Month | None,
        typer.Option("--month", parser=_month, metavar="YYYY-MM", help="Default: this month (UTC)."),
    ] = None,
    config: ConfigOption = None,
    from_file: Annotated[
        Path | None, typer.Option("--from-file", help="Take the papers from JSONL, not arXiv.")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask arXiv: work with what is held.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Do the whole night: harvest, embed, tag, select, write, build. Cron calls this.

    Example: digest run --month 2024-04
    """
    from digest.pipeline import night  # noqa: PLC0415  as in _workshop

    now = _utc_now()
    wanted = month or Month(now.year, now.month)
    _perform(config, lambda w: night.run_month(w, wanted, from_file=from_file, offline=offline), as_json=as_json)


@app.command()
def schedule(config: ConfigOption = None) -> None:
    """Stay and run the night whenever [schedule] in digest.toml says; Ctrl-C or SIGTERM ends it.

    Example: digest schedule
    """
    from digest.schedule import keep_running  # noqa: PLC0415  as in _workshop

    settings = _settings(config)

    def night() -> None:
        try:
            run(month=None, config=config, from_file=None, offline=False, as_json=False)
        except DigestError as error:  # one bad night does not end the daemon
            complain(str(error))

    keep_running(settings.schedule, night)


KOption = Annotated[int, typer.Option("--k", min=1, max=1000, help="How many papers.")]


@app.command()
def search(text: str, k: KOption = 10, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Find papers by meaning.

    Example: digest search "bounded memory for infinitely long inputs" --k 5
    """
    from digest.pipeline import lookup  # noqa: PLC0415  as in _workshop

    with _workshop(_settings(config)) as workshop:
        hits = lookup.search(workshop, text, k)
    show_hits(hits, as_json=as_json)


@app.command()
def similar(arxiv_id: str, k: KOption = 10, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Find the papers nearest to one that is held.

    Example: digest similar 2404.02258
    """
    from digest.pipeline import lookup  # noqa: PLC0415  as in _workshop

    with _workshop(_settings(config)) as workshop:
        hits = lookup.similar(workshop, arxiv_id, k)
    show_hits(hits, as_json=as_json)


@app.command()
def doctor(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Say what is installed, which models are found, and what would be used.

    Example: digest doctor
    """
    from digest.pipeline.doctor import examine  # noqa: PLC0415  as in _workshop

    findings = examine(_settings(config))
    if as_json:
        show_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            say(f"{'ok ' if finding.ok else 'BAD'}  {finding.subject:<22} {finding.text}")
    if not all(finding.ok for finding in findings):
        raise DigestError("something above is BAD: mend it as its line says")


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
    logging.getLogger("digest").setLevel(logging.DEBUG if verbose else logging.INFO)


def main() -> None:
    """Run a command and end with its status (docs/settings.md lists them)."""
    try:
        app()
    except DigestError as error:
        complain(str(error))
        sys.exit(error.status)
    except KeyboardInterrupt:
        sys.exit(130)  # 128 + SIGINT, as shells have it
