"""HighLevel's dates, in all their shapes, as aware datetimes, and back.

ISO 8601 in UTC on contacts, tasks, notes and businesses, ISO 8601 with an offset on calendar events,
``YYYY-MM-DD HH:MM:SS`` without a zone on a contact's appointments, milliseconds since 1970 (as numbers or
as text) in cursors and in the calendar's query, and several spellings of a date of birth.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"-?\d+")
_DIGITS = re.compile(r"-?\d{9,}")
_FIRST_MILLISECONDS = 100_000_000_000
"""Larger numbers count milliseconds: as seconds this would be the year 5138."""
_BIRTHDAYS = (
    re.compile(r"(?P<year>\d{4})(?P<by>[-/._])(?P<month>\d\d)(?P=by)(?P<day>\d\d)(?:[T ].*)?"),
    re.compile(r"(?P<month>\d\d)(?P<by>[-/._])(?P<day>\d\d)(?P=by)(?P<year>\d{4})"),
)


def moment(value: Any, zone: tzinfo = UTC) -> datetime:
    """An instant, whatever shape it came in.

    Args:
        zone: What a date without a zone is meant in.

    Raises:
        ValueError: It is none of the known shapes.
    """
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, str) and not _DIGITS.fullmatch(value):
        found = datetime.fromisoformat(value.strip())
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        found = _since_1970(float(value))
    else:
        raise ValueError("not a date")
    return found if found.tzinfo else found.replace(tzinfo=zone)


def birthday(value: Any) -> date:
    """A date of birth; ``1990-09-25T00:00:00.000Z``, ``09/25/1990`` and 654220800000 are the same day.

    A number counts milliseconds, however small (the search answers so, issue #314): people were born in 1970.

    Raises:
        ValueError: It is none of the spellings.
    """
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    for spelling in _BIRTHDAYS:
        match = spelling.fullmatch(value) if isinstance(value, str) else None
        if match:
            return date(int(match["year"]), int(match["month"]), int(match["day"]))
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (_EPOCH + _milliseconds(value)).date()
    return moment(value).date()


def iso(instant: datetime) -> str:
    """As HighLevel writes instants: UTC, milliseconds, ``Z``."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def milliseconds(instant: datetime) -> str:
    """Milliseconds since 1970 as text, as the calendar is asked."""
    return str(round(instant.timestamp() * 1000))


def _milliseconds(number: float) -> timedelta:
    try:
        return timedelta(milliseconds=number)
    except OverflowError as error:
        raise ValueError("not a date") from error


def _since_1970(number: float) -> datetime:
    seconds = number / 1000 if abs(number) >= _FIRST_MILLISECONDS else number
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError("not a date") from error
