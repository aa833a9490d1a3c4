"""About which plan a run asked a person, so that it goes on with that plan in another process."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("runs", sa.Column("asked_about", sa.Text(), nullable=True))
    op.create_index("ix_runs_flow_run_id", "runs", ["flow_run_id"])


def downgrade() -> None:
    op.drop_index("ix_runs_flow_run_id", "runs")
    op.drop_column("runs", "asked_about")
