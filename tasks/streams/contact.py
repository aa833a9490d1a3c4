"""Contacts: as the hub mirrors them, as HighLevel takes them, and where they come from."""

from __future__ import annotations

from tasks.streams.model import TEXT_LIMIT, Field, FieldType, Mirror, Source, Stream, Target, Way

_T = FieldType

HUB_CONTACT = Stream(
    name="hub.contact",
    mirror=Mirror(
        table="contacts",
        mapping="highlevel_contact",
        synced_by="sync_contacts",
        further={"email": "additional_emails", "phone": "additional_phones"},
        composed={"name": ("first_name", "last_name")},
    ),
    fields={
        "id": Field(_T.TEXT, required=True, limit=64),
        "first_name": Field(_T.TEXT, limit=1_000),
        "last_name": Field(_T.TEXT, limit=1_000),
        "name": Field(_T.TEXT, limit=2_000),
        "email": Field(_T.TEXT, limit=320, indexed=True),
        "additional_emails": Field(_T.TEXTS),
        "phone": Field(_T.TEXT, limit=64, indexed=True),
        "additional_phones": Field(_T.TEXTS),
        "company_name": Field(_T.TEXT, limit=1_000),
        "business_id": Field(_T.TEXT, limit=64),
        "website": Field(_T.TEXT, limit=2_048),
        "address": Field(_T.TEXT, limit=2_000),
        "city": Field(_T.TEXT, limit=1_000),
        "state": Field(_T.TEXT, limit=1_000),
        "postal_code": Field(_T.TEXT, limit=64),
        "country": Field(_T.TEXT, limit=64),
        "timezone": Field(_T.TEXT, limit=64),
        "date_of_birth": Field(_T.DATE),
        "source": Field(_T.TEXT, limit=2_000),
        "type": Field(_T.TEXT, limit=64),
        "assigned_to": Field(_T.TEXT, limit=64),
        "dnd": Field(_T.BOOLEAN),
        "tags": Field(_T.TEXTS),
        "custom": Field(_T.OBJECT),
        "date_added": Field(_T.TIMESTAMP),
        "date_updated": Field(_T.TIMESTAMP),
    },
)


def _text(mirror: str, limit: int = 1_000, *, clearable: bool = True, way: Way = Way.UPDATE) -> Field:
    return Field(_T.TEXT, limit=limit, mirror=mirror, way=way, clearable=clearable)


HIGHLEVEL_CONTACT = Stream(
    name="highlevel.contact",
    target=Target(
        mirror="hub.contact",
        match=("link", "email", "phone"),
        label=(("name",), ("firstName", "lastName"), ("email",), ("phone",), ("companyName",)),
        address=("email", "phone"),
    ),
    fields={
        # The source's own id of the record, by which its contact is found again.
        "id": Field(_T.TEXT, required=True, limit=255),
        # When the source last changed the record: what the policies compare. Never written.
        "asOf": Field(_T.TIMESTAMP),
        "firstName": _text("first_name"),
        "lastName": _text("last_name"),
        "name": _text("name", 2_000),
        "email": _text("email", 320),
        "phone": _text("phone", 64),
        "companyName": _text("company_name", way=Way.UPSERT),
        "website": _text("website", 2_048),
        "address1": _text("address", 2_000),
        "city": _text("city"),
        "state": _text("state"),
        "postalCode": _text("postal_code", 64, clearable=False),
        "country": _text("country", 64, clearable=False),
        "timezone": _text("timezone", 64),
        "dateOfBirth": Field(_T.DATE, mirror="date_of_birth", way=Way.UPDATE, clearable=True),
        "gender": _text("", 64, clearable=False, way=Way.CREATE),
        "source": _text("source", 2_000),
        "assignedTo": _text("assigned_to", 64),
        "dnd": Field(_T.BOOLEAN, mirror="dnd", way=Way.UPDATE),
        "tags": Field(_T.TEXTS, mirror="tags", way=Way.TAGS),
        # The name, the domain or the id of a business that is there.
        "business": _text("business_id", way=Way.BUSINESS),
        "note": _text("", way=Way.NOTE, limit=TEXT_LIMIT),
        # title, dueDate, and as one likes body, assignedTo, completed
        "task": Field(_T.OBJECT, way=Way.TASK),
    },
    custom=Field(_T.VALUE, mirror="custom", way=Way.UPDATE),
)

NOTE, TASK = "highlevel.note", "highlevel.task"
"""What the link of a record's note or task leads to."""

SOURCES = (
    # The search cursor rides on each contact and changes with the sort order.
    Source("highlevel.contact", volatile=frozenset({"searchAfter"})),
    # Rows of a CSV, Excel or JSON Lines file under canonical names (tasks/extract/columns.py).
    Source("file.contact", volatile=frozenset({"_row"}), system="file"),
    # Rows of a query of the hub's database, likewise.
    Source("hub.contact", system="hub", priority=2),
)
"""Where contacts come from."""
