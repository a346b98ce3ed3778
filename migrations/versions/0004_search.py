"""What the search needs: a list of changes, an index of words, and the facts that hits are filtered by.

The triggers and the view hang on `paper` and `paper_version`: a later migration that makes one of these tables anew
(`batch_alter_table` does, where it drops or changes a column) must drop the view first, and make the view
and the triggers again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# Each change of what the indexes hold is noted in the transaction that makes it; an index reads on from where it was.
_NOTE = """
CREATE TRIGGER {name} AFTER {event} BEGIN
  DELETE FROM search_change WHERE version_id = {version};
  INSERT INTO search_change (version_id) VALUES ({version});
END"""
_CHANGED = "OLD.latest IS NOT NEW.latest OR OLD.authors IS NOT NEW.authors OR OLD.categories IS NOT NEW.categories"
_EVENTS = {
    "version_added": ("INSERT ON paper_version", "NEW.id"),
    "version_changed": (
        f"UPDATE OF latest, authors, categories ON paper_version WHEN {_CHANGED}",
        "NEW.id",
    ),
    "embedding_added": ("INSERT ON embedding", "NEW.version_id"),
    "embedding_changed": ("UPDATE ON embedding", "NEW.version_id"),
    "embedding_deleted": ("DELETE ON embedding", "OLD.version_id"),
}
_PAPER_CHANGED = """
CREATE TRIGGER paper_changed AFTER UPDATE OF withdrawn, submitted, month ON paper
WHEN OLD.withdrawn IS NOT NEW.withdrawn OR OLD.submitted IS NOT NEW.submitted OR OLD.month IS NOT NEW.month BEGIN
  DELETE FROM search_change WHERE version_id IN
    (SELECT id FROM paper_version WHERE arxiv_id = NEW.arxiv_id AND latest);
  INSERT INTO search_change (version_id) SELECT id FROM paper_version WHERE arxiv_id = NEW.arxiv_id AND latest;
END"""


def upgrade() -> None:
    op.create_table(
        "search_change",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("version_id", name="search_change_version"),
        sqlite_autoincrement=True,  # a number is never given twice
    )
    op.create_table(
        "search_state",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "searchable",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.String(), nullable=False),
        sa.Column("last_day", sa.String(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("title_key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("version_id"),
    )
    with op.batch_alter_table("searchable") as batch_op:
        batch_op.create_index("searchable_days", ["last_day", "first_day"])
        batch_op.create_index(batch_op.f("ix_searchable_title_key"), ["title_key"])
        batch_op.create_index(batch_op.f("ix_searchable_withdrawn"), ["withdrawn"])
    with op.batch_alter_table("tagging") as batch_op:
        batch_op.create_index("tagging_topic", ["scheme", "topic"])
    op.execute("INSERT INTO search_state (name, value) VALUES ('store', lower(hex(randomblob(16)))), ('words', '0')")
    # Only what is indexed: so SQLite can hold the index of words against the texts, and build it anew from them.
    op.execute(
        "CREATE VIEW searchable_text AS SELECT version.id, version.title, version.abstract "
        "FROM paper_version AS version JOIN searchable ON searchable.version_id = version.id"
    )
    op.execute(
        "CREATE VIRTUAL TABLE paper_words USING fts5(title, abstract, content = 'searchable_text', "
        "content_rowid = 'id', tokenize = \"porter unicode61 remove_diacritics 2\", prefix = '3')"
    )
    op.execute(
        'CREATE VIRTUAL TABLE paper_names USING fts5(authors, categories, tokenize = "unicode61 remove_diacritics 2")'
    )
    op.execute("CREATE VIRTUAL TABLE paper_names_seen USING fts5vocab(paper_names, 'col')")
    op.execute("INSERT INTO search_change (version_id) SELECT id FROM paper_version WHERE latest ORDER BY id")
    for name, (event, version) in _EVENTS.items():
        op.execute(_NOTE.format(name=name, event=event, version=version))
    op.execute(_PAPER_CHANGED)


def downgrade() -> None:
    for name in (*_EVENTS, "paper_changed"):
        op.execute(f"DROP TRIGGER {name}")
    for name in ("paper_names_seen", "paper_names", "paper_words"):
        op.execute(f"DROP TABLE {name}")
    op.execute("DROP VIEW searchable_text")
    with op.batch_alter_table("tagging") as batch_op:
        batch_op.drop_index("tagging_topic")
    for name in ("searchable", "search_state", "search_change"):
        op.drop_table(name)
