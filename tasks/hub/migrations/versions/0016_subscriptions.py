"""Values whose owners opted out, with receipts, and what is told of job changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "salts",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("salt", sa.Text(), nullable=False),
    )
    op.create_table(
        "suppressions",
        sa.Column("hash", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("receipt_id", sa.Text(), nullable=False),
        sa.Column("since", moment, nullable=False),
    )
    op.create_table(
        "opt_outs",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("source", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("hashes", "removed", "records", "plans")),
        sa.Column("unclear", sa.Integer(), nullable=False),
        sa.Column("opted_out_at", moment, nullable=True),
        sa.Column("received_at", moment, nullable=False),
        sa.Column("finished_at", moment, nullable=True),
    )
    op.create_table(
        "still_there",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("location_id", "stream", "id", "field")),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("noted_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("location_id", "stream", "id", "field", "hash", name="pk_still_there"),
    )
    op.create_table(
        "subscriptions",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("account", "location_id", "lead_id")),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("told_until", moment, nullable=False),
        sa.Column("missed_since", moment, nullable=True),
        sa.PrimaryKeyConstraint("account", "location_id", "lead_id", name="pk_subscriptions"),
    )
    op.create_index("ix_subscriptions_id", "subscriptions", ["id"])
    op.create_table(
        "deliveries",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("account", "location_id", "id")),
        sa.Column("received_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("account", "location_id", "id", name="pk_deliveries"),
    )


def downgrade() -> None:
    for table in ("deliveries", "subscriptions", "still_there", "opt_outs", "suppressions", "salts"):
        op.drop_table(table)
