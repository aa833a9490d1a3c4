"""Businesses, the companies that contacts belong to: as the hub mirrors them, and as HighLevel takes them."""

from __future__ import annotations

from dataclasses import replace

from tasks.core.change import Verb
from tasks.streams.model import RULES, Field, FieldType, Mirror, Operation, Source, Stream, Target, Written

_T = FieldType

HUB_BUSINESS = Stream(
    name="hub.business",
    mirror=Mirror(table="businesses", mapping="highlevel_business", synced_by="sync_businesses"),
    fields={
        "id": Field(_T.TEXT, required=True, limit=64),
        "name": Field(_T.TEXT, limit=1_000),
        "domain": Field(_T.TEXT, limit=255, indexed=True),
        "email": Field(_T.TEXT, limit=320),
        "phone": Field(_T.TEXT, limit=64),
        "website": Field(_T.TEXT, limit=2_048),
        "address": Field(_T.TEXT, limit=2_000),
        "city": Field(_T.TEXT, limit=1_000),
        "state": Field(_T.TEXT, limit=1_000),
        "postal_code": Field(_T.TEXT, limit=64),
        "country": Field(_T.TEXT, limit=1_000),
        "description": Field(_T.TEXT),
        "date_added": Field(_T.TIMESTAMP),
        "date_updated": Field(_T.TIMESTAMP),
    },
)


def _text(mirror: str, limit: int = 1_000) -> Field:
    """A text that HighLevel takes, and no null in its place."""
    return Field(_T.TEXT, limit=limit, mirror=mirror, written=Written.ALWAYS)


NAME = "highlevel.business"

HIGHLEVEL_BUSINESS = Stream(
    name=NAME,
    target=Target(
        called=("business", "businesses"),
        operations=(
            Operation(NAME, Verb.CREATE, "create", "new businesses", "new", 100),
            Operation(NAME, Verb.UPDATE, "update", "businesses updated", "updated", 110, rechecked=True),
            # A business is read with its contacts before.
            Operation(NAME, Verb.DELETE, "delete", "businesses deleted", "deleted", 900, reads=2),
        ),
        mirror="hub.business",
        imported_by="import_businesses",
        match=("link", "domain", "name"),
        label=(("name",), ("website",)),
    ),
    fields={
        # The source's own id of the record, by which its business is found again.
        "id": Field(_T.TEXT, required=True, limit=255),
        # When the source last changed the record: what the policies compare. Never written.
        "asOf": Field(_T.TIMESTAMP),
        # Of the website: what it is found by. Never written.
        "domain": Field(_T.TEXT, limit=255, mirror="domain"),
        "name": Field(
            _T.TEXT, required=True, limit=1_000, mirror="name", written=Written.ALWAYS, folded=True
        ),
        "email": _text("email", 320),
        "phone": _text("phone", 64),
        "website": _text("website", 2_048),
        "address": _text("address", 2_000),
        "city": _text("city"),
        "state": _text("state"),
        "postalCode": replace(_text("postal_code", 64), padded=True),
        "country": _text("country"),
        "description": _text("description", 10_000),
    },
)

SOURCES = (
    Source(NAME, "highlevel_business"),
    Source("file.business", "file_to_business", number="_row", volatile=frozenset({"_row"}), system="file"),
    Source("hub.business", "file_to_business", system="hub", priority=2),
    # Rows that rules made (tasks/mapping/rules); the mapping that reads them is made with them.
    Source(f"{RULES}.business", "", system=RULES, priority=2),
)
"""Where businesses come from."""
