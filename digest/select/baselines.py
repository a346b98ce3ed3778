"""Simpler rankings that ours is measured against: ridge regression, and arxiv-sanity-lite's linear SVM (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from digest.select.corpus import Corpus, Embeddings, Scores

_HALF_LIFE_DAYS = 240  # a pick of eight months ago counts half: taste drifts
_FEW = 500  # papers, below which no word is too rare
_PENALTY = 10.0  # of large weights; 1 to 100 give the same ranking within 0.02 AUC


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A direction in the space of embeddings: further along it, papers look more like picks."""

    weights: npt.NDArray[np.float64]  # shape (dim,)
    offset: float

    def score(self, papers: Embeddings) -> Scores:
        """Return a score for each paper: about 1 for what looks like a pick, about -1 for what does not."""
        return np.asarray(papers @ self.weights + self.offset, np.float64)


def learn_profile(picks: Embeddings, ages_days: Sequence[float], background: Embeddings) -> Profile:
    """Learn what tells picks from a background of papers nobody chose, by weighted ridge regression.

    Hoerl & Kennard (1970), "Ridge Regression: Biased Estimation for Nonorthogonal Problems". The month's own papers
    serve as background: most are not to be chosen, and they put the month's common themes at zero. Picks weigh less
    with age, and as much in all as the background.

    Raises:
        ValueError: there are no picks or no background.
    """
    if not len(picks) or not len(background):
        raise ValueError("a profile needs picks and a background")
    recency = np.power(0.5, np.clip(np.asarray(ages_days, np.float64), 0, None) / _HALF_LIFE_DAYS)
    weights = np.concatenate([recency * len(background) / recency.sum(), np.ones(len(background))])
    wanted = np.concatenate([np.ones(len(picks)), -np.ones(len(background))])
    rows = np.vstack([picks, background]).astype(np.float64)
    rows = np.hstack([rows, np.ones((len(rows), 1))])
    gram = rows.T @ (rows * weights[:, None]) + _PENALTY * np.eye(rows.shape[1])
    solution = np.linalg.solve(gram, rows.T @ (weights * wanted))
    return Profile(solution[:-1], float(solution[-1]))


def linear_svm(picks: Corpus, others: Corpus, month: Corpus) -> Scores:
    """Score papers as arxiv-sanity-lite does: a linear SVM on tf-idf of words and pairs of words.

    With the options of its compute.py and serve.py at commit d7a303b, but for the rare words of a small corpus.
    """
    texts = [[f"{t} {a}" for t, a in zip(one.titles, one.abstracts, strict=True)] for one in (picks, others, month)]
    few = len(picks) + len(others) + len(month) < _FEW
    vectoriser = TfidfVectorizer(
        strip_accents="unicode",
        stop_words="english",
        token_pattern=r"(?u)\b[a-zA-Z_][a-zA-Z0-9_]+\b",  # noqa: S106  no password
        ngram_range=(1, 2),
        max_features=20_000,
        sublinear_tf=True,
        max_df=1.0 if few else 0.1,
        min_df=1 if few else 5,
    ).fit([text for part in texts for text in part])
    labels = np.concatenate([np.ones(len(picks)), np.zeros(len(others))])
    model = LinearSVC(class_weight="balanced", C=0.01, max_iter=10_000, tol=1e-6, random_state=0)
    model.fit(vectoriser.transform(texts[0] + texts[1]), labels)
    return np.asarray(model.decision_function(vectoriser.transform(texts[2])), np.float64)
