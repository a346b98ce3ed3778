"""The command as a person meets it: its own process, its exit status, one line where something is wrong."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from digest import __version__
from digest.checksum import sha256_of
from digest.cli.help import GROUPS
from digest.errors import UsageError
from digest.evaluate.tags import read_tagged
from digest.search.encoder import find_encoder, weights_file
from digest.select.picks import read_picks
from digest.store.backup import back_up
from digest.store.database import open_store
from digest.write.model.llama import find_writer

ROOT = Path(__file__).parent.parent
COMMANDS = (
    "demo",
    "init",
    "harvest",
    "coverage",
    "check",
    "embed",
    "select",
    "write",
    "draft",
    "read",
    "build",
    "run",
    "schedule",
    "publish",
    "notify",
    "status",
    "search",
    "similar",
    "serve",
    "mcp",
    "trends",
    "eval",
    "doctor",
)


def _digest(
    folder: Path, *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "digest", *arguments],
        cwd=folder,
        env=os.environ | (environment or {}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _refused(folder: Path, *arguments: str, status: int) -> str:
    """Run a command that must fail with a status and one line, and return the line."""
    done = _digest(folder, *arguments)
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("digest: ")
    return done.stderr


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A publication's folder with nothing but settings."""
    (tmp_path / "digest.toml").write_text('[models]\nwriter = "none"\n', encoding="utf-8")
    return tmp_path


def test_the_version_is_told(tmp_path: Path) -> None:
    assert _digest(tmp_path, "--version").stdout == f"digest {__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(tmp_path: Path, command: str) -> None:
    done = _digest(tmp_path, command, "--help")
    assert done.returncode == 0
    assert re.search(rf"Examples?:\n    digest {command}", done.stdout)


