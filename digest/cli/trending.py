"""The command that tells what a month is about against the months before: trends."""

from typing import Annotated, Any

import typer

from digest.cli.shell import ConfigOption, JsonOption, MonthOption, app, read_settings, workshop_of
from digest.errors import NothingToDo
from digest.figure import Figure
from digest.terminal import say, show_json, show_table

BeforeOption = Annotated[
    int, typer.Option("--before", metavar="N", min=1, max=24, help="How many months to hold it against.")
]


@app.command(short_help="topics that rise and fall, phrases that are new")
def trends(
    month: MonthOption, before: BeforeOption = 3, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Show the topics that rise and fall in a month, and the phrases that are new in its titles.

    Example: digest trends --month 2024-04
    """
    from digest.pipeline import figures  # noqa: PLC0415  as in shell.py

    with workshop_of(read_settings(config), tell=lambda _report: None, alone=True) as workshop:
        figures.tag_months(workshop, month, before)
        told = figures.trends_of(workshop, month, before)
    if as_json:
        show_json([_as_json(figure) for figure in told])
        return
    if not told:
        raise NothingToDo(f"too few papers of {month} are held and embedded to count: digest run --month {month}")
    for figure in told:
        say(f"\n{figure.title}")
        show_table(figure.grid.columns, [[cell.text for cell in row] for row in figure.grid.rows])
        say(figure.note)


def _as_json(figure: Figure) -> dict[str, Any]:
    rows = [dict(zip(figure.grid.columns, (cell.text for cell in row), strict=True)) for row in figure.grid.rows]
    return {"figure": figure.slug, "title": figure.title, "rows": rows, "note": figure.note}
