"""Letters go to a real SMTP server on loopback, notices to a real webhook; no message ever holds a secret."""

import json
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session

from digest.errors import PublishError
from digest.publish.mail import Server, notify, post, posting
from tests.web import make_certificate


class Postbox:
    """Takes letters, unless it is told to refuse them."""

    def __init__(self, refusal: str = "") -> None:
        self.letters: list[Envelope] = []
        self.refusal = refusal

    async def handle_DATA(self, _server: object, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refusal:
            return self.refusal
        self.letters.append(envelope)
        return "250 OK"


def _knows(_server: object, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:  # noqa: ANN401
    return AuthResult(success=(data.login, data.password) == (b"me", b"s3cret-word"), handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of the loopback's own, signed by nobody else."""
    return make_certificate(tmp_path_factory.mktemp("certificate"))


def _serving(postbox: Postbox, **options: Any) -> Controller:  # noqa: ANN401  aiosmtpd's own
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(postbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    return controller


@pytest.fixture
def plain() -> Iterator[tuple[Postbox, Server]]:
    postbox = Postbox()
    controller = _serving(postbox)
    yield postbox, Server(host="127.0.0.1", port=controller.port, security="none")
    controller.stop()


@pytest.fixture
def guarded(certificate: Path) -> Iterator[tuple[Postbox, int]]:
    """A server that wants encryption and a password."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    postbox = Postbox()
    options = {"tls_context": context, "require_starttls": True, "authenticator": _knows, "auth_required": True}
    controller = _serving(postbox, **options)
    yield postbox, controller.port
    controller.stop()


def _letter(to: str = "reader@example.org") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "digest@example.org", to, "April"
    message.set_content("Erdős and 漢字\n")
    return message


def test_letters_arrive_one_by_one(plain: tuple[Postbox, Server]) -> None:
    postbox, server = plain
    with posting(server) as connection:
        for to in ("one@example.org", "two@example.org"):
            post(connection, _letter(to))
    assert [envelope.rcpt_tos for envelope in postbox.letters] == [["one@example.org"], ["two@example.org"]]


def test_a_password_is_sent_after_encryption_alone(
    guarded: tuple[Postbox, int], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postbox, port = guarded
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = Server(host="localhost", port=port, security="starttls", user="me", password="s3cret-word")  # noqa: S106
    with posting(server) as connection:
        assert isinstance(connection.sock, ssl.SSLSocket)
        post(connection, _letter())
    assert len(postbox.letters) == 1


def test_a_wrong_password_is_told_without_it(
    guarded: tuple[Postbox, int], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = Server(host="localhost", port=guarded[1], security="starttls", user="me", password="wr0ng-word")  # noqa: S106
    with pytest.raises(PublishError, match=r"refused the user 'me' \(code 535\)") as refused, posting(server):
        pass
    assert "wr0ng" not in repr(refused.value) + str(refused.value.__cause__) + repr(server)


def test_a_certificate_that_nobody_vouches_for_is_refused(guarded: tuple[Postbox, int]) -> None:
    server = Server(host="localhost", port=guarded[1], security="starttls", user="me", password="s3cret-word")  # noqa: S106
    with pytest.raises(PublishError, match="certificate verify failed"), posting(server):
        pass


def test_a_server_without_encryption_gets_no_password(plain: tuple[Postbox, Server]) -> None:
    server = Server(host="127.0.0.1", port=plain[1].port, security="starttls", user="me", password="s3cret-word")  # noqa: S106
    with pytest.raises(PublishError, match="STARTTLS"), posting(server):
        pass


def test_a_server_that_repeats_the_password_is_not_repeated() -> None:
    controller = _serving(Postbox("550 I will not take s3cret-word"))
    server = Server(host="127.0.0.1", port=controller.port, security="none", password="s3cret-word")  # noqa: S106
    with pytest.raises(PublishError, match=r"I will not take \*\*\*") as refused, posting(server) as connection:
        post(connection, _letter())
    controller.stop()
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "smtp..example.org"])
def test_a_server_that_is_not_there_is_one_line(host: str) -> None:
    nowhere = Server(host=host, port=9, security="none")
    with pytest.raises(PublishError, match=r":9 took no letter: .*check \[mail\]") as refused, posting(nowhere):
        pass
    assert "\n" not in str(refused.value)


@pytest.fixture
def webhook() -> Iterator[tuple[list[dict[str, str]], str]]:
    """A webhook that keeps what it is told."""
    told: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(500 if "refuse" in self.path else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield told, f"json://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Apprise's own
def test_a_webhook_is_told(webhook: tuple[list[dict[str, str]], str]) -> None:
    told, url = webhook
    notify(f"{url}/s3cret-path", "April", "60 papers")
    assert [(one["title"], one["message"]) for one in told] == [("April", "60 papers")]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("address", ["json://127.0.0.1:9/s3cret-path", "nonsense://s3cret-path"])
def test_a_service_that_takes_nothing_is_told_without_its_address(
    address: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(PublishError, match=r"notify\.urls") as refused:
        notify(address, "April", "60 papers")
    assert "s3cret" not in str(refused.value) + "".join(capfd.readouterr())


def test_an_smtp_library_error_is_ours(plain: tuple[Postbox, Server]) -> None:
    with pytest.raises(PublishError, match="took no letter"), posting(plain[1]):
        raise smtplib.SMTPServerDisconnected("gone")
