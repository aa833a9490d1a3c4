"""Notes, texts that hang on a contact: as the hub mirrors them, and as HighLevel takes them."""

from __future__ import annotations

from tasks.core.change import Verb
from tasks.streams.model import (
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

_T = FieldType

HUB_NOTE = Stream(
    name="hub.note",
    mirror=Mirror(
        table="notes",
        mapping="highlevel_note",
        synced_by="sync_activity",
        parent="contact_id",
        parent_mirror="hub.contact",
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

NOTE = Stream(
    name=NAME,
    target=Target(
        called=("note", "notes"),
        operations=(
            Operation(NAME, Verb.CREATE, "create_note", "notes", "notes", 300),
            Operation(NAME, Verb.DELETE, "delete_note", "notes deleted", "notes deleted", 700, reads=1),
        ),
        sole="body",
    ),
    fields={
        "id": Field(FieldType.TEXT, required=True, limit=64),
        "body": Field(FieldType.TEXT, limit=TEXT_LIMIT, written=Written.ALWAYS),
    },
)

SOURCES = (Source(NAME, "highlevel_note"),)
"""Where notes come from."""
