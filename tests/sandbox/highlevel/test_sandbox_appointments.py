"""Appointments and calendars: three ways to write the same hour."""

from __future__ import annotations

from typing import Any

import pytest

BEGIN = "2026-12-01T10:00:00Z"


@pytest.fixture
def calendar(vendor: Any) -> str:
    return str(vendor.running.records("calendars")[0]["id"])


def book(vendor: Any, contact: str, calendar: str, **fields: Any) -> dict[str, Any]:
    body = {"calendarId": calendar, "locationId": vendor.location_id, "contactId": contact}
    response = vendor("POST", "/calendars/events/appointments", json={**body, "startTime": BEGIN, **fields})
    assert response.status_code == 200, response.text
    made: dict[str, Any] = response.json()
    return made


def test_create_answers_200_with_the_bare_appointment(either: Any, calendar: str) -> None:
    made = book(either, either.some()["id"], calendar, toNotify=False, title="Demo")
    assert (made["title"], made["startTime"]) == ("Demo", "2026-12-01T04:00:00-06:00")
    assert "toNotify" not in made
    assert ("dateAdded" in made) is (either.version == "v3")
    assert either.in_version("2021-04-15")("GET", "/calendars/events/appointments/x").status_code == 400


def test_read_wraps_it_in_event(either: Any, calendar: str) -> None:
    made = book(either, either.some()["id"], calendar)
    event = either("GET", f"/calendars/events/appointments/{made['id']}").json()["event"]
    assert event["endTime"] == "2026-12-01T04:30:00-06:00"
    assert ("deleted" in event) is (either.version == "v3")


def test_a_contacts_appointments_are_called_events_and_have_no_zone(either: Any, calendar: str) -> None:
    contact = either.some()["id"]
    made = book(either, contact, calendar)
    body = either("GET", f"/contacts/{contact}/appointments").json()
    assert "appointments" not in body
    event = body["events"][0]
    assert (event["id"], event["startTime"]) == (made["id"], "2026-12-01 04:00:00")
    assert len(event["dateAdded"]) == len("2026-12-01 04:00:00")


def test_delete_answers_201_succeeded(either: Any, calendar: str) -> None:
    made = book(either, either.some()["id"], calendar)
    response = either("DELETE", f"/calendars/events/{made['id']}", json={})
    assert (response.status_code, response.json()["succeeded"]) == (201, True)
    assert either("DELETE", f"/calendars/events/{made['id']}", json={}).status_code == 400
    assert either("DELETE", "/calendars/events/x", json={"id": "x"}).status_code == 422


def test_calendar_is_asked_in_epoch_milliseconds_as_strings(either: Any, calendar: str) -> None:
    made = book(either, either.some()["id"], calendar)
    asked = {"locationId": either.location_id, "startTime": "1796119200000", "endTime": "1796119200000"}
    for by in ({"calendarId": calendar}, {"userId": made["assignedUserId"]}):
        events = either("GET", "/calendars/events", params={**asked, **by}).json()["events"]
        assert [event["id"] for event in events] == [made["id"]]
    assert either("GET", "/calendars/events", params=asked).status_code == 422
    iso = {**asked, "calendarId": calendar, "startTime": BEGIN}
    assert either("GET", "/calendars/events", params=iso).status_code == 422
    later = {**asked, "calendarId": calendar, "startTime": "1796119200001", "endTime": "1796119300000"}
    assert either("GET", "/calendars/events", params=later).json()["events"] == []


def test_moving_an_appointment_keeps_its_length(either: Any, calendar: str) -> None:
    made = book(either, either.some()["id"], calendar, endTime="2026-12-01T11:00:00Z")
    path = f"/calendars/events/appointments/{made['id']}"
    moved = either("PUT", path, json={"startTime": "2026-12-02T10:00:00Z", "appointmentStatus": "showed"})
    assert moved.json()["endTime"] == "2026-12-02T05:00:00-06:00"
    assert moved.json()["appointmentStatus"] == "showed"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"startTime": "soon"}, 422),
        ({"appointmentStatus": "done"}, 422),
        ({"notes": "x"}, 422),
        ({"contactId": "nobody"}, 400),
        ({"calendarId": "nothing"}, 400),
        ({"endTime": BEGIN}, 400),
        ({"locationId": "anotherLocation00001"}, 403),
    ],
)
def test_appointment_body_is_held_to_the_contract(
    either: Any, calendar: str, wrong: dict[str, Any], status: int
) -> None:
    body = {"calendarId": calendar, "locationId": either.location_id, "startTime": BEGIN}
    body = {**body, "contactId": either.some()["id"], **wrong}
    assert either("POST", "/calendars/events/appointments", json=body).status_code == status


def test_a_taken_slot_is_no_longer_free(either: Any, calendar: str) -> None:
    asked = {"startDate": "1796101200000", "endDate": "1796187600000"}
    before = either("GET", f"/calendars/{calendar}/free-slots", params=asked).json()
    assert "2026-12-01T10:00:00-06:00" in before["2026-12-01"]["slots"]
    book(either, either.some()["id"], calendar, startTime="2026-12-01T10:00:00-06:00")
    after = either("GET", f"/calendars/{calendar}/free-slots", params=asked).json()
    assert "2026-12-01T10:00:00-06:00" not in after["2026-12-01"]["slots"]


def test_appointment_notes_cap_their_page_at_20(either: Any, calendar: str) -> None:
    path = f"/calendars/appointments/{book(either, either.some()['id'], calendar)['id']}/notes"
    made = either("POST", path, json={"body": "remember"})
    assert made.status_code == 201
    page = either("GET", path, params={"limit": "20", "offset": "0"})
    assert [note["body"] for note in page.json()["notes"]] == ["remember"]
    assert either("GET", path, params={"limit": "21", "offset": "0"}).status_code == 400
    assert either("GET", path).status_code == 422
