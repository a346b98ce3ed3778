"""A night on which everything that needs a secret fails, and says so with it: no log, page, file or record has one.

Each secret has signs that JSON, a shell or an address would write in another way.
"""

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import quote

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Session

from digest.errors import UsageError
from digest.settings import load_settings
from tests.openai_stand_in import Stand, serve
from tests.small_publication import make_publication
from tests.web import listening

TOKEN, WORD, KEY = 'tok"en-9f3a', 'pa"ssw\\ord-9f3a', "sk-9f3a-key"
HOOK, REMOTE_WORD = "h00k-9f3a-path", "rem0te-9f3a-word"
SECRETS = (TOKEN, WORD, KEY, HOOK, REMOTE_WORD)
NIGHT = ("run", "--month", "2024-04", "--from-file", "papers.jsonl")


def forms(secret: str) -> set[bytes]:
    """Return the ways in which a secret may be written."""
    plain = {secret, json.dumps(secret)[1:-1], quote(secret), repr(secret)[1:-1]}
    encoded = {base64.b64encode(f"{before}{secret}".encode()).decode() for before in ("", "x-access-token:", "you:")}
    return {form.encode() for form in plain | encoded}


def assert_no_secret(told: str, folder: Path, *spared: str) -> None:
    """Nothing that was said, and no file but those that a person wrote secrets into, holds one."""
    held = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for name, content in {"what was said": told.encode(), **held}.items():
        if name not in spared:
            assert [form for secret in SECRETS for form in forms(secret) if form in content] == [], name


def digest(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "digest", *arguments]
    return subprocess.run(  # noqa: S603  our own command
        command, cwd=folder, capture_output=True, text=True, check=False, env=os.environ | variables
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_publication(tmp_path_factory.mktemp("made") / "magazine")


@pytest.fixture
def here(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "magazine"))


def set_up(folder: Path, text: str) -> None:
    with (folder / "digest.toml").open("a") as file:
        file.write(text)


