"""Which night a stage belongs to, and who was sent which issue."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("run") as batch_op:
        batch_op.add_column(sa.Column("night", sa.String(), nullable=False, server_default=""))
        batch_op.create_index("ix_run_night", ["night"])
    op.create_table(
        "delivery",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("sent", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "month", "recipient"),
    )


def downgrade() -> None:
    op.drop_table("delivery")
    with op.batch_alter_table("run") as batch_op:
        batch_op.drop_index("ix_run_night")
        batch_op.drop_column("night")
