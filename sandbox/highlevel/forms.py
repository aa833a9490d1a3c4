"""Bodies are held to the contract to the letter.

HighLevel runs NestJS with class-validator and forbids what it does not declare: an unknown key is a 422
``property x should not exist`` (issues #262, #313). A form says which keys one operation's body may have,
what each must be, and which must be there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.highlevel.calls import Call, RefusalError
from sandbox.highlevel.shapes import CHANNELS

__all__ = [
    "Context",
    "Form",
    "Rule",
    "anything",
    "colour",
    "email",
    "moment",
    "nullable",
    "number",
    "one_of",
    "text",
    "texts",
    "truth",
]

_EMAIL = re.compile(r"^[^\s@<>(),;:\"\[\]\\]+@[^\s@<>(),;:\"\[\]\\]+\.[^\s@.<>(),;:\"\[\]\\]{2,}$")
_COLOUR = re.compile(r"^#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$")


@dataclass(frozen=True, slots=True)
class Context:
    """What depends on the dialect and on the operation."""

    channels: frozenset[str]
    value_keys: frozenset[str]


Rule = Callable[[str, Any, Context], list[str]]


@dataclass(frozen=True, slots=True)
class Form:
    """The keys of one operation's body and what each must be.

    Attributes:
        required: The keys that must be there.
        old_value_keys: How a custom field's value may be spelt under 2021-07-28.
    """

    fields: dict[str, Rule]
    required: tuple[str, ...] = ()
    old_value_keys: frozenset[str] = frozenset({"field_value"})

    def check(self, call: Call) -> dict[str, Any]:
        """The request's body, if it keeps to the form.

        Raises:
            RefusalError: 422 with every complaint, 400 where the body is not JSON.
        """
        return self.checked(call.body(), v3=call.v3)

    def checked(self, body: dict[str, Any], *, v3: bool) -> dict[str, Any]:
        """A body, if it keeps to the form.

        Raises:
            RefusalError: 422 with every complaint.
        """
        spellings = CHANNELS.values() if v3 else CHANNELS
        value_keys = frozenset({"fieldValue", "field_value"}) if v3 else self.old_value_keys
        context = Context(frozenset(spellings), value_keys)
        messages = [f"property {key} should not exist" for key in body if key not in self.fields]
        for key, rule in self.fields.items():
            if key in body:
                messages += rule(key, body[key], context)
            elif key in self.required:
                messages += rule(key, None, context) or [f"{key} should not be empty"]
        if messages:
            raise RefusalError.unprocessable(messages)
        return body


def anything(_key: str, _value: Any, _: Context) -> list[str]:
    """Any JSON value."""
    return []


def text(key: str, value: Any, _: Context) -> list[str]:
    """A string."""
    return [] if isinstance(value, str) else [f"{key} must be a string"]


def texts(key: str, value: Any, _: Context) -> list[str]:
    """A list of strings."""
    if not isinstance(value, list):
        return [f"{key} must be an array"]
    return [] if all(isinstance(entry, str) for entry in value) else [f"each value in {key} must be a string"]


def truth(key: str, value: Any, _: Context) -> list[str]:
    """A boolean."""
    return [] if isinstance(value, bool) else [f"{key} must be a boolean value"]


def number(key: str, value: Any, _: Context) -> list[str]:
    """A number that is no boolean."""
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    return [] if fits else [f"{key} must be a number conforming to the specified constraints"]


def email(key: str, value: Any, _: Context) -> list[str]:
    """An e-mail address."""
    return [] if isinstance(value, str) and _EMAIL.match(value) else [f"{key} must be an email"]


def colour(key: str, value: Any, _: Context) -> list[str]:
    """A colour in hexadecimal digits."""
    fits = isinstance(value, str) and _COLOUR.match(value)
    return [] if fits else [f"{key} must be a hexadecimal color"]


def moment(key: str, value: Any, _: Context) -> list[str]:
    """A date and time in ISO 8601."""
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return [f"{key} must be a valid ISO 8601 date string"]
    return []


def one_of(*allowed: str) -> Rule:
    """One of a few words."""
    message = "must be one of the following values: " + ", ".join(allowed)
    return lambda key, value, _: [] if value in allowed else [f"{key} {message}"]


def nullable(rule: Rule) -> Rule:
    """What the rule says, or null."""
    return lambda key, value, context: [] if value is None else rule(key, value, context)
