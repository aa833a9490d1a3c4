"""How appointments are written and found again: through the calendars; by contact, in the location's zone."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.core.batch import Json
from tasks.streams import APPOINTMENT
from tasks.vendors.highlevel.api import appointments, locations
from tasks.vendors.highlevel.api.activity_writes import AppointmentCreate, AppointmentUpdate
from tasks.vendors.highlevel.api.records import Appointment
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.highlevel.writers.activities import Content, Kind, Moment, as_it_is
from tasks.vendors.retry import Check


async def _make(client: HighLevel, contact_id: str, fields: Content) -> Appointment:
    return await appointments.create(client, _creation({**fields, "contactId": contact_id}))


async def _change(client: HighLevel, _contact_id: str, id_: str, fields: Content) -> Appointment:
    return await appointments.update(client, id_, AppointmentUpdate.model_validate(fields))


async def _of_contact(client: HighLevel, contact_id: str) -> list[Appointment]:
    return await appointments.of_contact(client, contact_id, zone=(await locations.place(client))[0])


async def _get(client: HighLevel, _contact_id: str, id_: str) -> Appointment:
    return await appointments.get(client, id_)


async def _remove(client: HighLevel, _contact_id: str, id_: str, /, *, again: Check) -> bool:
    return await appointments.delete(client, id_, again=again)


def _is_it(wanted: Content, found: Appointment) -> bool:
    asked = AppointmentUpdate.model_validate(wanted)
    same_hour = (found.calendar_id, found.start_time) == (asked.calendar_id, asked.start_time)
    return same_hour and (asked.title is None or found.title == asked.title)


def _holds(found: Appointment) -> dict[str, Json]:
    times = {"startTime": found.start_time, "endTime": found.end_time}
    return {
        "title": found.title,
        "address": found.address,
        "appointmentStatus": found.appointment_status,
        "assignedUserId": found.assigned_user_id,
        **{name: moment.isoformat() if moment else None for name, moment in times.items()},
    }


async def _added(client: HighLevel, _contact_id: str, some: Sequence[Appointment]) -> dict[str, Moment]:
    """A contact's list tells whole seconds; the appointment itself tells it to the millisecond."""
    return {one.id: (await appointments.get(client, one.id)).date_added for one in some}


def _creation(fields: Content) -> AppointmentCreate:
    return AppointmentCreate.model_validate(fields)


APPOINTMENTS = Kind(
    called="appointment",
    stream=APPOINTMENT.name,
    make=_make,
    of_contact=_of_contact,
    remove=_remove,
    is_it=_is_it,
    holds=_holds,
    added=_added,
    get=_get,
    change=_change,
    whole=as_it_is,
    vet=(lambda fields: _creation({**fields, "contactId": "?"}), AppointmentUpdate.model_validate),
)
