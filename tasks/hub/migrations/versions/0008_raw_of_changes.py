"""The source's record that a change comes from, for what HighLevel refuses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("changes", sa.Column("raw", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("changes", "raw")
