"""Appointments of contacts in the location's calendars, as the hub mirrors them."""

from __future__ import annotations

from tasks.streams.model import Field, FieldType, Mirror, Source, Stream

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

SOURCES = (Source(NAME, "highlevel_appointment"),)
"""Where appointments come from."""
