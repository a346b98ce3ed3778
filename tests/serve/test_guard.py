"""Only small questions that read, by a name that is ours, at a steady rate; every answer is dressed for browsers."""

import json
import re
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from digest.places import TEMPLATES
from digest.serve.guard import host_name
from digest.serve.rate import Buckets
from tests.serve.conftest import Served

BASE = "http://magazine.test"


def _problem(answer: httpx.Response, status: int) -> str:
    """Hold an answer against the form of problems, and return what it says."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert "\n" not in answer.text
    told = json.loads(answer.text)
    assert (told["status"], told["type"]) == (status, "about:blank")
    return str(told["detail"])


def test_a_name_that_is_not_ours_is_refused_whatever_it_asks(served: Served) -> None:
    for host in ("evil.example", "magazine.test.evil.example", "", "magazine.test@evil.example"):
        for answer in served.ask("/", "/api/papers/2404.07143", headers={"host": host}):
            assert "serve.hosts" in _problem(answer, 421)
    for host in ("magazine.test", "MAGAZINE.test:8000"):
        assert served.one("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("host", "name"),
    [("localhost:8000", "localhost"), ("[::1]:8000", "[::1]"), ("[::1]", "[::1]"), ("A.example", "a.example")],
)
def test_a_host_is_read_without_its_port(host: str, name: str) -> None:
    assert host_name(host) == name


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_only_reading_is_allowed(served: Served, method: str) -> None:
    for answer in served.ask("/", "/api/search?q=x", method=method):
        _problem(answer, 405)
        assert answer.headers["allow"] == "GET, HEAD"


def test_head_answers_as_get_does_without_the_body(served: Served) -> None:
    for address in ("/", "/atom.xml", "/nothing", "/api/", "/api/papers/2404.07143", "/api/papers/2404.00000"):
        whole, head = served.one(address), served.one(address, "HEAD")
        assert head.content == b""
        assert head.status_code == whole.status_code
        assert dict(head.headers) == dict(whole.headers)


def test_too_long_an_address_and_any_body_are_refused(served: Served) -> None:
    assert "32,768" in _problem(served.one("/api/search?q=" + "x" * 33_000), 414)

    async def with_body(**body: Any) -> httpx.Response:  # noqa: ANN401  httpx's own
        async with served.client() as client:
            return await client.request("GET", "/", **body)

    async def pieces() -> Any:  # noqa: ANN401
        yield b"x"

    async def ask() -> list[httpx.Response]:
        return [await with_body(content=b"x"), await with_body(content=pieces())]

    for answer in anyio.run(ask):
        _problem(answer, 413)
        assert answer.headers["connection"] == "close"


def test_who_asks_too_often_is_told_when_to_come_again(made_magazine: Path) -> None:
    served = Served(made_magazine, buckets=Buckets(per_minute=6, burst=2))

    async def ask() -> None:
        async with served.client("192.0.2.1") as one, served.client("192.0.2.2") as other:
            address = "/api/papers/2404.07143"
            assert [(await one.get(address)).status_code for _ in range(2)] == [200, 200]
            refused = await one.get(address)
            _problem(refused, 429)
            assert refused.headers["retry-after"] == "10"
            assert (await one.get("/")).status_code == 200  # the site's files cost nothing
            assert (await other.get(address)).status_code == 200
            served.clock.now += 10
            assert (await one.get(address)).status_code == 200

    anyio.run(ask)


def test_every_answer_is_dressed_so_that_browsers_let_nobody_else_use_it(served: Served) -> None:
    for address in (
        "/",
        "/nothing",
        "/static/style.css",
        "/api/",
        "/api/openapi.json",
        "/api/search?k=0",
        "/api/nothing",
    ):
        headers = served.one(address).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert "server" not in headers
        assert "access-control-allow-origin" not in headers
        assert "set-cookie" not in headers


def test_the_sites_policy_is_the_one_that_its_pages_carry(served: Served) -> None:
    written = re.search(r'Security-Policy" content="([^"]+)"', (TEMPLATES / "base.html").read_text(encoding="utf-8"))
    assert written is not None
    assert served.one("/").headers["content-security-policy"] == f"{written[1]}; frame-ancestors 'none'"


def test_scripts_of_other_sites_read_the_api_only_where_the_settings_name_them(made_magazine: Path) -> None:
    friend, stranger = {"origin": "https://friend.example"}, {"origin": "https://stranger.example"}
    served = Served(made_magazine, origins=("https://friend.example",))
    allowed = "access-control-allow-origin"
    assert served.one("/api/openapi.json", headers=friend).headers[allowed] == "https://friend.example"
    assert allowed not in served.one("/api/openapi.json", headers=stranger).headers
    assert allowed not in Served(made_magazine).one("/api/openapi.json", headers=friend).headers
    asking = friend | {"access-control-request-method": "GET"}
    assert served.one("/api/search", "OPTIONS", asking).status_code == 200
    assert served.one("/api/search", "OPTIONS", asking | {"access-control-request-method": "DELETE"}).status_code == 400
