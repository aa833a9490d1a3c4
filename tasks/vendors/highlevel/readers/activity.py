"""Reading what hangs on contacts: tasks by the location's search, appointments by calendar, notes by contact.

What it costs: a request for 100 tasks, one for each calendar, and one for each contact whose notes are read;
no request gives the notes of several.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from time import perf_counter

from tasks.core.batch import Batch, Json, Position
from tasks.core.errors import RecordNotFoundError
from tasks.streams import appointment, crm_task, note
from tasks.vendors.highlevel.api import appointments, calendars, crm_tasks, notes
from tasks.vendors.highlevel.api.records import Record
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.highlevel.readers.lists import ListReader, ListSource
from tasks.vendors.protocols import Parents

AT_ONCE = 8
"""Contacts whose notes are asked for at the same time; the request budget paces them."""

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
YEARS_AHEAD = timedelta(days=3653)
"""How far ahead appointments are looked for."""


class CrmTaskReader(ListReader):
    """Reads a location's tasks: only its search tells when one was added and changed."""

    stream = crm_task.NAME

    def source(self) -> ListSource:
        """All tasks, the newest first."""
        return ListSource(self.client, self.stream, self._all)

    async def one(self, id_: str, parent: str = "") -> Json:
        """A task as its contact has it, which is without its dates; None where it is gone."""
        if not parent:
            return await anext((task.raw async for task in self._all(0) if task.id == id_), None)
        try:
            return (await crm_tasks.get(self.client, parent, id_)).raw
        except RecordNotFoundError:
            return None

    async def _all(self, start: int) -> AsyncIterator[Record]:
        async for task in crm_tasks.search(self.client, start=start):
            if not task.deleted:
                yield task


class AppointmentReader(ListReader):
    """Reads the appointments of a location's calendars: one request for each calendar."""

    stream = appointment.NAME

    def source(self) -> ListSource:
        """All appointments, calendar by calendar."""
        return ListSource(self.client, self.stream, self._all)

    async def one(self, id_: str, _parent: str = "") -> Json:
        """An appointment as it is now; None where there is none."""
        try:
            found = await appointments.get(self.client, id_)
        except RecordNotFoundError:
            return None
        return None if found.deleted else found.raw

    async def _all(self, start: int) -> AsyncIterator[Record]:
        until, passed = self.client.now() + YEARS_AHEAD, 0
        for calendar in await calendars.list_all(self.client):
            held = await appointments.in_period(
                self.client, BEGINNING, until, by="calendarId", of=calendar.id
            )
            for one in held:
                if not one.deleted:
                    passed += 1
                    if passed > start:
                        yield one


class NoteSource:
    """The notes of contacts that are named as it goes; a batch tells each of its contacts whole.

    Args:
        contacts: Which contacts come next.
    """

    def __init__(self, client: HighLevel, contacts: Parents) -> None:
        self._client = client
        self._contacts = contacts
        self._limit = asyncio.Semaphore(AT_ONCE)
        self.total: int | None = None

    async def read(self, position: Position | None, size: int) -> Batch:
        """The notes of the contacts after ``position``.

        Args:
            size: Contacts in the batch at most.
        """
        start, asked_at = perf_counter(), self._client.now()
        ids, after, last = await self._contacts(position, size)
        found = await asyncio.gather(*map(self._of, ids))
        return Batch(
            note.NAME,
            self._client.location_id,
            [record for records in found for record in records],
            position=after,
            last=last,
            seconds=perf_counter() - start,
            asked_at=asked_at,
            parents=tuple(ids),
        )

    async def _of(self, contact_id: str) -> list[Json]:
        """A contact's notes; of one that is gone there are none."""
        async with self._limit:
            try:
                held = await notes.of_contact(self._client, contact_id)
            except RecordNotFoundError:
                return []
        return [{"contactId": contact_id, **one.raw} for one in held]


class NoteReader:
    """Reads the notes of contacts; see ``tasks.vendors.protocols.ParentReader``."""

    stream = note.NAME

    def __init__(self, client: HighLevel) -> None:
        self._client = client

    def of(self, parents: Parents) -> NoteSource:
        """The notes of contacts."""
        return NoteSource(self._client, parents)
