"""HighLevel's tasks, which hang on a contact: as the hub mirrors them, and as HighLevel takes them."""

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
    Source,
    Stream,
    Target,
    Written,
)
from tasks.streams.note import CONTACT, CONTACT_FIELDS

NAME = "highlevel.crm_task"
_T = FieldType

HUB_TASK = Stream(
    name="hub.crm_task",
    mirror=Mirror(
        table="crm_tasks",
        mapping="highlevel_crm_task",
        synced_by="sync_activity",
        parent="contact_id",
        parent_mirror="hub.contact",
    ),
    fields={
        "id": Field(_T.TEXT, required=True, limit=64),
        "contact_id": Field(_T.TEXT, limit=64, indexed=True),
        "title": Field(_T.TEXT, limit=2_000),
        "body": Field(_T.TEXT, limit=1_000_000),
        "due_date": Field(_T.TIMESTAMP),
        "completed": Field(_T.BOOLEAN),
        "assigned_to": Field(_T.TEXT, limit=64),
        "date_added": Field(_T.TIMESTAMP),
        "date_updated": Field(_T.TIMESTAMP),
    },
)

TASK = Stream(
    name=NAME,
    target=Target(
        called=("task", "tasks"),
        imported_by="import_records",
        operations=(
            Operation(NAME, Verb.CREATE, "create_task", "tasks", "tasks", 310),
            Operation(NAME, Verb.UPDATE, "update_task", "tasks updated", "updated", 320, rechecked=True),
            Operation(
                NAME,
                Verb.COMPLETE,
                "complete_task",
                "tasks completed or reopened",
                "completed",
                330,
                part="completed",
                rechecked=True,
            ),
            Operation(NAME, Verb.DELETE, "delete_task", "tasks deleted", "tasks deleted", 710, reads=1),
        ),
        mirror="hub.crm_task",
        match=("link", CONTENT),
        label=(("title",),),
        parent=CONTACT,
        content=("title", "dueDate"),
        answers_in_part=True,
    ),
    fields={
        "id": Field(_T.TEXT, required=True, limit=255),
        "asOf": Field(_T.TIMESTAMP),
        **CONTACT_FIELDS,
        "title": Field(_T.TEXT, limit=1_000, mirror="title", written=Written.ALWAYS),
        "body": Field(_T.TEXT, limit=TEXT_LIMIT, mirror="body", written=Written.ALWAYS),
        "dueDate": Field(_T.TIMESTAMP, mirror="due_date", written=Written.ALWAYS, zoned=True),
        "assignedTo": Field(
            _T.TEXT, limit=255, mirror="assigned_to", written=Written.ALWAYS, refers_to="highlevel.user"
        ),
        # Given with a new one; later an operation of its own completes it, or opens it again.
        "completed": Field(_T.BOOLEAN, mirror="completed", written=Written.WHEN_MADE, part="completed"),
    },
)

SOURCES = (
    # Only the location's search tells when a task was added and changed; it calls the id so.
    Source(NAME, "highlevel_crm_task", id="_id", volatile=frozenset({"searchAfter"})),
    Source(
        "file.crm_task",
        "file_to_crm_task",
        number="_row",
        volatile=frozenset({"_row"}),
        system="file",
        by_content=True,
    ),
    Source("hub.crm_task", "file_to_crm_task", system="hub", priority=2),
    # Rows that rules made (tasks/mapping/rules); the mapping that reads them is made with them.
    Source(f"{RULES}.crm_task", "", system=RULES, priority=2),
)
"""Where tasks come from."""
