"""A custom field of a location: what the vendor takes for it."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.streams.model import FieldType


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field.

    Args:
        id: The vendor's.
        type: How its values are stored.
        options: What may be chosen; empty where anything may.
    """

    id: str
    type: FieldType = FieldType.VALUE
    options: tuple[str, ...] = ()
