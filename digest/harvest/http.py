"""Addresses → bytes: one request at a time, paced, deadlined, tried again."""

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self, TypeVar

import httpx

from digest import __version__
from digest.certificates import MEND, distrusted
from digest.errors import SourceError, UsageError
from digest.harvest.source import PassingFault
from digest.harvest.turns import Turns
from digest.retry_after import asked_to_wait

logger = logging.getLogger(__name__)

T = TypeVar("T")

_LARGEST_ANSWER = 32 * 1024 * 1024  # bytes; a page of 200 papers has some 600,000
_MAY_PASS = frozenset({429, 500, 502, 503, 504})
_OK = 200
_MEND = "check the addresses and categories under [harvest]"


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient a connection is; all in seconds."""

    between: float = 3.0  # arXiv's terms: info.arxiv.org/help/api/tou.html
    connect: float = 10.0
    read: float = 60.0  # without a byte: a 429 has been seen to take 15
    whole: float = 180.0  # for one answer
    tries: int = 5
    longest_wait: float = 120.0  # where arXiv asks for more, we come back another night


class Connection:
    """A connection to one service, for one request at a time; use it in a `with` block."""

    def __init__(
        self,
        contact: str = "",
        pace: Pace = Pace(),
        turns: Turns | None = None,  # None: one request at a time among all processes of this user
        *,
        clock: Callable[[], float] = time.monotonic,  # never goes back, as the time of day may
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.pace, self._clock, self._sleep = pace, clock, sleep
        self._turns = turns or Turns(pace.between, clock=clock, sleep=sleep)
        self._client = httpx.Client(
            headers={"User-Agent": _user_agent(contact), "Accept": "application/atom+xml, text/xml, text/html"},
            timeout=httpx.Timeout(pace.read, connect=pace.connect),
            limits=httpx.Limits(max_connections=1),
        )

    def __enter__(self) -> Self:
        """Return the connection."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self._client.close()

    def fetch(self, url: str, read: Callable[[bytes], T], *, kind: str = "xml", mend: str = _MEND) -> T:
        """Return what `read` makes of the answer, asking again where it raises a PassingFault.

        The answer must be of a kind, xml or html; `mend` says what to do where it is refused.

        Raises:
            UsageError: the address is none.
            SourceError: the service refused, or the tries are used up.
        """
        for attempt in range(1, self.pace.tries + 1):
            try:
                return read(self._get(url, kind, mend))
            except PassingFault as fault:
                if attempt == self.pace.tries or fault.wait_seconds > self.pace.longest_wait:
                    asked = f" and asks to wait {fault.wait_seconds:,.0f} s" if fault.wait_seconds else ""
                    tries = f" (tried {attempt} times)" if attempt > 1 else ""
                    message = f"{fault}{asked}{tries}: try again later; what was fetched is kept"
                    raise SourceError(message) from fault
                back_off = min(self.pace.between * 2 ** (attempt - 1), self.pace.longest_wait)
                logger.info("%s; trying again", fault)
                # Not all who were refused together should come back together.
                self._sleep(max(fault.wait_seconds, back_off) + random.uniform(0, self.pace.between))  # noqa: S311
        raise AssertionError("a pace has at least one try")

    def _get(self, url: str, kind: str, mend: str) -> bytes:
        try:
            with self._turns.turn(), self._client.stream("GET", url) as response:
                logger.debug("%s %s", response.status_code, url)
                _check(response, kind, mend)
                return self._read_body(response)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:  # the last: a..b, which is no name
            raise UsageError(f"{url[:100]!r} is no web address ({error}): mend [harvest] in digest.toml") from error
        except httpx.TimeoutException as error:
            raise PassingFault(f"{_host(url)} did not answer in time") from error
        except httpx.RequestError as error:
            if why := distrusted(error):  # to ask again would be in vain
                raise SourceError(f"the certificate of {_host(url)} is not trusted ({why}): {MEND}") from error
            raise PassingFault(f"{_host(url)} cannot be reached or broke off ({error})") from error

    def _read_body(self, response: httpx.Response) -> bytes:
        begin, body = self._clock(), bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > _LARGEST_ANSWER:
                raise SourceError(f"{response.url.host} sent more than {_LARGEST_ANSWER:,} bytes for one page")
            if self._clock() - begin > self.pace.whole:
                raise PassingFault(f"{response.url.host} was not done in {self.pace.whole:g} s")
        return bytes(body)


def _user_agent(contact: str) -> str:
    """Write who is asking, so that arXiv's operators can write to a person.

    Raises:
        UsageError: the contact cannot stand in a header.
    """
    if not (contact.isascii() and contact.isprintable()):
        raise UsageError(f"harvest.contact {contact!r} must be plain ASCII, such as you@example.org")
    return f"digest/{__version__}" + (f" (+{contact})" if contact else "")


def _check(response: httpx.Response, wanted: str, mend: str) -> None:
    """Raise unless the answer is of the wanted kind, with status 200."""
    host, status = response.url.host, response.status_code
    if status in _MAY_PASS:
        raise PassingFault(f"{host} answered HTTP {status}", asked_to_wait(response.headers) or 0.0)
    if response.is_redirect:
        where = response.headers.get("location", "")[:200]
        raise SourceError(f"{host} has moved to {where}: set its new address under [harvest] in digest.toml")
    if status != _OK:
        raise SourceError(f"{host} answered HTTP {status}: {mend}")
    kind = response.headers.get("content-type", "")
    if wanted not in kind.lower():
        raise PassingFault(f"{host} answered with {kind[:60] or 'an unknown type'} instead of {wanted.upper()}")


def _host(url: str) -> str:
    return httpx.URL(url).host
