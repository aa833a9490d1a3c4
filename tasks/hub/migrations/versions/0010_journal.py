"""The journal of what changes in the mirrors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "journal",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=True),
        sa.Column("at", moment, nullable=False),
        sa.Column("noted_at", moment, nullable=False),
        sa.Column("whose", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("location_id", "seq", name="pk_journal"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_journal_location_id_stream_id", "journal", ["location_id", "stream", "id"])
    op.create_table(
        "journal_heads",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("location_id", name="pk_journal_heads"),
    )
    op.add_column("mirror_mappings", sa.Column("began_at", moment, nullable=True))
    op.execute("UPDATE mirror_mappings SET began_at = since")


def downgrade() -> None:
    op.drop_column("mirror_mappings", "began_at")
    op.drop_table("journal_heads")
    op.drop_table("journal")
