"""A question → papers that are held, nearest first."""

from digest.errors import UsageError
from digest.paper import Hit, split_arxiv_id
from digest.pipeline.models import encoder_choice, index_of, load
from digest.pipeline.workshop import Workshop
from digest.search.index import Index
from digest.store.papers import papers_by_id, papers_by_version
from digest.text import plain_title

_MOST_HITS = 1_000
_SPARE = 20  # hits more than asked for: withdrawn papers among them are left out


def search(workshop: Workshop, text: str, k: int) -> list[Hit]:
    """Return the k papers whose title and abstract are nearest in meaning to a text.

    Raises:
        UsageError: the text is empty, or nothing is embedded yet.
    """
    if not text.strip():
        raise UsageError('there is nothing to search for: write it like digest search "mixture of experts"')
    index = _filled_index(workshop)
    query = load(encoder_choice(workshop)).encode([text])[0]
    return _hits(workshop, index.nearest(query, min(k, _MOST_HITS) + _SPARE), k)


def similar(workshop: Workshop, arxiv_id: str, k: int) -> list[Hit]:
    """Return the k papers nearest to one that is held, without itself.

    Raises:
        UsageError: it is no arXiv id, or the paper is not held or not embedded.
    """
    try:
        bare, _ = split_arxiv_id(arxiv_id)
    except ValueError as error:
        raise UsageError(str(error)) from error
    held = papers_by_id(workshop.store, [bare]).get(bare)
    if held is None:
        raise UsageError(f"{bare} is not in the store: harvest its month first, or check the id")
    index = _filled_index(workshop)
    if index.vector(held.version_id) is None:
        raise UsageError(f"{bare} has no vector yet: run `digest embed`")
    return _hits(workshop, neighbours(index, held.version_id, min(k, _MOST_HITS) + _SPARE), k)


def neighbours(index: Index, version_id: int, k: int) -> list[tuple[int, float]]:
    """Return (version id, cosine similarity) of the k versions nearest to one, without itself."""
    vector = index.vector(version_id)
    if vector is None:
        return []
    return [hit for hit in index.nearest(vector, k + 1) if hit[0] != version_id][:k]


def _filled_index(workshop: Workshop) -> Index:
    index = index_of(workshop)
    if not index.count:
        raise UsageError("no paper is embedded yet: run `digest run --month YYYY-MM`, or `digest demo`")
    return index


def _hits(workshop: Workshop, found: list[tuple[int, float]], k: int) -> list[Hit]:
    """Return the first k papers of those found that were not withdrawn."""
    held = papers_by_version(workshop.store, [version_id for version_id, _ in found])
    hits = [
        Hit(held[version_id].paper.arxiv_id, plain_title(held[version_id].paper.title), score)
        for version_id, score in found
        if not held[version_id].paper.withdrawn
    ]
    return hits[: min(k, _MOST_HITS)]
