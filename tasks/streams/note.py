"""Notes, texts that hang on a contact: as the hub mirrors them, and as HighLevel takes them."""

from __future__ import annotations

from tasks.core.change import Verb
from tasks.streams.model import (
    CONTENT,
    RULES,
    TEXT_LIMIT,
    Field,
    FieldType,
    Mirror,
    Operation,
    Parent,
    Source,
    Stream,
    Target,
    Written,
)

_T = FieldType

HUB_NOTE = Stream(
    name="hub.note",
    mirror=Mirror(
        table="notes",
        mapping="highlevel_note",
        synced_by="sync_activity",
        parent="contact_id",
        parent_mirror="hub.contact",
        by_parent=True,
    ),
    fields={
        "id": Field(_T.TEXT, required=True, limit=64),
        "contact_id": Field(_T.TEXT, limit=64, indexed=True),
        "title": Field(_T.TEXT, limit=2_000),
        "body": Field(_T.TEXT, limit=1_000_000),
        "user_id": Field(_T.TEXT, limit=64),
        "color": Field(_T.TEXT, limit=64),
        "pinned": Field(_T.BOOLEAN),
        "date_added": Field(_T.TIMESTAMP),
        "date_updated": Field(_T.TIMESTAMP),
    },
)

NAME = "highlevel.note"

CONTACT = Parent("highlevel.contact", {"contact": "link", "contactEmail": "email", "contactPhone": "phone"})
"""How what hangs on a contact names it: by its id, HighLevel's or the source's, by e-mail or by phone."""

CONTACT_FIELDS = {
    "contact": Field(_T.TEXT, limit=255),
    "contactEmail": Field(_T.TEXT, limit=320),
    "contactPhone": Field(_T.TEXT, limit=64),
}
"""The same as fields of a mapping; never written."""

NOTE = Stream(
    name=NAME,
    target=Target(
        called=("note", "notes"),
        imported_by="import_records",
        operations=(
            Operation(NAME, Verb.CREATE, "create_note", "notes", "notes", 300),
            Operation(NAME, Verb.UPDATE, "update_note", "notes updated", "updated", 305, rechecked=True),
            Operation(NAME, Verb.DELETE, "delete_note", "notes deleted", "notes deleted", 700, reads=1),
        ),
        sole="body",
        mirror="hub.note",
        match=("link", CONTENT),
        label=(("title",), ("body",)),
        parent=CONTACT,
        content=("body",),
    ),
    fields={
        "id": Field(_T.TEXT, required=True, limit=255),
        "asOf": Field(_T.TIMESTAMP),
        **CONTACT_FIELDS,
        "title": Field(_T.TEXT, limit=1_000, mirror="title", written=Written.ALWAYS),
        "body": Field(_T.TEXT, limit=TEXT_LIMIT, mirror="body", written=Written.ALWAYS),
        "color": Field(_T.TEXT, limit=7, mirror="color", written=Written.ALWAYS),
        "pinned": Field(_T.BOOLEAN, mirror="pinned", written=Written.ALWAYS),
        "userId": Field(
            _T.TEXT, limit=255, mirror="user_id", written=Written.ALWAYS, refers_to="highlevel.user"
        ),
    },
)

SOURCES = (
    Source(NAME, "highlevel_note"),
    Source(
        "file.note",
        "file_to_note",
        number="_row",
        volatile=frozenset({"_row"}),
        system="file",
        by_content=True,
    ),
    Source("hub.note", "file_to_note", system="hub", priority=2),
    # Rows that rules made (tasks/mapping/rules); the mapping that reads them is made with them.
    Source(f"{RULES}.note", "", system=RULES, priority=2),
)
"""Where notes come from."""
