"""Businesses: the companies that contacts belong to."""

from __future__ import annotations

from tasks.core.change import Verb
from tasks.streams.model import Field, FieldType, Operation, Stream, Target, Written

_T = FieldType

NAME = "highlevel.business"

HIGHLEVEL_BUSINESS = Stream(
    name=NAME,
    target=Target(
        called=("business", "businesses"),
        operations=(
            Operation(NAME, Verb.CREATE, "create", "new businesses", "new", 100),
            Operation(NAME, Verb.UPDATE, "update", "businesses updated", "updated", 110, rechecked=True),
            Operation(NAME, Verb.DELETE, "delete", "businesses deleted", "deleted", 900, reads=2),
        ),
    ),
    fields={
        "id": Field(_T.TEXT, required=True, limit=255),
        "name": Field(_T.TEXT, limit=1_000, written=Written.ALWAYS),
    },
)
