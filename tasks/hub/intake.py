"""Which leads a source told: a table or a search at the vendor, whose rows are charged at each reading."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tasks.hub.tables import intake, runs
from tasks.hub.upsert import among


class Stage(StrEnum):
    """How far a lead of a source is."""

    WAITING = "waiting"  # told, and not in HighLevel yet
    DONE = "done"  # in HighLevel
    REMOVED = "removed"  # and taken out of the source


def at(connection: sa.Connection, location_id: str, source: str, stage: Stage) -> list[str]:
    """The leads of a source that are so far, the first told first."""
    query = sa.select(intake.c.lead_id).where(*_of(location_id, source), intake.c.state == stage.value)
    return list(connection.execute(query.order_by(intake.c.taken_at, intake.c.lead_id)).scalars())


def take(connection: sa.Connection, location_id: str, source: str, run_id: str, ids: Iterable[str]) -> None:
    """Note what a source told, within the caller's transaction; what it told before stays as far as it is.

    A lead that was removed from the source and is there again waits again.
    """
    insert = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(intake)
    taking = insert.on_conflict_do_update(
        index_elements=list(intake.primary_key),
        set_={name: insert.excluded[name] for name in ("state", "run_id", "taken_at")},
        where=intake.c.state == Stage.REMOVED.value,
    )
    fixed = {"location_id": location_id, "source": source, "run_id": run_id, "taken_at": datetime.now(UTC)}
    rows = [{**fixed, "lead_id": id_, "state": Stage.WAITING.value} for id_ in dict.fromkeys(ids)]
    if rows:
        connection.execute(taking, rows)


def was_read(connection: sa.Connection, location_id: str, source: str, flow_run_id: str | None) -> bool:
    """Whether a source told leads to a run of a flow that was started before, and waited for a person."""
    same = sa.select(runs.c.id).where(runs.c.flow_run_id == flow_run_id)
    query = sa.select(intake.c.lead_id).where(*_of(location_id, source), intake.c.run_id.in_(same))
    return connection.execute(query.limit(1)).first() is not None


def move(connection: sa.Connection, location_id: str, source: str, ids: Sequence[str], stage: Stage) -> None:
    """Note how far leads are, within the caller's transaction."""
    mine = (*_of(location_id, source), among(connection, intake.c.lead_id, ids))
    if ids:
        connection.execute(sa.update(intake).where(*mine).values(state=stage.value))


def _of(location_id: str, source: str) -> tuple[sa.ColumnElement[bool], ...]:
    return intake.c.location_id == location_id, intake.c.source == source
