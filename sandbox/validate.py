"""Write bodies are held to the contract to the letter.

HighLevel runs NestJS with class-validator and forbids what it does not declare: an unknown key is a 422
``property x should not exist`` (issues #262, #313). Which key is legal where follows CreateContactDto,
UpsertContactDto and UpdateContactDto; ``businessId``, ``additionalEmails``, ``additionalPhones`` and
``type`` are legal nowhere (#59, #331).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from phonenumbers import SUPPORTED_REGIONS

from sandbox.calls import Call, RefusalError
from sandbox.shapes import CHANNELS

__all__ = ["CREATE", "UPDATE", "UPSERT", "Form", "birthday"]

_EMAIL = re.compile(r"^[^\s@<>(),;:\"\[\]\\]+@[^\s@<>(),;:\"\[\]\\]+\.[^\s@.<>(),;:\"\[\]\\]{2,}$")
_BIRTHDAY = (
    re.compile(r"^(?P<year>\d{4})(?P<by>[-/._])(?P<month>\d\d)(?P=by)(?P<day>\d\d)(?:T.*)?$"),
    re.compile(r"^(?P<month>\d\d)(?P<by>[-/._])(?P<day>\d\d)(?P=by)(?P<year>\d{4})$"),
)
_MONTHS, _LONGEST_MONTH = 12, 31


@dataclass(frozen=True, slots=True)
class _Context:
    """What depends on the dialect and on the operation."""

    channels: frozenset[str]
    value_keys: frozenset[str]


_Rule = Callable[[str, Any, _Context], list[str]]


@dataclass(frozen=True, slots=True)
class Form:
    """The keys of one operation's body and what each must be.

    Attributes:
        old_value_keys: How a custom field's value may be spelt under 2021-07-28.
    """

    fields: dict[str, _Rule]
    old_value_keys: frozenset[str] = frozenset({"field_value"})

    def check(self, call: Call) -> dict[str, Any]:
        """The request's body, if it keeps to the form.

        Raises:
            RefusalError: 422 with every complaint, 400 where the body is not JSON.
        """
        body = call.body()
        spellings = CHANNELS.values() if call.v3 else CHANNELS
        value_keys = frozenset({"fieldValue", "field_value"}) if call.v3 else self.old_value_keys
        context = _Context(frozenset(spellings), value_keys)
        messages = [f"property {key} should not exist" for key in body if key not in self.fields]
        for key, rule in self.fields.items():
            if key in body:
                messages += rule(key, body[key], context)
        if messages:
            raise RefusalError.unprocessable(messages)
        return body


def birthday(given: str) -> str | None:
    """A date of birth as it is read back, or None where none of the accepted spellings fits."""
    for spelling in _BIRTHDAY:
        match = spelling.match(given)
        if match and 1 <= int(match["month"]) <= _MONTHS and 1 <= int(match["day"]) <= _LONGEST_MONTH:
            return f"{match['year']}-{match['month']}-{match['day']}T00:00:00.000Z"
    return None


def _text(key: str, value: Any, _: _Context) -> list[str]:
    return [] if isinstance(value, str) else [f"{key} must be a string"]


def _truth(key: str, value: Any, _: _Context) -> list[str]:
    return [] if isinstance(value, bool) else [f"{key} must be a boolean value"]


def _email(key: str, value: Any, _: _Context) -> list[str]:
    return [] if isinstance(value, str) and _EMAIL.match(value) else [f"{key} must be an email"]


def _country(key: str, value: Any, _: _Context) -> list[str]:
    known = isinstance(value, str) and value in SUPPORTED_REGIONS
    return [] if known else [f"{key} must be a valid ISO31661 Alpha2 code"]


def _date_of_birth(key: str, value: Any, _: _Context) -> list[str]:
    known = isinstance(value, str) and birthday(value) is not None
    return [] if known else [f"{key} must be a valid date"]


def _tags(key: str, value: Any, _: _Context) -> list[str]:
    if not isinstance(value, list):
        return [f"{key} must be an array"]
    return [] if all(isinstance(tag, str) for tag in value) else [f"each value in {key} must be a string"]


def _dnd_settings(key: str, value: Any, context: _Context) -> list[str]:
    return _channels(key, value, context.channels, ("active", "inactive", "permanent"))


def _inbound_dnd_settings(key: str, value: Any, _: _Context) -> list[str]:
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


def _custom_fields(key: str, value: Any, context: _Context) -> list[str]:
    if not isinstance(value, list):
        return [f"{key} must be an array"]
    return [
        message
        for place, entry in enumerate(value)
        for message in _custom_field(f"{key}.{place}", entry, context)
    ]


def _custom_field(where: str, entry: Any, context: _Context) -> list[str]:
    if not isinstance(entry, dict):
        return [f"{where} must be an object"]
    known = {"id", "key"} | context.value_keys
    messages = [f"{where}.property {name} should not exist" for name in entry if name not in known]
    named = [name for name in ("id", "key") if name in entry] or ["id"]
    return messages + [
        f"{where}.{name} must be a string" for name in named if not isinstance(entry.get(name), str)
    ]


def _nullable(rule: _Rule) -> _Rule:
    return lambda key, value, context: [] if value is None else rule(key, value, context)


_EVERYWHERE: dict[str, _Rule] = {
    **dict.fromkeys(
        ("firstName", "lastName", "name", "phone", "address1", "city", "state"), _nullable(_text)
    ),
    **dict.fromkeys(("website", "timezone"), _nullable(_text)),
    "email": _nullable(_email),
    "postalCode": _text,
    "country": _country,
    "dateOfBirth": _nullable(_date_of_birth),
    "dnd": _truth,
    "dndSettings": _dnd_settings,
    "inboundDndSettings": _inbound_dnd_settings,
    "tags": _tags,
    "customFields": _custom_fields,
    "source": _text,
    "assignedTo": _text,
}

CREATE = Form(_EVERYWHERE | {"locationId": _text, "gender": _text, "companyName": _nullable(_text)})
UPSERT = Form(CREATE.fields | {"createNewIfDuplicateAllowed": _truth})
UPDATE = Form(
    _EVERYWHERE | {"source": _nullable(_text), "assignedTo": _nullable(_text)},
    # a user's report: github.com/n8n-io/n8n/issues/35392
    old_value_keys=frozenset({"field_value", "fieldValue"}),
)
