"""What keeps promises under odd circumstances: fencing, tries, and how old what the hub knows is."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_RUNS_OF_THE_MIRROR = """
    SELECT id, location_id, mapping_digest, state, started_at FROM runs
    WHERE automation IN ('backfill_contacts', 'sync_contacts') ORDER BY location_id, started_at
"""

# What an edit of the mirror's mapping made of a value was noted as a person's edit in HighLevel: in the first
# run by another mapping than the run before, of a record that nobody had changed since that one.
_FORGET_EDITS_OF_THE_MAPPING = """
    DELETE FROM provenance
    WHERE system = 'highlevel' AND dropped IS NULL AND field <> 'date_updated'
    AND EXISTS (
        SELECT 1 FROM respelling WHERE respelling.id = provenance.run_id AND provenance.at < respelling.began
    )
"""

_SAY_WHOSE_THE_MIRRORS_ARE = """
    INSERT INTO mirror_mappings (location_id, stream, mapping, since)
    SELECT location_id, 'hub.contact', mapping, started_at FROM (
        SELECT location_id, mapping, started_at,
        row_number() OVER (PARTITION BY location_id ORDER BY started_at DESC, mapping) AS place
        FROM runs WHERE automation IN ('backfill_contacts', 'sync_contacts') AND state = 'completed'
    ) AS newest
    WHERE place = 1
"""

# Changes whose record was another when they were carried out, with the plan that goes on with them; the last
# one counts. One that was never finished goes on with nothing.
_FOLLOWED = """
    SELECT stale.plan_id, stale.n, stale.result, follow_up.id FROM changes AS stale
    JOIN plans AS follow_up ON follow_up.parent_id = stale.plan_id
    WHERE stale.state = 'stale' AND follow_up.kind = 'follow-up' AND follow_up.state <> 'planning'
    AND EXISTS (
        SELECT 1 FROM changes AS later
        WHERE later.plan_id = follow_up.id AND later.record_id = stale.record_id
    )
    ORDER BY follow_up.made_at
"""


_REFUSED = """
    SELECT made.plan_id, made.n, made.target_id, made.fields, made.result, plans.spec FROM changes AS made
    JOIN plans ON plans.id = made.plan_id
    WHERE made.kind = 'create' AND made.state = 'done' AND made.result LIKE '%"dropped":%'
"""

_SAY_TAKEN = "UPDATE changes SET result = :told WHERE plan_id = :plan AND n = :n"

_SAY_OURS = """
    UPDATE provenance SET system = :source, dropped = NULL, value = coalesce(:value, value)
    WHERE location_id = :location AND stream = 'hub.contact' AND id = :contact AND field = :field
    AND system = 'highlevel' AND (dropped = :sent OR (dropped IS NULL AND value = :value))
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
    _forget_edits_of_the_mapping()
    op.execute(_SAY_WHOSE_THE_MIRRORS_ARE)
    _say_what_follows()
    _say_what_was_taken()


def _forget_edits_of_the_mapping() -> None:
    connection = op.get_bind()
    found: list[dict[str, Any]] = []  # runs by another mapping than the completed one before, and its begin
    before: dict[str, tuple[str, Any]] = {}
    for id_, location_id, digest, state, started_at in connection.execute(sa.text(_RUNS_OF_THE_MIRROR)):
        used, began = before.get(location_id, (digest, None))
        if used != digest:
            found.append({"id": id_, "began": began})
        if state == "completed":
            before[location_id] = (digest, started_at)
    if not found:
        return
    op.execute("CREATE TEMPORARY TABLE respelling AS SELECT id, started_at AS began FROM runs WHERE 1 = 0")
    connection.execute(sa.insert(sa.table("respelling", sa.column("id"), sa.column("began"))), found)
    op.execute("CREATE INDEX ix_respelling ON respelling (id)")
    op.execute(_FORGET_EDITS_OF_THE_MAPPING)
    op.execute("DROP TABLE respelling")


def _say_what_follows() -> None:
    """Note at changes that were planned anew by which plan: otherwise they would be once more."""
    connection = op.get_bind()
    changes = sa.table("changes", *map(sa.column, ("plan_id", "n", "result")))
    noted = {
        (plan_id, n): orjson.dumps(orjson.loads(result or "{}") | {"follow_up": follow_up}).decode()
        for plan_id, n, result, follow_up in connection.execute(sa.text(_FOLLOWED))
    }
    one = (changes.c.plan_id == sa.bindparam("its_plan"), changes.c.n == sa.bindparam("its_n"))
    rows = [{"its_plan": plan_id, "its_n": n, "told": told} for (plan_id, n), told in noted.items()]
    if rows:
        connection.execute(sa.update(changes).where(*one).values(result=sa.bindparam("told")), rows)


def _say_what_was_taken() -> None:
    """Tags that HighLevel spells otherwise, and zones, which a create's answer does not tell, were taken.

    They were noted as refused at the contacts that were made, and a zone then as a person's edit.
    """
    connection = op.get_bind()
    told: list[dict[str, Any]] = []
    ours: list[dict[str, Any]] = []
    for row in connection.execute(sa.text(_REFUSED)):
        result = orjson.loads(row.result)
        sent = {one["field"]: orjson.dumps(one["new"]).decode() for one in orjson.loads(row.fields)}
        taken = {"tags", "timezone"} & {*result["dropped"]} & sent.keys()
        if left := [name for name in result.pop("dropped") if name not in taken]:
            result["dropped"] = left
        spec = orjson.loads(row.spec)
        whose = {"source": spec["source"], "location": spec["location_id"], "contact": row.target_id}
        for field in taken:
            value = sent[field] if field == "timezone" else None  # tags are noted as they are spelt
            ours.append({**whose, "field": field, "sent": sent[field], "value": value})
        if taken:
            told.append({"plan": row.plan_id, "n": row.n, "told": orjson.dumps(result).decode()})
    if told:
        connection.execute(sa.text(_SAY_TAKEN), told)
        connection.execute(sa.text(_SAY_OURS), ours)


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
