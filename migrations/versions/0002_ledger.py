"""How far each source was read, what arXiv announced, and how many papers it says there are."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("paper_version") as batch_op:
        batch_op.add_column(sa.Column("authors_line", sa.String(), nullable=True))
    op.create_table(
        "cursor",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("finished", sa.Date(), nullable=True),
        sa.Column("resume_since", sa.Date(), nullable=True),
        sa.Column("resume_from", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("source", "scope"),
    )
    op.create_table(
        "announcement",
        sa.Column("arxiv_id", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("arxiv_id", "category", "day"),
    )
    with op.batch_alter_table("announcement") as batch_op:
        batch_op.create_index(batch_op.f("ix_announcement_day"), ["day"])
    op.create_table(
        "expectation",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", "month", "day", "category"),
    )


def downgrade() -> None:
    op.drop_table("expectation")
    op.drop_table("announcement")
    op.drop_table("cursor")
    with op.batch_alter_table("paper_version") as batch_op:
        batch_op.drop_column("authors_line")
