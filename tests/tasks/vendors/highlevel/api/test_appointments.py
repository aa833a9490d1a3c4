"""Appointments over the line: one hour, however it is listed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tasks.vendors.highlevel.api import appointments, locations
from tasks.vendors.highlevel.api.activity_writes import AppointmentCreate, AppointmentUpdate
from tasks.vendors.highlevel.client import HighLevel
from tests.tasks.vendors.highlevel.unconfirmed import unconfirmed

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def first_contact(talk: Any) -> str:
    return str(talk.vendor.records("contacts")[0]["id"])


def test_an_appointment_is_the_same_hour_in_every_list(talk: Any) -> None:
    contact, calendar = first_contact(talk), talk.vendor.records("calendars")[0]

    async def go(client: HighLevel) -> None:
        zone = ZoneInfo((await locations.get(client)).timezone or "")
        new = AppointmentCreate(
            calendar_id=calendar["id"],
            contact_id=contact,
            start_time=NOON,
            end_time=NOON + timedelta(hours=1),
            title="Demo",
            appointment_status="confirmed",
        )
        made = await appointments.create(client, new)
        assert unconfirmed(new, made) == ()
        of_contact = await appointments.of_contact(client, contact, zone=zone)
        in_period = await appointments.in_period(
            client, NOON - timedelta(1), NOON + timedelta(1), by="calendarId", of=calendar["id"]
        )
        read = await appointments.get(client, made.id)
        for seen in (*of_contact, *in_period, read):
            assert (seen.id, seen.start_time, seen.end_time) == (made.id, NOON, NOON + timedelta(hours=1))
        assert len(of_contact) == len(in_period) == 1
        changes = AppointmentUpdate(start_time=NOON + timedelta(hours=2), end_time=NOON + timedelta(hours=3))
        assert unconfirmed(changes, await appointments.update(client, made.id, changes)) == ()
        assert await appointments.delete(client, made.id)
        assert not await appointments.delete(client, made.id)

    talk(go)
