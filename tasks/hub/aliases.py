"""The further addresses of mirrored contacts, by index: a contact is found by any of its addresses."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from tasks.core.batch import Json, Row
from tasks.hub.tables import aliases
from tasks.hub.upsert import among

COLUMNS = {"additional_emails": "email", "additional_phones": "phone"}
"""Column of the contacts' mirror, and the kind of address that it lists."""

FURTHER = {kind: column for column, kind in COLUMNS.items()}
"""Field of an address, and the mirror's column of the further ones.

HighLevel can write neither list, and an update to a further address loses the first one.
"""


def is_further(row: Row, field: str, value: Json) -> bool:
    """Whether a value is a further address of a contact, which it has already."""
    return value is not None and value in (row.get(FURTHER.get(field, "")) or ())


def replace(connection: sa.Connection, location_id: str, rows: Sequence[Row]) -> None:
    """Keep the further addresses of these contacts, in place of those they had."""
    if not rows:
        return
    mine = sa.and_(
        aliases.c.location_id == location_id, among(connection, aliases.c.id, [row["id"] for row in rows])
    )
    # Looked up first: almost always there is nothing to delete, and nothing is written then.
    if connection.execute(sa.select(aliases.c.id).where(mine).limit(1)).first() is not None:
        connection.execute(sa.delete(aliases).where(mine))
    found = [
        {"location_id": location_id, "kind": kind, "value": value, "id": row["id"]}
        for row in rows
        for column, kind in COLUMNS.items()
        for value in dict.fromkeys(row.get(column) or ())
    ]
    if found:
        connection.execute(sa.insert(aliases), found)
