"""Titles and abstracts → counted words and pairs of words (pure)."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from digest.select.corpus import Corpus

# Some collections cut abstracts at 1,000 characters: reading as much of each keeps the cut from telling picks apart.
_READ = 850
_TITLE_WEIGHT = 0.5  # of the abstract's; 1 ranks alike
_SMALL = 500  # papers: below it, every word counts
_WORD = r"(?u)\b[a-zA-Z_][\w-]+\b"
_ANCHOR = "arxiv"  # so that no vocabulary is empty


class Phrases:
    """The vocabulary of some papers, weighted by tf-idf (Salton & Buckley, 1988)."""

    def __init__(self, corpora: Sequence[Corpus]) -> None:
        titles = [_title(title) for corpus in corpora for title in corpus.titles]
        abstracts = [text[:_READ] for corpus in corpora for text in corpus.abstracts]
        many = len(titles) >= _SMALL
        self._titles = _vectoriser(min_df=2 if many else 1).fit([*titles, _ANCHOR])
        self._abstracts = _vectoriser(
            min_df=3 if many else 1, max_df=0.5 if many else 1.0, max_features=40_000, stop_words="english"
        ).fit([*abstracts, _ANCHOR])
        self.names: list[str] = [*self._titles.get_feature_names_out(), *self._abstracts.get_feature_names_out()]

    def rows(self, corpus: Corpus) -> Any:  # noqa: ANN401  scipy's sparse matrices carry no types
        """Return one sparse row for each paper, in the order of `names`."""
        titles = self._titles.transform([*map(_title, corpus.titles), _ANCHOR])  # scikit-learn refuses no rows
        abstracts = self._abstracts.transform([*(text[:_READ] for text in corpus.abstracts), _ANCHOR])
        return sparse.hstack([_TITLE_WEIGHT * titles, abstracts], format="csr", dtype=np.float64)[:-1]

    def counts(self, rows: Any) -> Counter[str]:  # noqa: ANN401
        """Count the rows that have each phrase: in the title or, if more, in the abstract."""
        counts = Counter[str]()
        for name, count in zip(self.names, rows[:, : len(self.names)].getnnz(axis=0), strict=True):
            counts[name] = max(counts[name], int(count))
        return counts

    def of_title(self, title: str) -> set[str]:
        """Return the words and pairs of words of a title."""
        return set(self._titles.build_analyzer()(_title(title)))


def _title(title: str) -> str:
    return title.strip('.*" ')  # some collections end titles with a full stop


def _vectoriser(**options: Any) -> Any:  # noqa: ANN401  scikit-learn carries no types
    return TfidfVectorizer(
        strip_accents="unicode", ngram_range=(1, 2), sublinear_tf=True, token_pattern=_WORD, **options
    )
