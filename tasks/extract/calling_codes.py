"""A number and the calling code that stands in a column of its own."""

from __future__ import annotations

import re

import phonenumbers

from tasks.core.batch import Json


def joined(code: Json, number: Json) -> Json:
    """A number with its country's calling code; as it is where it has one already.

    Args:
        code: As in its column: ``+49``, ``0049``, ``49``.
    """
    digits = _digits(code).removeprefix("00")
    text = str(number).strip()
    if not digits or not _digits(text) or text.lstrip("'").startswith(("+", "00")):
        return number
    if not _is_valid(f"+{digits}{_digits(text)}") and _is_valid(f"+{_digits(text)}"):
        return f"+{_digits(text)}"
    return f"+{digits} {text}"


def _digits(value: Json) -> str:
    return re.sub(r"\D", "", str(value).strip().removesuffix(".0"))


def _is_valid(number: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False
