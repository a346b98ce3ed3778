"""The commands: parse, call the pipeline, print; nothing else."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from digest import __version__
from digest.errors import DigestError, NothingToDo, UsageError
from digest.paper import Hit, Month
from digest.settings import Settings, find_settings_file, load_settings

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
_out = Console(highlight=False, soft_wrap=True)
_err = Console(highlight=False, soft_wrap=True, stderr=True)


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
def _workshop(settings: Settings) -> Iterator["Workshop"]:
    from digest.pipeline.workshop import open_workshop  # noqa: PLC0415  half a second that --help need not wait

    columns = (TextColumn("{task.description:>8}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=_err, transient=True, disable=not _err.is_terminal) as bar:
        tasks: dict[str, int] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done, total=total)  # type: ignore[arg-type]

        with open_workshop(settings, _utc_now, show) as workshop:
            yield workshop


def _print_reports(reports: list["StageReport"], *, as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "stage": r.stage,
                "seconds": round(r.seconds, 3),
                "changed": r.outcome.changed,
                **r.outcome.counts,
            }
            | ({"failure": r.failure} if r.failure else {})
            for r in reports
        ]
        typer.echo(json.dumps(rows))
    else:
        for report in reports:
            _out.print(escape(_line(report)))
    for report in reports:
        for warning in report.outcome.warnings:
            _err.print(escape(f"digest: {report.stage}: {warning}"))


def _line(report: "StageReport") -> str:
    counts = ", ".join(f"{count:,} {name}" for name, count in report.outcome.counts.items())
    did = report.failure or (counts if report.outcome.changed else f"nothing to do ({counts})")
    return f"{report.stage:>8}  {did}  [{report.seconds:.1f} s]"


def _perform(config: Path | None, work: Callable[["Workshop"], list["StageReport"]], *, as_json: bool) -> None:
    """Do the stages and print what they did.

    Raises:
        NothingToDo: none of them changed anything.
    """
    with _workshop(_settings(config)) as workshop:
        reports = work(workshop)
    _print_reports(reports, as_json=as_json)
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
        reports = night.run_demo(workshop)
    _print_reports(reports, as_json=False)
    site = settings.path(settings.site.output)
    _out.print(f"\nThe April 2024 issue lies in {escape(str(site / '2024-04' / 'index.html'))}")
    _out.print(f"Look at it: {escape(sys.executable)} -m http.server --directory {escape(str(site))} 8000")
    _out.print("and open http://localhost:8000/2024-04/")


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="The publication's folder.")] = Path()) -> None:
    """Write a digest.toml to begin with; never over one that is there.

    Example: digest init my-magazine
    """
    from digest.pipeline.starting import write_settings  # noqa: PLC0415  as in _workshop

    file = write_settings(folder)
    _out.print(f"wrote {escape(str(file))}: set your categories there, then: digest run --month YYYY-MM")


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
            _err.print(escape(f"digest: {error}"))

    keep_running(settings.schedule, night)


def _print_hits(hits: list[Hit], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([{"arxiv_id": h.arxiv_id, "title": h.title, "score": round(h.score, 4)} for h in hits]))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("score", "arXiv", "title"):
        table.add_column(heading, no_wrap=heading != "title")
    for hit in hits:
        table.add_row(f"{hit.score:.3f}", hit.arxiv_id, escape(hit.title))
    _out.print(table)


KOption = Annotated[int, typer.Option("--k", min=1, max=1000, help="How many papers.")]


@app.command()
def search(text: str, k: KOption = 10, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Find papers by meaning.

    Example: digest search "bounded memory for infinitely long inputs" --k 5
    """
    from digest.pipeline import lookup  # noqa: PLC0415  as in _workshop

    with _workshop(_settings(config)) as workshop:
        hits = lookup.search(workshop, text, k)
    _print_hits(hits, as_json=as_json)


@app.command()
def similar(arxiv_id: str, k: KOption = 10, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Find the papers nearest to one that is held.

    Example: digest similar 2404.02258
    """
    from digest.pipeline import lookup  # noqa: PLC0415  as in _workshop

    with _workshop(_settings(config)) as workshop:
        hits = lookup.similar(workshop, arxiv_id, k)
    _print_hits(hits, as_json=as_json)


@app.command()
def doctor(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Say what is installed, which models are found, and what would be used.

    Example: digest doctor
    """
    from digest.pipeline.doctor import examine  # noqa: PLC0415  as in _workshop

    findings = examine(_settings(config))
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings]))
    else:
        for finding in findings:
            _out.print(escape(f"{'ok ' if finding.ok else 'BAD'}  {finding.subject:<22} {finding.text}"))
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
        _err.print(escape(f"digest: {error}"))
        sys.exit(error.status)
    except KeyboardInterrupt:
        sys.exit(130)  # 128 + SIGINT, as shells have it
