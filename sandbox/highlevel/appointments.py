"""Appointments: three ways to write the same hour.

Reading by contact gives ``YYYY-MM-DD HH:MM:SS`` without a zone (the location's), the calendar operations
ISO 8601 with the zone's offset, and the calendar is asked by milliseconds since 1970 as strings. Creating
answers 200 with the bare appointment, reading wraps it in ``event``, deleting answers 201. With the option
``strict_slots``, an hour that is not free is refused, unless ``ignoreFreeSlotValidation`` is sent. From
``apps/calendars.json`` and ``apps/contacts.json`` (GetEventSchema).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.core.answers import Answer
from sandbox.highlevel.account import TIMEZONE
from sandbox.highlevel.calls import Call, RefusalError, traced
from sandbox.highlevel.contacts import existing
from sandbox.highlevel.forms import Form, moment, one_of, text, truth
from sandbox.highlevel.hours import is_slot
from sandbox.highlevel.location import Location
from sandbox.highlevel.route import Route
from sandbox.highlevel.shapes import Document, iso, millis

__all__ = ["CALENDARS_VERSION", "ROUTES"]

CALENDARS_VERSION = "2021-04-15"
"""The Version that the contract declares for calendars and conversations."""

_ZONE = ZoneInfo(TIMEZONE)
_DURATION = timedelta(minutes=30)
_STATES = ("new", "confirmed", "cancelled", "showed", "noshow", "invalid")
_PLACES = ("custom", "zoom", "gmeet", "phone", "address", "ms_teams", "google")
_DIRECTIONS = dict.fromkeys(
    ("overrideLocationConfig", "ignoreDateRange", "toNotify", "ignoreFreeSlotValidation"), truth
)
_EDIT_FIELDS = {
    **_DIRECTIONS,
    **dict.fromkeys(("title", "meetingLocationId", "assignedUserId", "description"), text),
    **dict.fromkeys(("address", "rrule", "calendarId"), text),
    "meetingLocationType": one_of(*_PLACES),
    "appointmentStatus": one_of(*_STATES),
    "startTime": moment,
    "endTime": moment,
}
_EDIT = Form(_EDIT_FIELDS)
_CREATE = Form(
    {**_EDIT_FIELDS, "locationId": text, "contactId": text},
    required=("calendarId", "contactId", "startTime"),
)
_DELETE = Form({})
_OF_CONTACT = (
    "id", "calendarId", "status", "title", "assignedUserId", "notes", "startTime", "endTime", "address",
    "locationId", "contactId", "groupId", "appointmentStatus", "users", "dateAdded", "dateUpdated",
    "assignedResources",
)  # fmt: skip
_BARE = (
    "id", "calendarId", "locationId", "contactId", "startTime", "endTime", "title", "meetingLocationType",
    "appointmentStatus", "assignedUserId", "address", "isRecurring", "rrule",
)  # fmt: skip
_DATES = ("startTime", "endTime", "dateAdded", "dateUpdated")


def of_contact(location: Location, call: Call) -> Answer:
    """``GET /contacts/{contactId}/appointments``: the key is ``events``, the dates have no zone."""
    held = location.others["appointments"].of(existing(location, call).id)
    return traced(200, {"events": [_of_contact(appointment) for appointment in held]})


def read(location: Location, call: Call) -> Answer:
    """``GET /calendars/events/appointments/{eventId}``."""
    return traced(200, {"event": _event(_appointment(location, call, reading=True), call)})


def create(location: Location, call: Call) -> Answer:
    """``POST /calendars/events/appointments``: 200, unwrapped."""
    body = _CREATE.check(call)
    location.require(body.get("locationId"), call)
    if body["contactId"] not in location.contacts.rows:
        raise RefusalError.missing("Contact", body["contactId"], reading=False)
    _require_free(location, body)
    blank = {
        "id": location.fresh_id(),
        "locationId": location.id,
        "appointmentStatus": "new",
        "title": "Appointment",
        "assignedUserId": location.users[0]["id"],
        "isRecurring": False,
        "dateAdded": location.now(),
    }
    return traced(200, _bare(_written(location, blank, body), call))


def update(location: Location, call: Call) -> Answer:
    """``PUT /calendars/events/appointments/{eventId}``: the named fields change."""
    appointment = _appointment(location, call, reading=False)
    return traced(200, _bare(_written(location, appointment, _EDIT.check(call)), call))


def delete(location: Location, call: Call) -> Answer:
    """``DELETE /calendars/events/{eventId}``: 201, spelt ``succeeded`` in every dialect."""
    _DELETE.check(call)
    kinds = ("appointments", "blockedSlots")
    held = [location.others[kind] for kind in kinds if call.params["eventId"] in location.others[kind]]
    if not held:
        raise RefusalError.missing("Event", call.params["eventId"], reading=False)
    del held[0][call.params["eventId"]]
    return traced(201, {"succeeded": True})


def in_period(location: Location, call: Call) -> Answer:
    """``GET /calendars/events`` of a user, a calendar or a group."""
    return traced(200, {"events": [_event(held, call) for held in _within(location, call, "appointments")]})


def blocked(location: Location, call: Call) -> Answer:
    """``GET /calendars/blocked-slots``: asked in the same way."""
    return traced(200, {"events": _within(location, call, "blockedSlots")})


def _within(location: Location, call: Call, kind: str) -> list[Document]:
    location.require(call.query("locationId"), call)
    begin, end = (_instant(call, name) for name in ("startTime", "endTime"))
    asked = {
        field: call.query(name)
        for name, field in (
            ("userId", "assignedUserId"),
            ("calendarId", "calendarId"),
            ("groupId", "groupId"),
        )
        if call.query(name)
    }
    if not asked:
        raise RefusalError.unprocessable(["Either of userId, calendarId or groupId is required"])
    return [
        held
        for held in location.others[kind].values()
        if begin <= millis(held.get("startTime")) <= end
        and all(held.get(field) == value for field, value in asked.items())
    ]


def _instant(call: Call, name: str) -> int:
    given = call.query(name)
    if given is None or not given.isdecimal():
        raise RefusalError.unprocessable([f"{name} must be a number string"])
    return int(given)


def _require_free(location: Location, body: Document) -> None:
    """Refuse an hour that is over, that is no slot of the calendar, or that another appointment takes."""
    if not location.strict_slots or body.get("ignoreFreeSlotValidation"):
        return
    begin = _parsed(body["startTime"])
    over = iso(round(begin.timestamp() * 1000)) < location.now() and not body.get("ignoreDateRange")
    taken = any(
        held.get("calendarId") == body["calendarId"]
        and held.get("appointmentStatus") != "cancelled"
        and millis(held.get("startTime")) == round(begin.timestamp() * 1000)
        for held in location.others["appointments"].values()
    )
    if over or taken or not is_slot(begin):
        raise RefusalError.bad_request("The slot you have selected is no longer available.")


def _appointment(location: Location, call: Call, *, reading: bool) -> Document:
    appointment = location.others["appointments"].get(call.params["eventId"])
    if appointment is None:
        raise RefusalError.missing("Event", call.params["eventId"], reading=reading)
    return appointment


def _written(location: Location, appointment: Document, body: Document) -> Document:
    """An appointment after a write; half an hour long unless it says otherwise."""
    given = {key: value for key, value in body.items() if key not in _DIRECTIONS}
    if location.user_or_none(given.get("assignedUserId")) is None:
        given.pop("assignedUserId", None)
    written = {**appointment, **given, "dateUpdated": location.now()}
    calendar = location.others["calendars"].get(str(written.get("calendarId")))
    if calendar is None:
        raise RefusalError.missing("Calendar", str(written.get("calendarId")), reading=False)
    begin, end = _times(appointment, given)
    written |= {
        "startTime": begin.isoformat(),
        "endTime": end.isoformat(),
        "groupId": calendar.get("groupId"),
        "users": [written.get("assignedUserId")],
        "isRecurring": bool(written.get("rrule")),
    }
    location.others["appointments"][written["id"]] = written
    return written


def _times(appointment: Document, given: Document) -> tuple[datetime, datetime]:
    """When it begins and ends after a write; one that is moved keeps its length.

    Raises:
        RefusalError: 400 for an end before the beginning, or for times that a person spoilt by hand.
    """
    try:
        begin = _parsed(given.get("startTime", appointment.get("startTime")))
        if "endTime" in given:
            end = _parsed(given["endTime"])
        elif "endTime" in appointment:
            end = begin + (_parsed(appointment["endTime"]) - _parsed(appointment["startTime"]))
        else:
            end = begin + _DURATION
    except (KeyError, TypeError, ValueError, OverflowError):
        raise RefusalError.bad_request("startTime and endTime must be dates") from None
    if end <= begin:
        raise RefusalError.bad_request("endTime must be after startTime")
    return begin, end


def _parsed(value: Any) -> datetime:
    """A date in the location's zone; one without a zone is meant there already."""
    instant = datetime.fromisoformat(value)
    return instant.astimezone(_ZONE) if instant.tzinfo else instant.replace(tzinfo=_ZONE)


