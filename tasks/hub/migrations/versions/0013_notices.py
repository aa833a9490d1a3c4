"""Notices: what rules want people to be told, until it is delivered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    texts = ("location_id", "key", "reference", "rules", "rule", "channel", "subject", "text", "link")
    op.create_table(
        "notices",
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("digest", sa.Boolean(), nullable=True),
        sa.Column("contact_id", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("location_id", "key", name="pk_notices"),
    )
    op.create_index("ix_notices_location_id_state_made_at", "notices", ["location_id", "state", "made_at"])


def downgrade() -> None:
    op.drop_table("notices")
