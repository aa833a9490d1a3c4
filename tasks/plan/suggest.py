"""A new company whose name is near that of one that is there: for a person to say, never to link.

Contacts that are spread over two businesses of one company are put together again by hand alone.
"""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from tasks.core.batch import Row
from tasks.hub.spec import PlanSpec
from tasks.hub.tables import MIRRORS
from tasks.mapping.companies import KnownNames
from tasks.plan.match import Hit, Match

NAME = "name"


class Suggester:
    """Looks for names that are alike, where a plan's spec says so."""

    def __init__(self, spec: PlanSpec) -> None:
        self._spec = spec
        self._known: KnownNames | None = None

    def doubted(self, connection: sa.Connection, row: Row, match: Match) -> Match:
        """What was found for a row; a conflict where that is nothing, but others are called almost so."""
        is_new = not (match.target_id or match.conflict or match.split)
        name = row.get(NAME)
        if not (self._spec.suggests and is_new and isinstance(name, str)):
            return match
        if self._known is None:
            self._known = self._read(connection)
        found = self._known.alike(name)
        if not found:
            return match
        hits = tuple(Hit("similar name", f"({score:.0f} %)", (id_,)) for id_, _, score in found)
        told = ", ".join(f"{known} ({score:.0f} %)" for _, known, score in found)
        return replace(
            match, hits=hits, conflict=f"no {self._spec.called[0]} is called so, but almost: {told}"
        )

    def _read(self, connection: sa.Connection) -> KnownNames:
        """What the records that are there are called: read once for a plan."""
        table, declared = MIRRORS[self._spec.mirror], self._spec.stream.fields[NAME]
        name = table.c[declared.mirror]
        query = sa.select(table.c.id, name).where(
            table.c.location_id == self._spec.location_id, table.c.deleted_at.is_(None), name.is_not(None)
        )
        rows = connection.execute(query.order_by(table.c.id)).all()
        return KnownNames((row[0], row[1]) for row in rows)
