"""HighLevel's tasks, which hang on a contact."""

from __future__ import annotations

from tasks.core.change import Verb
from tasks.streams.model import TEXT_LIMIT, Field, FieldType, Operation, Stream, Target, Written

NAME = "highlevel.crm_task"
_T = FieldType

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
