"""Where at HighLevel a value still stands whose owner opted out, and that the hub holds no more.

Kept by whatever mirrors a record: each read of it says anew what of that it still has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from tasks.core.batch import Json, Row
from tasks.hub.suppressions import Suppressed
from tasks.hub.tables import still_there
from tasks.hub.upsert import among
from tasks.streams import CUSTOM, STREAMS, FieldType


@dataclass(frozen=True, slots=True)
class Standing:
    """A value that a record still has at HighLevel.

    Args:
        stream: Of the mirror, e.g. ``hub.contact``.
        field: The mirror's column, or ``custom.<field id>``.
        hash: The value's.
    """

    location_id: str
    stream: str
    id: str
    field: str
    hash: str


def note(
    connection: sa.Connection,
    suppressed: Suppressed,
    location_id: str,
    stream: str,
    rows: Sequence[Row],
    now: datetime,
) -> None:
    """Keep what records still have, in place of what was known of them.

    Args:
        rows: As they were read.
    """
    if not rows:
        return
    mine = (still_there.c.location_id == location_id, still_there.c.stream == stream)
    ids = [row["id"] for row in rows]
    connection.execute(sa.delete(still_there).where(*mine, among(connection, still_there.c.id, ids)))
    found = [
        {
            "location_id": location_id,
            "stream": stream,
            "id": row["id"],
            "field": name,
            "hash": mark,
            "noted_at": now,
        }
        for row in rows
        for name, value in _fields(stream, row)
        for mark in sorted(suppressed.found(value))
    ]
    if found:
        connection.execute(sa.insert(still_there), found)


def _fields(stream: str, row: Row) -> Iterator[tuple[str, Json]]:
    for name, declared in STREAMS[stream].fields.items():
        value = row.get(name)
        if declared.type is FieldType.OBJECT and isinstance(value, dict):
            yield from ((f"{CUSTOM}{key}", one) for key, one in value.items())
        elif name != "id":
            yield name, value


def read(connection: sa.Connection, location_id: str = "", hashes: Sequence[str] = ()) -> list[Standing]:
    """What still stands there: in one location, and of these values; empty for all."""
    query = sa.select(*(still_there.c[name] for name in ("location_id", "stream", "id", "field", "hash")))
    if location_id:
        query = query.where(still_there.c.location_id == location_id)
    if hashes:
        query = query.where(among(connection, still_there.c.hash, list(hashes)))
    ordered = query.order_by(still_there.c.stream, still_there.c.id, still_there.c.field)
    return [Standing(*row) for row in connection.execute(ordered)]
