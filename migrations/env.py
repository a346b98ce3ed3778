"""Run the migrations over the connection that digest.store hands over."""

from alembic import context
from sqlmodel import SQLModel

import digest.store.tables  # noqa: F401  the classes register themselves


def _is_a_models(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out the virtual tables of the word index, and the shadow tables that SQLite keeps for them."""
    return not (kind == "table" and name is not None and name.startswith(("paper_words", "paper_names")))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite cannot alter a column in place
    transaction_per_migration=False,  # all steps or none
    compare_type=True,
    include_name=_is_a_models,
)
with context.begin_transaction():
    context.run_migrations()
