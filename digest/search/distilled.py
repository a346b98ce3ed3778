"""An encoder distilled into one vector a word: close enough to search by meaning where no model can run."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from digest.errors import ModelError
from digest.text import plain_words


@dataclass(frozen=True, slots=True)
class Distilled:
    """A vector for each of some thousand words, in the directions in which an encoder's vectors differ most.

    The sum of a query's word vectors points where the encoder's vector of the query would, roughly: the words' vectors
    are what a ridge regression of the encoder's vectors on bags of words gives (the idea of static embeddings as in
    github.com/MinishLab/model2vec, learned as in `benchmarks/distil.py`).
    """

    encoder: str  # the encoder it stands for, by the name its vectors go by
    words: tuple[str, ...]
    rows: npt.NDArray[np.int8]  # shape (words, dims); a word's vector is its row times its scale
    scales: npt.NDArray[np.float32]  # shape (words,)
    projection: npt.NDArray[np.float32]  # shape (encoder's dims, dims)

    @property
    def dims(self) -> int:
        """How many numbers a vector has."""
        return int(self.rows.shape[1])

    def encode(self, text: str) -> npt.NDArray[np.float32]:
        """Return the direction of a text, shape (dims,), of length 1; all zeros where no word is known.

        What site/static/search.js does in the browser, for tests and measurements.
        """
        known = dict(zip(self.words, range(len(self.words)), strict=True))
        chosen = [known[word] for word in dict.fromkeys(plain_words(text)) if word in known]
        whole = (self.rows[chosen].astype(np.float32) * self.scales[chosen, None]).sum(axis=0)
        return np.asarray(whole / max(float(np.linalg.norm(whole)), 1e-9), np.float32)


def load_distilled(file: Path) -> Distilled:
    """Read a table of words.

    Raises:
        ModelError: it is missing or is none.
    """
    try:
        with np.load(file, allow_pickle=False) as kept:
            words = tuple(kept["words"].tobytes().decode().split("\n"))
            table = Distilled(
                str(kept["encoder"]), words, kept["rows"], kept["scales"], kept["projection"].astype(np.float32)
            )
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{file} is not a table of words: {error}; install digest anew") from error
    if len(table.rows) != len(words) or len(table.scales) != len(words):
        raise ModelError(f"{file} is not a table of words: its parts do not fit; install digest anew")
    return table
