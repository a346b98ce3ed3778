"""What the stages tell → lines, tables and bars on a terminal, or JSON for a script."""

import io
import json
import logging
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from digest.paper import Found

if TYPE_CHECKING:
    from digest.pipeline.workshop import StageReport


_READABLE = 24  # columns that a title needs at least


class _Console(Console):
    """A console that falls silent when nobody listens any more: the work goes on."""

    def on_broken_pipe(self) -> None:
        """Lead what is printed from now on to nowhere."""
        fall_silent()


_out = _Console(highlight=False, soft_wrap=True)
_err = _Console(highlight=False, soft_wrap=True, stderr=True)


class _Blotting(logging.Filter):
    """Takes the secrets out of all that is printed and logged, once it is told what they are."""

    without_secrets: Callable[[str], str] = staticmethod(lambda text: text)

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self.without_secrets(record.getMessage()), ()
        return True


_blotting = _Blotting()


def hide_secrets(without_secrets: Callable[[str], str]) -> None:
    """Blot secrets out of every line from now on, whoever wrote it."""
    _blotting.without_secrets = without_secrets
    for handler in logging.root.handlers:
        handler.addFilter(_blotting)


def is_watched() -> bool:
    """Tell whether a person sees what is printed."""
    return _out.is_terminal


def open_streams() -> None:
    """Lead streams that were closed (`>&-`) to nowhere: else a file that is opened next would take their place."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # it takes the lowest number that is free
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8")
    if isinstance(sys.stdout, io.TextIOWrapper):  # what the terminal's encoding cannot say is spelt out, as on stderr
        sys.stdout.reconfigure(errors="backslashreplace")


def fall_silent() -> None:
    """Lead standard output to nowhere, because its reader is gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def finish() -> None:
    """Hand over all that was printed; no fault where nobody takes it, or where a full disk cannot."""
    try:
        sys.stdout.flush()
    except OSError:
        fall_silent()


def say(text: str) -> None:
    """Print a line."""
    _out.print(escape(_blotting.without_secrets(text)))


def complain(text: str) -> None:
    """Print a line on standard error, after all that was printed before it."""
    finish()
    _err.print(escape(_one_line(_blotting.without_secrets(f"digest: {text}"))))


def _one_line(text: str) -> str:
    """Spell out what would break a line, or steer the terminal; a file's name may hold anything."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def blotted(value: Any, without_secrets: Callable[[str], str]) -> Any:  # noqa: ANN401  whatever json writes
    """Return a value of JSON's with every text in it blotted; as written, JSON may hide a secret from it."""
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, dict):
        return {key: blotted(one, without_secrets) for key, one in value.items()}
    return [blotted(one, without_secrets) for one in value] if isinstance(value, list | tuple) else value


def show_json(value: Any) -> None:  # noqa: ANN401  whatever json writes
    """Print a value as JSON on one line."""
    try:
        typer.echo(json.dumps(blotted(value, _blotting.without_secrets)))
    except BrokenPipeError:
        fall_silent()


def show_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; on a terminal the last column may wrap."""
    cells = [[_blotting.without_secrets(cell) for cell in row] for row in rows]
    if not _out.is_terminal:
        _print_lines(_aligned([headings, *cells]))
    elif _is_narrow([headings, *cells]):
        _print_lines(_stacked([headings, *cells], _out.width))
    else:
        _print_table(headings, cells)


def _print_table(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=heading != headings[-1])
    for row in cells:
        table.add_row(*(escape(cell) for cell in row))
    _out.print(table)


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        _out.print(escape(line))


def _is_narrow(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the terminal leaves the last column no room to be read in."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return _out.width - sum(width + 2 for width in widths[:-1]) < min(widths[-1], _READABLE)


def _stacked(rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Yield each row with its last cell below the others."""
    for line, row in zip(_aligned([row[:-1] for row in rows]), rows, strict=True):
        yield line
        yield textwrap.fill(row[-1], max(width, 20), initial_indent="  ", subsequent_indent="  ")


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield each row on one line, for `grep` and for files: nothing wraps, and nothing stands behind the last cell."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(set_cell_size(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for each stage that tells its progress, where standard error is a terminal."""
    columns = (TextColumn("{task.description:>8}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=_err, transient=True, disable=not _err.is_terminal) as bar:
        tasks: dict[str, int] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            is_open = done < total or not total  # a full bar gives way to the next stage's
            bar.update(tasks[stage], completed=done, total=total, visible=is_open)  # type: ignore[arg-type]

        yield show


def counted(count: int, names: str) -> str:
    """Return a count with what it counts: "1 paper to embed", "2 papers to embed"."""
    first, *rest = names.split(" ")
    one = re.sub(r"(?<=..)ies$", "y", first) if first.endswith("ies") else re.sub(r"(?<!s)s$", "", first)
    return " ".join((f"{count:,}", one if count == 1 else first, *rest))


def show_report(report: "StageReport") -> None:
    """Print what a stage did, on one line, and what a person should look at."""
    counts = ", ".join(counted(count, name) for name, count in report.outcome.counts.items())
    did = report.failure or (counts if report.outcome.changed else f"nothing to do ({counts})")
    say(f"{report.stage:>8}  {did}  [{report.seconds:.1f} s]")
    for warning in report.outcome.warnings:
        complain(f"{report.stage}: {warning}")


def report_as_json(report: "StageReport") -> dict[str, Any]:
    """Return what a stage did, as JSON has it."""
    told = {"stage": report.stage, "seconds": round(report.seconds, 3), "changed": report.outcome.changed}
    failure = {"failure": report.failure} if report.failure else {}
    warnings = {"warnings": list(report.outcome.warnings)} if report.outcome.warnings else {}
    return told | report.outcome.counts | told | failure | warnings  # no count hides what every stage tells


def show_found(papers: Sequence[Found], *, as_json: bool) -> None:
    """Print papers that were found, and why."""
    if as_json:
        show_json([paper.as_json() for paper in papers])
    else:
        rows = [(_score(paper), paper.arxiv_id, paper.day, f"{paper.title}  [{paper.why}]") for paper in papers]
        show_table(("score", "arXiv", "date", "title"), rows)


def _score(paper: Found) -> str:
    return "" if paper.score is None else f"{paper.score:.3f}"
