"""Picks, interests and the month's papers → a score for each paper, and what moved it (pure)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
from sklearn.linear_model import LogisticRegression

from digest.select.corpus import Corpus, Embeddings, Scores, standardise
from digest.select.phrases import Phrases

_HALF_LIFE_DAYS = 480  # a pick of sixteen months ago counts half; 120 to 5,000 ranked alike
_FOLDS = 2  # of the month: a paper is never scored by a model that took it for one not chosen
_CLOSENESS = 0.3  # weights of the parts beside the learned one, whose deviation is 1
_INTERESTS = 0.5
_AUTHORS = 0.5
_INVERSE_PENALTY = 3.0
_NEIGHBOURS = 5
_NAMED = 2  # phrases in a reason
_PAIR = 3.0
# Words that say how much, and not of what; and those that a pair is cut off at: "aligning large (language models)".
_HOLLOW = frozenset(
    "analysis better faster improves large length long model models parameter parameters scale simple space thoughts "
    "trained training".split()
)
_CUT_OFF = frozenset({"large", "language", "long"})
_STEM = 4  # letters: scale, scaling
_OFTEN = 2  # picks whose titles have a phrase that is named
_OFTEN_ALONE = 0.006  # of the picks' titles, where it is a single word: "choice" and "early" tell little
_COMMON = 0.05  # of the month's texts: a phrase in more of them tells nothing of one
_MORE = 2.0  # times as often in picks' texts as in the month's
_A_FEW = 20  # texts: in a small month none is too many
_ONE_TIME = 1_024  # rows of a matrix of similarities held at once
_MOST_OF_AN_AUTHOR = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Picks:
    """What a person chose, how long ago, and what of it counts for more."""

    papers: Corpus
    ages_days: Sequence[float]
    weights: Sequence[float] = ()  # how many picks each counts for; (): one

    def worth(self) -> Scores:
        """Return what each counts for today: its weight, half of it after `_HALF_LIFE_DAYS`."""
        ages = np.clip(np.asarray(self.ages_days, np.float64), 0, None)
        return np.power(0.5, ages / _HALF_LIFE_DAYS) * (np.asarray(self.weights, np.float64) if self.weights else 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One thing that moves scores."""

    scores: Scores  # as added to the whole
    names: tuple[tuple[str, ...], ...] = ()  # for each paper: the phrases, interest or authors that moved it


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """A score for each of the month's papers, the month's mean near 0, and its parts."""

    scores: Scores
    phrases: Part
    meaning: Part
    closeness: Part
    interests: Part
    authors: Part


def weigh(picks: Picks, past: Corpus, month: Corpus, interests: Sequence[str], wanted: Embeddings) -> Ranking:
    """Score the month's papers by what the picks and the interests have in common.

    Args:
        picks: papers chosen before; may be empty.
        past: papers of earlier months that nobody chose.
        month: the papers to score; unlabelled, they serve as papers not chosen as well (positive-unlabelled
            learning, Elkan & Noto 2008), each half for the other, so that none counts against itself.
        interests: in plain words.
        wanted: their embeddings, shape (interests, dim).
    """
    none = Part(np.zeros(len(month)), tuple(() for _ in month.ids))
    phrases = meaning = closeness = authors = none
    if len(picks.papers) and len(month):
        phrases, meaning = _learned(picks, past, month)
        closeness = Part(_CLOSENESS * _closeness(picks.papers.vectors, month.vectors))
        authors = _authors(picks.papers, past, month)
    elif not len(wanted) and len(month):
        closeness = Part(standardise(np.asarray(month.vectors @ month.vectors.mean(axis=0), np.float64)))
    meets = _interests(month.vectors, interests, wanted) if len(wanted) and len(month) else none
    parts = (phrases, meaning, closeness, meets, authors)
    return Ranking(np.sum([part.scores for part in parts], axis=0), *parts)


def _learned(picks: Picks, past: Corpus, month: Corpus) -> tuple[Part, Part]:
    """Tell picks from other papers by logistic regression on phrases and embeddings together; one part for each."""
    phrases = Phrases([picks.papers, past, month])
    chosen, passed, open_ = (_features(phrases, corpus) for corpus in (picks.papers, past, month))
    telling = _telling(phrases, picks.papers, chosen, open_)
    fold = np.array([crc32(arxiv_id.encode()) % _FOLDS for arxiv_id in month.ids])
    by_phrase, by_meaning = np.zeros(len(month)), np.zeros(len(month))
    names: list[tuple[str, ...]] = [()] * len(month)
    words = len(phrases.names)
    for number in range(_FOLDS):
        here, others = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        if not len(others) and not len(past):
            others = here  # a month of one paper
        model = _fit(chosen, picks.worth(), sparse.vstack([passed, open_[others]], format="csr"))
        by_phrase[here] = open_[here][:, :words] @ model[:words]
        by_meaning[here] = month.vectors[here] @ model[words:]
        for row in here:
            names[row] = _strongest(open_[row], model, phrases.names, telling)
    spread = float((by_phrase + by_meaning).std()) or 1.0
    parts = [(values - values.mean()) / spread for values in (by_phrase, by_meaning)]
    return Part(parts[0], tuple(names)), Part(parts[1])


