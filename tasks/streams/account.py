"""What records of a location refer to by id: its users and its calendars, as the hub mirrors them."""

from __future__ import annotations

from tasks.streams.model import Field, FieldType, Mirror, Source, Stream

_T = FieldType

HUB_USER = Stream(
    name="hub.user",
    mirror=Mirror(table="users", mapping="highlevel_user", synced_by="sync_activity"),
    fields={
        "id": Field(_T.TEXT, required=True, limit=64),
        "name": Field(_T.TEXT, limit=2_000),
        "first_name": Field(_T.TEXT, limit=1_000),
        "last_name": Field(_T.TEXT, limit=1_000),
        "email": Field(_T.TEXT, limit=320, indexed=True),
        "phone": Field(_T.TEXT, limit=64),
    },
)

HUB_CALENDAR = Stream(
    name="hub.calendar",
    mirror=Mirror(table="calendars", mapping="highlevel_calendar", synced_by="sync_activity"),
    fields={
        "id": Field(_T.TEXT, required=True, limit=64),
        "name": Field(_T.TEXT, limit=2_000),
        "description": Field(_T.TEXT),
        "group_id": Field(_T.TEXT, limit=64),
        "is_active": Field(_T.BOOLEAN),
    },
)

USER, CALENDAR = "highlevel.user", "highlevel.calendar"

TAG, WORKFLOW = "highlevel.tag", "highlevel.workflow"
"""What a location knows by name and no mirror keeps."""

CALLED = {USER: ("user", "users"), CALENDAR: ("calendar", "calendars")}
"""One of them, and many, for people."""

SOURCES = (Source(USER, "highlevel_user"), Source(CALENDAR, "highlevel_calendar"))
"""Where users and calendars come from."""