def test_every_command_is_in_the_readme_and_none_is_forgotten_here(tmp_path: Path) -> None:
    listed = re.findall(r"^  ([a-z]+)  ", _digest(tmp_path, "--help").stdout, re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [command for command in COMMANDS if f"digest {command}" not in readme] == []


def test_no_settings_file_names_the_mend(tmp_path: Path) -> None:
    assert "digest init" in _refused(tmp_path, "embed", status=2)


def test_init_writes_settings_once(tmp_path: Path) -> None:
    assert _digest(tmp_path, "init", "mine").returncode == 0
    before = (tmp_path / "mine" / "digest.toml").read_bytes()
    assert "is there already" in _refused(tmp_path, "init", "mine", status=2)
    assert (tmp_path / "mine" / "digest.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("[site\n", "is not TOML"), ("[select]\nentrys = 5", "unknown setting 'select.entrys'"), ("store = 5", "store")],
)
def test_a_broken_settings_file_is_refused(here: Path, text: str, complaint: str) -> None:
    (here / "digest.toml").write_text(text, encoding="utf-8")
    assert complaint in _refused(here, "build", status=2)
    assert not (here / "data").exists()


def test_a_working_folder_that_is_gone_is_one_line_and_no_matter_where_none_is_needed(here: Path) -> None:
    gone = here / "gone"
    in_it = f'cd "{gone}" && rmdir "{gone}" && exec "{sys.executable}" -m digest'
    for arguments, status in (("status", 1), (f'status --config "{here}/digest.toml"', 0)):
        gone.mkdir()
        done = subprocess.run(  # noqa: S603  our own command
            ["/bin/sh", "-c", f"{in_it} {arguments}"],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        complaint = "digest: the folder that this was begun in is gone: go to one that is there\n"
        assert (done.returncode, done.stderr) == (status, complaint if status else "")


def test_a_folder_of_templates_that_is_not_there_is_named(here: Path) -> None:
    (here / "digest.toml").write_text('[site]\ntemplates = "themes"\n', encoding="utf-8")
    assert "themes is no folder: mend site.templates" in _refused(here, "build", status=2)
    assert not (here / "site").exists()


def test_a_month_that_is_none_is_refused(here: Path) -> None:
    refused = _refused(here, "run", "--month", "2024-13", status=2)
    assert "'2024-13' is not a month: write it like 2024-04; see `digest run --help`" in refused


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("hravest",), "no such command 'hravest'. Did you mean 'harvest'?; see `digest --help`"),
        (("eval", "gates"), "no such command 'gates'. Did you mean 'gate'?; see `digest eval --help`"),
        (("--frob",), "no such option: --frob; see `digest --help`"),
        (("select",), "missing option '--month'; see `digest select --help`"),
        (("search", "--k", "0", "x"), "'--k': it should be greater than or equal to 1"),
        (("eval", "tldr", "--data", "x", "--limit", "1" + 21 * "0"), "'--limit': it should be less than or equal to"),
        (("harvest", "--since", "2024-13-01"), "'2024-13-01' is not a day: write it like 2024-04-01"),
        (("harvest", "--since", "9999-12-31"), "9999-12-31 has not come yet"),
        (("harvest", "--category", "cs.CL"), "--category goes with --month or --since"),
    ],
)
def test_a_command_that_is_misspelt_is_refused_in_one_line(
    here: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    assert complaint in _refused(here, *arguments, status=2)


def test_no_command_at_all_prints_the_help(tmp_path: Path) -> None:
    done = _digest(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Examples:\n    digest init my-magazine\n" in done.stderr


def test_the_help_gives_every_command_its_whole_line_in_a_group(tmp_path: Path) -> None:
    text = _digest(tmp_path, "--help").stdout
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(COMMANDS)
    assert [title for title in GROUPS if f"\n{title}:\n" not in text] == []
    assert "..." not in text.split("To begin:")[1]


def test_a_shell_completes_commands_and_options(tmp_path: Path) -> None:
    def completed(typed: str) -> list[str]:
        asked = {"_DIGEST_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
        return _digest(tmp_path, environment=asked).stdout.split()

    assert completed("digest ha") == ["harvest"]
    assert completed("digest eval ") == ["tldr", "gate", "select", "tags", "search"]
    assert completed("digest run --of") == ["--offline"]


def test_harvest_takes_one_source_at_a_time(here: Path) -> None:
    refused = _refused(here, "harvest", "--month", "2024-04", "--from-file", "papers.jsonl", status=2)
    assert "takes one of --month, --since, --id and --from-file" in refused
    assert "'24.1' is not an arXiv id" in _refused(here, "harvest", "--id", "24.1", status=2)


def test_the_ledger_of_a_month_that_no_source_spoke_of_is_nothing(here: Path) -> None:
    assert "digest harvest --month 2024-04" in _refused(here, "coverage", "--month", "2024-04", status=3)


def test_check_counts_what_is_wrong(here: Path) -> None:
    (here / "list.md").write_text("- [A Title of Some Paper](https://arxiv.org/abs/2404.00001)\n", encoding="utf-8")
    done = _digest(here, "check", "list.md")
    assert done.returncode == 1
    assert "list.md, line 1: id not held: 2404.00001 is not in the store" in done.stdout
    assert "1 wrong, 0 worth a look" in done.stderr
    assert json.loads(_digest(here, "check", "list.md", "--json").stdout)[0]["alarm"] is True


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(None, "nothing.jsonl"), (b"a,b\n1,2\n", "not JSON"), (b"\xff\xfe\x00", "nothing.jsonl"), (b"", "nothing.jsonl")],
    ids=["missing", "not JSON", "not UTF-8", "empty"],
)
def test_a_file_that_holds_no_papers_is_refused_and_nothing_stored(
    here: Path, content: bytes | None, complaint: str
) -> None:
    if content is not None:
        (here / "nothing.jsonl").write_bytes(content)
    assert complaint in _refused(here, "harvest", "--from-file", "nothing.jsonl", status=2)
    with sqlite3.connect(here / "data" / "digest.db") as connection:
        assert connection.execute("SELECT count(*) FROM paper").fetchone() == (0,)
    connection.close()


def test_bad_lines_are_set_aside_and_the_rest_is_kept(here: Path) -> None:
    good = json.dumps({"id": "2404.07143", "title": "Leave No Context Behind", "abstract": "We bound memory."})
    (here / "papers.jsonl").write_text(f'{good}\n{{"id": "nonsense"}}\n', encoding="utf-8")
    done = _digest(here, "harvest", "--from-file", "papers.jsonl", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)[0]["new"] == 1
    assert json.loads(done.stdout)[0]["set aside"] == 1
    again = _digest(here, "harvest", "--from-file", "papers.jsonl")
    assert (again.returncode, "nothing to do" in again.stdout) == (3, True)


def test_files_with_unlikely_names_are_read_and_named_on_one_line(here: Path) -> None:
    odd = os.fsdecode(b"caf\xe9.jsonl")  # no UTF-8
    (here / odd).write_text('{"id": "2404.00001", "title": "A", "abstract": "B."}\n{"id": 1}\n', encoding="utf-8")
    done = _digest(here, "harvest", "--from-file", odd)
    assert done.returncode == 0
    assert "caf\\udce9.jsonl, number 2: id is not text" in done.stderr
    (here / odd).write_text("no JSON", encoding="utf-8")
    assert "caf\\udce9.jsonl is not JSONL" in _refused(here, "harvest", "--from-file", odd, status=2)
    assert "a\\nb\\x1b[2J cannot be read" in _refused(here, "check", "a\nb\x1b[2J", status=2)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("deep.json", b"[" * 100_000, "deep.json is not JSON: maximum recursion depth"),
        ("deep.jsonl", b"[" * 100_000, "deep.jsonl, line 1: not a pick (nested too deeply)"),
        ("cut.jsonl.gz", b"\x1f\x8b\x08\0" + bytes(20), "cut.jsonl.gz cannot be read"),
        ("missing.jsonl", None, "missing.jsonl cannot be read: No such file"),
    ],
)
def test_picks_that_cannot_be_read_are_named(here: Path, name: str, content: bytes | None, complaint: str) -> None:
    if content is not None:
        (here / name).write_bytes(content)
    for read in (lambda: read_picks(here / name), lambda: read_tagged(here / name)):
        with pytest.raises(UsageError, match=re.escape(name)):
            read()
    with pytest.raises(UsageError) as caught:
        read_picks(here / name)
    assert complaint in str(caught.value)


