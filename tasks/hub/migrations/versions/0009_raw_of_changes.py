"""The source's record that a change comes from, for what HighLevel refuses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("changes", sa.Column("raw", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("changes", "raw")
