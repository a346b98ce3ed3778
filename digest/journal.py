"""What a night does → JSON lines on standard output, for cron, systemd and whoever reads logs by machine."""

import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog

from digest.terminal import blotted, fall_silent, report_as_json

if TYPE_CHECKING:
    from digest.pipeline.workshop import StageReport


class Journal:
    """Writes a line for each stage as it ends, and for each warning of any library; secrets are blotted out."""

    def __init__(self, without_secrets: Callable[[str], str]) -> None:
        def hide(_logger: object, _name: str, facts: dict[str, Any]) -> dict[str, Any]:
            found: dict[str, Any] = blotted(facts, without_secrets)
            return found

        render: list[Any] = [
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            hide,
            structlog.processors.JSONRenderer(),
        ]
        self._log: Any = structlog.wrap_logger(_Line(), processors=render, cache_logger_on_first_use=False)
        handler = _Handler(self._log)
        logging.root.handlers[:] = [handler]  # in the place of the lines for a person

    def tell(self, report: "StageReport") -> None:
        """Write what a stage did."""
        facts = report_as_json(report)
        write = self._log.error if report.failure else self._log.info
        write("stage", **facts)

    def end(self, status: int, failure: str = "") -> None:
        """Write how the night ended."""
        (self._log.error if failure else self._log.info)(
            "night", status=status, **({"failure": failure} if failure else {})
        )


class _Line:
    """Writes lines at once, and goes on when nobody reads them."""

    def msg(self, line: str) -> None:
        try:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
        except OSError:  # nobody reads, or the disk of the log is full
            fall_silent()

    info = warning = error = debug = critical = msg


class _Handler(logging.Handler):
    def __init__(self, log: Any) -> None:  # noqa: ANN401  structlog's loggers have the methods they are asked for
        super().__init__()
        self._journal = log

    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname.lower()
        write = getattr(self._journal, level if level in {"debug", "info", "warning", "error", "critical"} else "info")
        write("log", source=record.name, text=record.getMessage())
