"""Reading a location's contacts in batches, from any committed position on.

The position is the ``searchAfter`` of the last record read, so that a later run continues at exactly
that record, and the newest ``dateUpdated`` seen so far, from which an incremental run goes on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Literal

from tasks.core.batch import Batch, Json, Position
from tasks.core.errors import RecordNotFoundError
from tasks.vendors.highlevel.api.contacts import PAGE_LIMIT, exists, get, search, trail
from tasks.vendors.highlevel.client import HighLevel

STREAM = "highlevel.contact"
_AS_DOCUMENTED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@dataclass(frozen=True, slots=True)
class ContactQuery:
    """Which contacts to read, and in which order.

    Args:
        by: The date that orders and bounds them.
        since: Earliest moment, inclusive; None for no bound.
        until: Latest moment, exclusive; None for no bound.
    """

    by: Literal["dateAdded", "dateUpdated"] = "dateAdded"
    since: datetime | None = None
    until: datetime | None = None

    @property
    def filters(self) -> list[dict[str, Any]]:
        """In the vendor's filter language."""
        bounds = {"gte": self.since, "lt": self.until}
        window = {word: _iso(moment) for word, moment in bounds.items() if moment is not None}
        return [{"field": self.by, "operator": "range", "value": window}] if window else []

    @property
    def scope(self) -> str:
        """A name for the window, by which its cursor is found again."""
        since = _iso(self.since) if self.since else "the beginning"
        until = _iso(self.until) if self.until else "now"
        return f"{self.by} from {since} to {until}"


class ContactSource:
    """The contacts of a client's location that a query asks for, in batches.

    Attributes:
        total: How many there are in all, once the first page has come.
    """

    def __init__(self, client: HighLevel, query: ContactQuery) -> None:
        self._client = client
        self._query = query
        self._trail = trail(client)
        self.total: int | None = None

    @property
    def scope(self) -> str:
        """A name for the window, by which its cursor is found again."""
        return self._query.scope

    async def read(self, position: Position | None, size: int) -> Batch:
        """The batch after ``position``.

        Args:
            position: Of the batch before; None for the first.
            size: Records wanted; fewer come only at the end.

        Raises:
            VendorFailedError: HighLevel sends the same page again and again.
        """
        start, asked_at = perf_counter(), self._client.now()
        after = position["search_after"] if position else None
        newest = (position or {}).get("newest")
        self._trail.begin(after)
        records: list[Json] = []
        last = False
        while len(records) < size and not last:
            limit = min(PAGE_LIMIT, size - len(records))
            page = await search(
                self._client, limit=limit, sort=self._query.by, after=after, filters=self._query.filters
            )
            self.total = page.total if self.total is None else self.total
            records += page.contacts
            last = len(page.contacts) < limit
            after = self._trail.follow(page.contacts, last=last)
            newest = max(filter(None, [newest, _newest(page.contacts, self._client.now())]), default=None)
        return Batch(
            STREAM,
            self._client.location_id,
            records,
            position={"search_after": after, "newest": newest},
            last=last,
            seconds=perf_counter() - start,
            asked_at=asked_at,
        )


class ContactReader:
    """Reads a location's contacts; see ``tasks.vendors.protocols.Reader``."""

    stream = STREAM

    def __init__(self, client: HighLevel) -> None:
        self._client = client

    def added(self, since: datetime | None = None, until: datetime | None = None) -> ContactSource:
        """Contacts in the order in which they were added: all, or those of a window."""
        return ContactSource(self._client, ContactQuery("dateAdded", since, until))

    def changed_since(self, since: datetime) -> ContactSource:
        """Contacts that changed since then, in that order."""
        return ContactSource(self._client, ContactQuery("dateUpdated", since))

    async def newest(self) -> datetime | None:
        """When a contact was changed last, by HighLevel's clock."""
        return await newest_update(self._client)

    async def exists(self, id_: str, _parent: str = "") -> bool:
        """Whether HighLevel has a contact."""
        return await exists(self._client, id_)

    async def one(self, id_: str, _parent: str = "") -> Json:
        """A contact as it is now; None where there is none."""
        try:
            return (await get(self._client, id_)).raw
        except RecordNotFoundError:
            return None


async def newest_update(client: HighLevel) -> datetime | None:
    """When a contact was last changed, by HighLevel's own clock; None for an empty location."""
    page = await search(client, limit=1, sort="dateUpdated", direction="desc")
    stamp = _newest(page.contacts, client.now())
    return datetime.fromisoformat(stamp) if stamp else None


def _newest(contacts: list[Json], now: datetime) -> str | None:
    """When the last of some contacts was changed.

    None was changed later than now: one that is dated years ahead would otherwise hide all that change until
    then from every incremental run.
    """
    found = max(filter(None, map(_updated, contacts)), default=None)
    return None if found is None else min(found, _iso(now))


def _updated(contact: Json) -> str | None:
    """A contact's ``dateUpdated`` in one spelling, so that strings order as moments do."""
    found = contact.get("dateUpdated") if isinstance(contact, dict) else None
    if isinstance(found, str) and _AS_DOCUMENTED.fullmatch(found):
        return found
    try:
        return _iso(datetime.fromisoformat(found).astimezone(UTC)) if isinstance(found, str) else None
    except ValueError:
        return None


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
