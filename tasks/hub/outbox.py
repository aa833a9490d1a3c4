"""The outbox: rows that other programs put into the hub for HighLevel, and what became of them.

A table for each kind of record, with the columns that the mappings of files read. A row waits as long as
``done_at`` is null; whoever changes one sets it to null again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tasks.core.batch import Row
from tasks.hub.tables import OUTBOXES
from tasks.hub.upsert import among

CONTROL = ("location_id", "done_at", "error")
"""Columns that are no part of the record."""


def waiting(connection: sa.Connection, location_id: str, stream: str) -> int:
    """How many rows wait.

    Args:
        stream: What they become, e.g. ``highlevel.crm_task``.
    """
    query = sa.select(sa.func.count()).where(*_waiting(OUTBOXES[stream], location_id))
    return connection.execute(query).scalar_one()


def some(connection: sa.Connection, location_id: str, stream: str, after: str, limit: int) -> list[Row]:
    """Rows that wait, by id, as records of a file; empty values are left out."""
    table = OUTBOXES[stream]
    query = sa.select(table).where(*_waiting(table, location_id), table.c.id > after)
    return list(map(_record, connection.execute(query.order_by(table.c.id).limit(limit)).mappings()))


def note(
    connection: sa.Connection,
    location_id: str,
    stream: str,
    *,
    done: Mapping[str, Row],
    at: datetime,
    errors: Mapping[str, str],
) -> None:
    """Note what became of rows.

    Args:
        done: By id, those that are dealt with, as they were read: one that was changed since goes on waiting.
        errors: By id, why one was not carried out as it says; of those that are done as well.
    """
    table = OUTBOXES[stream]
    mine = table.c.location_id.in_(["", location_id])
    held = sa.select(table).where(mine, among(connection, table.c.id, list(done))).with_for_update()
    now = {row["id"]: _record(row) for row in connection.execute(held).mappings()}
    if same := [id_ for id_, row in done.items() if now.get(id_) == row]:
        gone = sa.update(table).where(mine, among(connection, table.c.id, same))
        connection.execute(gone.values(done_at=at, error=None))
    for id_, error in errors.items():
        connection.execute(sa.update(table).where(mine, table.c.id == id_).values(error=error))


def _record(row: sa.RowMapping) -> Row:
    return {name: value for name, value in row.items() if name not in CONTROL and value is not None}


def _waiting(table: sa.Table, location_id: str) -> tuple[Any, ...]:
    return table.c.location_id.in_(["", location_id]), table.c.done_at.is_(None)
