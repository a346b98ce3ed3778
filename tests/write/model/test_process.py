"""A model that crashes or hangs costs one paper; neither it nor its process outlives the run."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from digest.errors import ModelError
from digest.places import PROMPTS
from digest.write.ask.prompt import load_prompts
from digest.write.ask.writer import Answer, Kind, Task
from digest.write.model.child import Load
from digest.write.model.process import ModelProcess
from tests.write.model.stand_in import serve

_LONG, _SHORT = 60.0, 3.0  # seconds; the short one is for those that never answer


def _tasks(*titles: str) -> list[Task]:
    return [Task(kind=Kind.SUMMARY, title=title, abstract="A.", shown="A.") for title in titles]


def _write(notes: Path, titles: Sequence[str], deadline: float = _LONG) -> dict[str, Answer]:
    load = Load(str(notes), 1, 1024, load_prompts(PROMPTS, is_small=True))
    with ModelProcess(load, deadline, serve) as process:
        return {titles[n]: answer for n, answer in process.write(_tasks(*titles))}


def _pids(notes: Path) -> list[int]:
    return [int(line) for line in notes.read_text().split()]


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_papers_are_answered_by_one_process_that_ends_with_the_block(tmp_path: Path) -> None:
    answers = _write(tmp_path / "notes", ["one", "two"])
    assert {title: answer.text for title, answer in answers.items()} == {"one": "about one", "two": "about two"}
    (pid,) = _pids(tmp_path / "notes")
    assert not _is_alive(pid)


def test_a_crash_costs_one_paper_and_not_those_beside_it(tmp_path: Path) -> None:
    answers = _write(tmp_path / "notes", ["one", "crash", "two", "three"])
    assert {title for title, answer in answers.items() if answer.text} == {"one", "two", "three"}
    assert "lost twice" in answers["crash"].failure
    assert "-9" in answers["crash"].failure
    assert not any(map(_is_alive, _pids(tmp_path / "notes")))


def test_a_paper_that_ends_the_process_once_is_written_at_the_second_try(tmp_path: Path) -> None:
    answers = _write(tmp_path / "notes", ["one", "crash once", "two"])
    assert all(answer.text for answer in answers.values())
    assert len(_pids(tmp_path / "notes")) == 2


def test_a_hang_is_ended_at_its_deadline_and_costs_one_paper(tmp_path: Path) -> None:
    answers = _write(tmp_path / "notes", ["hang", "one"], _SHORT)
    assert answers["one"].text == "about one"
    assert "no answer within" in answers["hang"].failure
    assert not any(map(_is_alive, _pids(tmp_path / "notes")))


def test_a_slow_text_is_waited_for_as_long_as_the_model_is_at_work(tmp_path: Path) -> None:
    answers = _write(tmp_path / "notes", ["slow", "one"], _SHORT)
    assert [answer.text for answer in answers.values()] == ["about slow", "about one"]
    assert len(_pids(tmp_path / "notes")) == 1


def test_a_model_that_crashes_at_every_paper_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="papers in a row") as refused:
        _write(tmp_path / "notes", ["crash"] * 6)
    assert "\n" not in str(refused.value)
    assert len(_pids(tmp_path / "notes")) == 4


@pytest.mark.parametrize(("name", "complaint"), [("unloadable", "cannot be loaded"), ("no model", "it is no model")])
def test_a_model_that_cannot_be_loaded_is_an_error_of_one_line(tmp_path: Path, name: str, complaint: str) -> None:
    with pytest.raises(ModelError, match=complaint) as refused:
        _write(tmp_path / name, ["one"])
    assert "\n" not in str(refused.value)


def test_the_process_ends_when_its_parent_is_killed_though_it_hangs(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    code = (
        "from pathlib import Path; from tests.write.model.test_process import _write; "
        f"_write(Path({str(notes)!r}), ['hang'])"
    )
    script = tmp_path / "parent.py"
    script.write_text(f"if __name__ == '__main__':\n    {code}\n")
    paths = os.pathsep.join([str(Path(__file__).parents[3]), *sys.path])
    with subprocess.Popen([sys.executable, str(script)], env={**os.environ, "PYTHONPATH": paths}) as parent:  # noqa: S603
        _wait_for(lambda: notes.exists() and bool(notes.read_text().strip()))
        parent.send_signal(signal.SIGKILL)
    (pid,) = _pids(notes)
    _wait_for(lambda: not _is_alive(pid))
    assert not _is_alive(pid)


def _wait_for(holds, seconds: float = 60) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def test_a_process_that_is_closed_in_the_middle_of_its_work_ends_without_a_word_and_is_not_started_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As Ctrl-C does it: the thread that works is not the one that hears the signal."""
    notes = tmp_path / "notes"
    load = Load(str(notes), 1, 1024, load_prompts(PROMPTS, is_small=True))
    with ModelProcess(load, _LONG, serve) as process:
        worker = threading.Thread(target=lambda: list(process.write(_tasks("hang"))))
        worker.start()
        while not notes.exists() or not _pids(notes):
            time.sleep(0.01)
        (pid,) = _pids(notes)
        status = dict(line.split(":\t") for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        blocked = int(status["SigBlk"], 16)
        assert blocked >> (signal.SIGINT - 1) & 1  # the terminal's signal ends it in no other way than the parent does
        assert not signal.pthread_sigmask(signal.SIG_BLOCK, ())
    worker.join(_LONG)
    assert not worker.is_alive()
    assert _pids(notes) == [pid]
    assert not _is_alive(pid)
    assert not caplog.records


def test_a_process_that_is_closed_while_it_loads_ends_without_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    notes = tmp_path / "never loaded"
    load = Load(str(notes), 1, 1024, load_prompts(PROMPTS, is_small=True))
    with ModelProcess(load, _LONG, serve) as process, ThreadPoolExecutor() as threads:
        answers = threads.submit(lambda: list(process.write(_tasks("one"))))
        _wait_for(lambda: notes.exists() and bool(_pids(notes)))
        process.__exit__()
        assert answers.result(_LONG) == []
    assert not any(map(_is_alive, _pids(notes)))
    assert not caplog.records
