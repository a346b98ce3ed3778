"""Settings → a server on a port, until a signal ends it."""

import asyncio
import errno
import logging
import socket
import time
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import uvicorn

from digest.errors import DigestError, UsageError
from digest.publish.addresses import base_path
from digest.serve.app import Plan, make_app
from digest.serve.archive import archive_of
from digest.serve.guard import App, Rules
from digest.serve.rate import Buckets
from digest.settings import Settings

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_MOST_CONNECTIONS = 256
_GRACE = 5  # seconds that answers have to end in


def serve(settings: Settings, clock: Callable[[], datetime], tell: Callable[[str], None]) -> None:
    """Serve the site and the archive until SIGINT or SIGTERM; what is being answered then is answered.

    Raises:
        UsageError: the port is taken, or the host is no address of this machine.
    """
    with _listen(settings.serve.host, settings.serve.port) as listener:
        port = listener.getsockname()[1]
        plan = Plan(
            title=settings.site.title,
            site=settings.path(settings.site.output),
            base=base_path(settings.site.base_url),
            origins=settings.serve.origins,
        )
        rules = Rules(
            hosts=_names(settings),
            api=f"{plan.base}api/",
            buckets=Buckets(settings.serve.per_minute, settings.serve.burst),
            clock=time.monotonic,
        )
        server = uvicorn.Server(_config(make_app(archive_of(settings, clock), plan, rules), settings))
        address = f"http://{_written(settings.serve.host)}:{port}{plan.base}"
        tell(f"serving {address} and {address}api/ (Ctrl-C ends it)")
        asyncio.run(server.serve(sockets=[listener]))
        if not server.started:
            raise DigestError("the server could not begin: its log above says why")


def _config(app: App, settings: Settings) -> uvicorn.Config:
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,  # what people look for is their own affair
        server_header=False,
        proxy_headers=bool(settings.serve.proxies),
        forwarded_allow_ips=list(settings.serve.proxies),
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=_GRACE,
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=128)
    except (socket.gaierror, UnicodeError) as error:  # the latter: a..b
        raise UsageError(f"{host!r} is no address of this machine: set serve.host, such as 127.0.0.1") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            mend = "end what listens there, or take another: digest serve --port 8001"
            raise UsageError(f"port {port} of {host} is taken: {mend}") from error
        raise UsageError(
            f"{host}:{port} cannot be listened at: {error.strerror}; set serve.host and serve.port"
        ) from error


def _names(settings: Settings) -> frozenset[str]:
    """Return the names that requests may ask for: this machine's own, the site's, and those of the settings."""
    site = urlsplit(settings.site.base_url).hostname or ""
    given = (_written(settings.serve.host), _written(site), *settings.serve.hosts)
    return frozenset(name.lower() for name in (*_LOOPBACK, *given) if name)


def _written(host: str) -> str:
    """Write a host as an address has it: an IPv6 one in brackets."""
    return f"[{host}]" if ":" in host else host
