"""The custom field that keeps the vendor's id at a contact: used where there is one, made where it is wanted.

By it a contact is known again in a hub that has no links yet.
"""

from __future__ import annotations

from tasks.mapping.language import FieldMapping, Mapping
from tasks.run.pipeline import Session
from tasks.streams import CUSTOM

FIELD = "lusha_id"
"""The field's key in HighLevel."""

NAME = "Lusha ID"
"""What people read there: HighLevel makes the key of it."""


async def prepared(
    session: Session, mapping: Mapping, *, wanted: bool, may_make: bool
) -> tuple[Mapping, str]:
    """A mapping from leads to contacts, with that field where the location has it.

    Args:
        wanted: Whether it is made where there is none.
        may_make: Whether that may be done now; otherwise it is only told.

    Returns:
        The mapping, and what is to be told of the field, for people; empty for nothing.
    """
    key = f"{CUSTOM}{FIELD}"
    if key in mapping.fields:
        return mapping, ""
    told = ""
    if FIELD not in await session.connection.custom_fields():
        if not wanted:
            told = (
                f"HighLevel has no custom field “{NAME}”: Lusha's ids are kept in the hub alone."
                " make_field=true makes it."
            )
            return mapping, told
        told = f"The custom field “{NAME}” is made in HighLevel."
        if not may_make:
            return mapping, told
        await session.connection.make_custom_field(NAME)
    field = FieldMapping.model_validate({"from": "id", "clean": "text", "policy": "fill_empty"})
    match = [*mapping.match[:1], key, *mapping.match[1:]]
    return mapping.model_copy(update={"fields": {**mapping.fields, key: field}, "match": match}), told
