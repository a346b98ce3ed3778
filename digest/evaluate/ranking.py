"""Picks of one reader → how well each way of ranking puts a month's picks first, trained on the months before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from zipfile import BadZipFile
from zlib import crc32

import numpy as np
import numpy.typing as npt

from digest.errors import UsageError
from digest.harvest.snapshot import read_snapshot
from digest.harvest.source import Rejected
from digest.paper import Month, Paper
from digest.pipeline.models import encoder_choice, interests, load
from digest.pipeline.weighing import PASSED_OVER
from digest.pipeline.workshop import Workshop
from digest.search.encoder import passage
from digest.search.metrics import auc, ndcg_at_k, recall_at_k
from digest.select.baselines import learn_profile, linear_svm
from digest.select.corpus import Corpus, Embeddings, Scores
from digest.select.picks import Pick, read_picks
from digest.select.taste import Picks, weigh
from digest.store.papers import earlier_versions, papers_by_id, papers_by_version
from digest.store.vectors import vectors_of
from digest.text import plain_title

FIRST = 60  # entries of an issue

Vectors = dict[str, npt.NDArray[np.float32]]  # by arXiv id


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How well one way of ranking did in one month."""

    month: str
    ranking: str
    papers: int
    wanted: int  # papers of the month that the reader picked
    auc: float
    auc_uncut: float | None  # among papers whose abstract no source cut: picks are seldom cut, others often
    recall_at_60: float
    ndcg_at_60: float


