"""The further addresses of mirrored contacts, by index: a contact is found by any of its addresses."""

from __future__ import annotations

from collections.abc import Container, Sequence

import sqlalchemy as sa

from tasks.core.batch import Json, Row
from tasks.hub.tables import aliases
from tasks.hub.upsert import among
from tasks.streams import mirror_of


def is_further(mirror: str, row: Row, field: str, value: Json) -> bool:
    """Whether a value is a further address of a record, which it has already.

    An update to a further address would lose the first one, and no operation writes the further ones.

    Args:
        mirror: The mirror's stream.
        field: The mirror's column of the first address.
    """
    further = mirror_of(mirror)[1].further
    return value is not None and field in further and value in (row.get(further[field]) or ())


def replace(
    connection: sa.Connection, location_id: str, mirror: str, rows: Sequence[Row], known: Container[str]
) -> None:
    """Keep the further addresses of these contacts, in place of those they had.

    Args:
        known: Ids of the contacts that the mirror had before; the others have no addresses yet.
    """
    further = mirror_of(mirror)[1].further
    if not rows or not further:
        return
    held = [row["id"] for row in rows if row["id"] in known]
    mine = sa.and_(aliases.c.location_id == location_id, among(connection, aliases.c.id, held))
    # Looked up first: almost always there is nothing to delete, and nothing is written then.
    if held and connection.execute(sa.select(aliases.c.id).where(mine).limit(1)).first() is not None:
        connection.execute(sa.delete(aliases).where(mine))
    found = [
        {"location_id": location_id, "kind": kind, "value": value, "id": row["id"]}
        for row in rows
        for kind, column in further.items()
        for value in dict.fromkeys(row.get(column) or ())
    ]
    if found:
        connection.execute(sa.insert(aliases), found)
