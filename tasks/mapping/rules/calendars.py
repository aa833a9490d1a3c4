"""Which calendar a rules file means: its country and part of it, its zone, its closed days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from tasks.core.errors import BadMappingError
from tasks.core.words import nearest
from tasks.mapping.rules.language import CalendarSaid, RulesSaid
from tasks.mapping.rules.moments import WorkingDays, read_moment
from tasks.mapping.transform.countries import normalise_country

WHERE = "calendar"


@cache
def _countries() -> dict[str, list[str]]:
    import holidays  # noqa: PLC0415 - for those who count working days

    return holidays.list_supported_countries(include_aliases=True)


def problems_of(said: RulesSaid) -> list[BadMappingError]:
    """What of a file's calendar is not there."""
    return list(_problems(said, said.calendar))


def _problems(said: RulesSaid, calendar: CalendarSaid) -> Iterable[BadMappingError]:
    if calendar.country and calendar.country not in _countries():
        code = normalise_country(calendar.country)
        remedy = f"write `{code}`" if code in _countries() else "write its ISO 3166 code, e.g. AT"
        what = f"the holidays of `{calendar.country}` are not known"
        yield said.error(what, (WHERE, "country"), remedy)
    elif calendar.subdivision:
        parts = _countries().get(calendar.country or "", [])
        if not calendar.country:
            yield said.error("`subdivision` without `country`", (WHERE, "subdivision"))
        elif calendar.subdivision not in parts:
            what = f"`{calendar.subdivision}` is no part of {calendar.country} with holidays of its own"
            yield said.error(what, (WHERE, "subdivision"), nearest(calendar.subdivision, parts))
    if calendar.zone and calendar.zone not in available_timezones():
        what = f"there is no time zone `{calendar.zone}`"
        yield said.error(what, (WHERE, "zone"), nearest(calendar.zone, available_timezones()))
    for place, day in enumerate(calendar.closed):
        if _day(day) is None:
            yield said.error(f"`{day}` is no day", (WHERE, "closed", place), "write e.g. `2026-12-24`")


def _day(text: str) -> dt.date | None:
    day = read_moment(text)
    return day if day is not None and not isinstance(day, dt.datetime) else None


def calendar_of(said: RulesSaid, country: str, zone: str) -> WorkingDays:
    """The file's calendar, and what it does not say from the location.

    Raises:
        BadMappingError: The location's country or zone is not known.
    """
    own = said.calendar
    code = own.country if own.country is not None else country
    clock = own.zone or zone
    if code and code not in _countries():
        what = f"the holidays of the location's country, `{code}`, are not known"
        raise said.error(
            what, (WHERE,), 'write `calendar: {country: ""}` for Monday to Friday without holidays'
        )
    if clock not in available_timezones():
        what = f"the location's time zone, `{clock}`, is not known"
        raise said.error(what, (WHERE,), "write `calendar: {zone: Europe/Vienna}`")
    closed = frozenset(day for text in own.closed if (day := _day(text)))
    return WorkingDays(ZoneInfo(clock), code, own.subdivision or "", closed)
