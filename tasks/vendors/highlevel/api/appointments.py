"""Appointments: read by contact or by period, written through the calendars.

A contact's list has dates without a zone, the calendar's have an offset, and the calendar is asked in
milliseconds since 1970. Whoever writes from here syncs records: HighLevel is told not to notify the
contact, unless a write asks for it.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Literal

from tasks.core.batch import Json
from tasks.core.errors import RecordNotFoundError
from tasks.vendors.highlevel.api.activity_writes import AppointmentCreate, AppointmentUpdate
from tasks.vendors.highlevel.api.endpoint import ITSELF, Endpoint
from tasks.vendors.highlevel.api.moments import milliseconds
from tasks.vendors.highlevel.api.records import Appointment
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.retry import Check

_READ, _WRITE = "calendars/events.readonly", "calendars/events.write"
_ALL, _ONE = "/calendars/events/appointments", "/calendars/events/appointments/{eventId}"

LIST = Endpoint("GET", "/contacts/{contactId}/appointments", "contacts.readonly")
WINDOW = Endpoint("GET", "/calendars/events", _READ)
GET = Endpoint("GET", _ONE, _READ)
CREATE = Endpoint("POST", _ALL, _WRITE, idempotent=False)
UPDATE = Endpoint("PUT", _ONE, _WRITE)
DELETE = Endpoint("DELETE", "/calendars/events/{eventId}", _WRITE)

_QUIETLY: dict[str, Json] = {"toNotify": False}


async def of_contact(client: HighLevel, contact_id: str, *, zone: tzinfo) -> list[Appointment]:
    """All appointments of a contact.

    Args:
        zone: The location's (``locations.get``): the dates of this answer say none.
    """
    answer = await LIST.ask(client, {"contactId": contact_id})
    return LIST.records(client, answer, Appointment, "events", zone=zone)


async def in_period(
    client: HighLevel,
    since: datetime,
    until: datetime,
    *,
    by: Literal["userId", "calendarId", "groupId"],
    of: str,
) -> list[Appointment]:
    """The appointments that begin in a period, of one user, calendar or group.

    Args:
        of: Id of what ``by`` names.
    """
    query = {
        "locationId": client.location_id,
        "startTime": milliseconds(since),
        "endTime": milliseconds(until),
        by: of,
    }
    answer = await WINDOW.ask(client, query=query)
    return WINDOW.records(client, answer, Appointment, "events")


async def get(client: HighLevel, event_id: str) -> Appointment:
    """One appointment.

    Raises:
        RecordNotFoundError: There is no such appointment.
    """
    answer = await GET.ask(client, {"eventId": event_id})
    return GET.record(client, answer, Appointment, "event", "appointment", ITSELF)


async def create(client: HighLevel, appointment: AppointmentCreate) -> Appointment:
    """Make an appointment.

    Raises:
        UnknownOutcomeError: The answer was lost; compare ``of_contact`` before making it again.
    """
    body = {**_QUIETLY, "locationId": client.location_id, **appointment.payload(client.dialect)}
    answer = await CREATE.ask(client, json=body)
    return CREATE.record(client, answer, Appointment, "event", "appointment", ITSELF)


async def update(client: HighLevel, event_id: str, changes: AppointmentUpdate) -> Appointment:
    """Change the fields that are set; the appointment after it."""
    body = {**_QUIETLY, **changes.payload(client.dialect)}
    answer = await UPDATE.ask(client, {"eventId": event_id}, json=body)
    return UPDATE.record(client, answer, Appointment, "event", "appointment", ITSELF)


async def delete(client: HighLevel, event_id: str, *, again: Check | None = None) -> bool:
    """Delete an appointment; False where it was gone already.

    Args:
        again: As ``HighLevel.call`` has it.
    """
    try:
        await DELETE.do(client, {"eventId": event_id}, json={}, again=again)
    except RecordNotFoundError:
        return False
    return True
