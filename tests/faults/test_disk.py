"""A disk that is really full, files that may not grow, folders that may not be written: an error, and all is whole."""

import os
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.conftest import SecondNight
from tests.faults.magazine import NOON, Magazine, renew

_NOBODY = 65534
_NEXT = NOON + timedelta(days=1)
_KB = 1024


def check_it_is_whole_and_goes_on(magazine: Magazine, second: SecondNight, where: str) -> None:
    """Right after the fault readers see the old site or the new one; the next night ends as if there had been none."""
    now = magazine.state()
    for part in ("site", "published"):
        seen = _public(now[part])
        assert seen in (_public(second.before[part]), _public(second.after[part])), f"{part} is torn {where}"
    assert magazine.night(now=_NEXT) in {0, 3}, where
    after = magazine.state()
    for part, expected in second.after.items():
        assert after[part] == expected, f"{part} differs {where}"


def _public(part: object) -> object:
    return (
        {path: content for path, content in part.items() if path.startswith("public/")}
        if isinstance(part, dict)
        else part
    )


@pytest.mark.parametrize("largest", [8, 40, 150])
def test_files_that_may_grow_no_more(second: SecondNight, tmp_path: Path, largest: int) -> None:
    magazine = second.lay_out(tmp_path / "magazine")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest * _KB, largest * _KB))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # as Python has it: the write fails instead

    assert magazine.night(now=_NEXT, before=limit) == 1
    check_it_is_whole_and_goes_on(magazine, second, f"where files may have {largest} KB")


@contextmanager
def small_disk() -> Iterator[Path]:
    """Mount a disk of 16 MB; the test is skipped where that is not allowed."""
    place = Path(tempfile.mkdtemp())
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:  # noqa: S603
        place.rmdir()
        pytest.skip("a disk can be mounted by root alone")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)  # noqa: S603, S607
        place.rmdir()


def leave_free(disk: Path, kilobytes: int) -> Path:
    """Fill a disk up to so much, and return the file that fills it."""
    ballast = disk / "ballast"
    free = shutil.disk_usage(disk).free
    with ballast.open("wb") as file:
        file.write(b"\0" * (free - kilobytes * _KB))
    return ballast


@pytest.mark.parametrize("free", [0, 200, 600, 900])
def test_a_disk_that_is_full(second: SecondNight, free: int) -> None:
    with small_disk() as disk:
        magazine = second.lay_out(disk / "magazine")
        ballast = leave_free(disk, free)
        status = magazine.night(now=_NEXT)
        ballast.unlink()
        assert status == 1, f"{free} KB were enough"  # it takes some 1,200
        check_it_is_whole_and_goes_on(magazine, second, f"on a disk with {free} KB")


@pytest.fixture
def of_nobody(second: SecondNight) -> Iterator[Magazine]:
    """A magazine that belongs to an ordinary user, in a folder that one may enter."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    magazine = second.lay_out(place / "magazine")
    (place / "home").mkdir()
    if os.geteuid() == 0:  # nothing is forbidden to root: the nights are an ordinary user's
        for path in (place, *place.rglob("*")):
            os.chown(path, _NOBODY, _NOBODY)
    yield magazine
    for path in place.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(place)


def as_nobody(magazine: Magazine) -> Callable[[], None]:
    """Return what makes a process an ordinary user's."""
    home = str(magazine.folder.parent / "home")

    def become() -> None:
        os.environ["HOME"] = os.environ["XDG_CACHE_HOME"] = home
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(_NOBODY)
            os.setuid(_NOBODY)

    return become


@pytest.mark.parametrize("folder", ["data", "data/index", "site", "site/content", "pages.git"])
def test_a_folder_that_may_not_be_written(of_nobody: Magazine, second: SecondNight, folder: str) -> None:
    place, become = of_nobody.folder / folder, as_nobody(of_nobody)
    modes = {path: path.stat().st_mode for path in (place, *place.rglob("*"))}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    assert of_nobody.night(now=_NEXT, before=become) == 1
    for path, mode in modes.items():
        if path.exists():
            path.chmod(mode)
    now = of_nobody.state()
    assert _public(now["site"]) in (_public(second.before["site"]), _public(second.after["site"]))
    assert of_nobody.night(now=_NEXT, before=become) in {0, 3}
    assert of_nobody.state() == second.after


def test_a_first_night_where_nothing_may_be_written(of_nobody: Magazine, template: Path) -> None:
    magazine = renew(of_nobody.folder, template, of_nobody.arxiv)
    magazine.folder.chmod(0o555)
    before = sorted(magazine.folder.rglob("*"))
    assert magazine.night(before=as_nobody(magazine)) == 1
    assert sorted(magazine.folder.rglob("*")) == before
