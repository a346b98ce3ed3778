"""Commands that look something up: search, similar, doctor."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.shell import ConfigOption, JsonOption, app, perform, read_settings, workshop_of
from digest.errors import DigestError, NothingToDo
from digest.terminal import complain, say, show_found, show_json

if TYPE_CHECKING:
    from digest.pipeline.lookup import Answer
    from digest.pipeline.workshop import Workshop

KOption = Annotated[int, typer.Option("--k", metavar="N", min=1, max=1000, help="How many papers.")]
BibtexOption = Annotated[bool, typer.Option("--bibtex", help="Print BibTeX.")]
OpenOption = Annotated[bool, typer.Option("--open", help="Open the first one's page at arXiv.")]


@app.command(short_help="find papers by meaning and by word")
def search(
    text: Annotated[
        list[str] | None, typer.Argument(metavar="QUERY", help='Words, "phrases", -without, author: cat: tag: …')
    ] = None,
    k: KOption = 10,
    since: Annotated[
        str, typer.Option("--since", metavar="DAY", help="Submitted then or later: 2024, 2024-04 or 2024-04-01.")
    ] = "",
    until: Annotated[str, typer.Option("--until", metavar="DAY", help="Submitted then or before.")] = "",
    category: Annotated[
        list[str] | None, typer.Option("--category", metavar="CAT", help="Such as cs.CL, or cs.")
    ] = None,
    author: Annotated[
        list[str] | None, typer.Option("--author", metavar="NAME", help="A name; small slips are forgiven.")
    ] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="TOPIC", help="A topic, such as agents.")] = None,
    issue: Annotated[
        str, typer.Option("--issue", metavar="YYYY-MM", help="Listed in that month's issue, or in any.")
    ] = "",
    withdrawn: Annotated[bool, typer.Option("--withdrawn", help="Withdrawn papers too.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    as_bibtex: BibtexOption = False,
    open_first: OpenOption = False,
) -> None:
    """Find papers by meaning and by word; an arXiv id or a title finds its paper first (docs/search.md).

    Example: digest search "bounded memory for infinitely long inputs" --k 5
    Example: digest search 'author:vaswani "self-attention" -survey' --since 2023
    """
    from digest.pipeline import lookup  # noqa: PLC0415  as in shell.py

    filters = [("since", since), ("until", until), ("issue", issue), ("is", "any" if withdrawn else "")]
    filters += [
        (name, one) for name, given in (("cat", category), ("author", author), ("tag", tag)) for one in given or ()
    ]
    asked = lookup.asked_for(" ".join(text or ()), filters)
    with workshop_of(read_settings(config)) as workshop:
        answer = lookup.Searcher(workshop).search(asked, k)
        _show(workshop, answer, as_json=as_json, as_bibtex=as_bibtex, open_first=open_first)


@app.command(short_help="the papers nearest to one")
def similar(
    arxiv_id: Annotated[str, typer.Argument(metavar="ID", help="The paper: 2404.02258, or its arXiv link.")],
    k: KOption = 10,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    as_bibtex: BibtexOption = False,
    open_first: OpenOption = False,
) -> None:
    """Find the papers nearest to one that is held.

    Example: digest similar 2404.02258
    """
    from digest.pipeline import lookup  # noqa: PLC0415  as in shell.py

    with workshop_of(read_settings(config)) as workshop:
        answer = lookup.similar(workshop, arxiv_id, k)
        _show(workshop, answer, as_json=as_json, as_bibtex=as_bibtex, open_first=open_first)


def _show(workshop: "Workshop", answer: "Answer", *, as_json: bool, as_bibtex: bool, open_first: bool) -> None:
    from digest.pipeline import lookup  # noqa: PLC0415  as in shell.py

    for note in answer.notes:
        complain(note)
    if as_bibtex:
        typer.echo(lookup.citations(workshop, answer.papers))
    elif answer.papers or as_json:
        show_found(answer.papers, as_json=as_json)
    if not answer.papers:
        raise NothingToDo("no paper is found: ask with fewer words or filters")
    if open_first:
        typer.launch(f"https://arxiv.org/abs/{answer.papers[0].arxiv_id}")


@app.command(short_help="what is installed and would be used; --repair mends")
def doctor(
    config: ConfigOption = None,
    mend: Annotated[bool, typer.Option("--repair", help="Make anew what is derived: indexes, vectors, site.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what is installed, which models are found, and what would be used.

    Example: digest doctor
    Example: digest doctor --repair
    """
    if mend:
        from digest.pipeline.repairing import repair  # noqa: PLC0415  as in shell.py

        perform(config, repair, as_json=as_json)
        return
    from digest.pipeline.doctor import examine  # noqa: PLC0415  as in shell.py

    findings = examine(read_settings(config))
    if as_json:
        show_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            say(f"{'ok ' if finding.ok else 'BAD'}  {finding.subject:<22} {finding.text}")
    if not all(finding.ok for finding in findings):
        raise DigestError("something above is BAD: mend it as its line says")
