"""A question → papers that are held: found by word and by meaning, the truth of each score taken from the store."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from digest.errors import StoreError, UsageError
from digest.paper import Found, split_arxiv_id
from digest.pipeline.asking import filters_of
from digest.pipeline.models import encoder_choice, index_of, load_for_queries
from digest.pipeline.workshop import Workshop
from digest.publish.exports import bibtex
from digest.search.fuse import fuse
from digest.search.index import Index
from digest.search.query import Query, parse_query
from digest.store.changes import stand
from digest.store.filters import Filters, newest_passing, passing, withdrawn_versions
from digest.store.papers import Held, papers_by_id, papers_by_version
from digest.store.vectors import vectors_of
from digest.store.words import are_words_behind, follow_words, matched_words, rank_words, versions_titled
from digest.text import plain_text, plain_title

MOST_HITS = 1_000
_DEPTH = 100  # of each ranking, or twice what is asked for
_KEPT_QUERIES = 1_000  # vectors of queries, a kilobyte and a half each
_KEPT_COUNTS = 50_000  # words, with how many papers hold each
_TITLE_WORDS = 3  # a shorter text is a question, even where it is a title too
_AS_IT_WAS_WRITTEN = 1e-3  # two ways of adding up a product differ by less

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Answer:
    """Papers that were found, best first, and what the person who asked should know."""

    papers: list[Found]
    notes: list[str] = field(default_factory=list)


class Searcher:
    """The archive, open to be asked again and again; it follows the store as that changes."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._choice = encoder_choice(workshop)
        self._index: Index | None = None
        self._counts: dict[str, int] = {}
        self._gone: npt.NDArray[np.int64] | None = None
        self._encode = lru_cache(_KEPT_QUERIES)(self._vector_of)

    def search(self, query: Query, k: int) -> Answer:
        """Return the k papers that answer a query best; those that it names by id or title come first.

        Raises:
            UsageError: nothing is asked for, or nothing is held.
        """
        if query.is_empty:
            fault = 'there is nothing to search for: write it like digest search "mixture of experts"'
            raise UsageError("; ".join([*query.notes, fault]))
        index, notes = self._open()
        filters, more = filters_of(self._workshop, query)
        k = max(1, min(k, MOST_HITS))
        named = self._named(query)
        is_one_paper = bool(query.arxiv_id and named)
        rest = [] if is_one_paper else self._rank(index, query, filters, max(_DEPTH, 2 * k))
        ids = list(dict.fromkeys([*named, *rest]))[:k]
        return Answer(self._describe(ids, query, named), [*notes, *more])

    def similar(self, arxiv_id: str, k: int) -> Answer:
        """Return the k papers nearest to one that is held, without itself and without withdrawn ones.

        Raises:
            UsageError: it is no arXiv id, or the paper is not held or not embedded.
        """
        try:
            bare, _ = split_arxiv_id(arxiv_id)
        except ValueError as error:
            raise UsageError(str(error)) from error
        held = papers_by_id(self._workshop.store, [bare]).get(bare)
        if held is None:
            raise UsageError(f"{bare} is not in the store: digest harvest --id {bare}")
        index, notes = self._open()
        vector = index.vector(held.version_id)
        if vector is None:
            raise UsageError(f"{bare} has no vector yet: run `digest embed`")
        without = np.append(self._withdrawn(), held.version_id)
        found = self._nearest(index, vector, max(1, min(k, MOST_HITS)), without=without)
        papers = papers_by_version(self._workshop.store, [version_id for version_id, _ in found])
        return Answer([_found(papers[n], score) for n, score in found if n in papers], notes)

    # --- rankings ------------------------------------------------------------------------------------------

    def rankings(self, query: Query, depth: int, filters: Filters) -> tuple[list[int], list[tuple[int, float]]]:
        """Return the versions that answer a query by word, and by meaning with their cosine similarity."""
        index, _ = self._open()
        return self._by_word(query, filters, depth), self._by_meaning(index, query, filters, depth)

    def everything(self) -> list[int]:
        """Return every version that can be found by meaning, ascending."""
        return [int(version_id) for version_id in self._open()[0].ids]

    def _rank(self, index: Index, query: Query, filters: Filters, depth: int) -> list[int]:
        if not query.terms:
            return newest_passing(self._workshop.store, filters, depth)
        words = self._by_word(query, filters, depth)
        near = self._by_meaning(index, query, filters, depth)
        return [version_id for version_id, _ in fuse([words, [version_id for version_id, _ in near]])]

    def _by_word(self, query: Query, filters: Filters, depth: int) -> list[int]:
        if len(self._counts) > _KEPT_COUNTS:
            self._counts.clear()
        return rank_words(self._workshop.store, query.terms, filters, depth, self._counts)

    def _by_meaning(self, index: Index, query: Query, filters: Filters, depth: int) -> list[tuple[int, float]]:
        if not query.text or not index.count:
            return []
        vector = self._encode(query.text)
        if filters.are_narrow:
            return self._nearest(index, vector, depth, among=passing(self._workshop.store, filters))
        return self._nearest(index, vector, depth, without=self._withdrawn())

    def _withdrawn(self) -> npt.NDArray[np.int64]:
        if self._gone is None:
            self._gone = withdrawn_versions(self._workshop.store)
        return self._gone

    def _nearest(
        self,
        index: Index,
        vector: Vector,
        k: int,
        *,
        among: npt.NDArray[np.int64] | None = None,
        without: npt.NDArray[np.int64] | None = None,
    ) -> list[tuple[int, float]]:
        """Ask the index, and hold the first of what it says against the store; a damaged index is built anew."""
        found = index.nearest(vector, k, among=among, without=without)
        stored = vectors_of(self._workshop.store, self._choice.name, [version_id for version_id, _ in found[:10]])
        if all(
            version_id in stored and abs(float(stored[version_id] @ vector) - score) < _AS_IT_WAS_WRITTEN
            for version_id, score in found[:10]
        ):
            return found
        self._index = index_of(self._workshop, is_whole=True)
        return self._index.nearest(vector, k, among=among, without=without)

    def _named(self, query: Query) -> list[int]:
        """Return the versions that the text names, by arXiv id or by title, withdrawn or not."""
        if query.arxiv_id:
            held = papers_by_id(self._workshop.store, [query.arxiv_id])
            return [held[query.arxiv_id].version_id] if query.arxiv_id in held else []
        if len(query.text.split()) < _TITLE_WORDS:
            return []
        return versions_titled(self._workshop.store, query.text)

    # --- what is told --------------------------------------------------------------------------------------

    def _describe(self, version_ids: Sequence[int], query: Query, named: Sequence[int]) -> list[Found]:
        store = self._workshop.store
        held = papers_by_version(store, version_ids)
        matched = matched_words(store, query.terms, version_ids)
        by = "arXiv id" if query.arxiv_id else "title"
        scores: dict[int, float] = {}
        if query.text and not query.arxiv_id:
            stored = vectors_of(store, self._choice.name, version_ids)
            scores = {n: float(stored[n] @ self._encode(query.text)) for n in stored}
        return [
            _found(held[n], scores.get(n), recognised_by=by if n in named else "", matched=matched.get(n, ()))
            for n in version_ids
            if n in held
        ]

    def _vector_of(self, text: str) -> Vector:
        return np.asarray(load_for_queries(self._choice).encode([text])[0], np.float32)

    # --- the indexes ---------------------------------------------------------------------------------------

    def _open(self) -> tuple[Index, list[str]]:
        """Bring both indexes up to the store's last change, where it has changed.

        Raises:
            UsageError: nothing is held.
        """
        store, notes = self._workshop.store, []
        if are_words_behind(store):
            try:
                follow_words(store, lambda done: self._workshop.progress("words", done, 0))
            except StoreError as error:
                notes.append(f"the newest papers are not found by word yet ({error})")
        if self._index is None or self._index.seq != stand(store).seq:
            self._index = index_of(self._workshop)
            self._forget()
        if not self._index.count:
            if not newest_passing(store, Filters(withdrawn=None), 1):
                raise UsageError("no paper is embedded yet: run `digest run --month YYYY-MM`, or `digest demo`")
            notes.append("no paper is embedded yet, so papers are found by word alone: run `digest embed`")
        return self._index, notes

    def _forget(self) -> None:
        """Let go of what was true of the store before its last change."""
        self._counts.clear()
        self._gone = None


