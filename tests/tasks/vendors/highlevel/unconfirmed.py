"""What a write did not do: HighLevel accepts requests and drops parts of them without a word.

Known to be dropped: the phone of an upsert whose e-mail is another contact's, ``gender`` of a contact that
exists, an ``assignedTo`` who does not work in the location, a custom field that does not exist. So what
was written is compared with the record that the answer shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic.alias_generators import to_camel

from tasks.vendors.highlevel.api.records import Contact, Record
from tasks.vendors.highlevel.api.writes import Write

_DIRECTIONS = frozenset(
    {"create_new_if_duplicate_allowed", "to_notify", "ignore_date_range", "ignore_free_slot_validation"}
    | {"override_location_config"}
)
"""What tells HighLevel how to act, and is no part of the record."""


def unconfirmed(written: Write, found: Record) -> tuple[str, ...]:
    """The fields of a write that the record after it does not show.

    An answer may show less than there is (a new contact's has no ``timezone`` under 2021-07-28): what is
    unconfirmed is not yet lost, but worth reading back.

    Returns:
        HighLevel's names, a custom field as ``customFields.<id>``, a channel as ``dndSettings.sms``.
    """
    missed: list[str] = []
    for name in sorted(written.model_fields_set - _DIRECTIONS):
        wanted, held = getattr(written, name), _shown(found, name)
        if name in _INSIDE:
            missed += [f"{to_camel(name)}.{key}" for key in _INSIDE[name](wanted, held)]
        elif not _SAME.get(name, _same)(wanted, held):
            missed.append(to_camel(name))
    return tuple(missed)


def _shown(found: Record, name: str) -> Any:
    if name == "name" and isinstance(found, Contact) and not found.name:
        return " ".join(part for part in (found.first_name, found.last_name) if part)
    return getattr(found, name, None)


def _same(wanted: Any, held: Any) -> bool:
    """Empty is empty however it is written; everything else must be equal."""
    return bool(wanted == held) or (wanted in (None, "") and held in (None, ""))


def _same_text(wanted: Any, held: Any) -> bool:
    return _same(_folded(wanted), _folded(held))


def _folded(value: Any) -> Any:
    return " ".join(value.split()).casefold() if isinstance(value, str) else value


def _same_phone(wanted: Any, held: Any) -> bool:
    """A national number is read back with its country's code before it."""
    asked, shown = (re.sub(r"\D", "", value or "") for value in (wanted, held))
    return bool(asked) == bool(shown) and shown.endswith(asked.lstrip("0"))


def _has_tags(wanted: Any, held: Any) -> bool:
    return {_folded(tag) for tag in wanted} <= {_folded(tag) for tag in held or ()}


def _missed_values(wanted: Any, held: Any) -> list[str]:
    shown = {entry.id: entry.value for entry in held or ()}
    return [entry.id for entry in wanted if not _same_value(entry.value, shown.get(entry.id))]


def _same_value(wanted: Any, held: Any) -> bool:
    """Numbers may be read back as text."""
    return _same(wanted, held) or (not isinstance(wanted, list | dict) and str(wanted) == str(held))


def _missed_channels(wanted: Any, held: Any) -> list[str]:
    shown: Mapping[str, Any] = held or {}
    return [
        channel
        for channel, setting in wanted.items()
        if channel not in shown or shown[channel].status != setting.status
    ]


_SAME: dict[str, Callable[[Any, Any], bool]] = {
    "email": _same_text,
    "name": _same_text,
    "phone": _same_phone,
    "tags": _has_tags,
}
_INSIDE: dict[str, Callable[[Any, Any], list[str]]] = {
    "custom_fields": _missed_values,
    "dnd_settings": _missed_channels,
}
