"""When a calendar is free: half hours of working days that no appointment takes.

The answer has a key for each day (``YYYY-MM-DD``) and nothing beside them. The period is asked in
milliseconds since 1970 and may be at most 31 days.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.core.answers import Answer, answer
from sandbox.highlevel.account import TIMEZONE
from sandbox.highlevel.appointments import CALENDARS_VERSION
from sandbox.highlevel.calls import Call, RefusalError
from sandbox.highlevel.hours import CLOSES, OPENS, SLOT, WORKING_DAYS
from sandbox.highlevel.location import Location
from sandbox.highlevel.route import Route
from sandbox.highlevel.shapes import Document, millis

__all__ = ["ROUTES"]

_LONGEST = 31 * 86_400_000


def free(location: Location, call: Call) -> Answer:
    """``GET /calendars/{calendarId}/free-slots``."""
    calendar = call.params["calendarId"]
    if calendar not in location.others["calendars"]:
        raise RefusalError.missing("Calendar", calendar, reading=True)
    begin, end = _instant(call, "startDate"), _instant(call, "endDate")
    if not begin <= end <= begin + _LONGEST:
        raise RefusalError.bad_request("endDate must be after startDate, by 31 days at most")
    taken = {
        millis(held.get("startTime"))
        for held in location.others["appointments"].values()
        if held.get("calendarId") == calendar and held.get("appointmentStatus") != "cancelled"
    }
    return answer(200, _days(begin, end, _zone(call), taken))


def _days(begin: int, end: int, zone: ZoneInfo, taken: set[int]) -> Document:
    days: Document = {}
    first = datetime.fromtimestamp(begin / 1000, UTC).astimezone(zone)
    slot = first.replace(hour=OPENS, minute=0, second=0, microsecond=0)
    while slot.timestamp() * 1000 <= end:
        instant = round(slot.timestamp() * 1000)
        if slot.weekday() < WORKING_DAYS and begin <= instant and instant not in taken:
            days.setdefault(f"{slot:%Y-%m-%d}", {"slots": []})["slots"].append(slot.isoformat())
        slot += SLOT
        if slot.hour >= CLOSES:
            slot = (slot + timedelta(days=1)).replace(hour=OPENS, minute=0)
    return days


def _instant(call: Call, name: str) -> int:
    given = call.query(name)
    if given is None or not given.isdecimal():
        raise RefusalError.unprocessable([f"{name} must be a number string"])
    return int(given)


def _zone(call: Call) -> ZoneInfo:
    try:
        return ZoneInfo(call.query("timezone") or TIMEZONE)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise RefusalError.bad_request("timezone is not known") from None


ROUTES = (Route("GET", "/calendars/{calendarId}/free-slots", "calendars.readonly", free, CALENDARS_VERSION),)
