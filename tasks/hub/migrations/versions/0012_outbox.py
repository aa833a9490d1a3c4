"""The outboxes: what other programs want HighLevel to have."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_CONTACT_OF = ("contact_id", "contact_email", "contact_phone")

_TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "outbox_crm_tasks": (("title", "body", "due_date", "assigned_to"), ("completed",)),
    "outbox_notes": (("title", "body", "user"), ()),
    "outbox_appointments": (
        ("calendar", "title", "start_time", "end_time", "status", "assigned_to", "address", "description"),
        (),
    ),
}


def upgrade() -> None:
    for table, (texts, flags) in _TABLES.items():
        op.create_table(
            table,
            sa.Column("location_id", sa.Text(), nullable=False, server_default=""),
            sa.Column("id", sa.Text(), nullable=False),
            *(sa.Column(name, sa.Text(), nullable=True) for name in (*_CONTACT_OF, *texts, "updated_at")),
            *(sa.Column(name, sa.Boolean(), nullable=True) for name in flags),
            sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
            sa.Column("error", sa.Text(), nullable=True),
            sa.PrimaryKeyConstraint("location_id", "id", name=f"pk_{table}"),
        )


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
