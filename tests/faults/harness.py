"""Nights in forked processes that are failed, killed or told to end at their k-th operation.

In the manner of SQLite's own tests (sqlite.org/testing.html, "I/O error testing" and "crash testing"): an operation is
whatever leaves the process, a file opened for writing, a folder made, a name changed or removed, an fsync, an SQL
statement, a commit, a child begun, a connection. Python's audit events (PEP 578) tell of most before they happen.
The fork comes from a process that has imported everything, so that a night takes a fraction of a second.
"""

import errno
import os
import signal
import sqlite3
import sys
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from digest.errors import DigestError
from digest.pipeline.workshop import perform
from digest.publish import exchange as exchanging
from digest.publish import output

Spring = Callable[[str], object]  # what happens at an operation, told its name
BUG = 70  # the status of a night that ended with an error that is not ours: a traceback, not a line
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_FILE_EVENTS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate", "shutil.rmtree"}


def fail(name: str) -> None:
    """Let the operation fail, as a full disk, a broken disk or a broken line would."""
    if name in {"sql", "commit"}:
        raise OperationalError(name, {}, sqlite3.OperationalError("database or disk is full"))
    if name == "socket.connect":
        raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
    if name == "fsync":
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def kill(_name: str) -> NoReturn:
    """Let the process vanish before the operation, as by a power cut that spares the disk."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nothing survives SIGKILL")


def end(number: signal.Signals) -> Spring:
    """Let a signal arrive before the operation."""
    return lambda _name: os.kill(os.getpid(), number)


@dataclass
class Trap:
    """Counts the operations of this process, and springs once, at the one whose number it is given."""

    at: int  # from 1; 0: never
    spring: Spring
    root: Path  # operations on files elsewhere do not count
    names: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)  # in which each operation was
    is_set: bool = True

    def count(self, name: str) -> None:
        if not self.is_set:
            return
        self.names.append(name)
        self.stages.append(_stage_at_work())
        if len(self.names) == self.at:
            self.is_set = False  # what tidies up after the fault is not faulted
            self.spring(name)

    def lay(self) -> None:
        """Count from now on, in this process, for good: there is no way to take an audit hook out again."""
        sys.addaudithook(self._hear)
        event.listen(Engine, "before_cursor_execute", lambda *_: self.count("sql"))
        event.listen(Engine, "commit", lambda *_: self.count("commit"))
        fsync, exchange = os.fsync, exchanging.exchange

        def counted_fsync(descriptor: int) -> None:
            self.count("fsync")
            fsync(descriptor)

        def counted_exchange(one: Path, other: Path) -> bool:
            self.count("exchange")
            done = exchange(one, other)
            self.count("exchanged")
            return done

        os.fsync, output.exchange = counted_fsync, counted_exchange  # type: ignore[assignment, attr-defined]

    def _hear(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name in {"subprocess.Popen", "socket.connect"}:
            self.count(name)
        elif (
            name == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES and self._is_ours(arguments[0])
        ):
            self.count("open to write")
        elif name in _FILE_EVENTS and self._is_ours(arguments[0]):
            self.count(name)

    def _is_ours(self, path: object) -> bool:
        return isinstance(path, str | os.PathLike) and str(path).startswith(str(self.root))


def _stage_at_work() -> str:
    """Return the stage that is being performed, "" between two."""
    frame: FrameType | None = sys._getframe()  # noqa: SLF001  the documented way to look at the stack
    while frame is not None:
        if frame.f_code is perform.__code__:
            return str(frame.f_locals["stage"])
        frame = frame.f_back
    return ""


def in_child(work: Callable[[], object], log: Path) -> int:
    """Do some work in a fork of this process; return its exit status as a shell has it, negative for a signal."""
    return status_of(begin_child(work, log))


def begin_child(work: Callable[[], object], log: Path) -> int:
    """Begin some work in a fork of this process, and return its number."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of threads: ours only serve and wait
        process = os.fork()
    if process == 0:
        os._exit(_status(work, log))
    return process


def status_of(process: int) -> int:
    """Wait for a child; return its exit status as a shell has it, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def _status(work: Callable[[], object], log: Path) -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    try:
        work()
    except DigestError as error:
        return error.status
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001  whatever it is, the test must tell it
        log.write_text(traceback.format_exc())
        return BUG
    return 0


def _end(number: int, _frame: object) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(128 + number)  # as digest.cli has it
