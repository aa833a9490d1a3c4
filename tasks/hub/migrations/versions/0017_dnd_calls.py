"""Contacts: whether they may be called."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("contacts", sa.Column("dnd_calls", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("contacts", "dnd_calls")
