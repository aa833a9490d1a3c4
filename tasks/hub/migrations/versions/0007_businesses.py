"""The mirror of HighLevel's businesses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_TEXTS = (
    *("name", "domain", "email", "phone", "website", "address", "city", "state", "postal_code", "country"),
    "description",
)


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "businesses",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in _TEXTS),
        sa.Column("date_added", moment, nullable=True),
        sa.Column("date_updated", moment, nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("synced_at", moment, nullable=False),
        sa.Column("deleted_at", moment, nullable=True),
        sa.Column("mapped_by", sa.Text(), nullable=True),
        sa.Column("known_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("location_id", "id", name="pk_businesses"),
    )
    op.create_index("ix_businesses_location_id_domain", "businesses", ["location_id", "domain"])


def downgrade() -> None:
    op.drop_table("businesses")
