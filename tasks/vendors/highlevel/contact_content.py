"""What a contact holds that somebody may have put there; whether anybody has worked on it is told by that.

Dates move by themselves, and the whole name follows from the first and the last.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic.alias_generators import to_camel

from tasks.core.batch import Json
from tasks.hub.provenance import same
from tasks.streams import CUSTOM
from tasks.streams.content import NOT_SET, Content
from tasks.vendors.highlevel.api.records import Contact
from tasks.vendors.highlevel.contact_payload import CHANNELS

BY_ITSELF = frozenset({"type", "country", "source"})
"""What HighLevel gives a new contact that does not say it."""

NAMES = frozenset({"firstName", "lastName"})
"""What HighLevel puts the whole name together from."""

_OWN = frozenset(
    {"id", "location_id", "name", "date_added", "date_updated", "deleted", "custom_fields", "dnd_settings"}
)


def content(contact: Contact) -> Content:
    """What a contact holds."""
    found = {to_camel(name): _plain(getattr(contact, name)) for name in _FIELDS}
    found |= {f"{CUSTOM}{entry.id}": entry.value for entry in contact.custom_fields}
    on = {name: one.status for name, one in contact.dnd_settings.items() if one.status != "inactive"}
    found |= {field: on.pop(channel, "") != "" for field, channel in CHANNELS.items()}
    return {name: value for name, value in {**found, "dndSettings": on}.items() if value not in NOT_SET}


def differing(before: Content, now: Content) -> list[str]:
    """The fields that hold something else by now.

    Args:
        before: With ``name`` in place of first and last name where it was written as a whole.
    """
    found = {name for name in before.keys() | now.keys() if not same(before.get(name), now.get(name))}
    if "name" in before:
        told = " ".join(str(now[name]) for name in sorted(NAMES) if name in now)
        found -= NAMES | ({"name"} if told.casefold() == str(before["name"]).casefold() else frozenset())
    return sorted(found - ({"type"} if "type" not in before else frozenset()))


def _plain(value: Any) -> Json:
    if isinstance(value, tuple):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else value


_FIELDS = tuple(name for name in Contact.model_fields if name not in _OWN)
