"""HighLevel's tasks, which hang on a contact: as the hub mirrors them, and as HighLevel takes them."""

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
        operations=(
            Operation(NAME, Verb.CREATE, "create_task", "tasks", "tasks", 310),
            Operation(NAME, Verb.DELETE, "delete_task", "tasks deleted", "tasks deleted", 710, reads=1),
        ),
    ),
    fields={
        "id": Field(_T.TEXT, required=True, limit=64),
        "title": Field(_T.TEXT, limit=1_000, written=Written.ALWAYS),
        "body": Field(_T.TEXT, limit=TEXT_LIMIT, written=Written.ALWAYS),
        "dueDate": Field(_T.TIMESTAMP, written=Written.ALWAYS),
        "assignedTo": Field(_T.TEXT, limit=64, written=Written.ALWAYS),
        "completed": Field(_T.BOOLEAN, written=Written.ALWAYS),
    },
)

SOURCES = (
    # Only the location's search tells when a task was added and changed; it calls the id so.
    Source(NAME, "highlevel_crm_task", id="_id", volatile=frozenset({"searchAfter"})),
)
"""Where tasks come from."""
