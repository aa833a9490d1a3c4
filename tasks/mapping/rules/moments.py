"""Time in rules: spans such as "2 working days", the calendar that they go by, and the moment of a run."""

from __future__ import annotations

import calendar as months
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache

from tasks.core.words import counted, did_you_mean
from tasks.mapping.rules.refusal import UnfitError

LIMITS = {
    "minute": 99_999,
    "hour": 99_999,
    "day": 36_500,
    "week": 5_200,
    "month": 1_200,
    "year": 100,
    "working day": 1_000,
}
"""Units of a span, and how many of them it may have."""

LONGEST = 40
"""Characters that a written moment has at most."""


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Which days are worked on.

    Args:
        zone: Whose midnight a day begins at.
        country: ISO 3166 code; "" for Monday to Friday without holidays.
        subdivision: A part of it with holidays of its own, e.g. ``9`` of Austria.
        closed: Further days without work.
    """

    zone: dt.tzinfo
    country: str = ""
    subdivision: str = ""
    closed: frozenset[dt.date] = frozenset()

    def __contains__(self, day: dt.date) -> bool:
        return day not in self.closed and day not in _free_days(self.country, self.subdivision, day.year)

    def after(self, moment: dt.datetime, number: int) -> dt.date:
        """The working day that is ``number`` of them after a moment's day in the zone, or before it.

        None after a day without work is the next one with.
        """
        day, step = moment.astimezone(self.zone).date(), dt.timedelta(-1 if number < 0 else 1)
        while number == 0 and day not in self:
            day += step
        for _ in range(abs(number)):
            day += step
            while day not in self:
                day += step
        return day


@cache
def _free_days(country: str, subdivision: str, year: int) -> frozenset[dt.date]:
    """The days of a year that are not worked on, weekends among them, and moved working days not."""
    first = dt.date(year, 1, 1)
    days = [first + dt.timedelta(n) for n in range(366 if months.isleap(year) else 365)]
    if not country:
        return frozenset(day for day in days if day.weekday() > 4)  # noqa: PLR2004 - Friday
    import holidays  # noqa: PLC0415 - for those who count working days

    known = holidays.country_holidays(country, subdiv=subdivision or None, years=year, expand=False)
    return frozenset(day for day in days if not known.is_working_day(day))


def _first(_name: str, _size: int) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class At:
    """When rules are judged, and by which calendar.

    Args:
        now: With a zone.
        calendar: The working days, and the zone in which the rules' times are meant.
        turn: Whose turn it is: from a round robin's name, ``<rule key>.<its number in the rule>``, and its
            size to a place in it.
    """

    now: dt.datetime
    calendar: WorkingDays
    turn: Callable[[str, int], int] = field(default=_first)

    @property
    def zone(self) -> dt.tzinfo:
        """The zone in which the rules' times are meant."""
        return self.calendar.zone

    @property
    def today(self) -> dt.date:
        """The day in that zone."""
        return self.local(self.now).date()

    def local(self, moment: dt.datetime) -> dt.datetime:
        """A moment in that zone; one without a zone is meant in it."""
        return moment.astimezone(self.zone) if moment.tzinfo else moment.replace(tzinfo=self.zone)

    def combine(self, day: dt.date, time: dt.time) -> dt.datetime:
        """A time of a day in that zone; one that the clock leaps over comes later by as much."""
        return dt.datetime.combine(day, time, self.zone).astimezone(dt.UTC).astimezone(self.zone)

    def with_turns(self, turn: Callable[[str, int], int]) -> At:
        """The same with other turns."""
        return replace(self, turn=turn)


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time, e.g. two working days; negative for back in time."""

    number: int
    unit: str

    def __str__(self) -> str:
        return counted(self.number, self.unit) if self.number != -1 else f"-1 {self.unit}"

    @property
    def in_days(self) -> bool:
        """Whether it goes from day to day, at the same time by the clock."""
        return self.unit not in ("minute", "hour")

    def after(self, moment: dt.datetime, at: At) -> dt.datetime:
        """The moment that is this long after another.

        Raises:
            UnfitError: There is no such moment.
        """
        try:
            if not self.in_days:
                moved = moment.astimezone(dt.UTC) + dt.timedelta(**{f"{self.unit}s": self.number})
                return at.local(moved)
            local = at.local(moment)
            return at.combine(self._day_after(local, at), local.timetz().replace(tzinfo=None))
        except (OverflowError, ValueError):
            raise UnfitError(f"is too far from {self}") from None

    def before(self, moment: dt.datetime, at: At) -> dt.datetime:
        """The moment that is this long before another."""
        return Span(-self.number, self.unit).after(moment, at)

    def _day_after(self, local: dt.datetime, at: At) -> dt.date:
        day = local.date()
        if self.unit == "working day":
            return at.calendar.after(local, self.number)
        if self.unit in ("day", "week"):
            return day + dt.timedelta(self.number * (7 if self.unit == "week" else 1))
        number = self.number * (12 if self.unit == "year" else 1)
        year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
        return dt.date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def read_span(text: object) -> Span:
    """A span as a person writes it: "3 days", "-2 hours", "1 working day".

    Raises:
        UnfitError: It is none.
    """
    words = text.casefold().split() if isinstance(text, str) and len(text) <= LONGEST else []
    number, unit = _number(words[0] if words else ""), " ".join(words[1:])
    if number is None or not unit:
        raise UnfitError("is no length of time: write e.g. `3 days`, `2 hours`, `2 working days`")
    unit = unit.removesuffix("s")
    if unit not in LIMITS:
        near = did_you_mean(unit, LIMITS) or f"write one of: {', '.join(f'{one}s' for one in LIMITS)}"
        raise UnfitError(f"is no length of time: {near}")
    if abs(number) > LIMITS[unit]:
        raise UnfitError(f"is too long: {counted(LIMITS[unit], unit)} at most")
    return Span(number, unit)


def _number(word: str) -> int | None:
    digits = word.removeprefix("-")
    return int(word) if digits.isascii() and digits.isdecimal() and len(digits) <= 6 else None  # noqa: PLR2004 - see LIMITS


def read_time(text: object) -> dt.time:
    """A time of day, "09:00" to "23:59".

    Raises:
        UnfitError: It is none.
    """
    try:
        return dt.datetime.strptime(text, "%H:%M").time()  # type: ignore[arg-type] # noqa: DTZ007 - a time of any day
    except (TypeError, ValueError):
        raise UnfitError('is no time of day: write e.g. `"09:00"`') from None


def read_moment(value: object) -> dt.date | dt.datetime | None:
    """A day or a moment from what a record or a file holds; None where it is neither."""
    if isinstance(value, dt.date):  # a datetime is one
        return value
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    text = value.strip()
    if not (text[:4] + text[5:7]).isdecimal() or text[4:5] + text[7:8] != "--":
        return None
    try:
        return (
            dt.date.fromisoformat(text) if len(text) == len("2026-01-31") else dt.datetime.fromisoformat(text)
        )
    except ValueError:
        return None


def known_moment(value: object) -> dt.date | dt.datetime:
    """The same of what must be one.

    Raises:
        UnfitError: It is neither.
    """
    moment = read_moment(value)
    if moment is None:
        raise UnfitError("is no date")
    return moment


def as_moment(value: dt.date | dt.datetime, at: At) -> dt.datetime:
    """A day's beginning, or a moment, in the zone."""
    return at.local(value) if isinstance(value, dt.datetime) else at.combine(value, dt.time())


def as_day(value: dt.date | dt.datetime, at: At) -> dt.date:
    """The day in the zone."""
    return at.local(value).date() if isinstance(value, dt.datetime) else value
