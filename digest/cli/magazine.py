"""Commands that make the magazine: demo, init, select, write, draft, read, build."""

import sys
from dataclasses import asdict
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
    workshop_of,
)
from digest.errors import GateRefused, UsageError
from digest.paper import Month
from digest.settings import load_settings
from digest.terminal import complain, say, show_json, show_table

if TYPE_CHECKING:
    from digest.pipeline.choosing import Chosen
    from digest.pipeline.workshop import Workshop


@app.command(short_help="build the April 2024 issue from bundled papers")
def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where to work; settings and content are put there if missing.")
    ] = Path(),
) -> None:
    """Build the April 2024 issue from the papers that come with digest; no network.

    Example: digest demo
    """
    from digest.pipeline import night  # noqa: PLC0415  as in shell.py
    from digest.pipeline.starting import prepare_demo  # noqa: PLC0415

    settings = load_settings(prepare_demo(folder))
    with workshop_of(settings, alone=True) as workshop:
        night.run_demo(workshop)
    site = settings.path(settings.site.output)
    say(f"\nThe April 2024 issue lies in {site / '2024-04' / 'index.html'}")
    say(f"Look at it: {sys.executable} -m http.server --directory {site} 8000")
    say("and open http://localhost:8000/2024-04/")


@app.command(short_help="write a digest.toml to begin with")
def init(folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The publication's folder.")] = Path()) -> None:
    """Write a digest.toml to begin with; never over one that is there.

    Example: digest init my-magazine
    """
    from digest.pipeline.starting import write_settings  # noqa: PLC0415  as in shell.py

    file = write_settings(folder)
    say(f"wrote {file}: set your categories there, then: digest run --month YYYY-MM")


@app.command(short_help="choose the month's papers")
def select(
    month: MonthOption,
    config: ConfigOption = None,
    why: Annotated[bool, typer.Option("--why", help="Show what the month lists, and why; keep nothing.")] = False,
    unedited: Annotated[bool, typer.Option("--unedited", help="With --why: as if nobody edited.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Tag the month's papers and choose those the issue lists; the editor's file wins.

    Example: digest select --month 2024-04
    Example: digest select --month 2024-04 --why --unedited
    """
    from digest.pipeline import choosing  # noqa: PLC0415  as in shell.py

    if not why:
        stages = (choosing.tag, choosing.select)
        perform(
            config, lambda w: [*(do(w, month) for do in stages), *choosing.choose_topics(w, month)], as_json=as_json
        )
        return
    with workshop_of(read_settings(config)) as workshop:
        chosen = choosing.explain(workshop, month, with_editor=not unedited)
    if as_json:
        told = ("topic", "topic_by", "novelty", "is_held_back")
        show_json(
            [asdict(one.choice) | {name.removeprefix("is_"): getattr(one, name) for name in told} for one in chosen]
        )
        return
    headings = ("score", "novelty", "topic", "arXiv", "title and reason")
    show_table(headings, [_line_of(one) for one in chosen])
    for name in sorted({one.topic_by for one in chosen} - {""}):  # a file's name is too long for each line
        say(f"* chosen by {name}, a machine, among the likeliest topics")


def _line_of(chosen: "Chosen") -> tuple[str, ...]:
    from digest.text import plain_title  # noqa: PLC0415  as in shell.py: --help need not know TeX

    choice, title = chosen.choice, plain_title(chosen.held.paper.title)
    words = f"{choice.title or title}. {choice.reason}"
    topic = f"{chosen.topic}*" if chosen.topic_by else chosen.topic
    return f"{choice.score:.2f}", f"{chosen.novelty:.2f}", topic, choice.arxiv_id, words


@app.command(short_help="summarise the chosen papers")
def write(month: MonthOption, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Summarise the chosen papers with the local model; what the gate refuses is extracted instead.

    Example: digest write --month 2024-04
    """
    from digest.pipeline import making, translating  # noqa: PLC0415  as in shell.py

    perform(config, lambda w: [making.write(w, month), *translating.translate(w, month)], as_json=as_json)


@app.command(short_help="begin a month's editor's file")
def draft(
    month: Annotated[Month, typer.Argument(parser=parse_month, metavar="YYYY-MM", help="Which issue.")],
    beyond: Annotated[
        int, typer.Option("--beyond", metavar="N", min=0, max=500, help="Papers after those it would list.")
    ] = 30,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Begin the month's editor's file, or add new candidates to it as comments; what you wrote is never changed.

    Example: digest draft 2024-04
    """
    from digest.pipeline import drafting  # noqa: PLC0415  as in shell.py

    perform(config, lambda w: [drafting.draft_issue(w, month, beyond)], as_json=as_json)


@app.command(short_help="draft an article on one paper")
def read(
    arxiv_id: Annotated[str, typer.Argument(metavar="ID", help="The paper: 2404.10719, or its arXiv link.")],
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Its full text: HTML or PDF on disk.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Fetch its full text, arXiv's HTML page.")] = False,
    no_model: Annotated[bool, typer.Option("--no-model", help="Quotations alone: no model writes in it.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draft a structured reading of a paper for the editor to finish: from its abstract, or the full text if asked.

    The authors' sentences are quoted with their places; the model's answers are labelled, and gated like summaries.

    Example: digest read 2404.10719
    Example: digest read 2404.10719 --file paper.pdf
    """
    if full and file is not None:
        raise UsageError("digest read takes --full or --file, not both")
    from digest.pipeline import reading  # noqa: PLC0415  as in shell.py

    targets: list[Path] = []

    def work(workshop: "Workshop") -> None:
        target, _ = reading.read_paper(workshop, arxiv_id, file=file, full=full, with_model=not no_model)
        targets.append(target)

    perform(config, work, as_json=as_json)
    if not as_json:
        say(f"wrote {targets[0]}: finish it, and name it in issue.toml as a feature's file")


@app.command(short_help="build the site")
def build(
    locked: Annotated[
        Month | None,
        typer.Option("--locked", parser=parse_month, metavar="YYYY-MM", help="From its lock: no model, no network."),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Build the site from every issue in the store, or again from the locks, and say what differs where it cannot.

    Example: digest build
    Example: digest build --locked 2024-04
    """
    from digest.pipeline import printing  # noqa: PLC0415  as in shell.py

    differences: list[str] = []

    def work(workshop: "Workshop") -> None:
        if locked is None:
            printing.build(workshop)
            return
        differences.extend(printing.rebuild(workshop, locked)[0])
        for line in differences:
            (complain if as_json else say)(line)
        if differences:
            one = "1 thing differs" if len(differences) == 1 else f"{len(differences)} things differ"
            raise GateRefused(f"the issue of {locked} would not come out as it was locked: {one}, nothing was written")

    perform(config, work, as_json=as_json)
