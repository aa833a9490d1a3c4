"""The mirrors of tasks, notes, appointments, users and calendars, and whose notes were read when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_DATES = ("date_added", "date_updated")

_TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    # texts, booleans, moments, looked up by
    "crm_tasks": (
        ("contact_id", "title", "body", "assigned_to"),
        ("completed",),
        ("due_date", *_DATES),
        ("contact_id",),
    ),
    "notes": (("contact_id", "title", "body", "user_id", "color"), ("pinned",), _DATES, ("contact_id",)),
    "appointments": (
        (*("contact_id", "calendar_id", "title", "status", "assigned_to", "address", "notes", "rrule"),),
        (),
        ("start_time", "end_time", *_DATES),
        ("contact_id", "calendar_id"),
    ),
    "users": (("name", "first_name", "last_name", "email", "phone"), (), (), ("email",)),
    "calendars": (("name", "description", "group_id"), ("is_active",), (), ()),
}


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    for table, (texts, flags, moments, indexed) in _TABLES.items():
        op.create_table(
            table,
            sa.Column("location_id", sa.Text(), nullable=False),
            sa.Column("id", sa.Text(), nullable=False),
            *(sa.Column(name, sa.Text(), nullable=True) for name in texts),
            *(sa.Column(name, sa.Boolean(), nullable=True) for name in flags),
            *(sa.Column(name, moment, nullable=True) for name in moments),
            sa.Column("fingerprint", sa.Text(), nullable=False),
            sa.Column("run_id", sa.Text(), nullable=False),
            sa.Column("synced_at", moment, nullable=False),
            sa.Column("deleted_at", moment, nullable=True),
            sa.Column("mapped_by", sa.Text(), nullable=True),
            sa.Column("known_at", moment, nullable=True),
            sa.PrimaryKeyConstraint("location_id", "id", name=f"pk_{table}"),
        )
        for name in indexed:
            op.create_index(f"ix_{table}_location_id_{name}", table, ["location_id", name])
    op.create_table(
        "parent_reads",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=False),
        sa.Column("read_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("location_id", "stream", "parent_id", name="pk_parent_reads"),
    )
    op.create_index(
        "ix_parent_reads_location_id_stream_read_at", "parent_reads", ["location_id", "stream", "read_at"]
    )


def downgrade() -> None:
    op.drop_table("parent_reads")
    for table in _TABLES:
        op.drop_table(table)
