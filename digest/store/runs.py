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
    night: str = ""  # the run it belongs to, by the moment it began; "" for a stage that ran alone


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
                    "night": run.night,
                }
            ],
        )


def runs(store: Store, last: int = 20) -> list[StageRun]:
    """Return the last stages that ran, newest first."""
    statement = select(RunRow).order_by(col(RunRow.id).desc()).limit(last)
    with store.reading() as session:
        return [_stage(row) for row in session.exec(statement)]


def nights(store: Store, last: int) -> list[list[StageRun]]:
    """Return the stages of the last nights, newest night first, each in the order they ran."""
    begun = select(RunRow.night).where(RunRow.night != "").group_by(RunRow.night).order_by(col(RunRow.night).desc())
    with store.reading() as session:
        names = session.exec(begun.limit(last)).all()
        rows = session.exec(select(RunRow).where(col(RunRow.night).in_(names)).order_by(col(RunRow.id))).all()
        return [[_stage(row) for row in rows if row.night == name] for name in names]


def latest(store: Store, stage: str, month: str = "") -> StageRun | None:
    """Return the last time that a stage ran, for a month where it is one of months; None where it never did."""
    statement = select(RunRow).where(RunRow.stage == stage, RunRow.month == month).order_by(col(RunRow.id).desc())
    with store.reading() as session:
        row = session.exec(statement.limit(1)).first()
        return _stage(row) if row else None


def _stage(row: RunRow) -> StageRun:
    return StageRun(row.month, row.stage, row.started, row.seconds, row.counts, row.failure, row.night)


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
