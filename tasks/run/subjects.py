"""The records that rules are asked about: from the journal, unfinished ones, whose moment passed, all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa

from tasks.hub import firings, journal
from tasks.hub.engine import Hub
from tasks.hub.journal import Entry
from tasks.hub.tables import MIRRORS
from tasks.mapping.rules.compile import Rule
from tasks.mapping.rules.moments import At, as_day

T = TypeVar("T")

AT_ONCE = 500
"""Records that are read at a time."""


class Subjects:
    """Reads the records of a location.

    Attributes:
        head: The number of the journal's newest entry when reading began: later ones are the next run's.
    """

    def __init__(self, hub: Hub, location_id: str) -> None:
        self._hub = hub
        self._location_id = location_id
        with hub.read() as connection:
            self.head = journal.head(connection, location_id)

    async def entries(self, stream: str, after: int) -> list[Entry]:
        """Some of the journal's entries behind a number."""

        def read(connection: sa.Connection) -> list[Entry]:
            asked = journal.Asked(stream, after=after)
            found = journal.read(connection, self._location_id, asked, limit=AT_ONCE)
            return [one for one in found if one.seq <= self.head]

        return await self._ask(read)

    async def forgotten(self, after: int) -> int:
        """How many entries behind a number the journal no longer has; 0 is no entry's number."""
        first = await self._ask(lambda connection: journal.first(connection, self._location_id))
        return max(0, first - after - 1) if after else 0

    async def unfinished(self, rules: str, stream: str) -> dict[str, list[str]]:
        """By rule of a file, the records for which more is to come."""
        return await self._ask(
            lambda connection: firings.unfinished(connection, self._location_id, rules, stream)
        )

    async def ids(self, stream: str, after: str) -> list[str]:
        """Some of the records that are there, behind an id."""
        table = MIRRORS[stream]
        query = sa.select(table.c.id).where(*self._there(table), table.c.id > after)
        query = query.order_by(table.c.id).limit(AT_ONCE)
        return await self._ask(lambda connection: list(connection.execute(query).scalars()))

    async def passed(self, rule: Rule, since: datetime, at: At) -> list[str]:
        """The records whose moment came since another one."""
        table = MIRRORS[rule.on.stream]
        column = table.c[rule.on.passed]
        after, until = (
            as_day(moment, at) if isinstance(column.type, sa.Date) else moment for moment in (since, at.now)
        )
        query = sa.select(table.c.id).where(*self._there(table), column > after, column <= until)
        return await self._ask(lambda connection: list(connection.execute(query).scalars()))

    def _there(self, table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
        return table.c.location_id == self._location_id, table.c.deleted_at.is_(None)

    async def _ask(self, read: Callable[[sa.Connection], T]) -> T:
        def asked() -> T:
            with self._hub.read() as connection:
                return read(connection)

        return await asyncio.to_thread(asked)
