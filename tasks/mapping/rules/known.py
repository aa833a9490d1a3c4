"""What rules may name: the records they read, field by field, and the streams they write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tasks.core.marked_yaml import Where
from tasks.streams import CUSTOM, STREAMS, FieldType

_T = FieldType


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of the values at a path; nothing where nothing is said.

    Args:
        type: Of a single value.
        fields: Of a record.
        item: Of a list's members.
    """

    type: FieldType | None = None
    fields: Mapping[str, Shape] = field(default_factory=dict)
    item: Shape | None = None


ANY = Shape()


def _of_field(type_: FieldType) -> Shape:
    if type_ is _T.TEXTS:
        return Shape(type_, item=Shape(_T.TEXT))
    return ANY if type_ in (_T.OBJECT, _T.VALUE) else Shape(type_)


def _record(stream: str) -> Shape:
    fields = {name: _of_field(declared.type) for name, declared in STREAMS[stream].fields.items()}
    return Shape(fields={**fields, "deleted_at": Shape(_T.TIMESTAMP)})


CALLED = {
    "hub.crm_task": "task",
    "hub.note": "note",
    "hub.appointment": "appointment",
    "hub.business": "business",
    "hub.lead": "lead",
}
"""Under which other name a record goes, besides ``record``."""

_TEXT = Shape(_T.TEXT)

_ROOTS: dict[str, Shape] = {
    "contact": _record("hub.contact"),
    "business": _record("hub.business"),
    "owner": _record("hub.user"),
    "assignee": _record("hub.user"),
    "tasks": Shape(item=_record("hub.crm_task")),
    "notes": Shape(item=_record("hub.note")),
    "company": Shape(
        fields={"key": _TEXT, "name": _TEXT, "domain": _TEXT, "business_id": _TEXT, "doubt": _TEXT}
    ),
    "change": Shape(fields={"kind": _TEXT, "at": Shape(_T.TIMESTAMP), "whose": _TEXT, "fields": ANY}),
    "location": Shape(fields=dict.fromkeys(("id", "zone", "country"), _TEXT)),
    "now": Shape(_T.TIMESTAMP),
    "today": Shape(_T.DATE),
}

JUDGED = sorted(name for name, stream in STREAMS.items() if stream.mirror is not None)
"""The streams whose records rules may judge."""


def roots_of(stream: str) -> dict[str, Shape]:
    """Where paths may begin in a rule about the records of a stream."""
    record = _record(stream)
    return {**_ROOTS, "record": record, **({CALLED[stream]: record} if stream in CALLED else {})}


def names_of(stream: str) -> frozenset[str]:
    """Under which names the judged record goes, whose changes a rule knows."""
    called = "contact" if stream == "hub.contact" else CALLED.get(stream, "")
    return frozenset({"record", called} - {""})


NOTICE = "notice"
"""The target of a rule that tells somebody."""


class TargetFields(NamedTuple):
    """What a rule may give to a row.

    Args:
        types: Field to type; None for what this module does not know the type of.
        needed: Fields without which there is no such row.
    """

    types: Mapping[str, FieldType | None]
    needed: tuple[str, ...] = ()


EXTRA_FIELDS: dict[str, dict[str, FieldType | None]] = {
    "highlevel.contact": {"workflows": None, "workflowsLeft": None},
    # By which contacts of one company make one business, and why a person must look at it first.
    "highlevel.business": {"id": _T.TEXT, "doubt": _T.TEXT},
}
"""What rules give to rows besides the fields of the target's records."""

_NEEDED = {"highlevel.crm_task": ("title",), "highlevel.note": ("body",), "highlevel.business": ("name",)}


def _target(stream: str) -> TargetFields:
    declared = STREAMS[stream]
    parent = declared.target.parent if declared.target else None
    left_out = {"id", "asOf", *declared.children, *(parent.keys if parent else ())}
    own: dict[str, FieldType | None] = {
        name: one.type for name, one in declared.fields.items() if name not in left_out
    }
    return TargetFields({**own, **EXTRA_FIELDS.get(stream, {})}, _NEEDED.get(stream, ()))


TARGETS: dict[str, TargetFields] = {
    **{name: _target(name) for name in ("highlevel.contact", "highlevel.business")},
    **{name: _target(name) for name in ("highlevel.crm_task", "highlevel.note")},
    NOTICE: TargetFields(
        {"channel": _T.TEXT, "subject": _T.TEXT, "text": _T.TEXT, "key": _T.TEXT, "digest": _T.BOOLEAN},
        ("channel", "text"),
    ),
}
"""What ``then`` may make."""


def field_type(target: str, name: str) -> FieldType | None:
    """The type of a field of a target, custom ones included.

    Raises:
        KeyError: It has no such field.
    """
    declared = STREAMS[target].custom if target in STREAMS and name.startswith(CUSTOM) else None
    if declared is not None and len(name) > len(CUSTOM):
        return declared.type
    return TARGETS[target].types[name]


NAMING = {
    "assignedTo": "user",
    "userId": "user",
    "tags": "tag",
    "tagsRemoved": "tag",
    "workflows": "workflow",
    "workflowsLeft": "workflow",
    "channel": "channel",
    "business": "business",
}
"""Fields whose values name something of the location, and what."""


class Named(NamedTuple):
    """A name in the file that the location must know.

    Args:
        kind: ``user``, ``tag``, ``workflow``, ``custom field``, ``channel`` or ``business``.
        name: As the file has it.
        where: Its place in the file.
    """

    kind: str
    name: str
    where: Where
