"""What only some of a vendor's answers tell: the mirror keeps it where another one leaves it out."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from tasks.core.batch import Row
from tasks.hub.tables import MIRRORS
from tasks.hub.upsert import among
from tasks.streams import STREAMS


def as_told_last(
    connection: sa.Connection, stream: str, location_id: str, rows: Sequence[Row]
) -> Sequence[Row]:
    """The rows of a mirror, with what they do not tell (``Field.untold``) as it was told last."""
    table = MIRRORS[stream]
    names = [name for name, declared in STREAMS[stream].fields.items() if declared.untold is not None]
    silent = [row["id"] for row in rows if any(name in row and row[name] is None for name in names)]
    if not silent:
        return rows
    known = sa.or_(*(table.c[name].is_not(None) for name in names))
    query = sa.select(table.c.id, *(table.c[name] for name in names)).where(
        table.c.location_id == location_id, known, among(connection, table.c.id, silent)
    )
    held = {row["id"]: row for row in connection.execute(query).mappings()}
    return [
        {**row, **{name: held[row["id"]][name] for name in names if name in row and row[name] is None}}
        if row["id"] in held
        else row
        for row in rows
    ]
