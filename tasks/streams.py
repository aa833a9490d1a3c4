"""The streams: what a mapping may read from, what it may fill, and what the hub stores.

One place declares a target stream; the hub builds its table from it, the mapping compiler checks target
fields and coerces values by it, and the checks build their data frame's types from it. A source stream's
fields are the vendor's business; declared is only how its records are told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a stream.

    Args:
        type: How its value is stored.
        required: A row without a value is rejected.
        limit: Longest text, in characters; of a list or an object, the JSON's length.
        indexed: The hub looks records up by it.
    """

    type: FieldType
    required: bool = False
    limit: int = TEXT_LIMIT
    indexed: bool = False


@dataclass(frozen=True, slots=True)
class Stream:
    """A kind of record, e.g. ``hub.contact``.

    Args:
        table: The hub table that mirrors it.
        fields: Field name to declaration; ``id`` is always there and required.
    """

    name: str
    table: str
    fields: dict[str, Field]


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

STREAMS: dict[str, Stream] = {stream.name: stream for stream in (HUB_CONTACT,)}
"""Every target stream by name."""


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of record as it comes from a system, e.g. ``highlevel.contact``.

    Args:
        id: The key that holds the record's id.
        volatile: Keys that belong to the paging rather than the record: no part of its raw text.
    """

    name: str
    id: str = "id"
    volatile: frozenset[str] = frozenset()


SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        # The search cursor rides on each contact and changes with the sort order.
        Source("highlevel.contact", volatile=frozenset({"searchAfter"})),
    )
}
"""Every source stream by name."""
