"""How values are compared: without regard to case, numbers and dates by what they mean."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from typing import Any

from tasks.core.batch import canonical_json
from tasks.mapping.rules.moments import LONGEST, At, as_day, as_moment, known_moment, read_moment


def is_nothing(value: Any) -> bool:
    """Whether a value is missing: null, blank text, an empty list or object."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, list | dict) and not value)


def folded(text: str) -> str:
    """A text as it is compared: without regard to case, and to spaces around it."""
    plain = text.strip()
    return (plain if plain.isascii() else unicodedata.normalize("NFC", plain)).casefold()


def plain(value: Any) -> Any:
    """A value by which equal ones are told, in sets too."""
    if isinstance(value, str):
        return folded(value)
    return canonical_json(value) if isinstance(value, dict | list) else value


def number_of(value: Any) -> float | None:
    """The number that a value is, or that a text says; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and (len(value) > LONGEST or "_" in value):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def same(value: Any, wanted: Any, at: At) -> bool:
    """Whether two values mean the same; everything that is nothing does."""
    if is_nothing(value) or is_nothing(wanted):
        return is_nothing(value) and is_nothing(wanted)
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, list) and isinstance(wanted, list):
        return {plain(one) for one in value} == {plain(one) for one in wanted}
    if isinstance(value, dt.date) or isinstance(wanted, dt.date):
        return _same_moment(read_moment(value), read_moment(wanted), at)
    if isinstance(value, int | float) != isinstance(wanted, int | float):
        left, right = number_of(value), number_of(wanted)
        return left is not None and left == right
    return bool(plain(value) == plain(wanted))


def _same_moment(left: dt.date | None, right: dt.date | None, at: At) -> bool:
    if left is None or right is None:
        return False
    if isinstance(left, dt.datetime) and isinstance(right, dt.datetime):
        return as_moment(left, at) == as_moment(right, at)
    return as_day(left, at) == as_day(right, at)


def order(value: Any, wanted: Any, at: At) -> int:
    """-1, 0 or 1: before, the same, after; by the day where one of the two is a day."""
    moment = known_moment(value)
    named = {"now": at.now, "today": at.today}
    other = named[wanted] if isinstance(wanted, str) else wanted
    if isinstance(moment, dt.datetime) and isinstance(other, dt.datetime):
        left, right = as_moment(moment, at), as_moment(other, at)
        return (left > right) - (left < right)
    first, second = as_day(moment, at), as_day(other, at)
    return (first > second) - (first < second)


def matches(text: str, pattern: str) -> bool:
    """Whether a text has a pattern's form: * for any characters, ? for one.

    All places of the pattern are followed at once, one bit each, so that the time grows with the text alone.
    """
    stars = masks = 0
    of: dict[str, int] = {}
    place = 0
    for sign in pattern:
        if sign == "*":
            stars |= 1 << place
            continue
        bit = 1 << place
        masks |= bit if sign == "?" else 0
        of[sign] = of.get(sign, 0) | (bit if sign != "?" else 0)
        place += 1
    at = 1
    for sign in text:
        at = ((at & (of.get(sign, 0) | masks)) << 1) | (at & stars)
        if not at:
            return False
    return bool(at >> place & 1)
