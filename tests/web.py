"""A folder served over HTTP on loopback, and a real Chromium to open it in."""

import functools
import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

# Only the page under test may reach for anything, so that every request seen is its own.
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the library's
        pass


@contextmanager
def serving(folder: Path, handler: type[SimpleHTTPRequestHandler] = QuietHandler) -> Iterator[str]:
    """Serve a folder; yields its address, with the last slash."""
    with listening(functools.partial(handler, directory=str(folder))) as address:
        yield address


def make_certificate(folder: Path, names: str = "DNS:localhost,IP:127.0.0.1", *, is_expired: bool = False) -> Path:
    """Make a certificate for some names, signed by nobody else; the file holds its key too."""
    file = folder / "both.pem"
    subject = ("-subj", "/CN=localhost", "-addext", f"subjectAltName={names}")
    command = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject)
    subprocess.run([*command, "-keyout", str(file), "-out", f"{file}.crt"], check=True, capture_output=True)  # noqa: S603
    if is_expired:  # since yesterday
        again = ("openssl", "x509", "-in", f"{file}.crt", "-signkey", str(file), "-days", "-1", "-out", f"{file}.crt")
        subprocess.run(again, check=True, capture_output=True)  # noqa: S603
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file


@contextmanager
def listening(handler: Callable[..., BaseHTTPRequestHandler], certificate: Path | None = None) -> Iterator[str]:
    """Answer requests with a handler on loopback, by TLS with a certificate; yields the address, with its slash."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser that DIGEST_CHROMIUM names, or the one on the path; the test fails where there is none."""
    path = os.environ.get("DIGEST_CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.fail("no Chromium: install Debian's chromium package, or set DIGEST_CHROMIUM to its path", pytrace=False)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield opened
        opened.close()
