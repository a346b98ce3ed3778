"""What a stage tells of itself, for a script; tables on a terminal, a narrow one, and in a pipe."""

import os
import pty
import re
import subprocess
import sys
import termios

import pytest

from digest.pipeline.workshop import Outcome, StageReport
from digest.terminal import counted, report_as_json


def test_what_every_stage_tells_is_hidden_by_no_count() -> None:
    outcome = Outcome(counts={"changed": 7, "seconds": 8, "stage": 9, "new": 3}, changed=True)
    told = report_as_json(StageReport("harvest", 1.25, outcome))
    assert told == {"stage": "harvest", "seconds": 1.25, "changed": True, "new": 3}


@pytest.mark.parametrize(
    ("count", "names", "told"),
    [
        (1, "papers to embed", "1 paper to embed"),
        (0, "issues", "0 issues"),
        (1234, "files", "1,234 files"),
        (1, "new", "1 new"),
        (1, "summaries to write", "1 summary to write"),
    ],
)
def test_one_thing_is_counted_as_one(count: int, names: str, told: str) -> None:
    assert counted(count, names) == told


TABLE = (
    "from digest.terminal import open_streams, show_table\n"
    "open_streams()\n"
    "title = 'Infini-attention – [bold]Long[/bold] Contexts ' * 4\n"
    "show_table(('score', 'arXiv', 'title'), [('0.5', '2404.07143', title), ('0.25', 'hep-th/9901001', 'A')])\n"
)


BARS = (
    "from digest.terminal import open_streams, progress_bars\n"
    "open_streams()\n"
    "with progress_bars() as show:\n"
    "    show('rate', 0, 2)\n"
    "    show('rate', 2, 2)\n"
    "    show('write', 0, 3)\n"
)


def _on_a_terminal(program: str, columns: int) -> str:
    """Return all that a program writes to a terminal of so many columns."""
    ours, its = pty.openpty()
    termios.tcsetwinsize(its, (24, columns))
    names = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "NO_COLOR"}}
    names |= {"TERM": "xterm", "PYTHONUTF8": "1"}
    with subprocess.Popen([sys.executable, "-c", program], stdout=its, stderr=its, env=names) as child:  # noqa: S603  our own code
        os.close(its)
        read = b""
        try:
            while piece := os.read(ours, 65536):
                read += piece
        except OSError:  # how a terminal says that nobody writes any more
            pass
        assert child.wait() == 0
    os.close(ours)
    return read.decode()


def _shown(columns: int) -> list[str]:
    """Return the lines of the table on a terminal of so many columns."""
    return re.sub(r"\x1b\[[0-9;]*m", "", _on_a_terminal(TABLE, columns)).splitlines()


def test_a_full_bar_gives_way_to_the_next_stages() -> None:
    frames = _on_a_terminal(BARS, 80).split("\x1b[2K")  # each begins by erasing the one before
    assert any("rate" in frame for frame in frames)
    assert any("write" in frame for frame in frames)
    assert not any("rate" in frame and "write" in frame for frame in frames)


def test_a_wide_terminal_wraps_the_last_column_alone() -> None:
    lines = _shown(80)
    assert lines[1].startswith("0.5    2404.07143      Infini-attention – [bold]Long[/bold]")
    assert lines[2].startswith(" " * 23 + "Infini-attention")
    assert max(map(len, lines)) <= 80


def test_a_narrow_terminal_has_the_last_column_below_the_others() -> None:
    lines = _shown(40)
    assert lines[:2] == ["score  arXiv", "  title"]
    assert lines[2:4] == ["0.5    2404.07143", "  Infini-attention – [bold]Long[/bold]"]
    assert max(map(len, lines)) <= 40


@pytest.mark.parametrize(("encoding", "dash"), [("utf-8", "–"), ("ascii", "\\u2013")])
def test_a_pipe_gets_a_line_for_each_row_whatever_its_encoding(encoding: str, dash: str) -> None:
    names = os.environ | {"PYTHONIOENCODING": encoding}
    command = [sys.executable, "-c", TABLE]
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=names)  # noqa: S603  our own code
    lines = told.stdout.decode().splitlines()
    assert len(lines) == 3
    assert lines[1].startswith(f"0.5    2404.07143      Infini-attention {dash} [bold]Long[/bold] Contexts Infini")
    assert lines[2] == "0.25   hep-th/9901001  A"
