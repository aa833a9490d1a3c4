"""Contacts from a query of the hub's database: whatever somebody keeps there beside the mirror.

The query may only read. Its columns are named as a file's are meant: first_name, email, phone, …
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from decimal import Decimal
from time import perf_counter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from tasks.batch import Batch, Json, Position, canonical_json, fingerprint
from tasks.errors import BadConfigurationError
from tasks.hub.engine import Hub


class QuerySource:
    """The rows of a SELECT, in batches.

    Args:
        stream: The source stream that the mapping reads.
        sql: One SELECT; a column ``id`` is what its records are known by.

    Attributes:
        as_of: When the query was asked: how old what it says is.
    """

    def __init__(self, hub: Hub, stream: str, location_id: str, sql: str) -> None:
        self._hub = hub
        self._stream = stream
        self._location_id = location_id
        self._sql = sql
        self.total: int | None = None
        self.as_of = datetime.now(UTC)
        self._open = ExitStack()
        self._rows: Iterator[dict[str, Json]] | None = None
        self._row = 0

    async def read(self, position: Position | None, size: int) -> Batch:
        """The batch after ``position``.

        Raises:
            BadConfigurationError: The query is not one, or wants to write.
        """
        start = perf_counter()
        wanted = (position or {}).get("row", 0)
        if self._rows is None or wanted != self._row:
            self._begin(wanted)
        records: list[Json] = []
        for record in self._rows or ():
            records.append(record)
            if len(records) == size:
                break
        self._row = wanted + len(records)
        last = len(records) < size
        if last:
            self.close()
        return Batch(
            self._stream,
            self._location_id,
            records,
            position={"row": self._row},
            last=last,
            seconds=perf_counter() - start,
        )

    def close(self) -> None:
        """Give the connection back."""
        self._rows = None
        self._open.close()

    def _begin(self, skipped: int) -> None:
        self.close()
        connection = self._open.enter_context(self._hub.engine.connect())
        read_only = "PRAGMA query_only = ON" if self._hub.is_sqlite else "SET TRANSACTION READ ONLY"
        connection.exec_driver_sql(read_only)
        if self._hub.is_sqlite:
            self._open.callback(connection.exec_driver_sql, "PRAGMA query_only = OFF")
        try:
            found = connection.execution_options(yield_per=1000).execute(sa.text(self._sql)).mappings()
        except SQLAlchemyError as error:
            self.close()
            cause = str(getattr(error, "orig", error)).strip().splitlines()[0]
            raise BadConfigurationError(
                f"The query cannot be asked: {cause}.",
                remedy="Give one SELECT over the hub's tables; it may read only.",
            ) from None
        self._rows = map(_record, found)
        for _ in range(skipped):
            next(self._rows, None)
        self._row = skipped


def _record(row: Any) -> dict[str, Json]:
    record = {name: _plain(value) for name, value in row.items() if value is not None}
    if "id" not in record:
        record["id"] = f"row:{fingerprint(canonical_json(record))}"
    record["id"] = str(record["id"])
    return record


def _plain(value: Any) -> Json:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
