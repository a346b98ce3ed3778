"""Many rows → eight-bit copies in memory: the nearest rows are found among these, quicker and no less surely.

A copy differs from its row by a vector of a known length at most, and the query's from the query; a product then
differs by no more than these lengths allow (Cauchy and Schwarz). What is left out after the first look is proven not to
be among the nearest where even that much more would leave it below the k-th product that was found.
"""

import math

import numpy as np
import numpy.typing as npt

from digest.search.rows import Embeddings

_LOOKED_AT = 4  # candidates for each hit asked for, whose rows are then looked at
_STEPS = 127
_BLOCK = 8_192  # rows that are copied at once
_ROUNDING = 1e-5  # of adding up a product of 32-bit numbers


class Copies:
    """Rows of unit vectors, each component rounded to one of 255 steps."""

    def __init__(self, matrix: Embeddings) -> None:
        import faiss  # noqa: PLC0415  a sixth of a second

        self._matrix = matrix
        blocks = [matrix[start : start + _BLOCK] for start in range(0, len(matrix), _BLOCK)]
        largest = max(float(np.abs(block).max()) for block in blocks)
        self._index = faiss.IndexScalarQuantizer(
            matrix.shape[1], faiss.ScalarQuantizer.QT_8bit_direct_signed, faiss.METRIC_INNER_PRODUCT
        )
        self._error = 0.0  # the length of the longest difference between a row and its copy
        for block in blocks:
            rounded, self._scale = _rounded(block, largest)
            self._index.add(rounded)
            lengths = np.linalg.norm(block - rounded / np.float32(self._scale), axis=1)
            self._error = max(self._error, float(lengths.max()))

    def nearest(
        self, vector: npt.NDArray[np.float32], k: int, passing: npt.NDArray[np.bool_]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Return rows among which are the k nearest of those that pass, and their products, both shape (rows,)."""
        import faiss  # noqa: PLC0415  as above

        parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(np.packbits(passing, bitorder="little")))
        query, scale = _rounded(vector)  # FAISS would cut the fractions off
        slack = self._slack(vector, query / scale)
        count = int(np.count_nonzero(passing))
        wanted = k
        while True:
            wanted = min(wanted * _LOOKED_AT, count)
            rough, found = self._index.search(query[None], wanted, params=parameters)
            rows = found[0][found[0] >= 0]
            if len(rows) < wanted:  # damaged rows are near nothing: look at every one
                wanted, rows = count, np.flatnonzero(passing)
            scores = np.asarray(self._matrix[rows] @ vector, np.float32)
            # No row that was left out has a larger product than the last copy's and the slack.
            last = float(rough[0][-1]) / (self._scale * scale)
            if wanted == count or last + slack < np.partition(scores, -k)[-k]:
                return rows, scores

    def _slack(self, vector: npt.NDArray[np.float32], copied: npt.NDArray[np.float32]) -> float:
        of_query = float(np.linalg.norm(vector - copied))
        return self._error * float(np.linalg.norm(vector)) + of_query * (1 + self._error) + _ROUNDING


def _rounded(values: npt.NDArray[np.float32], largest: float = 0.0) -> tuple[npt.NDArray[np.float32], float]:
    """Return whole numbers from -127 to 127, and what the values were multiplied by."""
    largest = largest or float(np.abs(values).max())
    scale = _STEPS / largest if 0 < largest < math.inf else 1.0  # damaged rows may hold anything
    return np.asarray(np.rint(values * np.float32(scale)), np.float32), scale
