"""Letters → an SMTP server; notices → chats and webhooks, by Apprise; secrets stay out of every message."""

import logging
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Literal

from digest.errors import PublishError

_PATIENCE = 30  # seconds that the server may take for an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """An SMTP server, and how to speak to it."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str = ""
    password: str = field(default="", repr=False)


@contextmanager
def posting(server: Server) -> Iterator[smtplib.SMTP]:
    """Open a connection to the server, encrypted and logged in as set.

    Raises:
        PublishError: it cannot be reached, offers no encryption, or refuses the user or a letter.
    """
    where = f"{server.host}:{server.port}"
    try:
        with _connect(server) as connection:
            if server.security == "starttls":
                connection.starttls(context=ssl.create_default_context())
            if server.user:
                _log_in(connection, server)
            yield connection
    except smtplib.SMTPAuthenticationError as error:
        message = f"{where} refused the user {server.user!r} (code {error.smtp_code}): check mail.user and its password"
        raise PublishError(message) from None  # its own words may repeat what we sent
    except (smtplib.SMTPException, OSError, UnicodeError) as error:  # the last: a host such as a..b
        raise PublishError(f"{where} took no letter: {_reason(error, server)}; check [mail] in digest.toml") from None


def _log_in(connection: smtplib.SMTP, server: Server) -> None:
    try:
        connection.login(server.user, server.password)
    except UnicodeEncodeError:
        raise PublishError("mail.user or its password is not plain ASCII, and SMTP's login takes no other") from None


def _connect(server: Server) -> smtplib.SMTP:
    if server.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=_PATIENCE, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=_PATIENCE)


def _reason(error: Exception, server: Server) -> str:
    said = " ".join(str(error).split())[:200] or type(error).__name__
    return said.replace(server.password, "***") if server.password else said


def post(connection: smtplib.SMTP, message: EmailMessage) -> None:
    """Send a letter through an open connection; faults come out of `posting`."""
    connection.send_message(message)


def notify(url: str, title: str, text: str) -> None:
    """Tell a chat, a webhook or a push service, by its Apprise address (github.com/caronc/apprise).

    Raises:
        PublishError: Apprise is not installed, does not know the address, or was refused; the address is not told.
    """
    try:
        import apprise  # noqa: PLC0415  an extra
    except ImportError as error:
        raise PublishError(
            "apprise is not installed: pip install 'digest-arxiv[notify]', or unset notify.urls"
        ) from error
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # its lines repeat addresses, which hold secrets
    told = apprise.Apprise()
    scheme = url.partition(":")[0][:20]
    if not told.add(url):
        raise PublishError(f"an address of notify.urls ({scheme}:…) is none that Apprise knows: check its spelling")
    if not told.notify(body=text, title=title):
        raise PublishError(f"the service behind an address of notify.urls ({scheme}:…) took no notice: check it")
