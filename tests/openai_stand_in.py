"""A stand-in for an OpenAI-compatible server on loopback: it answers, fails and lies as real ones do."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.web import listening

Reply = tuple[int, dict[str, str], bytes]


def says(text: str) -> Reply:
    return 200, {}, json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()


@dataclass
class Stand:
    """What the server is asked, and how it answers: the next fault, or else by `answer`."""

    answer: Callable[[dict[str, Any]], Reply] = lambda _: says("{}")
    faults: list[Reply] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    at_once: int = 0
    most_at_once: int = 0


@contextmanager
def serve(stand: Stand) -> Iterator[str]:
    """Yield the address, up to /v1."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the library's
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with stand.lock:
                stand.at_once += 1
                stand.most_at_once = max(stand.most_at_once, stand.at_once)
                stand.asked.append(body)
                stand.keys.append(self.headers.get("Authorization", ""))
                stand.paths.append(self.path)
                reply = stand.faults.pop(0) if stand.faults else None
            status, headers, content = reply or stand.answer(body)
            with stand.lock:
                stand.at_once -= 1
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with listening(Handler) as address:
        yield f"{address}v1"