def _of_contact(appointment: Document) -> Document:
    shape = {**appointment, "status": "booked", **{key: _zoneless(appointment.get(key)) for key in _DATES}}
    return {key: shape[key] for key in _OF_CONTACT if shape.get(key) is not None}


def _zoneless(value: Any) -> Any:
    """A date as ``YYYY-MM-DD HH:MM:SS`` in the location's zone; what is no date stays as it is."""
    try:
        return f"{_parsed(value):%Y-%m-%d %H:%M:%S}"
    except (TypeError, ValueError, OverflowError):
        return value


def _event(appointment: Document, call: Call) -> Document:
    return {**appointment, "deleted": False} if call.v3 else appointment


def _bare(appointment: Document, call: Call) -> Document:
    keys = (*_BARE, "dateAdded", "dateUpdated") if call.v3 else _BARE
    return {key: appointment[key] for key in keys if key in appointment}


_EVENT, _APPOINTMENT = "/calendars/events/{eventId}", "/calendars/events/appointments/{eventId}"
_READ, _WRITE = "calendars/events.readonly", "calendars/events.write"

ROUTES = (
    Route("GET", "/contacts/{contactId}/appointments", "contacts.readonly", of_contact),
    Route("GET", "/calendars/events", _READ, in_period, CALENDARS_VERSION),
    Route("GET", "/calendars/blocked-slots", _READ, blocked, CALENDARS_VERSION),
    Route("POST", "/calendars/events/appointments", _WRITE, create, CALENDARS_VERSION),
    Route("GET", _APPOINTMENT, _READ, read, CALENDARS_VERSION),
    Route("PUT", _APPOINTMENT, _WRITE, update, CALENDARS_VERSION),
    Route("DELETE", _EVENT, _WRITE, delete, CALENDARS_VERSION),
)
