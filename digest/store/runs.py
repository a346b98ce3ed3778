"""What a run did, stage by stage, and the records it set aside ↔ rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert
from sqlmodel import col, select

from digest.store.database import Store
from digest.store.tables import QuarantineRow, RunRow


@dataclass(frozen=True, slots=True)
class StageRun:
    """One stage of one run."""

    month: str
    stage: str
    started: datetime  # UTC
    seconds: float
    counts: dict[str, int]
    failure: str = ""  # "" when the stage was done


def save_run(store: Store, run: StageRun) -> None:
    """Keep what a stage did."""
    with store.writing() as session:
        session.execute(
            insert(RunRow),
            [
                {
                    "month": run.month,
                    "stage": run.stage,
                    "started": run.started,
                    "seconds": run.seconds,
                    "counts": run.counts,
                    "failure": run.failure,
                }
            ],
        )


def runs(store: Store, last: int = 20) -> list[StageRun]:
    """Return the last stages that ran, newest first."""
    statement = select(RunRow).order_by(col(RunRow.id).desc()).limit(last)
    with store.reading() as session:
        return [
            StageRun(row.month, row.stage, row.started, row.seconds, row.counts, row.failure)
            for row in session.exec(statement)
        ]


def save_quarantine(store: Store, source: str, records: Iterable[tuple[int, str, str]]) -> None:
    """Keep records that are no papers as (position, reason, excerpt), each once."""
    rows = [
        {"source": source, "position": position, "reason": reason, "excerpt": excerpt}
        for position, reason, excerpt in records
    ]
    if rows:
        with store.writing() as session:
            session.execute(insert(QuarantineRow).prefix_with("OR IGNORE"), rows)


def count_quarantined(store: Store) -> int:
    """Count the records set aside."""
    with store.reading() as session:
        return session.exec(select(func.count()).select_from(QuarantineRow)).one()