def _found(held: Held, score: float | None, *, recognised_by: str = "", matched: tuple[str, ...] = ()) -> Found:
    paper = held.paper
    return Found(
        arxiv_id=paper.arxiv_id,
        title=plain_title(paper.title),
        authors=tuple(map(plain_text, paper.authors)),
        day=str(paper.submitted or paper.month),
        score=score,
        recognised_by=recognised_by,
        matched=matched,
        withdrawn=paper.withdrawn,
    )


def asked_for(text: str, filters: Sequence[tuple[str, str]]) -> Query:
    """Return what a text asks for, narrowed by filters: ("since", "2024"), ("author", "Ashish Vaswani").

    Raises:
        UsageError: the value of one of these filters is not understood.
    """
    given = [f'{name}:"{" ".join(value.replace(chr(34), " ").split())}"' for name, value in filters if value.strip()]
    narrowing = parse_query(" ".join(given))
    if narrowing.notes:
        raise UsageError(narrowing.notes[0])
    return parse_query(f"{' '.join(given)} {text}")


def similar(workshop: Workshop, arxiv_id: str, k: int) -> Answer:
    """Return the papers nearest to one; see `Searcher.similar`."""
    return Searcher(workshop).similar(arxiv_id, k)


def citations(workshop: Workshop, papers: Sequence[Found]) -> str:
    """Return BibTeX entries of papers that were found, in their order."""
    held = papers_by_id(workshop.store, [paper.arxiv_id for paper in papers])
    return "\n".join(bibtex(held[paper.arxiv_id].paper, paper.title) for paper in papers if paper.arxiv_id in held)


def neighbours(index: Index, version_id: int, k: int) -> list[tuple[int, float]]:
    """Return (version id, cosine similarity) of the k versions nearest to one, without itself."""
    vector = index.vector(version_id)
    return [] if vector is None else index.nearest(vector, k, without=np.array([version_id], np.int64))
