"""Run the migrations over the connection that digest.store hands over."""

from alembic import context
from sqlmodel import SQLModel

import digest.store.tables  # noqa: F401  the classes register themselves

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite cannot alter a column in place
    transaction_per_migration=False,  # all steps or none
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
