"""The server as a person starts it: a process, a port, signals."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from digest.errors import UsageError
from digest.serve.http import serve
from digest.settings import load_settings
from tests.serve.conftest import INFINI, PAGE

_COMMAND = (sys.executable, "-m", "digest", "serve")


@contextmanager
def _serving(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield a running server and its address."""
    process = subprocess.Popen(  # noqa: S603  our own command
        [*_COMMAND, "--port", "0", *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        told = process.stdout.readline()
        found = re.search(r"http://\S+?/(?=\s)", told)
        assert found, (told, process.stderr.read() if process.stderr and process.poll() is not None else "")
        yield process, found[0]
    finally:
        process.kill()
        process.communicate()


def test_a_process_serves_the_site_and_the_archive_on_loopback(made_magazine: Path) -> None:
    with _serving(made_magazine) as (_, address):
        assert address.startswith("http://127.0.0.1:")
        with httpx.Client(base_url=address) as client:
            assert client.get("").text == PAGE
            found = client.get("api/search", params={"q": "remember very long documents with bounded memory"}).json()
            assert found["papers"][0]["arxiv_id"] == INFINI
            assert client.get("api/search", params={"q": "x"}, headers={"host": "evil.example"}).status_code == 421
            assert client.post("api/search", content=b"x").status_code == 405
            assert "access-control-allow-origin" not in client.get("api/openapi.json").headers


def test_a_path_that_leaves_the_site_finds_nothing(made_magazine: Path) -> None:
    with _serving(made_magazine) as (_, address):
        port = int(address.rsplit(":", 1)[1].strip("/"))
        for path in ("/../../secret.txt", "/%2e%2e/%2e%2e/secret.txt", "/..%2f..%2fsecret.txt", "/way-out"):
            with socket.create_connection(("127.0.0.1", port), timeout=60) as raw:
                raw.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                told = b"".join(iter(lambda raw=raw: raw.recv(4096), b""))  # type: ignore[misc]
            assert told.split(b" ", 2)[1] in {b"400", b"404"}
            assert b"secret" not in told.partition(b"\r\n\r\n")[2]


@pytest.mark.usefixtures("hears_signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_without_a_traceback(made_magazine: Path, number: signal.Signals) -> None:
    with _serving(made_magazine) as (process, address):
        httpx.get(address)
        process.send_signal(number)
        _, complaint = process.communicate(timeout=60)
        assert process.returncode in {0, 128 + number}
        assert "Traceback" not in complaint


def test_a_port_that_is_taken_is_told_in_a_line(made_magazine: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(  # noqa: S603  our own command
            [*_COMMAND, "--port", port], cwd=made_magazine, capture_output=True, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"port {port} of 127.0.0.1 is taken" in done.stderr


def test_a_host_that_is_no_name_is_told(made_magazine: Path) -> None:
    settings = load_settings(made_magazine / "digest.toml")
    elsewhere = settings.serve.model_copy(update={"host": "papers..example.org"})
    with pytest.raises(UsageError, match=r"no address of this machine: set serve\.host"):
        serve(settings.model_copy(update={"serve": elsewhere}), lambda: datetime(2024, 5, 2, tzinfo=UTC), print)


def test_a_proxy_that_is_named_says_who_asks(made_magazine: Path, tmp_path: Path) -> None:
    settings = tmp_path / "digest.toml"
    store, site = made_magazine / "data" / "digest.db", made_magazine / "site" / "public"
    named = f'store = "{store}"\nindex = "{tmp_path}/index"\n[models]\nwriter = "none"\n[site]\noutput = "{site}"\n'
    limits = '[serve]\nper_minute = 1\nburst = 1\nproxies = ["127.0.0.1"]\n'
    settings.write_text(named + limits, encoding="utf-8")
    with _serving(made_magazine, "--config", str(settings)) as (_, address), httpx.Client(base_url=address) as client:
        statuses = [
            client.get(f"api/papers/{INFINI}", headers={"x-forwarded-for": who}).status_code
            for who in ("192.0.2.1", "192.0.2.1", "192.0.2.2")
        ]
    assert statuses == [200, 429, 200]
