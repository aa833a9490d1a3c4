"""Notes: texts that hang on a contact."""

from __future__ import annotations

from tasks.core.change import Verb
from tasks.streams.model import TEXT_LIMIT, Field, FieldType, Operation, Stream, Target, Written

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
