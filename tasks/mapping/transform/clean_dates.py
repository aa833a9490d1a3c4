"""The transforms of dates and moments."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from tasks.mapping.transform import dates
from tasks.mapping.transform.clean import parsed
from tasks.mapping.transform.refusal import CleanError
from tasks.mapping.transform.registry import transform

_Read = TypeVar("_Read")


FIRST_YEAR = 1900
"""Of a birthday; what programs put for an unknown year (1604, 1899) lies before it."""

MIDNIGHT = dt.time()

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@transform()
def date(
    value: Any,
    *,
    format: str | None = None,  # noqa: A002 - the option's name in mappings
    order: str | None = None,
    epoch: str | None = None,
) -> dt.date:
    """A date from whatever says one for certain: text of many kinds, a spreadsheet's number, or by `format`.

    Where day and month may be either, ``order`` (`dmy`, `mdy`) says what comes first.
    """
    if type(value) is str and format is None and len(value) == len("2024-01-31") and value[4] == "-":
        return parsed(dt.date.fromisoformat, value, dates.UNREAL)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    moment = _moment(value, format, order, epoch)
    if epoch is None and moment.tzinfo and moment.time() != MIDNIGHT and _is_number(value):
        raise CleanError(value, "counts milliseconds to within a day: of which zone is not known")
    return moment.date()


@transform()
def birthday(value: Any, *, order: str | None = None) -> dt.date:
    """Like `date`, of somebody alive: from 1900 on, not in the future, of two digits the last such year."""
    plain = type(value) is str and value[4:5] != "-" and not _NUMBER.fullmatch(value.strip())
    found = _told(dates.read_date, value, _order(order), past=True) if plain else date(value, order=order)
    if found > dt.datetime.now(dt.UTC).date():
        raise CleanError(value, "lies in the future")
    if found.year < FIRST_YEAR:
        raise CleanError(value, f"lies before {FIRST_YEAR}")
    return found


@transform()
def timestamp(
    value: Any,
    *,
    format: str | None = None,  # noqa: A002 - the option's name in mappings
    order: str | None = None,
    epoch: str | None = None,
    zone: str | None = None,
) -> dt.datetime:
    """A moment in UTC from whatever `date` reads, with its time of day (no zone: `zone`, or UTC)."""
    moment = _moment(value, format, order, epoch)
    if moment.tzinfo is dt.UTC:
        return moment
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC if zone is None else ZoneInfo(zone))
    return parsed(lambda found: found.astimezone(dt.UTC), moment, "is no timestamp")


def _moment(value: Any, pattern: str | None, order: str | None, epoch: str | None) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value
    if type(value) is str and pattern is None and value[4:5] == "-":
        with suppress(ValueError):  # nearly all moments
            return dt.datetime.fromisoformat(value)
    if type(value) is str:
        return _moment_of_text(value.strip(), pattern, order, epoch)
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return _told(dates.moment_of, value, epoch)
    raise CleanError(value, dates.NONE)


def _moment_of_text(value: str, pattern: str | None, order: str | None, epoch: str | None) -> dt.datetime:
    if pattern is not None:
        return parsed(lambda found: dt.datetime.strptime(found, pattern), value, f"is not {pattern}")  # noqa: DTZ007 - no zone means UTC
    if _NUMBER.fullmatch(value):
        return _told(lambda said: dates.moment_of(float(said), epoch), value)
    try:
        return dt.datetime.fromisoformat(value)
    except ValueError:
        return _told(dates.read_moment, value, _order(order))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) or (
        isinstance(value, str) and bool(_NUMBER.fullmatch(value.strip()))
    )


def _order(given: str | None) -> dates.Order | None:
    return None if given is None else dates.Order(given)


def _told(read: Callable[..., _Read], value: Any, *options: Any, **more: Any) -> _Read:
    """What a reader of dates makes of a value, its refusal as one of ours."""
    try:
        return read(value, *options, **more)
    except dates.NoDateError as error:
        raise CleanError(value, str(error)) from None
