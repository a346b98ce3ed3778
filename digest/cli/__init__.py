"""The commands: parse, call the pipeline, print; nothing else."""

import sys

from digest.cli import archive, finding, magazine, trending  # noqa: F401  importing them makes their commands known
from digest.cli.shell import app
from digest.errors import DigestError
from digest.terminal import complain

__all__ = ["app", "main"]


def main() -> None:
    """Run a command and end with its status (docs/settings.md lists them)."""
    try:
        app()
    except DigestError as error:
        complain(str(error))
        sys.exit(error.status)
    except KeyboardInterrupt:
        sys.exit(130)  # 128 + SIGINT, as shells have it
