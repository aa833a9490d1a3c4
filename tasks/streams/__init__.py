"""The streams: what a mapping reads from and fills, and what the hub stores; one module for each kind."""

from __future__ import annotations

from functools import cache

from tasks.core.batch import Json
from tasks.core.change import Change, Key, Verb
from tasks.streams import account, appointment, business, contact, crm_task, lead, note
from tasks.streams.account import HUB_CALENDAR, HUB_USER
from tasks.streams.appointment import APPOINTMENT, HUB_APPOINTMENT
from tasks.streams.business import HIGHLEVEL_BUSINESS, HUB_BUSINESS
from tasks.streams.contact import HIGHLEVEL_CONTACT, HUB_CONTACT
from tasks.streams.crm_task import HUB_TASK, TASK
from tasks.streams.enrolment import ENROLMENT
from tasks.streams.lead import HUB_LEAD
from tasks.streams.model import (
    CONTENT,
    CUSTOM,
    RULES,
    TEXT_LIMIT,
    Field,
    FieldType,
    Mirror,
    Naming,
    Operation,
    Parent,
    Policy,
    Source,
    Stream,
    Target,
    Written,
)
from tasks.streams.note import HUB_NOTE, NOTE

__all__ = [
    "APPOINTMENT",
    "CONTENT",
    "CUSTOM",
    "DEFAULT_TARGET",
    "ENROLMENT",
    "FILLED",
    "HIGHLEVEL_BUSINESS",
    "HIGHLEVEL_CONTACT",
    "HUB_APPOINTMENT",
    "HUB_BUSINESS",
    "HUB_CALENDAR",
    "HUB_CONTACT",
    "HUB_LEAD",
    "HUB_NOTE",
    "HUB_TASK",
    "HUB_USER",
    "NOTE",
    "OPERATIONS",
    "PRIORITIES",
    "RULES",
    "SOURCES",
    "STREAMS",
    "TASK",
    "TEXT_LIMIT",
    "Field",
    "FieldType",
    "Mirror",
    "Naming",
    "Operation",
    "Parent",
    "Policy",
    "Source",
    "Stream",
    "Target",
    "Written",
    "called",
    "child_fields",
    "child_identity",
    "child_value",
    "mirror_of",
    "operation_of",
    "operations_of",
    "patched",
    "target_of",
    "tracked",
    "verb_of_part",
    "written_to",
]

STREAMS: dict[str, Stream] = {
    stream.name: stream
    for stream in (
        *(HUB_CONTACT, HUB_BUSINESS, HUB_TASK, HUB_NOTE, HUB_APPOINTMENT, HUB_USER, HUB_CALENDAR),
        HUB_LEAD,
        *(HIGHLEVEL_CONTACT, HIGHLEVEL_BUSINESS, NOTE, TASK, APPOINTMENT, ENROLMENT),
    )
}
"""Every target stream by name."""


FILLED: dict[str, Stream] = {
    name: stream
    for name, stream in STREAMS.items()
    if stream.mirror is not None or (stream.target is not None and stream.target.mirror)
}
"""The streams that a mapping fills; what hangs on another record is a field of that one's stream."""


def _resting(stream: str) -> tuple[Operation, ...]:
    return (
        Operation(stream, Verb.CONFLICT, "conflict", "left for review", "for review", 990),
        Operation(stream, Verb.MERGED, "merged", "merged with another record of the source", "merged", 991),
        Operation(stream, Verb.UNCHANGED, "unchanged", "unchanged", "unchanged", 992),
    )


OPERATIONS: dict[Key, Operation] = {
    operation.key: operation
    for stream in STREAMS.values()
    if stream.target is not None
    for operation in (*stream.target.operations, *_resting(stream.name))
}
"""All that can become of records, by stream, verb and part."""

SOURCES: dict[str, Source] = {
    source.name: source
    for kind in (contact, business, crm_task, note, appointment, account, lead)
    for source in kind.SOURCES
}
"""Every source stream by name."""

DEFAULT_TARGET = HIGHLEVEL_CONTACT.name
"""What a plan of before it was kept writes."""

PRIORITIES: dict[str, int] = {source.system: source.priority for source in SOURCES.values()}
"""By the kind of system, whose values others do not overwrite."""


def mirror_of(name: str) -> tuple[str, Mirror]:
    """The mirror of a stream, by name: its own, or that of what it is written to.

    Raises:
        KeyError: It has none.
    """
    stream = STREAMS[name]
    if stream.target is not None:
        name = stream.target.mirror
    mirror = STREAMS[name].mirror
    if mirror is None:
        raise KeyError(name)
    return name, mirror


def target_of(name: str) -> Target:
    """How a stream is written.

    Raises:
        KeyError: It is not.
    """
    target = STREAMS[name].target
    if target is None:
        raise KeyError(name)
    return target


def tracked(mirror: str) -> tuple[str, ...]:
    """The columns of a mirror that a plan may write; custom fields are one column."""
    written = [stream for stream in STREAMS.values() if stream.target and stream.target.mirror == mirror]
    fields = [field for stream in written for field in (*stream.fields.values(), stream.custom) if field]
    return tuple(dict.fromkeys(field.mirror for field in fields if field.mirror))


@cache
def patched(mirror: str) -> tuple[str, ...]:
    """The columns of a mirror that are written without an answer that tells the whole record."""
    written = [stream for stream in STREAMS.values() if stream.target and stream.target.mirror == mirror]
    return tuple(
        field.mirror
        for stream in written
        for field in stream.fields.values()
        if field.part or (stream.target and stream.target.answers_in_part and field.mirror)
    )


@cache
def written_to(mirror: str) -> str:
    """The stream whose records a mirror mirrors, as they are written; empty where nothing writes them."""
    return next((one.name for one in STREAMS.values() if one.target and one.target.mirror == mirror), "")


def called(stream: str) -> tuple[str, str]:
    """One record of a stream, and many, for people."""
    return account.CALLED[stream] if stream in account.CALLED else target_of(stream).called


def verb_of_part(stream: str, part: str) -> Verb:
    """How a part of a record is given another value."""
    return Verb.COMPLETE if (stream, Verb.COMPLETE, part) in OPERATIONS else Verb.UPDATE


def operation_of(change: Change) -> Operation:
    """What a change is.

    Raises:
        KeyError: Its stream has no such operation.
    """
    return OPERATIONS[change.key]


@cache
def operations_of(target: str) -> tuple[Operation, ...]:
    """What a plan may do that writes a stream, and what hangs on it, in the order of carrying it out."""
    streams = (target, *STREAMS[target].children.values())
    found = [one for one in OPERATIONS.values() if one.stream in streams]
    return tuple(sorted((one for one in found if one.writes or one.stream == target), key=_order))


def _order(operation: Operation) -> int:
    return operation.order


def child_fields(stream: str, value: Json) -> dict[str, Json]:
    """The fields of a record that hangs on another, from what a mapping gives for it."""
    target = target_of(stream)
    if target.sole:
        return {target.sole: value}
    if target.given_as:
        return {name: value[key] for name, key in target.given_as.items() if value.get(key) is not None}
    return dict(value)


def child_value(stream: str, fields: dict[str, Json]) -> Json:
    """The reverse: what a mapping gave for such a record."""
    target = target_of(stream)
    if target.sole:
        return fields[target.sole]
    return {target.given_as.get(name, name): value for name, value in fields.items()}


def child_identity(stream: str, value: Json) -> Json:
    """What of such a value tells the record from others that hang on the same."""
    known_by = target_of(stream).known_by
    if not known_by:
        return value
    fields = child_fields(stream, value)
    return {name: fields.get(name) for name in known_by}
