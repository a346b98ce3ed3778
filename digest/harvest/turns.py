"""Whose turn it is to ask arXiv: one request at a time, and a pause after it, among all processes of a user.

arXiv's terms count every program and every interface together (info.arxiv.org/help/api/tou.html).
"""

import fcntl
import os
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from digest.caches import cache_folder

_MOMENT = struct.Struct("<d")  # seconds of the monotonic clock, which processes of one machine share


class Turns:
    """A file that is locked while one process asks, and that holds when the last answer ended."""

    def __init__(
        self,
        between: float,
        file: Path | None = None,  # None: the same for all processes of this user
        *,
        clock: Callable[[], float] = time.monotonic,  # never goes back, as the time of day may
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._between, self._file, self._clock, self._sleep = between, file or _shared_file(), clock, sleep

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for this process's turn and for the pause after the last answer, whoever asked."""
        with self._file.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # the kernel lets go of it when the process ends, however it ends
            self._sleep(self._rest(_read(file.fileno())))
            try:
                yield
            finally:
                os.ftruncate(file.fileno(), 0)
                os.pwrite(file.fileno(), _MOMENT.pack(self._clock()), 0)

    def _rest(self, last_end: float) -> float:
        since = self._clock() - last_end
        return self._between - since if 0 <= since < self._between else 0.0  # before 0: the machine was started anew


def _read(descriptor: int) -> float:
    held = os.pread(descriptor, _MOMENT.size, 0)
    return float(_MOMENT.unpack(held)[0]) if len(held) == _MOMENT.size else float("-inf")


def _shared_file() -> Path:
    """Return the user's file, in the cache folder or, where that cannot be written, among the temporary files."""
    for folder in (cache_folder(), Path(tempfile.gettempdir()) / f"digest-{os.getuid()}"):
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK):
                return folder / "arxiv-turn"
    return Path(tempfile.gettempdir()) / f"digest-{os.getuid()}-arxiv-turn"
