"""Papers' vectors and words → topics of a closed taxonomy (pure)."""

import re
import tomllib
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from digest.errors import UsageError
from digest.paper import Tag, Topic

Embeddings = npt.NDArray[np.float32]  # shape (texts, dim), rows of length 1

# The numbers below were set on every other one of the bundled picks (docs/quality.md).
# A description attracts papers as such ("benchmarks" attracts nearly all): what counts is how much nearer a paper is
# than the month's papers are on average. A few imagined papers at a usual similarity steady the mean of a short month.
_IMAGINED_PAPERS, _USUAL_SIMILARITY = 30, 0.15
# Worth of a synonym, in similarity; in an abstract each of up to three counts.
_IN_TITLE, _IN_ABSTRACT = 0.2, 0.06
_MOST_IN_ABSTRACT = 3
_SECOND_BEST = 0.7  # of the best score: as good as that, a further topic is given too
_LEAST = 0.28  # below it, a further topic is a guess
_MOST_TAGS = 3


def parse_taxonomy(text: str, name: str) -> tuple[Topic, ...]:
    """Read the topics of a taxonomy file.

    Raises:
        UsageError: it is not TOML, or a topic is not whole.
    """
    try:
        tables = tomllib.loads(text).get("topics", [])
        topics = tuple(
            Topic(
                slug=table["slug"],
                name=table["name"],
                description=table["description"],
                synonyms=tuple(table.get("synonyms", ())),
                parent=table.get("parent", ""),
            )
            for table in tables
        )
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name} is not TOML: {error}") from error
    except KeyError as error:
        raise UsageError(f"{name}: a topic lacks {error}: each needs slug, name and description") from error
    slugs = [topic.slug for topic in topics]
    for slug in slugs:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) or slugs.count(slug) > 1:
            raise UsageError(f"{name}: slug {slug!r} must be lower-case words joined by hyphens, and stand once")
    if not topics:
        raise UsageError(f"{name} holds no [[topics]]")
    return topics


def topic_texts(topics: Sequence[Topic]) -> list[str]:
    """Return what is embedded of each topic."""
    return [f"{topic.name}. {topic.description}" for topic in topics]


def tag_papers(
    papers: Embeddings,
    descriptions: Embeddings,
    texts: Sequence[tuple[str, str]],
    topics: Sequence[Topic],
) -> list[tuple[Tag, ...]]:
    """Give each paper one to three topics, best first.

    `papers` and `texts` (title, abstract) are a month's papers in one order, `descriptions` the topics' embeddings in
    the order of `topics`.
    """
    return [_best(row, topics) for row in _scores(papers, descriptions, texts, topics)]


def candidates(
    papers: Embeddings,
    descriptions: Embeddings,
    texts: Sequence[tuple[str, str]],
    topics: Sequence[Topic],
    count: int,
) -> list[tuple[Tag, ...]]:
    """Return each paper's `count` likeliest topics, best first, for a large model to choose among."""
    scores = _scores(papers, descriptions, texts, topics)
    return [_tags(row, np.argsort(-row, kind="stable")[:count], topics) for row in scores]


def nearest_topics(papers: Embeddings, descriptions: Embeddings, topics: Sequence[Topic]) -> list[tuple[Tag, ...]]:
    """Give each paper the one topic whose description is nearest: what similarity alone would say."""
    similarity = papers @ descriptions.T
    return [(Tag(topics[int(row.argmax())].slug, float(np.clip(row.max(), 0, 1))),) for row in similarity]


def _scores(
    papers: Embeddings,
    descriptions: Embeddings,
    texts: Sequence[tuple[str, str]],
    topics: Sequence[Topic],
) -> npt.NDArray[np.float64]:
    """Return how well each topic fits each paper, shape (papers, topics)."""
    similarity = papers @ descriptions.T  # shape (papers, topics)
    imagined = _IMAGINED_PAPERS * _USUAL_SIMILARITY
    usual = (similarity.sum(axis=0) + imagined) / (len(texts) + _IMAGINED_PAPERS)
    return np.asarray(similarity - usual + _phrase_scores(texts, topics), np.float64)


def _phrase_scores(texts: Sequence[tuple[str, str]], topics: Sequence[Topic]) -> npt.NDArray[np.float64]:
    patterns = [_pattern(topic) for topic in topics]
    scores = np.zeros((len(texts), len(topics)))
    for row, text in enumerate(texts):
        title, abstract = (part.lower() for part in text)
        for column, pattern in enumerate(patterns):
            in_abstract = min(len(pattern.findall(abstract)), _MOST_IN_ABSTRACT)
            scores[row, column] = _IN_TITLE * bool(pattern.search(title)) + _IN_ABSTRACT * in_abstract
    return scores


def _pattern(topic: Topic) -> re.Pattern[str]:
    phrases = sorted((phrase.lower() for phrase in topic.synonyms), key=len, reverse=True)
    alternatives = "|".join(re.escape(phrase) for phrase in phrases) or r"(?!)"
    return re.compile(rf"(?<![\w-])(?:{alternatives})(?![\w])")


def _best(scores: npt.NDArray[np.float64], topics: Sequence[Topic]) -> tuple[Tag, ...]:
    order = np.argsort(-scores, kind="stable")[:_MOST_TAGS]
    least = max(_LEAST, _SECOND_BEST * scores[order[0]])
    kept = [column for place, column in enumerate(order) if place == 0 or scores[column] >= least]
    return _tags(scores, kept, topics)


def _tags(scores: npt.NDArray[np.float64], columns: Iterable[int], topics: Sequence[Topic]) -> tuple[Tag, ...]:
    return tuple(Tag(topics[column].slug, float(round(np.clip(scores[column], 0, 1), 4))) for column in columns)
