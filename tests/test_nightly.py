"""The night as cron meets it: lines of JSON, exit statuses, a record, and an end in order when it is told to end."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.small_publication import make_publication


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_publication(tmp_path_factory.mktemp("made"))


@pytest.fixture
def here(made: Path, tmp_path: Path) -> Path:
    """A small publication, with a bare repository to publish to."""
    folder = tmp_path / "magazine"
    shutil.copytree(made, folder)
    git(tmp_path, "init", "--quiet", "--bare", "pages.git")
    with (folder / "digest.toml").open("a") as file:
        file.write('[publish]\nremote = "../pages.git"\n')
    return folder


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)  # noqa: S603, S607
    return done.stdout.strip()


def digest(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "digest", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | variables,
    )


_FULL = Path("/dev/full")
NIGHT = ("run", "--month", "2024-04", "--from-file", "papers.jsonl")


def lines_of(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_night_ends_with_a_published_site_and_the_next_has_nothing_to_do(here: Path) -> None:
    first = digest(here, *NIGHT)
    assert first.returncode == 0, first.stderr
    told = lines_of(first)
    assert [line.get("stage", "") for line in told[-3:]] == ["build", "publish", ""]
    assert (told[-1]["event"], told[-1]["status"]) == ("night", 0)
    assert all({"level", "timestamp"} <= line.keys() for line in told)
    before = git(here.parent / "pages.git", "rev-parse", "gh-pages")
    again = digest(here, *NIGHT)
    assert (again.returncode, again.stderr) == (3, "digest: nothing to do\n")
    assert git(here.parent / "pages.git", "rev-parse", "gh-pages") == before
    status = json.loads(digest(here, "status", "--json").stdout)
    assert [night["ended"] for night in status["nights"]] == ["3", "0"]
    assert status["nights"][1]["did"].endswith("build, publish")
    assert (status["at_work"], status["nights"][1]["failure"]) == (False, "")
    assert min(status["disk"].values()) > 0
    assert "2024" not in status["next_night"]
    shown = digest(here, "status").stdout
    assert "next:" in shown
    assert "build, publish" in shown.replace("\n", " ") or "publish" in shown


def test_status_before_the_first_night_makes_nothing(here: Path) -> None:
    done = digest(here, "status")
    assert done.returncode == 0
    assert "no night has run yet" in done.stdout
    assert not (here / "data").exists()


def test_a_refusal_comes_after_the_stages_before_it_and_publishes_nothing(here: Path) -> None:
    with (here / "digest.toml").open("a") as file:
        file.write("[gate]\nmax_gap_share = 0.0\n")
    digest(here, "harvest", "--from-file", "papers.jsonl")
    with sqlite3.connect(here / "data" / "digest.db") as store:
        store.execute("INSERT INTO expectation VALUES ('Atom API', '2024-04', '', 'cs.CL', 1000, '')")
    store.close()
    done = subprocess.run(
        [sys.executable, "-m", "digest", "run", "--month", "2024-04", "--offline"],
        cwd=here,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # in one stream, as cron mails it
        text=True,
        check=False,
    )
    assert done.returncode == 4
    *told, last, said = done.stdout.splitlines()
    assert {json.loads(line)["stage"] for line in told} >= {"embed", "select", "write"}
    assert json.loads(last)["status"] == 4
    assert said.startswith("digest: the issue of 2024-04 was not published")
    assert not (here / "site" / "public").exists()
    night = json.loads(digest(here, "status", "--json").stdout)["nights"][0]
    assert (night["ended"], "was not published" in night["failure"]) == ("4", True)


def test_a_remote_that_is_down_leaves_the_site_whole_and_the_next_night_sends_it(here: Path) -> None:
    (here.parent / "pages.git").rename(here.parent / "away.git")
    done = digest(here, *NIGHT, DIGEST_PUBLISH__TOKEN="s3cret-token")  # noqa: S106
    assert done.returncode == 1
    assert "check publish.remote" in done.stderr
    assert (here / "site" / "public" / "2024-04" / "index.html").is_file()
    assert "s3cret" not in done.stdout + done.stderr
    (here.parent / "away.git").rename(here.parent / "pages.git")
    again = digest(here, *NIGHT)
    assert again.returncode == 0
    assert [line["stage"] for line in lines_of(again) if line.get("changed") is True] == ["publish"]


def test_a_night_needs_no_home_and_no_plain_path(here: Path, tmp_path: Path) -> None:
    odd = here.rename(tmp_path / "Größe %s & 論文 — 'mine'")
    (tmp_path / "no folder").write_text("")
    nowhere = str(tmp_path / "no folder" / "home")  # nobody can write there, nor can root
    done = digest(odd, *NIGHT, HOME=nowhere, XDG_CACHE_HOME=nowhere, LC_ALL="C")
    assert (done.returncode, done.stderr) == (0, "")
    assert (odd / "site" / "public" / "2024-04" / "index.html").is_file()
    assert git(tmp_path / "pages.git", "log", "-1", "--format=%s", "gh-pages").startswith("Publish")


def test_a_token_in_the_settings_file_is_refused(here: Path) -> None:
    with (here / "digest.toml").open("a") as file:
        file.write('token = "s3cret"\n')
    done = digest(here, "publish")
    assert done.returncode == 2
    assert "publish.token is a secret: take it out, and set DIGEST_PUBLISH__TOKEN" in done.stderr
    assert "s3cret" not in done.stderr


def test_publishing_needs_a_remote_and_a_site(here: Path) -> None:
    assert "run `digest build`" in digest(here, "publish").stderr
    (here / "digest.toml").write_text((here / "digest.toml").read_text().replace('"../pages.git"', '""'))
    assert "publish.remote is empty" in digest(here, "publish").stderr


def test_a_site_that_someone_altered_is_not_published(here: Path) -> None:
    digest(here, *NIGHT, "--offline")
    (here / "site" / "public" / "index.html").write_text("defaced")
    done = digest(here, "publish")
    assert (done.returncode, "is not as digest built it" in done.stderr) == (2, True)


def test_a_budget_that_is_none_is_refused(here: Path) -> None:
    done = digest(here, "run", "--budget", "2 hours")
    assert done.returncode == 2
    assert "write it like 2h, 90m or 1h30m" in " ".join(done.stderr.split()).replace("│ ", "")


def test_a_reader_of_the_output_that_goes_away_does_not_end_the_night(here: Path) -> None:
    with subprocess.Popen(  # noqa: S603  our own command
        [sys.executable, "-m", "digest", *NIGHT], cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as night:
        assert night.stdout
        assert night.stderr
        night.stdout.close()
        said = night.stderr.read()
    assert (night.returncode, said) == (0, "")
    assert git(here.parent / "pages.git", "log", "-1", "--format=%s", "gh-pages").startswith("Publish")


@pytest.mark.parametrize("command", ["status", "status --json", "check", "search memory", "--help"])
def test_commands_whose_output_goes_nowhere_say_nothing_wrong(here: Path, command: str) -> None:
    line = f"{sys.executable} -m digest {command}"

    def status_and_complaint(line: str) -> tuple[int, str]:
        shell = ["bash", "-c", f"set -o pipefail; {line}"]
        done = subprocess.run(shell, cwd=here, capture_output=True, text=True, check=False)  # noqa: S603
        return done.returncode, done.stderr

    told, complaint = status_and_complaint(f"{line} >nothing")
    assert status_and_complaint(f"{line} >&-") == (told, complaint)
    read = status_and_complaint(f"{line} | head -0")
    assert read in {(told, complaint), (1, "")}  # click ends --help so
    if not _FULL.exists():  # outside Linux
        return
    full = status_and_complaint(f"{line} >{_FULL}")
    cannot = "digest: standard output cannot be written: No space left on device; make room where it leads\n"
    assert full in {(told, complaint), (1, cannot)}


@pytest.mark.skipif(not _FULL.exists(), reason="only Linux has /dev/full")
def test_a_night_whose_log_is_on_a_full_disk_is_done_all_the_same(here: Path) -> None:
    with _FULL.open("w") as full:
        night = [sys.executable, "-m", "digest", *NIGHT]
        done = subprocess.run(night, cwd=here, stdout=full, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")
    assert git(here.parent / "pages.git", "log", "-1", "--format=%s", "gh-pages").startswith("Publish")


def begin_night(here: Path, *before: str) -> "subprocess.Popen[str]":
    """Begin a night, and wait until its harvest is done."""
    command = [*before, sys.executable, "-m", "digest", *NIGHT]
    night = subprocess.Popen(command, cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603
    assert night.stdout
    night.stdout.readline()
    return night


@pytest.mark.usefixtures("hears_signals")
def test_a_signal_ends_a_night_in_order_and_the_next_one_goes_on(here: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        with begin_night(here) as night:
            night.send_signal(number)
            _, said = night.communicate()
        assert night.returncode == 128 + number
        assert "Traceback" not in said
        status = json.loads(digest(here, "status", "--json").stdout)
        assert (status["nights"][0]["ended"], status["at_work"]) == (str(128 + number), False)
        shutil.rmtree(here / "data")  # so that there is a harvest to wait for
    assert digest(here, *NIGHT).returncode == 0


def test_a_night_begun_with_nohup_goes_on_when_its_terminal_goes(here: Path) -> None:
    with begin_night(here, "nohup") as night:
        night.send_signal(signal.SIGHUP)
        night.communicate()
    assert night.returncode == 0


_DAEMON = """
import logging, subprocess, sys
from apscheduler.triggers.cron import CronTrigger
from digest.schedule import _Daemon
logging.basicConfig(level=logging.INFO)
work = "import sys, time\\nopen('nights', 'a').write('x')\\ntime.sleep(float(sys.argv[1]))"
night = [sys.executable, "-c", work, sys.argv[1]]
_Daemon(lambda: subprocess.Popen(night, start_new_session=True)).stay(CronTrigger(second="*"))
"""


class TestTheDaemon:
    def begin(self, folder: Path, seconds: float) -> "subprocess.Popen[str]":
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", _DAEMON, str(seconds)], cwd=folder, stderr=subprocess.PIPE, text=True
        )

    def nights(self, folder: Path) -> int:
        return len((folder / "nights").read_text()) if (folder / "nights").exists() else 0

    def wait_for_nights(self, folder: Path, count: int) -> None:
        for _ in range(600):
            if self.nights(folder) >= count:
                return
            time.sleep(0.1)
        raise AssertionError("no night began")

    def test_runs_one_night_at_a_time_and_what_came_due_meanwhile_is_one(self, tmp_path: Path) -> None:
        with self.begin(tmp_path, 3.5) as daemon:
            self.wait_for_nights(tmp_path, 2)
            assert self.nights(tmp_path) == 2  # due each second, and each took three and a half
            daemon.send_signal(signal.SIGTERM)
            _, said = daemon.communicate()
        assert daemon.returncode == 143
        assert said.count("the night ended with status 0") == 1

    @pytest.mark.usefixtures("hears_signals")
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_hands_a_signal_on_to_the_night_at_work_and_waits_for_it(
        self, tmp_path: Path, number: signal.Signals
    ) -> None:
        with self.begin(tmp_path, 3600) as daemon:
            self.wait_for_nights(tmp_path, 1)
            daemon.send_signal(number)
            daemon.communicate()
        assert daemon.returncode == 128 + number

    def test_ends_a_real_night_in_the_middle_of_its_work_and_frees_the_store(self, here: Path) -> None:
        real = f"[sys.executable, '-m', 'digest', *{NIGHT!r}]"
        program = _DAEMON.replace('[sys.executable, "-c", work, sys.argv[1]]', real)
        assert program != _DAEMON
        with subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", program, "0"], cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as daemon:
            assert daemon.stdout
            assert json.loads(daemon.stdout.readline())["stage"] == "harvest"  # the night's own line
            daemon.send_signal(signal.SIGTERM)
            _, said = daemon.communicate()
        assert (daemon.returncode, "Traceback" in said) == (143, False)
        status = json.loads(digest(here, "status", "--json").stdout)
        assert (status["nights"][0]["ended"], status["at_work"]) == ("143", False)
        assert digest(here, *NIGHT).returncode == 0

    def test_is_one_for_one_publication(self, here: Path) -> None:
        command = [sys.executable, "-m", "digest", "schedule"]
        with subprocess.Popen(command, cwd=here, stderr=subprocess.PIPE, text=True) as first:  # noqa: S603
            assert first.stderr
            assert "the next night runs at" in first.stderr.readline()
            second = digest(here, "schedule")
            first.send_signal(signal.SIGTERM)
        assert (second.returncode, "runs for these settings already" in second.stderr) == (3, True)
        assert first.returncode == 143
