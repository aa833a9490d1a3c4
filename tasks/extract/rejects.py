"""The raw records of rejects, in batches, for another try by the mapping as it is now."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from time import perf_counter

import orjson
import sqlalchemy as sa

from tasks.core.batch import UNREADABLE, Batch, Json, Position, Reason, Reject
from tasks.hub.engine import Hub
from tasks.hub.tables import Utc, rejects


class RejectSource:
    """The rejects of a location's source stream, by their id.

    Args:
        stream: Source stream, e.g. ``file.contact``.

    Args:
        mapping: Only those that this mapping rejected; empty for all.

    Attributes:
        total: How many there are.
        as_of: How old what the oldest says is: as its file was, or when it was read.
    """

    def __init__(self, hub: Hub, stream: str, location_id: str, mapping: str = "") -> None:
        self._hub = hub
        self._stream = stream
        self._location_id = location_id
        self._mine = sa.and_(
            rejects.c.location_id == location_id,
            rejects.c.stream == stream,
            rejects.c.mapping == mapping if mapping else sa.true(),
        )
        query = sa.select(
            sa.func.count(), sa.func.min(sa.func.coalesce(rejects.c.as_of, rejects.c.synced_at), type_=Utc())
        ).where(self._mine)
        with hub.read() as connection:
            count, oldest = connection.execute(query).one()
        self.total: int | None = count
        self.as_of: datetime = oldest or datetime.now(UTC)

    async def read(self, position: Position | None, size: int) -> Batch:
        """The batch after ``position``."""
        start = perf_counter()
        after = (position or {}).get("id", "")
        rows = await asyncio.to_thread(self._rows, after, size)
        return Batch(
            self._stream,
            self._location_id,
            [record for reject in rows if not _is_unreadable(reject) for record in _records(reject.raw)],
            position={"id": rows[-1].record_id if rows else after},
            last=len(rows) < size,
            seconds=perf_counter() - start,
            rejects=list(filter(_is_unreadable, rows)),
        )

    def _rows(self, after: str, size: int) -> list[Reject]:
        query = sa.select(rejects.c.id, rejects.c.reasons, rejects.c.payload).where(
            self._mine, rejects.c.id > after
        )
        with self._hub.read() as connection:
            found = connection.execute(query.order_by(rejects.c.id).limit(size))
            return [Reject(id_, [Reason(**one) for one in reasons], raw) for id_, reasons, raw in found]


def mappings_of(hub: Hub, stream: str, location_id: str) -> list[str]:
    """The mappings that rejected records of a stream."""
    mine = (rejects.c.location_id == location_id, rejects.c.stream == stream)
    with hub.read() as connection:
        return sorted(connection.execute(sa.select(rejects.c.mapping).where(*mine).distinct()).scalars())


def _is_unreadable(reject: Reject) -> bool:
    """Whether it is no record, whatever the mapping: it stays a reject until its file is mended."""
    return any(reason.rule == UNREADABLE for reason in reject.reasons)


def _records(payload: str) -> list[Json]:
    """The records of a reject: several where they were rejected together."""
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return [payload]  # kept as it was cut; the mapping will say that it is no record
    together = isinstance(found, list) and all(isinstance(one, dict) for one in found)
    return found if together else [found]
