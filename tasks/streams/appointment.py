"""Appointments of contacts in a calendar: as the hub mirrors them, and as HighLevel takes them."""

from __future__ import annotations

from tasks.core.change import Verb
from tasks.streams.model import (
    CONTENT,
    TEXT_LIMIT,
    Field,
    FieldType,
    Mirror,
    Operation,
    Source,
    Stream,
    Target,
    Written,
)
from tasks.streams.note import CONTACT, CONTACT_FIELDS

_T = FieldType

HUB_APPOINTMENT = Stream(
    name="hub.appointment",
    mirror=Mirror(
        table="appointments",
        mapping="highlevel_appointment",
        synced_by="sync_activity",
        parent="contact_id",
        parent_mirror="hub.contact",
    ),
    fields={
        "id": Field(_T.TEXT, required=True, limit=64),
        "contact_id": Field(_T.TEXT, limit=64, indexed=True),
        "calendar_id": Field(_T.TEXT, limit=64, indexed=True),
        "title": Field(_T.TEXT, limit=2_000),
        "status": Field(_T.TEXT, limit=64),
        "start_time": Field(_T.TIMESTAMP),
        "end_time": Field(_T.TIMESTAMP),
        "assigned_to": Field(_T.TEXT, limit=64),
        "address": Field(_T.TEXT, limit=2_000),
        "notes": Field(_T.TEXT, limit=1_000_000),
        "rrule": Field(_T.TEXT, limit=2_000),
        "date_added": Field(_T.TIMESTAMP),
        "date_updated": Field(_T.TIMESTAMP),
    },
)

NAME = "highlevel.appointment"


def _text(mirror: str, limit: int = 1_000) -> Field:
    return Field(_T.TEXT, limit=limit, mirror=mirror, written=Written.ALWAYS)


def _time(mirror: str) -> Field:
    return Field(_T.TIMESTAMP, mirror=mirror, written=Written.ALWAYS, zoned=True)


APPOINTMENT = Stream(
    name=NAME,
    target=Target(
        called=("appointment", "appointments"),
        imported_by="import_records",
        operations=(
            Operation(NAME, Verb.CREATE, "create_appointment", "appointments", "appointments", 350),
            Operation(
                NAME,
                Verb.UPDATE,
                "update_appointment",
                "appointments updated",
                "updated",
                360,
                rechecked=True,
            ),
            Operation(
                NAME, Verb.DELETE, "delete_appointment", "appointments deleted", "deleted", 720, reads=1
            ),
        ),
        mirror="hub.appointment",
        match=("link", CONTENT),
        label=(("title",),),
        parent=CONTACT,
        content=("calendarId", "startTime"),
        answers_in_part=True,
    ),
    fields={
        "id": Field(_T.TEXT, required=True, limit=255),
        "asOf": Field(_T.TIMESTAMP),
        **CONTACT_FIELDS,
        "calendarId": Field(
            _T.TEXT,
            limit=255,
            mirror="calendar_id",
            written=Written.WHEN_MADE,
            refers_to="highlevel.calendar",
        ),
        "title": _text("title"),
        "startTime": _time("start_time"),
        "endTime": _time("end_time"),
        # new, confirmed, cancelled, showed, noshow, invalid
        "appointmentStatus": _text("status", 64),
        "assignedUserId": Field(
            _T.TEXT, limit=255, mirror="assigned_to", written=Written.ALWAYS, refers_to="highlevel.user"
        ),
        "address": _text("address", 2_000),
        "description": Field(_T.TEXT, limit=TEXT_LIMIT, written=Written.WHEN_MADE),
        # Books also where the calendar has no free slot; HighLevel tells it nowhere.
        "ignoreFreeSlotValidation": Field(_T.BOOLEAN, written=Written.WHEN_MADE),
    },
)

SOURCES = (
    Source(NAME, "highlevel_appointment"),
    Source(
        "file.appointment",
        "file_to_appointment",
        number="_row",
        volatile=frozenset({"_row"}),
        system="file",
        by_content=True,
    ),
    Source("hub.appointment", "file_to_appointment", system="hub", priority=2),
)
"""Where appointments come from."""
