"""The location's calendars, in which appointments are."""

from __future__ import annotations

from tasks.vendors.highlevel.api.account_records import Calendar
from tasks.vendors.highlevel.api.endpoint import Endpoint
from tasks.vendors.highlevel.client import HighLevel

LIST = Endpoint("GET", "/calendars/", "calendars.readonly")


async def list_all(client: HighLevel) -> list[Calendar]:
    """All calendars of the location; there are no pages."""
    answer = await LIST.ask(client, query={"locationId": client.location_id})
    return LIST.records(client, answer, Calendar, "calendars")
