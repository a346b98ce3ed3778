"""Rows of a month → what is counted of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col

from digest.paper import Month
from digest.store.database import Store, in_batches
from digest.store.tables import PaperRow, PaperVersionRow, TaggingRow


@dataclass(frozen=True, slots=True)
class Count:
    """A month's papers that are not withdrawn, in their latest versions."""

    titles: Mapping[int, str]  # by version id, in the order of the arXiv ids
    topics: Mapping[str, int]  # papers by the topic's slug; a paper may have several
    first_topics: Mapping[int, str]  # the best topic's slug of each version that has one


def count_month(store: Store, scheme: str, month: Month) -> Count:
    """Count a month under a scheme of tags."""
    latest = (col(PaperVersionRow.latest), col(PaperRow.month) == str(month), ~col(PaperRow.withdrawn))
    papers = (
        sa.select(col(PaperVersionRow.id), col(PaperVersionRow.title))
        .join(PaperRow, col(PaperRow.arxiv_id) == col(PaperVersionRow.arxiv_id))
        .where(*latest)
        .order_by(col(PaperRow.arxiv_id))
    )
    tags = sa.select(col(TaggingRow.version_id), col(TaggingRow.topic), col(TaggingRow.rank)).where(
        col(TaggingRow.scheme) == scheme
    )
    topics: dict[str, int] = {}
    first: dict[int, str] = {}
    with store.reading() as session:
        titles = {row[0]: row[1] for row in session.execute(papers)}
        # By number: SQLite would else go through the tags of the whole archive.
        for batch in in_batches(sorted(titles)):
            for version_id, topic, rank in session.execute(tags.where(col(TaggingRow.version_id).in_(batch))):
                topics[topic] = topics.get(topic, 0) + 1
                if rank == 0:
                    first[version_id] = topic
    return Count(titles, topics, first)
