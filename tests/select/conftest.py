"""Small corpora: themes are directions of embeddings, and words."""

import numpy as np

from digest.select.corpus import Corpus

THEMES = ("mixture of experts routing", "protein folding dynamics", "traffic forecasting graphs", "soil moisture maps")


def papers(theme: int, count: int, seed: int, *, author: str = "", month: str = "2404") -> Corpus:
    """Return papers about a theme, each a little different."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(scale=0.12, size=(count, 6)).astype(np.float32)
    matrix[:, theme] += 1
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    return Corpus(
        tuple(f"{month}.{seed:02d}{n:03d}" for n in range(count)),
        tuple(f"On {THEMES[theme]}, part {n}" for n in range(count)),
        tuple(f"We study {THEMES[theme]} with care in setting {rng.integers(99)}." for _ in range(count)),
        ((author,) if author else (),) * count,
        matrix,
    )


def together(*corpora: Corpus) -> Corpus:
    """Return the papers of all, in order."""
    return Corpus(
        tuple(one for corpus in corpora for one in corpus.ids),
        tuple(one for corpus in corpora for one in corpus.titles),
        tuple(one for corpus in corpora for one in corpus.abstracts),
        tuple(one for corpus in corpora for one in corpus.authors),
        np.vstack([corpus.vectors for corpus in corpora]),
    )
