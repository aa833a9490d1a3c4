"""The location itself: its zone and settings, and its custom fields."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tasks.vendors.highlevel.api.account_records import CustomField, Location
from tasks.vendors.highlevel.api.endpoint import Endpoint
from tasks.vendors.highlevel.client import HighLevel

GET = Endpoint("GET", "/locations/{locationId}", "locations.readonly")
FIELDS = Endpoint("GET", "/locations/{locationId}/customFields", "locations/customFields.readonly")
MAKE_FIELD = Endpoint("POST", "/locations/{locationId}/customFields", "locations/customFields.write")
FIELD = Endpoint("GET", "/locations/{locationId}/customFields/{id}", "locations/customFields.readonly")


async def get(client: HighLevel) -> Location:
    """The client's location: zone, agency, and whether duplicate contacts are allowed."""
    answer = await GET.ask(client, {"locationId": client.location_id})
    return GET.record(client, answer, Location, "location")


async def place(client: HighLevel) -> tuple[tzinfo, str]:
    """The location's zone, UTC where it says none that is known, and its country as ISO code."""
    found = await get(client)
    try:
        return ZoneInfo(found.timezone or "UTC"), found.country or ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC, found.country or ""


async def custom_fields(
    client: HighLevel, *, model: Literal["contact", "opportunity", "all"] = "contact"
) -> list[CustomField]:
    """The location's custom fields of a model."""
    path, query = {"locationId": client.location_id}, {"model": model}
    return FIELDS.records(client, await FIELDS.ask(client, path, query=query), CustomField, "customFields")


async def make_custom_field(client: HighLevel, name: str) -> CustomField:
    """Make a custom field of contacts that takes text; HighLevel makes its key of the name."""
    body = {"name": name, "dataType": "TEXT", "model": "contact"}
    answer = await MAKE_FIELD.ask(client, {"locationId": client.location_id}, json=body)
    return MAKE_FIELD.record(client, answer, CustomField, "customField")


async def custom_field(client: HighLevel, named: str) -> CustomField:
    """One custom field.

    Args:
        named: Its id, or its whole key such as ``contact.lusha_person_id``.

    Raises:
        RecordNotFoundError: There is no such field.
    """
    answer = await FIELD.ask(client, {"locationId": client.location_id, "id": named})
    return FIELD.record(client, answer, CustomField, "customField")
