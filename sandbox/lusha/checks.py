"""What a request's body must look like, in the words of class-validator.

A check takes the path of a value and the value, and gives a sentence for everything that is wrong with it.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

__all__ = [
    "Check",
    "anything",
    "choice",
    "day",
    "email",
    "identifier",
    "many",
    "shape",
    "text",
    "truth",
    "unique_id",
    "whole",
]

Check = Callable[[str, Any], list[str]]

_ID = re.compile(r"^(\d+|v\d+\.[\w=-]+)$")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s.]+$")


def anything(_: str, __: Any) -> list[str]:
    """Whatever was sent."""
    return []


def truth(path: str, value: Any) -> list[str]:
    """A boolean."""
    return [] if isinstance(value, bool) else [f"{path} must be a boolean value"]


def email(path: str, value: Any) -> list[str]:
    """An e-mail address."""
    return [] if isinstance(value, str) and _EMAIL.match(value) else [f"{path} must be an email"]


def identifier(path: str, value: Any) -> list[str]:
    """An id of Lusha's: a token, or the number that old ones are."""
    good = isinstance(value, str) and _ID.match(value)
    return [] if good else [f"{path} is not a valid id"]


def day(path: str, value: Any) -> list[str]:
    """A date such as 2026-11-23."""
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return [f"{path} must be a valid ISO 8601 date string"]
    return []


def unique_id(path: str, value: Any) -> list[str]:
    """A UUID."""
    try:
        uuid.UUID(value)
    except (AttributeError, TypeError, ValueError):
        return [f"{path} must be a UUID"]
    return []


def text(least: int = 0, most: int | None = None) -> Check:
    """A string of so many characters."""

    def check(path: str, value: Any) -> list[str]:
        if not isinstance(value, str):
            return [f"{path} must be a string"]
        if len(value) < least:
            return [f"{path} should not be empty"]
        if most is not None and len(value) > most:
            return [f"{path} must be shorter than or equal to {most} characters"]
        return []

    return check


def whole(low: int, high: int | None = None) -> Check:
    """A whole number in a range."""

    def check(path: str, value: Any) -> list[str]:
        if not isinstance(value, int) or isinstance(value, bool):
            return [f"{path} must be an integer number"]
        if value < low:
            return [f"{path} must not be less than {low}"]
        return [f"{path} must not be greater than {high}"] if high is not None and value > high else []

    return check


def choice(*allowed: str) -> Check:
    """One of these words."""

    def check(path: str, value: Any) -> list[str]:
        if value in allowed:
            return []
        return [f"{path} must be one of the following values: {', '.join(allowed)}"]

    return check


def many(each: Check, least: int = 0, most: int | None = None) -> Check:
    """A list of so many values."""

    def check(path: str, value: Any) -> list[str]:
        if not isinstance(value, list):
            return [f"{path} must be an array"]
        if len(value) < least:
            return [f"{path} must contain at least {least} elements"]
        if most is not None and len(value) > most:
            return [f"{path} must contain no more than {most} elements"]
        return [said for place, one in enumerate(value) for said in each(f"{path}.{place}", one)]

    return check


def shape(fields: Mapping[str, Check], required: Iterable[str] = ()) -> Check:
    """An object of these keys and no others."""

    def check(path: str, value: Any) -> list[str]:
        if not isinstance(value, dict):
            return [f"{path} must be an object"]
        within = f"{path}." if path else ""
        said = [f"{within}property {key} should not exist" for key in value if key not in fields]
        said += [f"{within}{key} should not be empty" for key in required if value.get(key) is None]
        for key, one in fields.items():
            if value.get(key) is not None:
                said += one(f"{within}{key}", value[key])
        return said

    return check
