"""The rows of an outbox in batches, as records of a file are."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from time import perf_counter

from tasks.core.batch import Batch, Position, Row
from tasks.hub import outbox
from tasks.hub.engine import Hub


class OutboxSource:
    """What waits for a location.

    Args:
        stream: The source stream that the mapping reads.
        target: What the rows become, e.g. ``highlevel.crm_task``.

    Attributes:
        total: How many wait.
        as_of: How old what they say is, where they do not say it.
        read_as: By id, the rows that were read, as they were then.
    """

    def __init__(self, hub: Hub, stream: str, target: str, location_id: str) -> None:
        self._hub = hub
        self._stream = stream
        self._target = target
        self._location_id = location_id
        with hub.read() as connection:
            self.total: int | None = outbox.waiting(connection, location_id, target)
        self.as_of = datetime.now(UTC)
        self.read_as: dict[str, Row] = {}

    async def read(self, position: Position | None, size: int) -> Batch:
        """The batch after ``position``."""
        start, after = perf_counter(), (position or {}).get("id", "")

        def rows() -> list[Row]:
            with self._hub.read() as connection:
                return outbox.some(connection, self._location_id, self._target, after, size)

        records = await asyncio.to_thread(rows)
        self.read_as |= {str(record["id"]): record for record in records}
        return Batch(
            self._stream,
            self._location_id,
            records,
            position={"id": records[-1]["id"] if records else after},
            last=len(records) < size,
            seconds=perf_counter() - start,
        )
