"""The commands: parse, call the pipeline, print; nothing else."""

import errno
import signal
import sys
from types import FrameType

from digest.cli import archive, evaluating, finding, magazine, nightly, serving, trending  # noqa: F401  importing makes commands known
from digest.cli.shell import app
from digest.errors import DigestError
from digest.terminal import complain, finish, open_streams

__all__ = ["app", "main"]


def main() -> None:
    """Run a command and end with its status (docs/settings.md lists them)."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup sets it
            signal.signal(number, _end)
    open_streams()
    try:
        app()
    except DigestError as error:
        complain(str(error))
        sys.exit(error.status)
    except OSError as error:
        if error.errno != errno.ENOSPC or error.filename:  # of a file that is ours, whoever wrote it has said so
            raise
        complain(f"standard output cannot be written: {error.strerror}; make room where it leads")
        sys.exit(1)
    finally:
        finish()


def _end(number: int, _frame: FrameType | None) -> None:
    """End in order: transactions roll back, locks are freed, children end; the status is what shells have for it."""
    signal.signal(number, signal.SIG_IGN)  # once is enough: what it begins must come to its end
    raise SystemExit(128 + number)
