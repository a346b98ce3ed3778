"""A server whose certificate nobody vouches for, or that is another's, is not talked to, and its name is told."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from digest.certificates import distrusted
from digest.errors import ModelError, SourceError
from digest.harvest.http import Connection, Pace
from digest.harvest.turns import Turns
from digest.write.ask.writer import Kind, Task
from digest.write.model.endpoint import EndpointWriter, Server
from tests.web import listening, make_certificate

asked: list[str] = []


class _Answering(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the library's
        pass

    def do_GET(self) -> None:
        asked.append(self.path)
        self.answer(b"<papers/>", "text/xml")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        asked.append(self.path)
        said = {"choices": [{"message": {"content": json.dumps({"summary": "Yes."})}}]}
        self.answer(json.dumps(said).encode(), "application/json")

    def answer(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture(scope="module", params=["IP:127.0.0.1", "DNS:arxiv.example"])
def certificate(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the loopback, and one for another, in folders that are called so."""
    return make_certificate(tmp_path_factory.mktemp(request.param.replace(":", "-")), request.param)


@pytest.fixture
def url(certificate: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    asked.clear()
    with listening(_Answering, certificate) as address:
        yield address


def fetch(url: str) -> bytes:
    slept: list[float] = []
    with Connection("", Pace(between=0), Turns(0), sleep=slept.append) as connection:
        try:
            return connection.fetch(url, bytes)
        finally:
            assert slept == []  # to ask again would be in vain


def ask(url: str) -> list[str]:
    task = Task(kind=Kind.SUMMARY, title="A loom", abstract="A loom.", shown="A loom.")
    with EndpointWriter(Server(url=f"{url}v1", model="m", key="secret"), sleep=lambda _: None) as writer:
        return [answer.text for _, answer in writer.write([task])]


def test_arxivs_stand_in_with_a_certificate_of_its_own_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(SourceError, match=r"of 127\.0\.0\.1 is not trusted \(self-signed certificate\)") as refused:
        fetch(url)
    assert "SSL_CERT_FILE" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert asked == []


def test_a_models_server_with_a_certificate_of_its_own_gets_neither_key_nor_text(url: str) -> None:
    with pytest.raises(ModelError, match=r"is not trusted \(self-signed certificate\)"):
        ask(url)
    assert asked == []


def test_a_certificate_that_the_machine_trusts_is_taken_where_it_is_the_servers(
    url: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    if "arxiv.example" in certificate.parent.name:
        with pytest.raises(SourceError, match=r"is not trusted \(IP address mismatch"):
            fetch(url)
        assert asked == []
    else:
        assert fetch(url) == b"<papers/>"
        assert ask(url) == ['{"summary": "Yes."}']


def test_a_certificate_that_has_expired_is_refused_though_the_machine_trusts_its_maker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expired = make_certificate(tmp_path, "IP:127.0.0.1", is_expired=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(expired))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    asked.clear()
    with listening(_Answering, expired) as address:
        with pytest.raises(SourceError, match=r"is not trusted \(certificate has expired\)"):
            fetch(address)
        with pytest.raises(ModelError, match="certificate has expired"):
            ask(address)
    assert asked == []


def test_other_failures_are_no_matter_of_trust() -> None:
    assert distrusted(ConnectionRefusedError()) == ""
