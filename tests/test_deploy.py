"""What starts the nights and puts the site on the web is as its tools want it, and trusts no moving name."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from apscheduler.triggers.cron import CronTrigger

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
UNITS = ("digest.service", "digest.timer", "digest-serve.service")


def _workflow(file: Path) -> dict[Any, Any]:
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")))


def _unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=True, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(ROOT / "deploy" / name, encoding="utf-8")
    return parser


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
class TestAWorkflow:
    def test_pins_every_action_by_its_commit_and_says_which_version_that_is(self, file: Path) -> None:
        uses = re.findall(r"^\s*(?:- )?uses: (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
        assert uses
        assert [line for line in uses if not re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+(\.\d+)*", line)] == []

    def test_may_do_nothing_that_it_does_not_say(self, file: Path) -> None:
        workflow = _workflow(file)
        assert workflow["permissions"] == {}
        for job in workflow["jobs"].values():
            assert job["permissions"]["contents"] == "read"
            assert job["timeout-minutes"] <= 90
            steps = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
            assert [step["with"]["persist-credentials"] for step in steps] == [False]

    def test_runs_no_words_from_outside(self, file: Path) -> None:
        runs = [step["run"] for job in _workflow(file)["jobs"].values() for step in job["steps"] if "run" in step]
        assert [run for run in runs if "${{" in run] == []
        for run in runs:
            subprocess.run(["bash", "-n"], input=run, text=True, check=True)  # noqa: S607


def test_the_deployment_waits_for_the_one_before_and_never_asks_arxiv() -> None:
    file = ROOT / ".github" / "workflows" / "deploy-pages.yml"
    workflow = _workflow(file)
    assert workflow["concurrency"] == {"group": "pages", "cancel-in-progress": False}
    assert workflow["jobs"]["deploy"]["permissions"] == {"contents": "read", "pages": "write", "id-token": "write"}
    assert "schedule" not in workflow[True]  # YAML 1.1 reads `on` as true
    assert "digest run" not in file.read_text(encoding="utf-8")


def test_the_line_for_cron_is_a_time_and_a_command() -> None:
    lines = (ROOT / "deploy" / "crontab").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if not line.startswith("#")]
    *fields, command = line.split(maxsplit=5)
    CronTrigger.from_crontab(" ".join(fields))
    assert "%" not in command  # cron reads it as the end of the line
    subprocess.run(["sh", "-n", "-c", command], check=True)  # noqa: S603, S607


@pytest.mark.parametrize(("status", "ends"), [(0, 0), (3, 0), (1, 1), (4, 1)])
def test_cron_is_told_of_failures_alone(tmp_path: Path, status: int, ends: int) -> None:
    command = (ROOT / "deploy" / "crontab").read_text(encoding="utf-8").splitlines()[-1].split(maxsplit=5)[5]
    program = tmp_path / "digest" / ".venv" / "bin" / "digest"
    program.parent.mkdir(parents=True)
    (tmp_path / "my-magazine").mkdir()
    program.write_text(f'#!/bin/sh\necho "$@"\nexit {status}\n')
    program.chmod(0o755)
    done = subprocess.run(["sh", "-c", command], env={"HOME": str(tmp_path), "PATH": "/bin:/usr/bin"}, check=False)  # noqa: S603, S607
    assert done.returncode == ends
    assert (tmp_path / "my-magazine" / "night.log").read_text() == "run --budget 2h\n"


def test_the_units_fit_each_other() -> None:
    service, timer = _unit("digest.service"), _unit("digest.timer")
    assert service["Service"]["Type"] == "oneshot"
    assert service["Service"]["SuccessExitStatus"].split() == ["3", "143"]
    assert timer["Timer"]["Persistent"] == "true"
    assert timer["Install"]["WantedBy"] == "timers.target"
    server = _unit("digest-serve.service")["Service"]
    assert server["ExecStart"].endswith("/digest serve")  # no address: this machine alone
    assert server["ReadWritePaths"] == service["Service"]["ReadWritePaths"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_reads_the_units_and_the_hour(tmp_path: Path) -> None:
    when = _unit("digest.timer")["Timer"]["OnCalendar"]
    told = subprocess.run(["systemd-analyze", "calendar", when], capture_output=True, text=True, check=True)  # noqa: S603, S607
    assert "07:17:00 UTC" in told.stdout
    for name in UNITS:  # its programs need not be there to be read
        text = (ROOT / "deploy" / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text).replace("%h", "/tmp"))  # noqa: S108
    command = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in UNITS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if "Failed to initialize manager" in done.stderr or "Failed to lookup" in done.stderr:
        pytest.skip("systemd cannot look at units without its runtime folder")
    assert (done.returncode, done.stderr) == (0, "")


class TestTheContainerFile:
    """Hadolint's rules that matter here, held by hand."""

    lines = re.sub(r"\\\n\s*", "", (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")).splitlines()

    def of(self, word: str) -> list[str]:
        return [line.removeprefix(f"{word} ") for line in self.lines if line.startswith(f"{word} ")]

    def test_names_its_bases_whole_and_never_the_latest(self) -> None:
        for base in self.of("FROM"):
            assert re.match(r"docker\.io/library/python:3\.\d+-slim-[a-z]+( AS \w+)?$", base)

    def test_runs_as_nobody_in_particular(self) -> None:
        assert self.of("USER")[-1] not in {"root", "0"}

    def test_installs_little_and_tidies_up(self) -> None:
        installs = [line for line in self.of("RUN") if "apt-get install" in line]
        assert installs
        for line in installs:
            assert "apt-get update && " in line
            assert "--yes --no-install-recommends" in line
            assert "rm -rf /var/lib/apt/lists/*" in line

    def test_fetches_nothing_by_itself_and_begins_with_digest(self) -> None:
        assert self.of("ADD") == []
        assert self.of("ENTRYPOINT") == ['["digest"]']
        assert self.of("CMD") == ['["schedule"]']
        known = {"FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "VOLUME", "STOPSIGNAL", "ENTRYPOINT", "CMD"}
        assert {line.split()[0] for line in self.lines if line and not line.startswith("#")} <= known

    def test_leaves_out_what_is_not_the_programs(self) -> None:
        ignored = (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()
        assert {".git", ".venv", "data", "site/public"} <= set(ignored)
