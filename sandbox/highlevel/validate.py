"""What may be written to a contact.

Which key is legal where follows CreateContactDto, UpsertContactDto and UpdateContactDto; ``businessId``,
``additionalEmails``, ``additionalPhones`` and ``type`` are legal nowhere (#59, #331).
"""

from __future__ import annotations

import re
from typing import Any

from phonenumbers import SUPPORTED_REGIONS

from sandbox.highlevel.forms import Context, Form, Rule, email, nullable, text, texts, truth

__all__ = ["CREATE", "UPDATE", "UPSERT", "birthday"]

_BIRTHDAY = (
    re.compile(r"^(?P<year>\d{4})(?P<by>[-/._])(?P<month>\d\d)(?P=by)(?P<day>\d\d)(?:T.*)?$"),
    re.compile(r"^(?P<month>\d\d)(?P<by>[-/._])(?P<day>\d\d)(?P=by)(?P<year>\d{4})$"),
)
_MONTHS, _LONGEST_MONTH = 12, 31


def birthday(given: str) -> str | None:
    """A date of birth as it is read back, or None where none of the accepted spellings fits."""
    for spelling in _BIRTHDAY:
        match = spelling.match(given)
        if match and 1 <= int(match["month"]) <= _MONTHS and 1 <= int(match["day"]) <= _LONGEST_MONTH:
            return f"{match['year']}-{match['month']}-{match['day']}T00:00:00.000Z"
    return None


def _country(key: str, value: Any, _: Context) -> list[str]:
    known = isinstance(value, str) and value in SUPPORTED_REGIONS
    return [] if known else [f"{key} must be a valid ISO31661 Alpha2 code"]


def _date_of_birth(key: str, value: Any, _: Context) -> list[str]:
    known = isinstance(value, str) and birthday(value) is not None
    return [] if known else [f"{key} must be a valid date"]


def _dnd_settings(key: str, value: Any, context: Context) -> list[str]:
    return _channels(key, value, context.channels, ("active", "inactive", "permanent"))


def _inbound_dnd_settings(key: str, value: Any, _: Context) -> list[str]:
    return _channels(key, value, frozenset({"all"}), ("active", "inactive"))


def _channels(key: str, value: Any, channels: frozenset[str], states: tuple[str, ...]) -> list[str]:
    if not isinstance(value, dict):
        return [f"{key} must be an object"]
    messages = [f"{key}.property {channel} should not exist" for channel in value if channel not in channels]
    for channel in value.keys() & channels:
        setting = value[channel]
        if not isinstance(setting, dict) or setting.get("status") not in states:
            allowed = ", ".join(states)
            messages.append(f"{key}.{channel}.status must be one of the following values: {allowed}")
    return messages


def _custom_fields(key: str, value: Any, context: Context) -> list[str]:
    if not isinstance(value, list):
        return [f"{key} must be an array"]
    return [
        message
        for place, entry in enumerate(value)
        for message in _custom_field(f"{key}.{place}", entry, context)
    ]


def _custom_field(where: str, entry: Any, context: Context) -> list[str]:
    if not isinstance(entry, dict):
        return [f"{where} must be an object"]
    known = {"id", "key"} | context.value_keys
    messages = [f"{where}.property {name} should not exist" for name in entry if name not in known]
    named = [name for name in ("id", "key") if name in entry] or ["id"]
    return messages + [
        f"{where}.{name} must be a string" for name in named if not isinstance(entry.get(name), str)
    ]


_EVERYWHERE: dict[str, Rule] = {
    **dict.fromkeys(("firstName", "lastName", "name", "phone", "address1", "city", "state"), nullable(text)),
    **dict.fromkeys(("website", "timezone"), nullable(text)),
    "email": nullable(email),
    "postalCode": text,
    "country": _country,
    "dateOfBirth": nullable(_date_of_birth),
    "dnd": truth,
    "dndSettings": _dnd_settings,
    "inboundDndSettings": _inbound_dnd_settings,
    "tags": texts,
    "customFields": _custom_fields,
    "source": text,
    "assignedTo": text,
}

CREATE = Form(_EVERYWHERE | {"locationId": text, "gender": text, "companyName": nullable(text)})
UPSERT = Form(CREATE.fields | {"createNewIfDuplicateAllowed": truth})
UPDATE = Form(
    _EVERYWHERE | {"source": nullable(text), "assignedTo": nullable(text)},
    # a user's report: github.com/n8n-io/n8n/issues/35392
    old_value_keys=frozenset({"field_value", "fieldValue"}),
)
