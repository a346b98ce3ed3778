"""A corpus with questions whose answers are known → how well words, vectors and both together find them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from digest.errors import UsageError
from digest.harvest.snapshot import read_snapshot
from digest.paper import Paper
from digest.pipeline import gathering
from digest.pipeline.lookup import Searcher
from digest.pipeline.workshop import Workshop, open_workshop
from digest.search.beir import Document, Question, read_corpus, read_questions
from digest.search.fuse import fuse
from digest.search.metrics import graded_ndcg_at_k, recall_at_k, reciprocal_rank
from digest.search.query import parse_query
from digest.store.filters import Filters
from digest.store.papers import papers_by_version, save_papers

_DEPTH = 100
_FIRST = 10
_MOST_DOCUMENTS = 10_000_000
_IN_A_MONTH = 1_000_000  # what an arXiv id of today's kind has numbers for


@dataclass(frozen=True, slots=True)
class SearchScore:
    """How one way of searching did, on average over the questions."""

    ranking: str
    questions: int
    ndcg_at_10: float
    recall_at_100: float
    reciprocal_rank: float


def score_corpus(workshop: Workshop, folder: Path, split: str, kept: Path | None) -> list[SearchScore]:
    """Search a corpus in BEIR's layout with its own questions.

    Raises:
        UsageError: a file of the folder is missing or is not as it must be.
    """
    documents = list(islice(read_corpus(folder), _MOST_DOCUMENTS))
    return _score(workshop, documents, read_questions(folder, split), kept)


def score_titles(workshop: Workshop, file: Path, count: int, kept: Path | None) -> list[SearchScore]:
    """Search the abstracts of papers, without their titles, by their titles: each should find its own.

    Raises:
        UsageError: the file is missing or holds no papers.
    """
    papers = list(islice((one for one in read_snapshot(file) if isinstance(one, Paper) and one.abstract), count))
    documents = [Document(paper.arxiv_id, "", paper.abstract) for paper in papers]
    return _score(workshop, documents, [Question(paper.title, {paper.arxiv_id: 1}) for paper in papers], kept)


def _score(
    workshop: Workshop, documents: Sequence[Document], questions: Sequence[Question], kept: Path | None
) -> list[SearchScore]:
    if not documents or not questions:
        raise UsageError("there is nothing to measure: no documents, or no question that one of them answers")
    names = {_as_arxiv_id(place): document.id for place, document in enumerate(documents)}
    sums: dict[str, list[tuple[float, float, float]]] = {"words": [], "vectors": [], "both": []}
    with _archive_of(workshop, documents, kept) as archive:
        searcher = Searcher(archive)
        held = {n: names[h.paper.arxiv_id] for n, h in papers_by_version(archive.store, searcher.everything()).items()}
        for place, question in enumerate(questions, 1):
            words, near = searcher.rankings(parse_query(question.text.replace('"', " ")), _DEPTH, Filters())
            found = {"words": words, "vectors": [n for n, _ in near]}
            found["both"] = [n for n, _ in fuse([found["words"], found["vectors"]])]
            for name, ranking in found.items():
                sums[name].append(_figures([held[n] for n in ranking], question))
            workshop.progress("search", place, len(questions))
    return [
        SearchScore(name, len(each), *(sum(values) / len(each) for values in zip(*each, strict=True)))
        for name, each in sums.items()
    ]


def _figures(ranking: Sequence[str], question: Question) -> tuple[float, float, float]:
    return (
        graded_ndcg_at_k(ranking, question.gains, _FIRST),
        recall_at_k(ranking, question.gains, _DEPTH),
        reciprocal_rank(ranking, question.gains),
    )


def _as_arxiv_id(place: int) -> str:
    """Return a stand-in, for the store holds papers: a number in a month of 2001, which had ids of another kind."""
    return f"01{1 + place // _IN_A_MONTH:02d}.{place % _IN_A_MONTH:06d}"


@contextmanager
def _archive_of(workshop: Workshop, documents: Sequence[Document], kept: Path | None) -> Iterator[Workshop]:
    """Store, embed and index the documents as papers are, in a folder that is kept or a passing one."""
    with nullcontext(str(kept)) if kept else TemporaryDirectory() as folder:
        settings = workshop.settings.model_copy(
            update={"store": Path(folder).resolve() / "digest.db", "index": Path(folder).resolve() / "index"}
        )
        with open_workshop(settings, workshop.clock, workshop.progress, alone=True) as archive:
            save_papers(
                archive.store,
                (
                    Paper(arxiv_id=_as_arxiv_id(place), title=document.title, abstract=document.text)
                    for place, document in enumerate(documents)
                ),
            )
            gathering.embed(archive)
            yield archive