class Parrot(BaseHTTPRequestHandler):
    """Refuses everything, and repeats what it was sent."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the library's
        pass

    def do_GET(self) -> None:
        said = f"{self.path} {self.headers.get('Authorization', '')} {TOKEN} {HOOK} {KEY}".encode()
        self.send_response(403, "no")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_POST = do_GET  # noqa: N815  the library's name


@contextmanager
def postbox() -> Iterator[int]:
    """Yield the port of a server that refuses the password, and repeats it."""

    def refuse(_server: object, _session: Session, _envelope: object, _mechanism: str, _data: object) -> AuthResult:
        return AuthResult(success=False, handled=False, message=f"535 5.7.8 {WORD} is wrong")

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(object(), hostname="127.0.0.1", port=port, authenticator=refuse, auth_require_tls=False)
    controller.start()
    yield port
    controller.stop()


def test_a_remote_and_webhooks_that_repeat_what_they_are_sent(here: Path) -> None:
    with listening(Parrot) as address:
        git = ("git", "-C", str(here))
        subprocess.run([*git, "init", "--quiet"], check=True)  # noqa: S603
        host = address.removeprefix("http://")
        subprocess.run([*git, "remote", "add", "site", f"http://you:{REMOTE_WORD}@{host}x.git"], check=True)  # noqa: S603
        set_up(here, '[publish]\nremote = "site"\n')
        hooks = json.dumps([f"json://{host}{HOOK}"])
        done = digest(here, *NIGHT, DIGEST_PUBLISH__TOKEN=TOKEN, DIGEST_NOTIFY__URLS=hooks)
        again = digest(here, "-v", "publish", DIGEST_PUBLISH__TOKEN=TOKEN, DIGEST_NOTIFY__URLS=hooks)
        status = digest(here, "status", "--json", DIGEST_PUBLISH__TOKEN=TOKEN)
    assert (done.returncode, again.returncode, status.returncode) == (1, 1, 0)
    assert "publish.remote" in done.stderr
    assert "took no notice" in done.stdout
    assert "publish.remote" in json.loads(status.stdout)["nights"][0]["failure"]
    told = [said for one in (done, again, status) for said in (one.stdout, one.stderr)]
    assert_no_secret("\n".join(told), here, ".git/config")


def test_a_mail_server_that_repeats_the_password(here: Path) -> None:
    with postbox() as port:
        set_up(
            here,
            f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nuser = "me"\nsender = "d@example.org"\n'
            'to = ["one@example.org"]\n',
        )
        first = digest(here, *NIGHT, DIGEST_MAIL__PASSWORD=WORD)
        done = digest(here, "-v", "notify", "--month", "2024-04", DIGEST_MAIL__PASSWORD=WORD)
        other = digest(here, "notify", "--month", "2024-04", DIGEST_MAIL__PASSWORD="päss-9f3a")  # noqa: S106
    assert (other.returncode, "is not plain ASCII" in other.stderr, "9f3a" in other.stderr) == (1, True, False)
    assert "refused the user 'me'" in done.stderr
    assert done.returncode == 1
    assert "mail" in done.stderr
    assert "Traceback" not in first.stderr + done.stderr
    assert_no_secret(first.stdout + first.stderr + done.stdout + done.stderr, here)


@pytest.mark.parametrize("status", [400, 401])
def test_a_model_server_that_repeats_the_key(here: Path, status: int) -> None:
    stand = Stand(answer=lambda _: (status, {"Retry-After": "0"}, f"response_format: {KEY} is wrong".encode()))
    with serve(stand) as url:
        text = (here / "digest.toml").read_text()
        (here / "digest.toml").write_text(text.replace('writer = "none"', f'writer = "{url}"\nwriter_model = "m"'))
        done = digest(here, "-v", *NIGHT, DIGEST_WRITER_KEY=f"{KEY}\n")
    assert set(stand.keys) == {f"Bearer {KEY}"}, "the line end of a file that was read is no part of a key"
    assert done.returncode in {0, 4}
    assert "Traceback" not in done.stderr
    assert_no_secret(done.stdout + done.stderr, here)


def test_a_key_that_no_header_can_carry_is_one_line_without_it(here: Path) -> None:
    text = (here / "digest.toml").read_text()
    (here / "digest.toml").write_text(
        text.replace('writer = "none"', 'writer = "http://127.0.0.1:9/v1"\nwriter_model = "m"')
    )
    done = digest(here, *NIGHT, DIGEST_WRITER_KEY="sk-9f3a-kéy\r\nX-Evil: 1")
    assert done.returncode == 2
    assert done.stderr == "digest: DIGEST_WRITER_KEY holds a blank or a letter that no key has: set it again\n"
    assert "9f3a" not in done.stdout


@pytest.mark.parametrize(
    ("section", "key"),
    [("publish", "remote"), ("models", "writer"), ("models", "translator"), ("select", "rater"), ("tags", "chooser")],
)
@pytest.mark.parametrize("secret", ["you:sk-9f3a-key", "ghp_9f3a", "github_pat_9f3a"])
def test_an_address_with_a_secret_in_it_is_refused_without_telling_it(
    tmp_path: Path, section: str, key: str, secret: str
) -> None:
    (tmp_path / "digest.toml").write_text(f'[{section}]\n{key} = "https://{secret}@example.org/v1"\n')
    with pytest.raises(UsageError, match=rf"{section}\.{key}: holds a password: take it out") as refused:
        load_settings(tmp_path / "digest.toml")
    assert "9f3a" not in str(refused.value)


def test_lines_of_json_are_searched_before_they_are_written_as_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from digest.journal import Journal  # noqa: PLC0415  it takes the place of all handlers
    from digest.pipeline.workshop import Outcome, StageReport  # noqa: PLC0415

    monkeypatch.setattr("logging.root.handlers", [])
    blot: Callable[[str], str] = lambda text: text.replace(TOKEN, "***").replace(WORD, "***")  # noqa: E731
    journal = Journal(blot)
    journal.tell(StageReport("publish", 1.0, Outcome(counts={}, changed=True, warnings=(f"no {WORD}",)), f"no {TOKEN}"))
    journal.end(1, f"{TOKEN} and {WORD}")
    stage, night = map(json.loads, capsys.readouterr().out.splitlines())
    assert (stage["failure"], stage["warnings"], night["failure"]) == ("no ***", ["no ***"], "*** and ***")
