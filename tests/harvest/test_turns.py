"""One request at a time, three seconds apart, whichever process asks."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from digest.harvest.turns import Turns


def test_the_first_turn_is_at_once_and_the_next_one_after_the_pause(tmp_path: Path, clock: Any) -> None:  # noqa: ANN401
    turns = Turns(3, tmp_path / "turn", clock=clock, sleep=clock.sleep)
    for _ in range(3):
        with turns.turn():
            pass
    assert len(clock.slept) == 2
    assert all(2.5 < seconds <= 3 for seconds in clock.slept)


def test_another_process_waits_too(tmp_path: Path) -> None:
    """The child holds its turn until it is told to end; only then does ours begin, and not before the pause."""
    file = tmp_path / "turn"
    code = (
        "import sys, pathlib\nfrom digest.harvest.turns import Turns\n"
        "with Turns(0.5, pathlib.Path(sys.argv[1])).turn():\n    print('mine', flush=True)\n    sys.stdin.readline()\n"
    )
    with subprocess.Popen(  # noqa: S603  our own code
        [sys.executable, "-c", code, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout
        assert child.stdin
        assert child.stdout.readline() == "mine\n"
        ended = time.monotonic()
        child.stdin.write("end\n")
        child.stdin.flush()
        with Turns(0.5, file).turn():
            assert time.monotonic() - ended >= 0.5


def test_a_turn_that_fails_counts_as_taken(tmp_path: Path, clock: Any) -> None:  # noqa: ANN401
    turns = Turns(3, tmp_path / "turn", clock=clock, sleep=clock.sleep)
    with pytest.raises(ValueError, match="broken"), turns.turn():
        raise ValueError("broken")
    with turns.turn():
        assert len(clock.slept) == 1


@pytest.mark.parametrize(
    "held", [b"", b"abc", b"\x00\x00\x00\x00\x00\x00\xf8\x7f", b"\xff" * 8, b"\x00" * 6 + b"\xf0\x43"]
)
def test_a_moment_that_cannot_be_or_lies_ahead_makes_no_one_wait(tmp_path: Path, clock: Any, held: bytes) -> None:  # noqa: ANN401
    """As after a restart of the machine, when the monotonic clock begins anew."""
    (tmp_path / "turn").write_bytes(held)
    with Turns(3, tmp_path / "turn", clock=clock, sleep=clock.sleep).turn():
        assert clock.slept == []


def test_a_cache_folder_that_cannot_be_written_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with Turns(0).turn():
        assert list(tmp_path.rglob("arxiv-turn"))
