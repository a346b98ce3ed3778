"""Any OpenAI-compatible server as a writer (vLLM, llama-server, Ollama): requests out, answers in, some at a time."""

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import Any, Self

import httpx
import orjson

from digest.certificates import MEND, distrusted
from digest.errors import ModelError
from digest.places import PROMPTS
from digest.retry_after import asked_to_wait
from digest.text import split_sentences
from digest.write.ask.answers import schema
from digest.write.ask.prompt import load_prompts, pieces
from digest.write.ask.writer import FIELDS, MOST_TOKENS, SEED, Answer, Task

_TRIES = 4
_LONGEST_WAIT = 60.0  # seconds, whatever Retry-After says
_LARGEST = 1 << 20  # bytes of an answer; a text has some hundred
_CONNECT = 10.0  # seconds
_LONGEST_SHOWN = 8_000  # characters of an abstract, some 2,000 tokens: arXiv allows 1,920 characters
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
# The last is what Python says of a host's name with nothing between two full stops.
_NOBODY_THERE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL, UnicodeError)
_NOT_UNDERSTOOD = frozenset({400, 422, 500})  # what a server answers to a form of answers that it does not know
# A server tokenises the whole turn, so that these would be read as its own marks: they are broken apart.
_CHAT_TOKEN = re.compile(r"<(?=[|/]?[\w｜]|/?s>)|\[(?=/?INST)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where a server is and how it is asked."""

    url: str  # up to /v1
    model: str  # what it calls its model
    key: str = ""  # sent as a bearer token, told to nobody
    setting: str = "models.writer"  # that names it, and the variable that may hold its key: for who must mend them
    variable: str = "DIGEST_WRITER_KEY"
    at_once: int = 8  # requests at a time
    deadline: float = 600.0  # seconds for one answer

    def __repr__(self) -> str:
        """Leave the key out, so that it lands in no log."""
        return f"Server({self.url!r}, {self.model!r})"


class _Refused(Exception):  # noqa: N818  it becomes an answer's failure
    """This request cannot be answered; another might."""


@dataclass(frozen=True, slots=True)
class _Again:
    """Why a request had no answer, though a later one may have it."""

    reason: str
    wait: float | None = None  # seconds; None: as long as the tries before make it
    absence: Exception | None = None  # the error, where nobody was there to answer


class EndpointWriter:
    """A server as a writer; use it in a `with` block.

    The protocol: platform.openai.com/docs/api-reference/chat, of which vLLM, llama-server and Ollama know the part
    that is used here. Answers are held to a JSON schema; a server that does not know schemas is asked with one in the
    way of llama-cpp-python's server, and one that does not know that either without.
    """

    form = ""
    is_small = False  # a server is there for models that are worth it; `models.kinds` asks less of a small one

    def __init__(self, server: Server, sleep: Callable[[float], None] = time.sleep) -> None:
        """Say which server; it is asked with the first text."""
        self.name = server.model
        self.model_hash = hashlib.sha256(server.model.encode()).hexdigest()
        self._server, self._sleep = server, sleep
        self._prompts = load_prompts(PROMPTS, is_small=False)
        self._form = 0  # place in `_forms`
        self._client: httpx.Client | None = None

    def __enter__(self) -> Self:
        """Open the connections."""
        server = self._server
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {server.key}"} if server.key else {},
            timeout=httpx.Timeout(server.deadline, connect=_CONNECT),
            limits=httpx.Limits(max_connections=server.at_once),
            follow_redirects=False,
        )
        return self

    def __exit__(self, *_: object) -> None:
        """Close them."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def write(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Answer]]:
        """Yield each task's place and answer, as they are done.

        Raises:
            ModelError: the server is not there, or refuses all that is asked of it.
        """
        with ThreadPoolExecutor(self._server.at_once) as pool:
            place_by_future = {pool.submit(self._answer, task): n for n, task in enumerate(tasks)}
            try:
                for future in as_completed(place_by_future):
                    yield place_by_future[future], future.result()
            finally:
                for future in place_by_future:
                    future.cancel()

    def _answer(self, task: Task) -> Answer:
        try:
            return Answer(self._ask(task))
        except _Refused as refused:
            return Answer(failure=str(refused))

    def _ask(self, task: Task) -> str:
        """Ask until there is an answer; what may pass is tried again, later and later.

        Raises:
            _Refused: this task has no answer.
            ModelError: no task will have one.
        """
        again = _Again("the server gave no answer")
        for attempt in range(_TRIES):
            outcome = self._try(task)
            if isinstance(outcome, str):
                return outcome
            again = outcome
            wait = min(2.0**attempt if again.wait is None else again.wait, _LONGEST_WAIT)
            if wait and attempt + 1 < _TRIES:
                self._sleep(wait)
        if again.absence:
            raise ModelError(again.reason) from again.absence
        raise _Refused(again.reason)

    def _try(self, task: Task) -> "str | _Again":
        """Ask once; return the answer, or why and when to ask again.

        Raises:
            _Refused: this task has no answer.
            ModelError: no task will have one.
        """
        url, form = self._server.url, self._form
        try:
            status, headers, body = self._post(task, form)
        except _NOBODY_THERE as error:
            if why := distrusted(error):
                raise ModelError(f"the certificate of {url} is not trusted ({why}): {MEND}") from error
            reason = f"{url} cannot be reached ({error}): start the server, or mend {self._server.setting}"
            return _Again(reason, absence=error)
        except (httpx.HTTPError, TimeoutError) as error:
            return _Again(f"the server broke off or took too long ({type(error).__name__})")
        if status == httpx.codes.OK:
            return _content(body)
        if status in _NOT_UNDERSTOOD and b"response_format" in body and form + 1 < len(_forms(task)):
            self._form = max(self._form, form + 1)
            return _Again("the server knows no form of answers", wait=0.0)
        if status in _BUSY:
            return _Again(f"the server answered {status}", wait=asked_to_wait(headers))
        raise self._refusal(status)

    def _refusal(self, status: int) -> _Refused | ModelError:
        """Return what a status means that no other try would change."""
        if status == httpx.codes.BAD_REQUEST:
            return _Refused("the server refused the request (400)")
        setting, variable = self._server.setting, self._server.variable
        mends = {401: f"set {variable} to its key", 403: f"the key in {variable} has no right to it"}
        mend = mends.get(status, f"check {setting} and {setting}_model")
        return ModelError(f"{self._server.url} answered {status}: {mend}")

    def _post(self, task: Task, form: int) -> tuple[int, Mapping[str, str], bytes]:
        """Send a request; returns status, headers and body.

        Raises:
            TimeoutError: the whole answer took too long, or is too large to be one.
            httpx.HTTPError: the connection failed.
        """
        if self._client is None:
            raise RuntimeError("use the writer in a `with` block")
        url, deadline = f"{self._server.url.rstrip('/')}/chat/completions", time.monotonic() + self._server.deadline
        with self._client.stream("POST", url, json=self._request(task, form)) as response:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > _LARGEST or time.monotonic() > deadline:
                    raise TimeoutError
            return response.status_code, response.headers, bytes(body)

    def _request(self, task: Task, form: int) -> dict[str, Any]:
        scaffold = self._prompts.words(task.kind, again=bool(task.refused))
        words = "".join(
            _broken(part.text) if part.is_data else part.text for part in pieces(scaffold, _shortened(task))
        )
        return {
            "model": self._server.model,
            "messages": [{"role": "user", "content": words}],
            "temperature": 0,
            "seed": SEED,
            "max_tokens": MOST_TOKENS[task.kind],
            **_forms(task)[form],
        }


def _forms(task: Task) -> tuple[dict[str, Any], ...]:
    """Return the ways to ask for the form of an answer, each for servers that do not know the one before."""
    wanted = schema(FIELDS[task.kind], task.offered)
    by_schema = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": wanted}}
    by_object = {"type": "json_object", "schema": wanted}  # llama-cpp-python's server knows this one alone
    return {"response_format": by_schema}, {"response_format": by_object}, {}


def _broken(text: str) -> str:
    """Return a paper's words with a space inside whatever looks like a chat token."""
    return _CHAT_TOKEN.sub(lambda mark: f"{mark[0]} ", text)


def _shortened(task: Task) -> Task:
    if len(task.shown) <= _LONGEST_SHOWN:
        return task
    ends = [end for _, end in split_sentences(task.shown) if end <= _LONGEST_SHOWN]
    shown = task.shown[: ends[-1] if ends else _LONGEST_SHOWN]
    return replace(task, shown=shown)


def _content(body: bytes) -> str:
    """Return the text of an answer.

    Raises:
        _Refused: the server sent something else.
    """
    try:
        content = orjson.loads(body)["choices"][0]["message"]["content"]
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError):
        raise _Refused("the server sent no answer that can be read") from None
    if not isinstance(content, str) or not content.strip():
        raise _Refused("the server sent an empty answer")
    return content
