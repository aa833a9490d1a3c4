"""The streams: what a mapping may read from, what it may fill, and what the hub stores.

One place declares a target stream; the hub builds its table from it, the mapping compiler checks target
fields and coerces values by it, and the checks build their data frame's types from it. A source stream's
fields are the vendor's business; declared is only how its records are told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
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
class Stream:
    """A kind of record, e.g. ``hub.contact``.

    Args:
        table: The hub table that mirrors it; empty for a stream that is written to a vendor.
        fields: Field name to declaration; ``id`` is always there and required.
        custom: How every ``custom.<key>`` is declared; None where there are none.
    """

    name: str
    table: str
    fields: dict[str, Field]
    custom: Field | None = None

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


_T = FieldType

HUB_CONTACT = Stream(
    name="hub.contact",
    table="contacts",
    fields={
        "id": Field(_T.TEXT, required=True, limit=64),
        "first_name": Field(_T.TEXT, limit=1_000),
        "last_name": Field(_T.TEXT, limit=1_000),
        "name": Field(_T.TEXT, limit=2_000),
        "email": Field(_T.TEXT, limit=320, indexed=True),
        "additional_emails": Field(_T.TEXTS),
        "phone": Field(_T.TEXT, limit=64, indexed=True),
        "additional_phones": Field(_T.TEXTS),
        "company_name": Field(_T.TEXT, limit=1_000),
        "business_id": Field(_T.TEXT, limit=64),
        "website": Field(_T.TEXT, limit=2_048),
        "address": Field(_T.TEXT, limit=2_000),
        "city": Field(_T.TEXT, limit=1_000),
        "state": Field(_T.TEXT, limit=1_000),
        "postal_code": Field(_T.TEXT, limit=64),
        "country": Field(_T.TEXT, limit=64),
        "timezone": Field(_T.TEXT, limit=64),
        "date_of_birth": Field(_T.DATE),
        "source": Field(_T.TEXT, limit=2_000),
        "type": Field(_T.TEXT, limit=64),
        "assigned_to": Field(_T.TEXT, limit=64),
        "dnd": Field(_T.BOOLEAN),
        "tags": Field(_T.TEXTS),
        "custom": Field(_T.OBJECT),
        "date_added": Field(_T.TIMESTAMP),
        "date_updated": Field(_T.TIMESTAMP),
    },
)


def _text(mirror: str, limit: int = 1_000, *, clearable: bool = True, way: Way = Way.UPDATE) -> Field:
    return Field(_T.TEXT, limit=limit, mirror=mirror, way=way, clearable=clearable)


HIGHLEVEL_CONTACT = Stream(
    name="highlevel.contact",
    table="",
    fields={
        # The source's own id of the record, by which its contact is found again.
        "id": Field(_T.TEXT, required=True, limit=255),
        # When the source last changed the record: what the policies compare. Never written.
        "asOf": Field(_T.TIMESTAMP),
        "firstName": _text("first_name"),
        "lastName": _text("last_name"),
        "name": _text("name", 2_000),
        "email": _text("email", 320),
        "phone": _text("phone", 64),
        "companyName": _text("company_name", way=Way.UPSERT),
        "website": _text("website", 2_048),
        "address1": _text("address", 2_000),
        "city": _text("city"),
        "state": _text("state"),
        "postalCode": _text("postal_code", 64, clearable=False),
        "country": _text("country", 64, clearable=False),
        "timezone": _text("timezone", 64),
        "dateOfBirth": Field(_T.DATE, mirror="date_of_birth", way=Way.UPDATE, clearable=True),
        "gender": _text("", 64, clearable=False, way=Way.CREATE),
        "source": _text("source", 2_000),
        "assignedTo": _text("assigned_to", 64),
        "dnd": Field(_T.BOOLEAN, mirror="dnd", way=Way.UPDATE),
        "tags": Field(_T.TEXTS, mirror="tags", way=Way.TAGS),
        # The name, the domain or the id of a business that is there.
        "business": _text("business_id", way=Way.BUSINESS),
        "note": _text("", way=Way.NOTE, limit=TEXT_LIMIT),
        # title, dueDate, and as one likes body, assignedTo, completed
        "task": Field(_T.OBJECT, way=Way.TASK),
    },
    custom=Field(_T.VALUE, mirror="custom", way=Way.UPDATE),
)

NOTE, TASK = "highlevel.note", "highlevel.task"
"""What the link of a record's note or task leads to."""

MATCHABLE = ("link", "email", "phone")
"""What a contact is found by, besides ``custom.<key>``."""

STREAMS: dict[str, Stream] = {stream.name: stream for stream in (HUB_CONTACT, HIGHLEVEL_CONTACT)}
"""Every target stream by name."""


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of record as it comes from a system, e.g. ``highlevel.contact``.

    Args:
        id: The key that holds the record's id.
        volatile: Keys that belong to the paging rather than the record: no part of its raw text.
        system: The kind of system it comes from, by which its word is weighed against another's.
    """

    name: str
    id: str = "id"
    volatile: frozenset[str] = frozenset()
    system: str = "highlevel"


SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        # The search cursor rides on each contact and changes with the sort order.
        Source("highlevel.contact", volatile=frozenset({"searchAfter"})),
        # Rows of a CSV, Excel or JSON Lines file under canonical names (tasks/extract/columns.py).
        Source("file.contact", volatile=frozenset({"_row"}), system="file"),
        # Rows of a query of the hub's database, likewise.
        Source("hub.contact", system="hub"),
    )
}
"""Every source stream by name."""
