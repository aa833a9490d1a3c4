"""A day in the shapes in which systems keep one: text, text with a midnight, milliseconds since 1970."""

from __future__ import annotations

import re
from datetime import date, timedelta

from tasks.core.batch import Json

_WRITTEN = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:00)?)?")
_COUNTED = re.compile(r"-?\d{8,16}")
_MILLISECONDS = 86_400_000


def as_day(value: Json) -> str | None:
    """The day that a value means, as ``YYYY-MM-DD``; None for a value that means none."""
    text = str(value)
    if found := _WRITTEN.fullmatch(text):
        return found[1]
    if isinstance(value, bool) or not _COUNTED.fullmatch(text):
        return None
    days, rest = divmod(int(text), _MILLISECONDS)
    try:
        return None if rest else (date(1970, 1, 1) + timedelta(days=days)).isoformat()
    except OverflowError:
        return None
