"""Raw records: by what they are settled, so that those that did not change need not be mapped again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("raw", sa.Column("settled_by", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("raw", "settled_by")