def test_lists_that_name_no_paper_are_not_called_right(here: Path) -> None:
    (here / "list.md").write_text("Nothing here.\n", encoding="utf-8")
    assert "nothing was checked" in _refused(here, "check", "list.md", status=3)
    (here / "deep.jsonl").write_bytes(b"[" * 100_000)
    assert "deep.jsonl, line 1: not JSON" in _refused(here, "check", "deep.jsonl", status=2)
    assert "deep.jsonl, line 1: want an object" in _refused(here, "eval", "gate", "--pairs", "deep.jsonl", status=2)


def test_a_store_from_newer_code_is_refused(here: Path) -> None:
    open_store(here / "data" / "digest.db").close()
    with sqlite3.connect(here / "data" / "digest.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert "update digest" in _refused(here, "build", status=1)


def test_a_writer_that_is_no_gguf_is_refused_and_named_by_doctor(here: Path) -> None:
    (here / "model.gguf").write_bytes(b"PK\x03\x04 not a model")
    (here / "digest.toml").write_text('[models]\nwriter = "model.gguf"\n', encoding="utf-8")
    assert "model.gguf is not a GGUF file" in _refused(here, "write", "--month", "2024-04", status=1)
    examined = _digest(here, "doctor")
    assert examined.returncode == 1
    assert "model.gguf is not a GGUF file" in examined.stdout


@pytest.mark.parametrize(("model", "command"), [("writer", ("write", "--month", "2024-04")), ("encoder", ("embed",))])
def test_a_model_that_is_not_the_pinned_one_is_refused_before_it_is_loaded(
    here: Path, model: str, command: tuple[str, ...]
) -> None:
    (here / "digest.toml").write_text(f'[models]\n{model}_sha256 = "{"ab" * 32}"\n', encoding="utf-8")
    assert f"models.{model}_sha256 pins abab" in _refused(here, *command, status=1)
    examined = _digest(here, "doctor")
    assert examined.returncode == 1
    assert "it was not loaded; fetch the file again from where you trust it" in examined.stdout


def test_a_pinned_model_is_used_where_it_is_the_one(here: Path) -> None:
    pins = {"encoder": sha256_of(weights_file(find_encoder("embedded", here)))}
    pins["writer"] = sha256_of(find_writer("embedded", here) or here).upper()  # as some programs print it
    lines = [f'{model}_sha256 = "{pin}"' for model, pin in pins.items()]
    lines += ["[select]", 'rater = "embedded"', f'rater_sha256 = "{pins["writer"]}"']
    (here / "digest.toml").write_text("\n".join(["[models]", *lines]), encoding="utf-8")
    pins["rater"] = pins["writer"]
    findings = {row["subject"]: row for row in json.loads(_digest(here, "doctor", "--json").stdout)}
    for model, pin in pins.items():
        assert f"sha256 {pin.lower()} as pinned" in findings[model]["text"]


def test_doctor_examines_the_translator(here: Path) -> None:
    (here / "digest.toml").write_text('[models]\ntranslator = "none.gguf"\n', encoding="utf-8")
    assert re.search(r"BAD +translator +\S*none\.gguf cannot be read", _digest(here, "doctor").stdout)
    served = '[models]\ntranslator = "http://127.0.0.1:9/v1"\ntranslator_model = "t"\n'
    (here / "digest.toml").write_text(served, encoding="utf-8")
    assert re.search(r"ok +translator +t, at http://127\.0\.0\.1:9/v1", _digest(here, "doctor").stdout)


def test_a_rater_that_is_not_the_pinned_one_ends_the_choosing(here: Path) -> None:
    pinned = f'[select]\nrater = "embedded"\nrater_sha256 = "{"ab" * 32}"\n'
    (here / "digest.toml").write_text(pinned, encoding="utf-8")
    done = _digest(here, "select", "--month", "2024-04")
    assert done.returncode == 1
    assert "select.rater_sha256 pins abab" in done.stderr
    assert re.search(r"BAD +rater .*it was not loaded", _digest(here, "doctor").stdout)


def test_doctor_examines_the_rater(here: Path) -> None:
    (here / "digest.toml").write_text('[select]\nrater = "none.gguf"\n', encoding="utf-8")
    assert re.search(r"BAD +rater +\S*none\.gguf cannot be read", _digest(here, "doctor").stdout)
    (here / "digest.toml").write_text('[select]\nrater = "http://127.0.0.1:9/v1"\n', encoding="utf-8")
    assert "set select.rater_model, at http://127.0.0.1:9/v1" in _digest(here, "doctor").stdout


@pytest.mark.parametrize(
    ("writer", "lines"),
    [
        (
            "none",
            [r'BAD +rater +select\.rater is "writer", and models\.writer is "none"', r"BAD +chooser +tags\.chooser is"],
        ),
        (
            "embedded",
            [r"ok +rater +the writer; select\.rater: \S+ has fewer than two b", r"BAD +chooser .* cannot choose"],
        ),
        ("http://127.0.0.1:9/v1", [r"ok +rater +the writer, at http", r"ok +chooser +the writer, at http"]),
        ("none.gguf", [r"BAD +writer +\S*none\.gguf cannot be read"]),
    ],
)
def test_doctor_says_whether_the_writer_can_be_what_else_it_is_named_for(
    here: Path, writer: str, lines: list[str]
) -> None:
    settings = (
        f'[models]\nwriter = "{writer}"\nwriter_model = "m"\n[select]\nrater = "writer"\n[tags]\nchooser = "writer"\n'
    )
    (here / "digest.toml").write_text(settings, encoding="utf-8")
    examined = _digest(here, "doctor").stdout
    assert [line for line in lines if not re.search(line, examined)] == []


def test_doctor_refuses_the_embedded_model_as_a_chooser_of_topics_and_so_does_choosing(here: Path) -> None:
    (here / "digest.toml").write_text('[tags]\nchooser = "embedded"\n', encoding="utf-8")
    assert re.search(r"BAD +chooser +tags\.chooser: \S+ has fewer than a billion", _digest(here, "doctor").stdout)
    chosen = _digest(here, "select", "--month", "2024-04")
    assert (chosen.returncode, chosen.stderr.count("\n")) == (2, 1)
    assert "cannot choose topics; choose a larger model" in chosen.stderr
    assert "--limit goes with --chooser" in _refused(here, "eval", "tags", "--limit", "3", status=2)


def test_doctor_tells_of_the_copy_that_a_migration_left(here: Path) -> None:
    open_store(here / "data" / "digest.db").close()
    back_up(here / "data" / "digest.db", "0004")
    examined = _digest(here, "doctor").stdout
    assert re.search(r"backup +0\.\d MB, from before a migration; yours to delete, in \S+0004\.backup", examined)


def test_searching_nothing_and_searching_for_nothing_are_refused(here: Path) -> None:
    assert "no paper is embedded yet" in _refused(here, "search", "memory", status=2)
    assert "nothing to search for" in _refused(here, "search", " ", status=2)
    assert "is not an arXiv id" in _refused(here, "similar", "../../etc/passwd", status=2)
    assert "is not in the store" in _refused(here, "similar", "2404.07143", status=2)


def test_doctor_names_models_with_hash_and_licence(here: Path) -> None:
    (here / "digest.toml").write_text("", encoding="utf-8")
    findings = {row["subject"]: row for row in json.loads(_digest(here, "doctor", "--json").stdout)}
    assert re.search(r"all-MiniLM-L6-v2@[0-9a-f]{8}, .* MB, licence apache-2.0", findings["encoder"]["text"])
    assert re.search(r"licence apache-2.0, .*sha256 [0-9a-f]{64}", findings["writer"]["text"])
    assert all(finding["ok"] for finding in findings.values())


def test_trends_of_a_month_that_is_not_held_are_nothing_to_do(here: Path) -> None:
    assert "too few papers of 2024-04" in _refused(here, "trends", "--month", "2024-04", status=3)
