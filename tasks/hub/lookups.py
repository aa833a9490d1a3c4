"""Who was looked for at a vendor of leads, and what came of it: nobody is searched, and paid for, twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tasks.hub.tables import lookups
from tasks.hub.upsert import among


class Outcome(StrEnum):
    """What came of looking for somebody."""

    FOUND = "found"
    NO_MATCH = "no_match"  # asked again after a while
    RESTRICTED = "restricted"  # the law forbids it: never asked again
    FAILED = "failed"  # the vendor's fault: asked again by the next run


@dataclass(frozen=True, slots=True)
class Lookup:
    """What came of looking for somebody.

    Args:
        key: Hash of what they were looked for by.
        lead_id: The vendor's id; empty where they were not found.
    """

    key: str
    outcome: Outcome
    lead_id: str
    asked_at: datetime


def found(connection: sa.Connection, location_id: str, keys: Sequence[str]) -> dict[str, Lookup]:
    """What is known of some keys; those that nobody was looked for by are left out."""
    query = sa.select(lookups.c.key, lookups.c.outcome, lookups.c.lead_id, lookups.c.asked_at).where(
        lookups.c.location_id == location_id, among(connection, lookups.c.key, keys)
    )
    rows = connection.execute(query).all() if keys else []
    return {key: Lookup(key, Outcome(outcome), lead_id or "", at) for key, outcome, lead_id, at in rows}


def keep(connection: sa.Connection, location_id: str, run_id: str, some: Sequence[Lookup]) -> None:
    """Keep what came of looking, within the caller's transaction; what was known of the keys gives way."""
    if not some:
        return
    insert = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(lookups)
    keeping = insert.on_conflict_do_update(
        index_elements=list(lookups.primary_key),
        set_={name: insert.excluded[name] for name in ("lead_id", "outcome", "run_id", "asked_at")},
    )
    rows = [
        {
            "location_id": location_id,
            "key": one.key,
            "lead_id": one.lead_id or None,
            "outcome": one.outcome.value,
            "run_id": run_id,
            "asked_at": one.asked_at.astimezone(UTC),
        }
        for one in {one.key: one for one in some}.values()
    ]
    connection.execute(keeping, rows)
