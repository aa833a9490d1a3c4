"""What a plan may do with contacts and what hangs on them, by short names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tasks.core.change import Change, FieldChange, Verb
from tasks.streams import ENROLMENT, HIGHLEVEL_CONTACT, NOTE, OPERATIONS, TASK, Operation, operations_of

_CONTACT, _NOTE, _TASK = HIGHLEVEL_CONTACT.name, NOTE.name, TASK.name

CREATE = OPERATIONS[_CONTACT, Verb.CREATE, ""]
UPDATE = OPERATIONS[_CONTACT, Verb.UPDATE, ""]
TAG_ADD = OPERATIONS[_CONTACT, Verb.ADD, "tags"]
TAG_REMOVE = OPERATIONS[_CONTACT, Verb.REMOVE, "tags"]
LINK_BUSINESS = OPERATIONS[_CONTACT, Verb.UPDATE, "business"]
CREATE_NOTE = OPERATIONS[_NOTE, Verb.CREATE, ""]
CREATE_TASK = OPERATIONS[_TASK, Verb.CREATE, ""]
DELETE_NOTE = OPERATIONS[_NOTE, Verb.DELETE, ""]
DELETE_TASK = OPERATIONS[_TASK, Verb.DELETE, ""]
JOIN = OPERATIONS[ENROLMENT.name, Verb.CREATE, ""]
LEAVE = OPERATIONS[ENROLMENT.name, Verb.DELETE, ""]
DELETE = OPERATIONS[_CONTACT, Verb.DELETE, ""]
UNCHANGED = OPERATIONS[_CONTACT, Verb.UNCHANGED, ""]
MERGED = OPERATIONS[_CONTACT, Verb.MERGED, ""]
CONFLICT = OPERATIONS[_CONTACT, Verb.CONFLICT, ""]

ALL = operations_of(_CONTACT)


def change(
    operation: Operation,
    record_id: str,
    counterpart: str = "",
    label: str = "",
    fields: Sequence[FieldChange] = (),
    kept: Sequence[FieldChange] = (),
    why: str = "",
    **more: Any,
) -> Change:
    """A change of an operation.

    Args:
        counterpart: The contact that it is about, or on which it hangs.
    """
    found = Change(operation.stream, operation.verb, record_id, operation.part, label=label, why=why, **more)
    found.fields, found.kept = list(fields), list(kept)
    if operation.stream != _CONTACT:
        found.parent_id = counterpart
    elif counterpart:
        found.target_id = counterpart
    return found
