"""Commands that fill the archive and say what it holds: harvest, coverage, check, embed."""

from dataclasses import asdict
from datetime import date
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
from digest.errors import DigestError, NothingToDo, UsageError
from digest.paper import Month, split_arxiv_id
from digest.terminal import say, show_json, show_table

if TYPE_CHECKING:
    from digest.pipeline.workshop import Workshop


def _parse_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a day: write it like 2024-04-01") from error
    if day > utc_now().date():
        raise typer.BadParameter(f"{text} has not come yet")
    return day


@app.command(short_help="fetch papers into the store")
def harvest(
    config: ConfigOption = None,
    month: Annotated[
        Month | None,
        typer.Option("--month", parser=parse_month, metavar="YYYY-MM", help="Submitted in it; from the API."),
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option("--category", metavar="CAT", help="Such as cs.CL; may be repeated.")
    ] = None,
    since: Annotated[
        date | None,
        typer.Option("--since", metavar="DAY", parser=_parse_day, help="All that changed since; from OAI-PMH."),
    ] = None,
    arxiv_id: Annotated[
        list[str] | None, typer.Option("--id", metavar="ID", help="One paper; may be repeated.")
    ] = None,
    from_file: Annotated[
        Path | None, typer.Option("--from-file", metavar="FILE", help="JSONL: ours or the Kaggle snapshot's.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch papers into the store: what changed since the last time, a month, papers by id, or a file.

    Example: digest harvest
    Example: digest harvest --month 2024-04 --category cs.CL
    Example: digest harvest --from-file arxiv-metadata-oai-snapshot.json
    """
    if sum(given is not None for given in (month, since, arxiv_id or None, from_file)) > 1:
        raise UsageError("digest harvest takes one of --month, --since, --id and --from-file, or none of them")
    if category and month is None and since is None:
        raise UsageError("--category goes with --month or --since; else the categories of digest.toml are meant")
    from digest.pipeline import harvesting, night  # noqa: PLC0415  as in shell.py

    categories = tuple(category or ())

    def work(workshop: "Workshop") -> None:
        if from_file is not None:
            harvesting.harvest_file(workshop, from_file)
        elif month is not None:
            harvesting.harvest_month(workshop, month, categories)
        elif arxiv_id:
            harvesting.harvest_ids(workshop, [_bare_id(text) for text in arxiv_id])
        elif since is not None:
            harvesting.harvest_changes(workshop, since, categories)
        else:
            night.harvest_night(workshop)

    perform(config, work, as_json=as_json)


def _bare_id(text: str) -> str:
    try:
        return split_arxiv_id(text)[0]
    except ValueError as error:
        raise UsageError(str(error)) from error


@app.command(short_help="what arXiv says there is of a month, and what is held")
def coverage(month: MonthOption, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show what arXiv says there is of a month, what is held, and the gap, by day and category.

    Example: digest coverage --month 2024-04
    """
    from digest.pipeline.coverage import coverage as lines_of  # noqa: PLC0415  as in shell.py

    with workshop_of(read_settings(config)) as workshop:
        lines = lines_of(workshop, month)
    if as_json:
        show_json([asdict(line) | {"gap": line.gap} for line in lines])
        return
    if not lines:
        raise NothingToDo(f"no source has said yet what there is of {month}: digest harvest --month {month}")
    rows = [
        (
            line.source,
            line.day or str(month),
            line.category,
            *map(_known, (line.announced, line.held, line.gap)),
            line.reason,
        )
        for line in lines
    ]
    show_table(("source", "day", "category", "announced", "held", "gap", "reason"), rows)


def _known(count: int | None) -> str:
    return "?" if count is None else f"{count:,}"


@app.command(short_help="vectors for the papers that have none, and the index")
def embed(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Embed the papers that have no vector yet, and bring the index up to date.

    Example: digest embed
    """
    from digest.pipeline import gathering  # noqa: PLC0415  as in shell.py

    perform(config, lambda w: [gathering.embed(w)], as_json=as_json)


@app.command(short_help="hold printed titles, ids and authors against the store")
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Markdown or JSONL; default: the editor's files.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold every printed title, id and author against the store.

    Example: digest check
    Example: digest check reading-list.md
    """
    from digest.pipeline.checking import check_lists  # noqa: PLC0415  as in shell.py

    with workshop_of(read_settings(config)) as workshop:
        findings = check_lists(workshop, files or [])
    if as_json:
        show_json([asdict(finding) | {"alarm": finding.kind.is_alarm} for finding in findings])
    for finding in sorted(findings, key=lambda one: not one.kind.is_alarm) if not as_json else ():
        weight = "wrong" if finding.kind.is_alarm else "worth a look"
        say(f"{weight}: {finding.where}, line {finding.line}: {finding.kind}: {finding.message}")
    if not findings and not as_json:
        say("nothing is wrong: every title, id and author is as the store has it")
    alarms = sum(finding.kind.is_alarm for finding in findings)
    if alarms:
        raise DigestError(f"{alarms} wrong, {len(findings) - alarms} worth a look: mend what is called wrong above")
