"""Enrolments: that a contact is in a workflow. HighLevel takes them and tells none, so none is mirrored.

A workflow acts at once and begins anew when a contact is put into it again: messages are sent twice. So who
joins is known by the workflow's id alone, whatever it is called by now.
"""

from __future__ import annotations

from tasks.core.change import Verb
from tasks.streams.model import Field, FieldType, Operation, Stream, Target, Written

NAME = "highlevel.enrolment"

ENROLMENT = Stream(
    name=NAME,
    target=Target(
        called=("enrolment", "enrolments"),
        # After all else that a contact gets: a workflow reads it. Out of one first, then into it anew.
        operations=(
            Operation(NAME, Verb.DELETE, "leave_workflow", "contacts taken out of a workflow", "out", 380),
            Operation(NAME, Verb.CREATE, "join_workflow", "contacts put into a workflow", "into", 390),
        ),
        label=(("workflow",), ("workflowId",)),
        given_as={"workflow": "name", "workflowId": "id"},
        known_by=("workflowId",),
        membership=("joins workflow", "leaves workflow"),
    ),
    fields={
        "id": Field(FieldType.TEXT, required=True, limit=255),
        "workflow": Field(FieldType.TEXT, limit=1_000),
        "workflowId": Field(FieldType.TEXT, limit=255, written=Written.ALWAYS),
    },
)
