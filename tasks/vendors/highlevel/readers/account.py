"""Reading a location's users and calendars: there are few, and each list is one answer."""

from __future__ import annotations

from tasks.core.batch import Json
from tasks.streams.account import CALENDAR, USER
from tasks.vendors.highlevel.api import calendars, users
from tasks.vendors.highlevel.readers.lists import ListReader, ListSource, in_one


class UserReader(ListReader):
    """Reads the people who work in a location."""

    stream = USER

    def source(self) -> ListSource:
        """All users."""
        client = self.client
        return ListSource(client, self.stream, lambda start: in_one(users.list_all(client), start))

    async def one(self, id_: str, _parent: str = "") -> Json:
        """A user of the location as it is now; None where it has none of that id."""
        return next((user.raw for user in await users.list_all(self.client) if user.id == id_), None)


class CalendarReader(ListReader):
    """Reads a location's calendars."""

    stream = CALENDAR

    def source(self) -> ListSource:
        """All calendars."""
        client = self.client
        return ListSource(client, self.stream, lambda start: in_one(calendars.list_all(client), start))

    async def one(self, id_: str, _parent: str = "") -> Json:
        """A calendar as it is now; None where there is none."""
        listed = await calendars.list_all(self.client)
        return next((calendar.raw for calendar in listed if calendar.id == id_), None)
