"""Commands that answer others: serve, mcp."""

from typing import Annotated

import typer

from digest.cli.shell import ConfigOption, app, read_settings, utc_now
from digest.errors import UsageError
from digest.terminal import say


@app.command(short_help="the site and the archive over HTTP")
def serve(
    host: Annotated[str | None, typer.Option("--host", metavar="ADDRESS", help="The address to listen at.")] = None,
    port: Annotated[
        int | None, typer.Option("--port", metavar="PORT", min=0, max=65535, help="The port; 0: any that is free.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Serve the built site, and the archive's search as an HTTP API; Ctrl-C or SIGTERM ends it (docs/serving.md).

    Example: digest serve --port 8001
    """
    settings = read_settings(config)
    given = {"host": host, "port": port}
    changed = settings.serve.model_copy(update={key: value for key, value in given.items() if value is not None})
    try:
        from digest.serve.http import serve as keep_serving  # noqa: PLC0415  as in shell.py
    except ImportError as error:
        raise _missing("serve", error) from error
    keep_serving(settings.model_copy(update={"serve": changed}), utc_now, say)


@app.command(short_help="the archive for an assistant")
def mcp(config: ConfigOption = None) -> None:
    """Let an assistant search the archive, by the Model Context Protocol on standard input and output.

    Example: digest mcp --config ~/my-magazine/digest.toml
    """
    settings = read_settings(config)
    try:
        from digest.serve.assistant import answer_assistant  # noqa: PLC0415  as in shell.py
    except ImportError as error:
        raise _missing("mcp", error) from error
    answer_assistant(settings, utc_now)


def _missing(extra: str, error: ImportError) -> UsageError:
    return UsageError(
        f"{error.name} is not installed, which `digest {extra}` needs: pip install 'digest-arxiv[{extra}]'"
    )
