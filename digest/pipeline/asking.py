"""A query → the store's filters, with a note where a name or a tag is not as it was typed."""

from dataclasses import replace

from rapidfuzz.distance import OSA

from digest.pipeline.models import tag_scheme, taxonomy
from digest.pipeline.workshop import Workshop
from digest.search.names import nearest_words
from digest.search.query import Query
from digest.store.filters import Filters, known_name_words, name_words

_ALTERNATIVES = 8  # ways in which a name may have been meant


def filters_of(workshop: Workshop, query: Query) -> tuple[Filters, list[str]]:
    """Return what hits must be, and notes for the person who asked."""
    notes = list(query.notes)
    filters = Filters(
        since=query.since,
        until=query.until,
        categories=query.categories,
        not_categories=query.not_categories,
        authors=_authors(workshop, query, notes),
        not_authors=query.not_authors,
        issues=query.issues,
        withdrawn=query.withdrawn,
        phrases=query.phrases,
        not_terms=query.excluded,
    )
    if query.tags or query.not_tags:
        notes += _notes_on_tags(query)
        filters = replace(filters, tags=query.tags, not_tags=query.not_tags, scheme=tag_scheme(workshop))
    return filters, notes


def _authors(workshop: Workshop, query: Query, notes: list[str]) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Return the names to look for; a word that no author bears is replaced by the nearest that one does."""
    words = {word for name in query.authors for word in name}
    unknown = {word for word in words - known_name_words(workshop.store, sorted(words)) if len(word) > 1}
    if not unknown:
        return tuple((name,) for name in query.authors)
    vocabulary = name_words(workshop.store)
    meant = {word: nearest_words(word, vocabulary) for word in sorted(unknown)}
    for word, nearest in meant.items():
        notes.append(f"no author is named {word!r}" + (f": looked for {', '.join(nearest)}" if nearest else ""))
    return tuple(tuple(_spellings(name, meant)) for name in query.authors)


def _spellings(name: tuple[str, ...], meant: dict[str, list[str]]) -> list[tuple[str, ...]]:
    """Return the name in each way it may have been meant."""
    spellings: list[tuple[str, ...]] = [()]
    for word in name:
        spellings = [(*before, one) for before in spellings for one in meant.get(word) or [word]][:_ALTERNATIVES]
    return spellings


def _notes_on_tags(query: Query) -> list[str]:
    known = [topic.slug for topic in taxonomy()[0]]
    asked = {tag for group in (*query.tags, query.not_tags) for tag in group}
    unknown = sorted(asked.difference(known))
    nearest = [min(known, key=lambda slug, tag=tag: OSA.normalized_distance(slug, tag)) for tag in unknown]  # type: ignore[misc]
    return [f"there is no tag {tag!r}: the nearest is {slug}" for tag, slug in zip(unknown, nearest, strict=True)]
