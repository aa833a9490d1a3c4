"""From planned field values to what HighLevel's contact operations take, strictly.

Used twice: by the planner, so that what HighLevel would refuse is a reject before anything is written,
and by the writer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from tasks.core.batch import Json
from tasks.streams import CUSTOM, HIGHLEVEL_CONTACT, Field, Written
from tasks.vendors.highlevel.api.activity_writes import CrmTaskCreate
from tasks.vendors.highlevel.api.writes import ContactCreate, ContactUpdate, ContactUpsert

NOT_TOLD_WHEN_MADE = frozenset({"timezone"})
"""Fields that the answer to a create leaves out, though HighLevel has taken them (2021-07-28)."""

CHANNELS = {"dndCalls": "call"}
"""Fields that switch a channel of ``dndSettings`` off, by which nobody is reached then."""

Values = Mapping[str, Json]
"""Target field to plain value."""


def creation(values: Values, custom: Mapping[str, str]) -> ContactCreate:
    """A new contact, its tags included.

    Args:
        custom: Custom field key to id.

    Raises:
        ValidationError: HighLevel would refuse it.
    """
    return ContactCreate.model_validate(_body(values, custom, lambda field: field.is_made_with))


def changes(values: Values, custom: Mapping[str, str]) -> ContactUpdate | None:
    """What an update takes of these values; None where that is nothing.

    Raises:
        ValidationError: HighLevel would refuse it.
    """
    body = _body(values, custom, lambda field: field.written is Written.ALWAYS)
    return ContactUpdate.model_validate(body) if body else None


def by_upsert(values: Values, email: str, phone: str) -> ContactUpsert | None:
    """What only an upsert takes of an existing contact; None where that is nothing.

    Args:
        email: The contact's own first address; of nobody else.
        phone: Its number, where it has no address.

    Raises:
        ValidationError: HighLevel would refuse it; also where the contact has neither.
    """
    body = _body(values, {}, lambda field: field.is_by_address)
    if not body:
        return None
    return ContactUpsert.model_validate(body | ({"email": email} if email else {"phone": phone}))


def task(value: Json) -> CrmTaskCreate:
    """A new task of a contact; not completed unless it says so.

    Args:
        value: An object with ``title`` and ``dueDate``, and as one likes ``body``, ``assignedTo``.

    Raises:
        ValidationError: HighLevel would refuse it.
    """
    return CrmTaskCreate.model_validate({"completed": False, **value})


def refusals(error: ValidationError) -> list[tuple[str, str]]:
    """What HighLevel would refuse, as ``(field, reason)`` without the values."""
    return [
        (".".join(map(str, detail["loc"])), detail["msg"].removeprefix("Value error, "))
        for detail in error.errors(include_url=False, include_input=False)
    ]


def _body(values: Values, custom: Mapping[str, str], chosen: Callable[[Field], bool]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    customs: list[dict[str, Json]] = []
    for name, value in values.items():
        declared = HIGHLEVEL_CONTACT.field(name)
        if declared is None or not chosen(declared):
            continue
        if name.startswith(CUSTOM):
            customs.append({"id": custom[name.removeprefix(CUSTOM)], "value": value})
        elif name in CHANNELS:
            body["dndSettings"] = {CHANNELS[name]: {"status": "active" if value else "inactive"}}
        else:
            body[name] = value
    return body | ({"customFields": customs} if customs else {})
