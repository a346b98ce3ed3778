"""Summaries and tags of paper versions ↔ rows."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import delete, insert
from sqlmodel import col, select

from digest.paper import Evidence, Recipe, Summary, Tag, Verdict
from digest.store.database import Store, in_batches
from digest.store.tables import SummaryRow, TaggingRow


def save_summary(store: Store, version_id: int, summary: Summary) -> None:
    """Keep a summary, unless one of the same recipe is kept already."""
    row = SummaryRow.model_validate(
        {
            "version_id": version_id,
            "kind": summary.kind,
            "model": summary.model,
            "model_hash": summary.model_hash,
            "prompt_hash": summary.prompt_hash,
            "seed": summary.seed,
            "text": summary.text,
            "evidence": [[span.sentence, span.start, span.end] for span in summary.evidence],
            "verdict": summary.verdict.value,
            "failed_check": summary.failed_check,
        }
    )
    with store.writing() as session:
        values = row.model_dump(exclude={"id"})
        session.execute(insert(SummaryRow).prefix_with("OR IGNORE"), [values])


def summaries(store: Store, recipe: Recipe) -> dict[int, Summary]:
    """Return the summaries of one recipe, by version id."""
    statement = select(SummaryRow).where(
        SummaryRow.kind == recipe.kind,
        SummaryRow.model_hash == recipe.model_hash,
        SummaryRow.prompt_hash == recipe.prompt_hash,
        SummaryRow.seed == recipe.seed,
    )
    with store.reading() as session:
        return {row.version_id: _summary(row) for row in session.exec(statement)}


def newest_summaries(store: Store, kind: str, version_ids: Iterable[int]) -> dict[int, Summary]:
    """Return the last summary of a kind that was made of each version, by whatever recipe."""
    found: dict[int, Summary] = {}
    with store.reading() as session:
        for batch in in_batches(sorted(set(version_ids))):
            statement = select(SummaryRow).where(SummaryRow.kind == kind, col(SummaryRow.version_id).in_(batch))
            found |= {row.version_id: _summary(row) for row in session.exec(statement.order_by(col(SummaryRow.id)))}
    return found


def summaries_by_prompt(store: Store, kind: str, model_hash: str) -> dict[tuple[int, str], Summary]:
    """Return what a model said of a kind where each paper has a prompt of its own, by version id and prompt hash."""
    statement = select(SummaryRow).where(SummaryRow.kind == kind, SummaryRow.model_hash == model_hash)
    with store.reading() as session:
        return {(row.version_id, row.prompt_hash): _summary(row) for row in session.exec(statement)}


def _summary(row: SummaryRow) -> Summary:
    return Summary(
        kind=row.kind,
        text=row.text,
        evidence=tuple(Evidence(*span) for span in row.evidence),
        verdict=Verdict(row.verdict),
        failed_check=row.failed_check,
        model=row.model,
        model_hash=row.model_hash,
        prompt_hash=row.prompt_hash,
        seed=row.seed,
    )


def save_tags(store: Store, scheme: str, tags: Mapping[int, Sequence[Tag]]) -> None:
    """Keep the tags of versions under a scheme, in the place of what they had under it."""
    rows = [
        {"version_id": version_id, "scheme": scheme, "rank": rank, "topic": tag.topic, "score": tag.score}
        for version_id, given in tags.items()
        for rank, tag in enumerate(given)
    ]
    with store.writing() as session:
        for version_id in tags:
            session.execute(
                delete(TaggingRow).where(col(TaggingRow.version_id) == version_id, col(TaggingRow.scheme) == scheme)
            )
        if rows:
            session.execute(insert(TaggingRow), rows)


def tags(store: Store, scheme: str, version_ids: Iterable[int]) -> dict[int, tuple[Tag, ...]]:
    """Return each version's tags under a scheme, best first."""
    statement = (
        select(TaggingRow.version_id, TaggingRow.topic, TaggingRow.score)
        .where(TaggingRow.scheme == scheme)
        .order_by(col(TaggingRow.version_id), col(TaggingRow.rank))
    )
    found: dict[int, list[Tag]] = {}
    with store.reading() as session:
        # Asked for by number: a scheme has tags of the whole archive.
        for batch in in_batches(sorted(set(version_ids))):
            for version_id, topic, score in session.exec(statement.where(col(TaggingRow.version_id).in_(batch))):
                found.setdefault(version_id, []).append(Tag(topic, score))
    return {version_id: tuple(given) for version_id, given in found.items()}