@dataclass(frozen=True, slots=True)
class Trial:
    """What a month is tested with."""

    month: Month
    picks: Picks  # of the days before it
    past: Corpus
    papers: Corpus
    wanted: npt.NDArray[np.bool_]
    uncut: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the papers of an evaluation come from."""

    papers: Path | None = None  # JSONL; None: the store
    wanted: Path | None = None  # another list of what should have been found, never learned from; None: the picks
    cache: Path | None = None  # an npz file (`ids`, `vectors`) of vectors; what it lacks is computed and added


def evaluate(workshop: Workshop, picks: Path, months: Sequence[Month], sources: Sources) -> list[Figures]:
    """Rank each month by what was picked before it, in every way, and hold the rankings against its picks.

    Raises:
        UsageError: a file is missing or broken, or a month has no picks or no papers.
    """
    wants = interests(workshop)
    meaning = load(encoder_choice(workshop)).encode(wants) if wants else np.empty((0, 0), np.float32)
    tests = trials(workshop, picks, months, sources)
    return [figure for test in tests for figure in _figures(test, wants, meaning if len(wants) else None)]


def trials(workshop: Workshop, picks: Path, months: Sequence[Month], sources: Sources) -> list[Trial]:
    """Return what each month is tested with.

    Raises:
        UsageError: a file is missing or broken, or a month has no picks or no papers.
    """
    papers, wanted = sources.papers, sources.wanted
    known = _papers_of_file(papers) if papers else _papers_of_store(workshop, max(months))
    chosen = read_picks(picks)
    aims = {pick.arxiv_id for pick in (read_picks(wanted) if wanted else chosen)}
    held_out = aims if wanted else set()
    plans = [_plan(known, chosen, aims, held_out, month) for month in months]
    needed = {one.arxiv_id: one for plan in plans for one in (*plan.picks, *plan.past, *plan.papers)}
    vectors = _vectors(workshop, list(needed.values()), sources.cache)
    return [_test(plan, vectors) for plan in plans]


@dataclass(frozen=True, slots=True)
class _Plan:
    month: Month
    days: Mapping[str, Pick]
    picks: Sequence[Paper]
    past: Sequence[Paper]
    papers: Sequence[Paper]
    aims: set[str]


def _plan(
    known: Mapping[str, Paper], chosen: Sequence[Pick], aims: set[str], held_out: set[str], month: Month
) -> _Plan:
    """Part the papers: picked before the month, passed over before it, and of the month."""
    days = {one.arxiv_id: one for one in chosen if one.picked and one.picked < month.first_day}
    picked_ever = {one.arxiv_id for one in chosen}
    before = [one for one in known.values() if one.month < month and one.arxiv_id not in picked_ever | held_out]
    pool = [one for one in known.values() if one.month == month]
    if not aims.intersection(one.arxiv_id for one in pool) or len(pool) < 2:  # noqa: PLR2004  something to rank
        raise UsageError(f"{month} has {len(pool)} papers and no pick among them: name another month or other papers")
    picks = [known[key] for key in days if key in known and key not in held_out]
    if not picks:
        raise UsageError(
            f"nothing is known to be picked before {month}: picks need `picked`, and papers that hold them"
        )
    past = sorted(before, key=lambda one: crc32(one.arxiv_id.encode()))[:PASSED_OVER]
    return _Plan(month, days, picks, past, pool, aims)


def _test(plan: _Plan, vectors: Vectors) -> Trial:
    picks, past, papers = (_corpus(part, vectors) for part in (plan.picks, plan.past, plan.papers))
    ages = [float((plan.month.first_day - (plan.days[key].picked or plan.month.first_day)).days) for key in picks.ids]
    weights = [plan.days[key].weight for key in picks.ids]
    wanted = np.array([one.arxiv_id in plan.aims for one in plan.papers], bool)
    uncut = np.array([not one.abstract_truncated for one in plan.papers], bool)
    return Trial(plan.month, Picks(picks, ages, weights), past, papers, wanted, uncut)


def _figures(test: Trial, wants: Sequence[str], meaning: Embeddings | None) -> Iterator[Figures]:
    none = test.papers.vectors[:0]
    ours = partial(weigh, test.picks, test.past)
    nameless = replace(test.papers, authors=((),) * len(test.papers))
    yield _figure(test, "ours", ours(test.papers, (), none).scores)
    yield _figure(test, "ours, without authors", ours(nameless, (), none).scores)
    if meaning is not None:
        yield _figure(test, "ours, with interests", ours(test.papers, wants, meaning).scores)
        yield _figure(test, "ours, with interests, without authors", ours(nameless, wants, meaning).scores)
    profile = learn_profile(test.picks.papers.vectors, test.picks.ages_days, test.papers.vectors)
    yield _figure(test, "ridge on embeddings", profile.score(test.papers.vectors))
    yield _figure(test, "linear SVM on tf-idf", linear_svm(test.picks.papers, test.past, test.papers))
    chance = np.array([crc32(f"{test.month} {one}".encode()) for one in test.papers.ids], np.float64)
    yield _figure(test, "random", chance)


def _figure(test: Trial, ranking: str, scores: Scores) -> Figures:
    order = [test.papers.ids[row] for row in np.lexsort((np.arange(len(scores)), -scores))]
    wanted = [one for one, is_wanted in zip(test.papers.ids, test.wanted, strict=True) if is_wanted]
    uncut = test.uncut
    mixed = (uncut & test.wanted).any() and (uncut & ~test.wanted).any()
    return Figures(
        month=str(test.month),
        ranking=ranking,
        papers=len(scores),
        wanted=len(wanted),
        auc=auc(scores, test.wanted),
        auc_uncut=auc(scores[uncut], test.wanted[uncut]) if mixed else None,
        recall_at_60=recall_at_k(order, wanted, FIRST),
        ndcg_at_60=ndcg_at_k(order, wanted, FIRST),
    )


# --- papers and vectors --------------------------------------------------------------------------------------


def _papers_of_file(file: Path) -> dict[str, Paper]:
    return {one.arxiv_id: one for one in read_snapshot(file) if not isinstance(one, Rejected) and one.abstract}


def _papers_of_store(workshop: Workshop, last: Month) -> dict[str, Paper]:
    versions = [version_id for version_id, _ in earlier_versions(workshop.store, last.next())]
    return {one.paper.arxiv_id: one.paper for one in papers_by_version(workshop.store, versions).values()}


def _corpus(papers: Sequence[Paper], vectors: Vectors) -> Corpus:
    return Corpus(
        tuple(one.arxiv_id for one in papers),
        tuple(plain_title(one.title) for one in papers),
        tuple(one.abstract for one in papers),
        tuple(one.authors for one in papers),
        np.stack([vectors[one.arxiv_id] for one in papers]) if papers else np.empty((0, 0), np.float32),
    )


def _vectors(workshop: Workshop, papers: Sequence[Paper], cache: Path | None) -> Vectors:
    """Return a vector for each paper: the cache's, the store's where the text is the same, or one computed now."""
    found = _read_cache(cache) if cache else {}
    missing = [one for one in papers if one.arxiv_id not in found]
    found |= _stored(workshop, missing)
    missing = [one for one in missing if one.arxiv_id not in found]
    if missing:
        told = partial(workshop.progress, "embed")
        rows = load(encoder_choice(workshop)).encode(
            [passage(one.title, one.abstract) for one in missing], on_batch=lambda done: told(done, len(missing))
        )
        found |= {one.arxiv_id: row for one, row in zip(missing, rows, strict=True)}
        if cache:
            _write_cache(cache, found)
    return found


def _stored(workshop: Workshop, papers: Iterable[Paper]) -> Vectors:
    same = {one.arxiv_id: one.content_hash for one in papers}
    if not same:
        return {}
    of_store = papers_by_id(workshop.store, same)
    held = [one for key, one in of_store.items() if one.paper.content_hash == same[key]]
    vectors = vectors_of(workshop.store, encoder_choice(workshop).name, (one.version_id for one in held))
    return {one.paper.arxiv_id: vectors[one.version_id] for one in held if one.version_id in vectors}


def _read_cache(file: Path) -> Vectors:
    if not file.exists():
        return {}
    try:
        with file.open("rb") as content, np.load(content) as held:  # of what is broken, NumPy would leave it open
            ids, rows = held["ids"], held["vectors"]
            return {str(one): row for one, row in zip(ids, rows.astype(np.float32), strict=True)}
    except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
        raise UsageError(f"{file} is no file of vectors ({error}): delete it, it will be written anew") from error


def _write_cache(file: Path, vectors: Vectors) -> None:
    ids = sorted(vectors)
    beside = file.with_name(f"{file.name}.new.npz")
    np.savez(beside, ids=np.array(ids), vectors=np.stack([vectors[one] for one in ids]))
    beside.replace(file)
