"""A person's picks → a profile that scores papers by how much they look like picks (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Embeddings = npt.NDArray[np.float32]  # shape (papers, dim), rows of length 1
Scores = npt.NDArray[np.float64]  # shape (papers,)

_HALF_LIFE_DAYS = 240  # a pick of eight months ago counts half: taste drifts
_PENALTY = 10.0  # of large weights; 1 to 100 give the same ranking within 0.02 AUC (docs/models.md)


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
