"""Reading what HighLevel lists by no date: all of it, every time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from time import perf_counter

from tasks.core.batch import Batch, Json, Position
from tasks.vendors.highlevel.api.records import Record
from tasks.vendors.highlevel.client import HighLevel


class ListSource:
    """A location's records of one stream in batches; the position says how many were read.

    Args:
        stream: Of the records.
        listed: Lists them, from so many on.
    """

    scope = "all"

    def __init__(
        self, client: HighLevel, stream: str, listed: Callable[[int], AsyncIterator[Record]]
    ) -> None:
        self._client = client
        self._stream = stream
        self._list = listed
        self._listed: AsyncIterator[Record] | None = None
        self._at = 0
        self.total: int | None = None

    async def read(self, position: Position | None, size: int) -> Batch:
        """The batch after ``position``.

        Raises:
            VendorFailedError: HighLevel sends the same page again and again.
        """
        start, asked_at = perf_counter(), self._client.now()
        at = int((position or {}).get("read", 0))
        if self._listed is None or at != self._at:
            self._listed = self._list(at)
        records: list[Json] = []
        try:
            while len(records) < size and (one := await anext(self._listed, None)) is not None:
                records.append(one.raw)
        except BaseException:
            self._listed = None  # what was read of this batch is read again
            raise
        self._at = at + len(records)
        return Batch(
            self._stream,
            self._client.location_id,
            records,
            position={"read": self._at, "newest": asked_at.isoformat()},
            last=len(records) < size,
            seconds=perf_counter() - start,
            asked_at=asked_at,
        )


class ListReader(ABC):
    """Reads a stream that HighLevel lists by no date; see ``tasks.vendors.protocols.Reader``."""

    stream: str

    def __init__(self, client: HighLevel) -> None:
        self.client = client

    @abstractmethod
    def source(self) -> ListSource:
        """All records, in whatever order."""

    @abstractmethod
    async def one(self, id_: str, parent: str = "") -> Json:
        """A record as it is now; None where HighLevel does not have it."""

    def added(self, _since: datetime | None = None, _until: datetime | None = None) -> ListSource:
        """All records, in whatever order."""
        return self.source()

    def changed_since(self, _since: datetime) -> ListSource:
        """All records: nothing asks for those that changed."""
        return self.source()

    async def newest(self) -> datetime:
        """Now, by HighLevel's clock: nothing was changed later."""
        return self.client.now()

    async def exists(self, id_: str, parent: str = "") -> bool:
        """Whether HighLevel has a record."""
        return await self.one(id_, parent) is not None


async def in_one(records: Awaitable[Sequence[Record]], start: int) -> AsyncIterator[Record]:
    """What comes in one answer, from so many records on."""
    for record in (await records)[start:]:
        yield record