def _telling(phrases: Phrases, picks: Corpus, chosen: Any, month: Any) -> frozenset[str]:  # noqa: ANN401
    """Return the phrases worth naming in a reason, by the rows of the picks and of the month.

    They are in several picks' titles, in twice as large a share of the picks' texts as of the month's, in few of the
    month's at all, and no filler.
    """
    said = Counter(phrase for title in picks.titles for phrase in phrases.of_title(title))
    ours, theirs = phrases.counts(chosen), phrases.counts(month)
    most = max(_A_FEW, _COMMON * month.shape[0])
    return frozenset(
        phrase
        for phrase, count in said.items()
        if count >= (_OFTEN if " " in phrase else max(_OFTEN, _OFTEN_ALONE * len(picks)))
        and theirs[phrase] <= most
        and ours[phrase] / chosen.shape[0] >= _MORE * theirs[phrase] / month.shape[0]
        and not ENGLISH_STOP_WORDS.intersection(phrase.split())
        and not _HOLLOW.issuperset(phrase.split())
        and phrase.split()[-1] not in _CUT_OFF
    )


def _features(phrases: Phrases, corpus: Corpus) -> Any:  # noqa: ANN401  scipy's sparse matrices carry no types
    return sparse.hstack([phrases.rows(corpus), sparse.csr_matrix(corpus.vectors.astype(np.float64))], format="csr")


def _fit(chosen: Any, worth: Scores, others: Any) -> Scores:  # noqa: ANN401
    """Return the weights of the features; the picks weigh as much in all as the other papers."""
    count = chosen.shape[0] + others.shape[0]
    weights = np.concatenate([worth * count / 2 / worth.sum(), np.full(others.shape[0], count / 2 / others.shape[0])])
    labels = np.concatenate([np.ones(chosen.shape[0]), np.zeros(others.shape[0])])
    model = LogisticRegression(C=_INVERSE_PENALTY, solver="liblinear")
    model.fit(sparse.vstack([chosen, others], format="csr"), labels, sample_weight=weights)
    return np.asarray(model.coef_[0], np.float64)


def _strongest(
    row: Any,  # noqa: ANN401
    model: Scores,
    names: Sequence[str],
    telling: frozenset[str],
) -> tuple[str, ...]:
    """Return the two telling phrases of a paper that spoke most for it, none within another or of its stem.

    A pair of words counts more than its share: "long context" says what "long" does not.
    """
    worth = [
        (value * model[column] * (_PAIR if " " in names[column] else 1), names[column])
        for value, column in _words(row, len(names))
    ]
    found: list[str] = []
    for gain, name in sorted(worth, reverse=True):
        if gain <= 0 or len(found) == _NAMED:
            break
        if name in telling and not any(
            name in other or other in name or name[:_STEM] == other[:_STEM] for other in found
        ):
            found.append(name)
    return tuple(found)


def _words(row: Any, count: int) -> list[tuple[float, int]]:  # noqa: ANN401
    return [(float(value), int(column)) for value, column in zip(row.data, row.indices, strict=True) if column < count]


def _nearest(rows: Embeddings, others: Embeddings, k: int, *, skip: int = 0) -> Scores:
    """Return the mean cosine similarity of each row to its k nearest others, after the `skip` nearest."""
    k = min(k, len(others) - skip)
    if k < 1 or not len(rows):
        return np.zeros(len(rows))
    means = [
        np.sort(rows[start : start + _ONE_TIME] @ others.T, axis=1)[:, len(others) - skip - k : len(others) - skip]
        for start in range(0, len(rows), _ONE_TIME)
    ]
    return np.asarray(np.concatenate(means).mean(axis=1, dtype=np.float64), np.float64)


def _closeness(picks: Embeddings, month: Embeddings) -> Scores:
    """Return how much nearer papers are to picks than to one another: a crowded theme is near to everything."""
    return standardise(_nearest(month, picks, _NEIGHBOURS) - _nearest(month, month, 2 * _NEIGHBOURS, skip=1))


def _interests(month: Embeddings, interests: Sequence[str], wanted: Embeddings) -> Part:
    """Return how well each paper meets the interest it meets best, next to how the month meets it."""
    similar = np.asarray(month @ wanted.T, np.float64)
    meets = np.column_stack([standardise(column) for column in similar.T])
    best = meets.argmax(axis=1)
    scores = _INTERESTS * standardise(meets.max(axis=1))
    return Part(scores, tuple((interests[column],) for column in best))


def _author_key(name: str) -> str:
    """Return a name so that its parts' order, capitals and full stops do not matter."""
    return " ".join(sorted(name.casefold().replace(".", " ").replace(",", " ").split()))


def _authors(picks: Corpus, past: Corpus, month: Corpus) -> Part:
    """Return how much oftener a paper's best author was picked than passed over.

    A paper without known authors gets the mean of those with: not to know is neither good nor bad.
    """
    picked, passed = (
        Counter(_author_key(name) for names in corpus.authors for name in set(names)) for corpus in (picks, past)
    )

    def worth(name: str) -> float:
        key = _author_key(name)
        return min(_MOST_OF_AN_AUTHOR, float(np.log((1 + 2 * picked[key]) / (1 + passed[key] / 2))))

    best = [max(names, key=worth, default="") for names in month.authors]
    known = np.array([bool(names) for names in month.authors], bool)
    scores = np.array([max(0.0, worth(name)) if name else 0.0 for name in best])
    if known.any():
        scores[~known] = scores[known].mean()
        scores -= scores.mean()
    return Part(_AUTHORS * scores, tuple((name,) if name and worth(name) > 0 else () for name in best))


def novelty(month: Embeddings, archive: Embeddings) -> Scores:
    """Return how far (0..1) each paper is from the nearest of the archive: 1 less the cosine similarity."""
    if not len(archive):
        return np.ones(len(month))
    return np.clip(1 - _nearest(month, archive, 1), 0, 1)
