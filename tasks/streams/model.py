"""What a stream is: the fields of a kind of record, how the hub keeps it, and how it is written.

One place declares a target stream; the hub builds its table from it, the mapping compiler checks target
fields and coerces values by it, and the checks build their data frame's types from it. A source stream's
fields are the vendor's business; declared is only how its records are told apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

CUSTOM = "custom."
"""What a target field's name begins with that is a custom field of the location; its key follows."""

TEXT_LIMIT = 65_536
"""Characters a text field may hold unless it says otherwise; longer values are rejected."""


class FieldType(StrEnum):
    """How a field's value is stored."""

    TEXT = "text"
    BOOLEAN = "boolean"
    NUMBER = "number"
    DATE = "date"  # datetime.date
    TIMESTAMP = "timestamp"  # timezone-aware datetime, UTC
    TEXTS = "texts"  # list of str
    OBJECT = "object"  # dict with str keys, JSON values
    VALUE = "value"  # text, number, boolean or list of texts: what a custom field takes


class Policy(StrEnum):
    """What a field's value may replace in the target."""

    OVERWRITE = "overwrite"
    FILL_EMPTY = "fill_empty"
    NEWEST = "newest"
    ADD = "add"
    NEVER = "never"


class Way(StrEnum):
    """Which of HighLevel's operations writes a field of a contact."""

    NONE = "none"  # never written: it tells about the record
    UPDATE = "update"  # with the contact, when it is made and later
    CREATE = "create"  # only when the contact is made
    UPSERT = "upsert"  # later only by an upsert: the update refuses it
    TAGS = "tags"
    BUSINESS = "business"
    NOTE = "note"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a stream.

    Args:
        type: How its value is stored.
        required: A row without a value is rejected.
        limit: Longest text, in characters; of a list or an object, the JSON's length.
        indexed: The hub looks records up by it.
        mirror: Of a field that is written to a vendor: the hub's column that mirrors it.
        way: Of a field that is written to a vendor: the operation that writes it.
        clearable: Whether the vendor takes null for it.
    """

    type: FieldType
    required: bool = False
    limit: int = TEXT_LIMIT
    indexed: bool = False
    mirror: str = ""
    way: Way = Way.NONE
    clearable: bool = False


@dataclass(frozen=True, slots=True)
class Mirror:
    """How the hub keeps a vendor's records.

    Args:
        table: The hub's table.
        mapping: The mapping that makes its rows, unless it is another one's by now.
        synced_by: The automation whose cursor tells how far it is.
        further: Column of an address, and the column of the record's further ones, which nothing writes.
        composed: Column that is put together from others, and those: writing one changes the other.
    """

    table: str
    mapping: str
    synced_by: str
    further: Mapping[str, str] = field(default_factory=dict)
    composed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """How records of a stream are written to a vendor.

    Args:
        mirror: The stream that mirrors them: what they are matched and compared with.
        match: The keys by which a record's counterpart may be found, besides ``custom.<key>``.
        label: Fields that tell people which record it is, the best first; several in one entry go together.
        address: Fields by which the vendor finds a record where it does not take its id.
    """

    mirror: str
    match: tuple[str, ...]
    label: tuple[tuple[str, ...], ...]
    address: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stream:
    """A kind of record, e.g. ``hub.contact``.

    Args:
        fields: Field name to declaration; ``id`` is always there and required.
        custom: How every ``custom.<key>`` is declared; None where there are none.
        mirror: Of a stream that the hub mirrors.
        target: Of a stream that is written to a vendor.
    """

    name: str
    fields: dict[str, Field]
    custom: Field | None = None
    mirror: Mirror | None = None
    target: Target | None = None

    def field(self, name: str) -> Field | None:
        """The declaration of a field, custom ones included; None where there is no such field."""
        if self.custom is not None and name.startswith(CUSTOM) and len(name) > len(CUSTOM):
            return self.custom
        return self.fields.get(name)

    def type_of(self, name: str) -> FieldType:
        """The type of a field that is there.

        Raises:
            KeyError: There is no such field.
        """
        found = self.field(name)
        if found is None:
            raise KeyError(name)
        return found.type


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of record as it comes from a system, e.g. ``highlevel.contact``.

    Args:
        id: The key that holds the record's id.
        volatile: Keys that belong to the paging rather than the record: no part of its raw text.
        system: The kind of system it comes from.
        priority: Its values are not overwritten by those of a system with a lower one: bought data has the
            lowest, a person's file as high a one as a person in HighLevel.
    """

    name: str
    id: str = "id"
    volatile: frozenset[str] = frozenset()
    system: str = "highlevel"
    priority: int = 3
