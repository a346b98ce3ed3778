"""Papers as the ranking reads them: parallel columns, one row a paper (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Embeddings = npt.NDArray[np.float32]  # shape (papers, dim), rows of length 1
Scores = npt.NDArray[np.float64]  # shape (papers,)


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """Papers in one order; `authors` is () where they are not known."""

    ids: tuple[str, ...]
    titles: tuple[str, ...]
    abstracts: tuple[str, ...]
    authors: tuple[tuple[str, ...], ...]
    vectors: Embeddings

    def __len__(self) -> int:
        """Count the papers."""
        return len(self.ids)

    def take(self, rows: Sequence[int] | npt.NDArray[np.intp]) -> Self:
        """Return these rows, in this order."""
        chosen = [int(row) for row in rows]
        return type(self)(
            tuple(self.ids[row] for row in chosen),
            tuple(self.titles[row] for row in chosen),
            tuple(self.abstracts[row] for row in chosen),
            tuple(self.authors[row] for row in chosen),
            self.vectors[chosen] if chosen else self.vectors[:0],
        )


def standardise(values: Scores) -> Scores:
    """Return the values with mean 0 and deviation 1; all 0 where they are all alike."""
    spread = float(values.std()) if len(values) else 0.0
    return (values - values.mean()) / spread if spread > 1e-9 else np.zeros(len(values))  # noqa: PLR2004
