"""Contacts from a query of the hub's database: whatever somebody keeps there beside the mirror.

The query may only read (``tasks/hub/query``). Its columns are named as a file's are meant: first_name, email,
phone, …
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Lock
from time import perf_counter
from typing import Any

from tasks.core.batch import Batch, Json, Position, canonical_json, fingerprint
from tasks.core.errors import BadConfigurationError
from tasks.hub import query
from tasks.hub.engine import Hub

SECONDS = 60.0
"""How long a query may take until its first row, where nothing else is said."""

CHUNK = 1000
"""Rows read at a time on the way to where a batch is read again."""


class QuerySource:
    """The rows of a SELECT, in batches. Whoever makes one closes it.

    Args:
        stream: The source stream that the mapping reads.
        sql: One SELECT; a column ``id`` is what its records are known by.
        seconds: How long it may take until its first row; ten times as long in all.
        url: Of the hub's PostgreSQL database by a role for queries; empty for the hub's own.

    Attributes:
        as_of: When the query was asked: how old what it says is.
    """

    def __init__(
        self, hub: Hub, stream: str, location_id: str, sql: str, *, seconds: float = SECONDS, url: str = ""
    ) -> None:
        self._hub = hub
        self._stream = stream
        self._location_id = location_id
        self._sql = sql
        self._seconds = seconds
        self._url = url
        self._patience = query.Patience(seconds)
        self.total: int | None = None
        self.as_of = datetime.now(UTC)
        self._one_at_a_time = Lock()
        self._answer: query.Answer | None = None
        self._closed = False
        self._position: Position = {}
        self._digest = hashlib.blake2b(digest_size=16)

    async def check(self) -> None:
        """Refuse what could not be asked, before anything else is done.

        Raises:
            BadConfigurationError: It is not one SELECT, or would do or see what it may not.
            HubUnavailableError: The database failed.
        """
        await asyncio.to_thread(self._check)

    async def read(self, position: Position | None, size: int) -> Batch:
        """The batch after ``position``.

        Raises:
            BadConfigurationError: The query cannot be asked or went wrong, or gives other rows than before.
            HubUnavailableError: The database failed.
        """
        return await asyncio.to_thread(self._read, position or {}, size)

    async def aclose(self) -> None:
        """Close the connection, whatever is done on it."""
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """The same, from a thread that may wait."""
        self._closed = True
        while not self._one_at_a_time.acquire(timeout=0.1):
            self._patience.given_up = True
            if (answer := self._answer) is not None:
                answer.interrupt()
        try:
            self._end()
        finally:
            self._one_at_a_time.release()

    def _check(self) -> None:
        with self._one_at_a_time:
            self._ask(only_check=True).close()

    def _read(self, position: Position, size: int) -> Batch:
        start = perf_counter()
        with self._one_at_a_time:
            if self._closed:  # while this thread waited
                raise RuntimeError("The source is closed.")
            try:
                if (answer := self._answer) is None or position != self._position:
                    answer = self._begin(position)
                records = self._records(answer, size)
                if len(records) < size:
                    self._end()
            except BaseException:
                self._end()
                raise
            return Batch(
                self._stream,
                self._location_id,
                records,
                position=self._position,
                last=len(records) < size,
                seconds=perf_counter() - start,
            )

    def _begin(self, position: Position) -> query.Answer:
        """Ask, and pass over the rows before ``position``, if they are the same as they were."""
        self._end()
        self._position = {}
        self._digest = hashlib.blake2b(digest_size=16)
        answer = self._answer = self._ask()
        wanted = position.get("row", 0)
        for passed in range(0, wanted, CHUNK):
            self._records(answer, min(CHUNK, wanted - passed))
        if position != self._position:
            raise BadConfigurationError(
                f"The query gives other rows than before, so that it cannot go on after row {wanted:,}.",
                remedy="Run it again; an ORDER BY over a column without equal values keeps the order.",
            )
        return answer

    def _ask(self, *, only_check: bool = False) -> query.Answer:
        self._patience = query.Patience(self._seconds)
        return query.ask(self._hub, self._sql, self._patience, url=self._url, only_check=only_check)

    def _records(self, answer: query.Answer, size: int) -> list[Json]:
        """The next records; the position is after them."""
        records = [_record(zip(answer.names, row, strict=True)) for row in answer.fetch(size)]
        for record in records:
            self._digest.update(canonical_json(record).encode("utf-8", "surrogatepass"))
        if records:
            row = self._position.get("row", 0) + len(records)
            self._position = {"row": row, "digest": self._digest.hexdigest()}
        return records

    def _end(self) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            answer.close()


def _record(columns: Iterator[tuple[str, Any]]) -> dict[str, Json]:
    record = {name: _plain(value) for name, value in columns if value is not None}
    if "id" not in record:
        record["id"] = f"row:{fingerprint(canonical_json(record))}"
    record["id"] = str(record["id"])
    return record


def _plain(value: Any) -> Json:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
