"""The streams: what a mapping reads from and fills, and what the hub stores; one module for each kind."""

from __future__ import annotations

from tasks.streams import contact
from tasks.streams.contact import HIGHLEVEL_CONTACT, HUB_CONTACT, NOTE, TASK
from tasks.streams.model import (
    CUSTOM,
    TEXT_LIMIT,
    Field,
    FieldType,
    Mirror,
    Policy,
    Source,
    Stream,
    Target,
    Way,
)

__all__ = [
    "CUSTOM",
    "DEFAULT_TARGET",
    "HIGHLEVEL_CONTACT",
    "HUB_CONTACT",
    "NOTE",
    "PRIORITIES",
    "SOURCES",
    "STREAMS",
    "TASK",
    "TEXT_LIMIT",
    "Field",
    "FieldType",
    "Mirror",
    "Policy",
    "Source",
    "Stream",
    "Target",
    "Way",
    "mirror_of",
    "target_of",
    "tracked",
]

STREAMS: dict[str, Stream] = {stream.name: stream for stream in (HUB_CONTACT, HIGHLEVEL_CONTACT)}
"""Every target stream by name."""

SOURCES: dict[str, Source] = {source.name: source for source in contact.SOURCES}
"""Every source stream by name."""

DEFAULT_TARGET = HIGHLEVEL_CONTACT.name
"""What a plan of before it was kept writes."""

PRIORITIES: dict[str, int] = {"lusha": 1} | {source.system: source.priority for source in SOURCES.values()}
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
