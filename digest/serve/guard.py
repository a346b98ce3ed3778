"""Requests → those that may be answered: reading alone, small, by a name that is ours, at a steady rate.

It stands before everything else, so that what it refuses costs nothing, and puts the headers on every answer by which
a browser lets nobody else use it.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from math import ceil
from typing import Any

from digest.serve.problems import MEDIA_TYPE, Refusal, problem
from digest.serve.rate import Buckets

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_METHODS = ("GET", "HEAD")
_LONGEST_ADDRESS = 32_768  # bytes of path and query; 2,000 characters are 24,000 at most: %F0%9F%93%9A
_SITE_POLICY = (  # templates/base.html says the same within each page; only a header can forbid frames
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
API_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the guard goes by."""

    hosts: frozenset[str]  # names that this server is asked by, in small letters, without a port
    api: str  # the path below which the API lies, with its last slash
    buckets: Buckets
    clock: Callable[[], float]  # seconds, from any beginning


class Guard:
    """Lets through what may be answered, and answers the rest itself."""

    def __init__(self, app: App, rules: Rules) -> None:
        self._app, self._rules = app, rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the application answer; the interface is ASGI's (asgi.readthedocs.io, HTTP)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_api = str(scope["path"]).startswith(self._rules.api)
        told = _dressed(send, is_api=is_api, is_head=scope["method"] == "HEAD")
        try:
            self._check(scope, is_api=is_api)
        except Refusal as refusal:
            await _refuse(told, refusal)
            return
        # What answers GET answers HEAD, without the body.
        await self._app({**scope, "method": "GET"}, receive, told)

    def _check(self, scope: Scope, *, is_api: bool) -> None:
        """Look at a request before anything is done for it.

        Raises:
            Refusal: it may not be answered.
        """
        headers = [(name.lower(), value) for name, value in scope["headers"]]
        names = [value.decode("latin-1") for name, value in headers if name == b"host"]
        if len(names) != 1 or host_name(names[0]) not in self._rules.hosts:
            # A page from elsewhere whose name was made to lead here (DNS rebinding) still says its own name.
            raise Refusal(
                HTTPStatus.MISDIRECTED_REQUEST, "this server goes by another name: add it to serve.hosts in digest.toml"
            )
        if scope["method"] not in _METHODS:
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "this server only reads: use GET or HEAD")
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > _LONGEST_ADDRESS:
            raise Refusal(HTTPStatus.REQUEST_URI_TOO_LONG, f"the address is longer than {_LONGEST_ADDRESS:,} bytes")
        if any(
            name == b"transfer-encoding" or (name == b"content-length" and value.strip(b" 0"))
            for name, value in headers
        ):
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "a question has no body: put it into the address")
        if is_api:
            client = (scope.get("client") or ("",))[0]
            seconds = self._rules.buckets.take(client, self._rules.clock())
            if seconds:
                raise Refusal(
                    HTTPStatus.TOO_MANY_REQUESTS, "you ask too often: wait as Retry-After says", retry_after=seconds
                )


def host_name(host: str) -> str:
    """Return the name in a Host header, in small letters and without its port (RFC 9112, section 3.2)."""
    name = host.strip().lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.partition(":")[0]


def _dressed(send: Send, *, is_api: bool, is_head: bool) -> Send:
    """Return a `send` that adds the headers which every answer carries, and leaves out the body where HEAD asked."""

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            held = {name.lower() for name, _ in message["headers"]}
            policy = API_POLICY if is_api else _SITE_POLICY
            added = [*_ALWAYS, (b"content-security-policy", policy.encode())]
            added += [(b"cache-control", b"no-store" if is_api else b"no-cache")]  # the site's files are asked for anew
            message = {**message, "headers": [*message["headers"], *(one for one in added if one[0] not in held)]}
        elif is_head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return dressed


async def _refuse(send: Send, refusal: Refusal) -> None:
    body = problem(refusal.status, refusal.detail)
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    if refusal.retry_after:
        headers.append((b"retry-after", str(ceil(refusal.retry_after)).encode()))
    if refusal.status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append((b"allow", ", ".join(_METHODS).encode()))
    if refusal.status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        headers.append((b"connection", b"close"))  # its body is not read
    await send({"type": "http.response.start", "status": int(refusal.status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
