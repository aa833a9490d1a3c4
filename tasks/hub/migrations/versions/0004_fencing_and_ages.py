"""What keeps promises under odd circumstances: fencing, tries, and how old what the hub knows is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# What an edit of the mirror's mapping made of a value was noted as a person's edit in HighLevel: in the first
# run by another mapping than the run before, of a record that nobody had changed since that one.
_FORGET_EDITS_OF_THE_MAPPING = """
    DELETE FROM provenance
    WHERE system = 'highlevel' AND dropped IS NULL AND field <> 'date_updated'
    AND EXISTS (
        SELECT 1 FROM runs AS noted JOIN runs AS previous ON previous.location_id = noted.location_id
        WHERE noted.id = provenance.run_id
        AND noted.automation IN ('backfill_contacts', 'sync_contacts')
        AND previous.automation IN ('backfill_contacts', 'sync_contacts')
        AND previous.state = 'completed'
        AND previous.mapping_digest <> noted.mapping_digest
        AND provenance.at < previous.started_at
        AND previous.started_at = (
            SELECT max(one.started_at) FROM runs AS one
            WHERE one.location_id = noted.location_id
            AND one.automation IN ('backfill_contacts', 'sync_contacts')
            AND one.state = 'completed' AND one.started_at < noted.started_at
        )
    )
"""

_SAY_WHOSE_THE_MIRRORS_ARE = """
    INSERT INTO mirror_mappings (location_id, stream, mapping, since)
    SELECT location_id, 'hub.contact', min(mapping), started_at FROM runs AS newest
    WHERE automation IN ('backfill_contacts', 'sync_contacts') AND state = 'completed'
    AND started_at = (
        SELECT max(one.started_at) FROM runs AS one
        WHERE one.location_id = newest.location_id
        AND one.automation IN ('backfill_contacts', 'sync_contacts') AND one.state = 'completed'
    )
    GROUP BY location_id, started_at
"""


def upgrade() -> None:
    op.add_column("leases", sa.Column("generation", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("changes", sa.Column("tries", sa.Integer(), server_default="0", nullable=False))
    op.add_column("changes", sa.Column("look_first", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        "ix_changes_sending",
        "changes",
        ["plan_id", "target_id"],
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "ix_runs_running",
        "runs",
        ["automation", "location_id"],
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.add_column("runs", sa.Column("holder", sa.Text(), nullable=True))
    op.add_column("runs", sa.Column("alive_at_ms", sa.BigInteger(), nullable=True))
    op.create_table(
        "mirror_mappings",
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("location_id", "stream", name="pk_mirror_mappings"),
    )
    op.add_column("contacts", sa.Column("mapped_by", sa.Text(), nullable=True))
    op.add_column("contacts", sa.Column("known_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("rejects", sa.Column("as_of", sa.DateTime(timezone=True), nullable=True))
    op.execute(_FORGET_EDITS_OF_THE_MAPPING)
    op.execute(_SAY_WHOSE_THE_MIRRORS_ARE)


def downgrade() -> None:
    op.drop_column("rejects", "as_of")
    op.drop_column("contacts", "known_at")
    op.drop_column("contacts", "mapped_by")
    op.drop_table("mirror_mappings")
    op.drop_column("runs", "alive_at_ms")
    op.drop_column("runs", "holder")
    op.drop_index("ix_runs_running", "runs")
    op.drop_index("ix_changes_sending", "changes")
    op.drop_column("changes", "look_first")
    op.drop_column("changes", "tries")
    op.drop_column("leases", "generation")
