"""Commands that look something up: search, similar, doctor."""

from dataclasses import asdict
from typing import Annotated

import typer

from digest.cli.shell import ConfigOption, JsonOption, app, perform, read_settings, workshop_of
from digest.errors import DigestError
from digest.terminal import say, show_hits, show_json

KOption = Annotated[int, typer.Option("--k", min=1, max=1000, help="How many papers.")]


@app.command()
def search(text: str, k: KOption = 10, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Find papers by meaning.

    Example: digest search "bounded memory for infinitely long inputs" --k 5
    """
    from digest.pipeline import lookup  # noqa: PLC0415  as in shell.py

    with workshop_of(read_settings(config)) as workshop:
        hits = lookup.search(workshop, text, k)
    show_hits(hits, as_json=as_json)


@app.command()
def similar(arxiv_id: str, k: KOption = 10, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Find the papers nearest to one that is held.

    Example: digest similar 2404.02258
    """
    from digest.pipeline import lookup  # noqa: PLC0415  as in shell.py

    with workshop_of(read_settings(config)) as workshop:
        hits = lookup.similar(workshop, arxiv_id, k)
    show_hits(hits, as_json=as_json)


@app.command()
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
