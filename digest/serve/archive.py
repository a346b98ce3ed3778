"""The store and its indexes, open to be asked by many, one after the other."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar

import anyio
from anyio import to_thread

from digest.errors import DigestError, UsageError
from digest.paper import split_arxiv_id
from digest.pipeline.lookup import Answer, Searcher, asked_for
from digest.pipeline.workshop import Workshop
from digest.serve.problems import Refusal
from digest.serve.shapes import Answers, FoundPaper, HeldPaper, Question
from digest.settings import Settings
from digest.store.database import open_store
from digest.store.papers import Held, papers_by_id

logger = logging.getLogger(__name__)

_MOST_WAITING = 32  # questions; who comes later is told to come again
_PATIENCE = 1.0  # seconds that a question waits for a night that is writing
_A_QUESTION = "digest's archive is open: what is asked next is answered from memory"

Told = TypeVar("Told")
_Opened = tuple[Workshop, Searcher, tuple[int, int]]  # the file's device and number tell it from one put in its place


class Archive:
    """Answers one question at a time, so that neither the indexes nor the database are asked by two at once.

    The store is the truth: each answer follows its changes, and a store that another file took the place of is opened
    anew.
    """

    def __init__(self, open_workshop: Callable[[], AbstractContextManager[Workshop]], store: Path) -> None:
        self._open_workshop, self._store = open_workshop, store
        self._turn = anyio.CapacityLimiter(1)
        self._asking = 0  # who is answered, and who waits
        self._open = ExitStack()
        self._opened: _Opened | None = None

    async def search(self, question: Question) -> Answers:
        """Answer a search.

        Raises:
            Refusal: nothing is asked for, nothing is held, or the archive cannot be read now.
        """
        return await self._in_turn(partial(self._search, question))

    async def paper(self, arxiv_id: str) -> HeldPaper:
        """Return a paper that is held.

        Raises:
            Refusal: it is not held, or the archive cannot be read now.
        """
        return await self._in_turn(lambda: HeldPaper.of(self._held(arxiv_id).paper))

    async def similar(self, arxiv_id: str, k: int) -> Answers:
        """Return the papers nearest to one that is held.

        Raises:
            Refusal: it is not held or has no vector yet, or the archive cannot be read now.
        """
        return await self._in_turn(partial(self._similar, arxiv_id, k))

    async def warm(self) -> None:
        """Load the encoder and the indexes, so that the first question need not wait for them."""
        try:
            for _ in range(2):  # the second makes the copies that later ones search
                await self.search(Question(q=_A_QUESTION, k=1))
        except Refusal as refusal:
            logger.warning("%s", refusal)

    async def close(self) -> None:
        """Let go of the store, after the question that is being answered."""
        await to_thread.run_sync(self._close, limiter=self._turn)

    async def _in_turn(self, work: Callable[[], Told]) -> Told:
        # Counted here: the limiter counts those who wait only after they gave way, when a burst has passed already.
        if self._asking > _MOST_WAITING:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "too many are asking: ask again in a moment", retry_after=1)
        self._asking += 1
        try:
            return await to_thread.run_sync(partial(_answered, work), limiter=self._turn)
        finally:
            self._asking -= 1

    # --- what is done in turn, in a thread -----------------------------------------------------------------

    def _search(self, question: Question) -> Answers:
        try:
            asked = asked_for(question.q, question.filters)
        except UsageError as error:
            raise Refusal(HTTPStatus.BAD_REQUEST, str(error)) from error
        if asked.is_empty:
            raise Refusal(HTTPStatus.BAD_REQUEST, "; ".join([*asked.notes, "there is nothing to search for"]))
        _, searcher = self._current()
        try:
            return _told(searcher.search(asked, question.k))
        except UsageError as error:  # nothing is held
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from error

    def _similar(self, arxiv_id: str, k: int) -> Answers:
        held = self._held(arxiv_id)
        _, searcher = self._current()
        try:
            return _told(searcher.similar(held.paper.arxiv_id, k))
        except UsageError as error:  # it has no vector
            raise Refusal(HTTPStatus.CONFLICT, str(error)) from error

    def _held(self, arxiv_id: str) -> Held:
        try:
            bare, _ = split_arxiv_id(arxiv_id)
        except ValueError as error:
            raise Refusal(HTTPStatus.BAD_REQUEST, str(error)) from error
        workshop, _ = self._current()
        held = papers_by_id(workshop.store, [bare]).get(bare)
        if held is None:
            raise Refusal(HTTPStatus.NOT_FOUND, f"{bare} is not held here")
        return held

    def _current(self) -> tuple[Workshop, Searcher]:
        """Return the open store; opened anew where its file is another than it was."""
        there = self._identity()
        if self._opened is None or self._opened[2] != there:
            self._close()
            workshop = self._open.enter_context(self._open_workshop())
            self._opened = workshop, Searcher(workshop), there
        return self._opened[:2]

    def _identity(self) -> tuple[int, int]:
        try:
            found = self._store.stat()
        except OSError as error:  # it is not made here: reading makes nothing
            raise Refusal(
                HTTPStatus.SERVICE_UNAVAILABLE, "nothing is held yet: run `digest run`", retry_after=60
            ) from error
        return found.st_dev, found.st_ino

    def _close(self) -> None:
        self._opened = None
        self._open.close()


def archive_of(settings: Settings, clock: Callable[[], datetime]) -> Archive:
    """Return the archive of the settings' store; it opens with the first question."""
    return Archive(partial(_workshop, settings, clock), settings.path(settings.store))


@contextmanager
def _workshop(settings: Settings, clock: Callable[[], datetime]) -> Iterator[Workshop]:
    store = open_store(settings.path(settings.store), patience=_PATIENCE)
    try:
        yield Workshop(settings, store, clock, lambda _stage, _done, _total: None, lambda _report: None)
    finally:
        store.close()


def _answered(work: Callable[[], Told]) -> Told:
    """Do the work; what is wrong with this machine goes into the log, and is told in no detail."""
    try:
        return work()
    except DigestError as error:
        logger.warning("%s", error)
        raise Refusal(
            HTTPStatus.SERVICE_UNAVAILABLE, "the archive cannot be read now: its keeper's log says why", retry_after=30
        ) from error


def _told(answer: Answer) -> Answers:
    return Answers(papers=[FoundPaper.of(paper) for paper in answer.papers], notes=answer.notes)
