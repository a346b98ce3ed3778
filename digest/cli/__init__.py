"""The commands: parse, call the pipeline, print; nothing else."""

import errno
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import cast

import typer

from digest.cli import archive, evaluating, finding, magazine, nightly, serving, trending  # noqa: F401  importing makes commands known
from digest.cli.shell import app
from digest.errors import DigestError, UsageError
from digest.terminal import complain, finish, open_streams

__all__ = ["app", "main"]

# What click calls UsageError; newer releases of Typer carry a click of their own, which has no public name.
_Misuse = cast("type[typer.BadParameter]", typer.BadParameter.__bases__[0])


def main() -> None:
    """Run a command and end with its status (docs/settings.md lists them)."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup sets it
            signal.signal(number, _end)
    open_streams()
    try:
        sys.exit(app(prog_name="digest", standalone_mode=False))
    except _Misuse as misuse:
        _refuse(misuse)
        sys.exit(UsageError.status)
    except DigestError as error:
        complain(str(error))
        sys.exit(error.status)
    except OSError as error:
        said = _told(error)
        if not said:
            raise
        complain(said)
        sys.exit(1)
    finally:
        finish()


def _told(error: OSError) -> str:
    """Say what the system refused, and the mend; "" for what no user brings about."""
    if error.filename:
        return f"{error.filename}: {error.strerror}: make room there, or let this user read and write it"
    if error.errno == errno.ENOSPC:
        return f"standard output cannot be written: {error.strerror}; make room where it leads"
    try:
        Path.cwd()
    except FileNotFoundError:
        return "the folder that this was begun in is gone: go to one that is there"
    return ""


def _refuse(misuse: typer.BadParameter) -> None:
    """Tell what is wrong with a command in one line; where there is no command at all, print the help."""
    said = misuse.format_message()
    if "\n" in said:  # the help itself
        typer.echo(said, err=True)
        return
    reason = said.replace("Value error, ", "").replace("Input should", "it should").rstrip(".")
    hint = f"see `{misuse.ctx.command_path} --help`" if misuse.ctx else ""
    complain(f"{reason[0].lower()}{reason[1:]}; {hint}".removesuffix("; "))


def _end(number: int, _frame: FrameType | None) -> None:
    """End in order: transactions roll back, locks are freed, children end; the status is what shells have for it."""
    signal.signal(number, signal.SIG_IGN)  # once is enough: what it begins must come to its end
    raise SystemExit(128 + number)
