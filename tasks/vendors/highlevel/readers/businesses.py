"""Reading a location's businesses: all of them, since HighLevel lists them by no date."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from time import perf_counter

from tasks.core.batch import Batch, Json, Position
from tasks.core.errors import RecordNotFoundError
from tasks.streams import HIGHLEVEL_BUSINESS
from tasks.vendors.highlevel.api import businesses
from tasks.vendors.highlevel.api.account_records import Business
from tasks.vendors.highlevel.client import HighLevel


class BusinessSource:
    """A location's businesses in batches; the position says how many were read."""

    scope = "all"

    def __init__(self, client: HighLevel) -> None:
        self._client = client
        self._listed: AsyncIterator[Business] | None = None
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
            self._listed = businesses.list_all(self._client, start=at)
        records: list[Json] = []
        try:
            while len(records) < size and (one := await anext(self._listed, None)) is not None:
                records.append(one.raw)
        except BaseException:
            self._listed = None  # what was read of this batch is read again
            raise
        self._at = at + len(records)
        return Batch(
            HIGHLEVEL_BUSINESS.name,
            self._client.location_id,
            records,
            position={"read": self._at, "newest": asked_at.isoformat()},
            last=len(records) < size,
            seconds=perf_counter() - start,
            asked_at=asked_at,
        )


class BusinessReader:
    """Reads a location's businesses; see ``tasks.vendors.protocols.Reader``."""

    stream = HIGHLEVEL_BUSINESS.name

    def __init__(self, client: HighLevel) -> None:
        self._client = client

    def added(self, _since: datetime | None = None, _until: datetime | None = None) -> BusinessSource:
        """All businesses, in whatever order."""
        return BusinessSource(self._client)

    def changed_since(self, _since: datetime) -> BusinessSource:
        """All businesses: nothing asks for those that changed."""
        return BusinessSource(self._client)

    async def newest(self) -> datetime:
        """Now, by HighLevel's clock: nothing was changed later."""
        return self._client.now()

    async def exists(self, id_: str) -> bool:
        """Whether HighLevel has a business."""
        return await self.one(id_) is not None

    async def one(self, id_: str) -> Json:
        """A business as it is now; None where there is none."""
        try:
            return (await businesses.get(self._client, id_)).raw
        except RecordNotFoundError:
            return None
