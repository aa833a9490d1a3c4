"""What rules did for which record, why that was, and whose turn it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("changes", sa.Column("cause", sa.Text(), nullable=True))
    op.create_table(
        "firings",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("location_id", "rules", "rule", "subject", "stream", "about")
        ),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("location_id", "rules", "rule", "subject", name="pk_firings"),
    )
    op.create_index("ix_firings_run_id_about", "firings", ["run_id", "about"])
    op.create_table(
        "turns",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("location_id", "rules", "name")),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("location_id", "rules", "name", name="pk_turns"),
    )


def downgrade() -> None:
    op.drop_table("turns")
    op.drop_table("firings")
    op.drop_column("changes", "cause")
