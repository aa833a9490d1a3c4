"""Leads, who was looked for at Lusha, which came in, what was spent, and several windows of requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_TEXTS = (
    *("contact_id", "first_name", "last_name", "name", "email", "emails", "phone", "phones"),
    *("phones_not_to_call", "job_title", "seniority", "departments", "company_name", "company_domain"),
    *("industry", "linkedin_url", "city", "state", "country"),
)
_PREVIOUS = ("revealed", "previous_company_name", "previous_company_domain")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "lusha_leads",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in _TEXTS),
        sa.Column("in_eu", sa.Boolean(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=True) for name in _PREVIOUS),
        sa.Column("job_changed_at", moment, nullable=True),
        sa.Column("date_updated", moment, nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("synced_at", moment, nullable=False),
        sa.Column("deleted_at", moment, nullable=True),
        sa.Column("mapped_by", sa.Text(), nullable=True),
        sa.Column("known_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("location_id", "id", name="pk_lusha_leads"),
    )
    for name in ("contact_id", "email", "phone"):
        op.create_index(f"ix_lusha_leads_location_id_{name}", "lusha_leads", ["location_id", name])
    op.create_table(
        "lookups",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("location_id", "key")),
        sa.Column("lead_id", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("location_id", "key", name="pk_lookups"),
    )
    op.create_table(
        "intake",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("location_id", "source", "lead_id")),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("taken_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("location_id", "source", "lead_id", name="pk_intake"),
    )
    op.create_table(
        "credits",
        sa.Column("id", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("reservation", "account", "location_id")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("run_id", "automation", "action")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("record", "datapoint", "state")),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("charged", sa.Float(), nullable=True),
        sa.Column("reserved_at", moment, nullable=False),
        sa.Column("settled_at", moment, nullable=True),
    )
    op.create_index("ix_credits_reservation", "credits", ["reservation"])
    op.create_index("ix_credits_settled_at", "credits", ["settled_at"])
    op.create_index("ix_credits_run_id", "credits", ["run_id"])
    op.create_index("ix_credits_record_datapoint", "credits", ["record", "datapoint"])
    op.add_column("request_quotas", sa.Column("windows", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("request_quotas", "windows")
    for table in ("credits", "intake", "lookups", "lusha_leads"):
        op.drop_table(table)
