"""The control door: counts, records, reset, and the edits that a person in the CRM makes."""

from __future__ import annotations

from typing import Any

import pytest


def test_requests_are_counted_by_operation_and_status(vendor: Any) -> None:
    contact = vendor.some()
    vendor("GET", f"/contacts/{contact['id']}")
    vendor("GET", "/contacts/nobody")
    vendor("GET", "/nothing")
    assert vendor.running.requests() == {
        "total": 5,
        "operations": {
            "GET (unknown path)": {"404": 1},
            "GET /contacts/{contactId}": {"200": 2, "400": 1},
            "POST /contacts/": {"201": 1},
        },
    }


def test_records_are_in_the_shape_of_reading_by_id(vendor: Any) -> None:
    contacts = vendor.running.records("contacts")
    assert len(contacts) == 300
    assert vendor.read(contacts[5]["id"]) == contacts[5]
    assert len(vendor.running.records("businesses")) == 200
    for kind in ("tasks", "notes", "appointments"):
        assert vendor.running.records(kind) == []


def test_reset_goes_back_to_the_seed(vendor: Any) -> None:
    before = vendor.running.records("contacts")
    contact = vendor.some(tags=["brand new"])
    vendor.update(before[0]["id"], city="Elsewhere")
    vendor("DELETE", f"/contacts/{before[1]['id']}")
    vendor.running.edit(kind="contacts", raw="odd")
    vendor.running.set_faults([{"operation": "*", "fault": "500"}])
    vendor.running.reset()
    assert vendor.running.records("contacts") == before
    assert vendor.running.requests() == {"total": 0, "operations": {}}
    assert vendor("GET", f"/contacts/{contact['id']}").status_code == 400
    assert vendor.search().json()["total"] == 300
    assert "brand new" not in {tag["name"] for tag in vendor.running.records("tags")}


def test_unknown_doors_say_which_there_are(vendor: Any) -> None:
    assert "/_sandbox/reset" in vendor("POST", "/_sandbox/rest").json()["message"]
    assert "contacts" in vendor("GET", "/_sandbox/records/people").json()["message"]


def test_edit_sets_fields_and_moves_date_updated(vendor: Any) -> None:
    contact = vendor.some(email="e@example.com")
    vendor.running.edit(kind="contacts", id=contact["id"], set={"firstName": "Eva", "businessId": "b1"})
    after = vendor.read(contact["id"])
    assert (after["firstName"], after["firstNameLowerCase"], after["businessId"]) == ("Eva", "eva", "b1")
    assert after["name"] == "Eva Lorne"
    assert after["dateUpdated"] >= contact["dateUpdated"]
    vendor.running.edit(kind="contacts", id=contact["id"], unset=["email"])
    assert "email" not in vendor.read(contact["id"])


@pytest.mark.parametrize(
    "value", [None, 5, True, [], {"deep": [1]}, "nul\x00inside", "lone \ud800 surrogate", "x" * 1_000_000]
)
def test_edit_takes_odd_values_as_they_stand(vendor: Any, value: Any) -> None:
    contact = vendor.some()
    vendor.running.edit(kind="contacts", id=contact["id"], set={"firstName": value, "dateAdded": value})
    vendor.running.edit(kind="contacts", id=contact["id"], set={"lastName": "Later"})
    found = next(c for c in vendor.search(pageLimit=500).json()["contacts"] if c["id"] == contact["id"])
    for seen in (vendor.read(contact["id"]), found):
        assert seen["firstName"] == value
        assert seen["dateAdded"] == value
        assert seen["lastName"] == "Later"


def test_edit_survives_a_write_through_the_api(vendor: Any) -> None:
    contact = vendor.some()
    odd = {"dndSettings": "off", "customFields": 5, "tags": {}, "additionalEmails": "x", "phone": 7}
    vendor.running.edit(kind="contacts", id=contact["id"], set=odd)
    settings = {"SMS": {"status": "active"}}
    assert vendor.update(contact["id"], dndSettings=settings, customFields=[]).status_code == 200


def test_edit_creates_and_deletes(vendor: Any) -> None:
    made = vendor.running.edit(kind="contacts", create={"id": "myOwnId", "email": "Odd@Example.com"})
    assert made["record"]["emailLowerCase"] == "odd@example.com"
    assert vendor.create(email="odd@example.com").status_code == 400
    vendor.running.edit(kind="contacts", id="myOwnId", delete=True)
    assert vendor("GET", "/contacts/myOwnId").status_code == 400
    assert vendor.search().json()["total"] == 300


def test_raw_values_come_first_in_search(vendor: Any) -> None:
    for raw in (None, "text", 5, {"id": 7, "searchAfter": "?"}):
        vendor.running.edit(kind="contacts", raw=raw)
    body = vendor.search(pageLimit=5).json()
    assert body["contacts"][:4] == [None, "text", 5, {"id": 7, "searchAfter": "?"}]
    assert (len(body["contacts"]), body["total"]) == (5, 304)
    rest = vendor.search(pageLimit=500, searchAfter=body["contacts"][-1]["searchAfter"]).json()["contacts"]
    second = vendor.search(pageLimit=5, page=2).json()["contacts"]
    assert len(rest) == 299
    assert rest[:5] == second


def test_other_kinds_are_edited_too(vendor: Any) -> None:
    business = vendor.running.records("businesses")[0]
    vendor.running.edit(kind="businesses", id=business["id"], set={"name": "Renamed"})
    assert vendor.running.records("businesses")[0]["name"] == "Renamed"
    vendor.running.edit(kind="businesses", id=business["id"], delete=True)
    vendor.running.edit(kind="notes", create={"body": "hello"})
    assert len(vendor.running.records("businesses")) == 199
    assert vendor.running.records("notes")[0]["body"] == "hello"


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        ({"kind": "people"}, "kind must be one of contacts"),
        ({"kind": "contacts", "id": "x", "sets": {}}, "unknown key 'sets'"),
        ({"kind": "contacts", "id": "x", "set": []}, "set must be an object"),
        ({"kind": "contacts", "id": 5, "set": {}}, "id must be a string"),
        ({"kind": "contacts", "id": "x", "unset": "a"}, "unset must be a list"),
        ({"kind": "contacts", "id": "x", "set": {}}, "no contact with id 'x'"),
        ({"kind": "notes", "id": "x", "set": {}}, "no record of notes with id 'x'"),
    ],
)
def test_malformed_edits_are_refused(vendor: Any, edit: dict[str, Any], named: str) -> None:
    response = vendor("POST", "/_sandbox/edit", json=edit)
    assert response.status_code == 422
    assert named in response.json()["message"]


MADE_BY_HAND: dict[str, dict[str, Any]] = {
    "tasks": {"title": "Ring back", "dueDate": "2026-12-01T10:00:00.000Z"},
    "notes": {"body": "met at the fair"},
    "appointments": {"startTime": "2026-12-01T10:00:00Z", "endTime": "2026-12-01T11:00:00Z"},
}


@pytest.mark.parametrize("kind", MADE_BY_HAND)
def test_a_person_makes_changes_and_deletes_what_belongs_to_a_contact(either: Any, kind: str) -> None:
    contact = either.some()["id"]
    create = {"contactId": contact, **MADE_BY_HAND[kind]}
    record = either.running.edit(kind=kind, create=create)["record"]
    path = f"/contacts/{contact}/{kind}"
    key = "events" if kind == "appointments" else kind
    assert [one["id"] for one in either("GET", path).json()[key]] == [record["id"]]
    edit = {"set": {"title": "Odd \ud800"}, "unset": ["body"]}
    later = either.running.edit(kind=kind, id=record["id"], **edit)["record"]
    assert (later["title"], "body" in later) == ("Odd \ud800", False)
    assert later["dateUpdated"] >= record["dateUpdated"]
    assert either("GET", path).json()[key][0]["title"] == "Odd \ud800"
    assert either.running.records(kind) == [later]
    either.running.edit(kind=kind, id=record["id"], delete=True)
    assert either("GET", path).json()[key] == []


@pytest.mark.parametrize("value", [None, 5, [], "no date", {"deep": 1}])
def test_odd_values_made_by_hand_are_shown_as_they_stand(either: Any, value: Any) -> None:
    contact = either.some()["id"]
    for kind, field in (("tasks", "dueDate"), ("notes", "dateAdded"), ("appointments", "startTime")):
        either.running.edit(kind=kind, create={"contactId": contact, field: value})
    assert either("GET", f"/contacts/{contact}/tasks").json()["tasks"][0]["dueDate"] == value
    assert either("GET", f"/contacts/{contact}/notes").json()["notes"][0]["dateAdded"] == value
    events = either("GET", f"/contacts/{contact}/appointments").json()["events"]
    assert events[0].get("startTime") == value
    calendar = either.running.records("calendars")[0]["id"]
    spoilt = either("PUT", f"/calendars/events/appointments/{events[0]['id']}", json={"calendarId": calendar})
    assert spoilt.status_code == 400
    search = either("POST", f"/locations/{either.location_id}/tasks/search", json={})
    assert search.json()["tasks"][0]["dueDate"] == value


def test_a_person_edits_a_business_and_its_date_moves(either: Any) -> None:
    made = either.running.edit(kind="businesses", create={"name": "By hand"})["record"]
    assert len(made["id"]) == 24
    after = either.running.edit(kind="businesses", id=made["id"], set={"city": "Riverton"})["record"]
    assert after["updatedAt"] >= made["updatedAt"]
    assert either("GET", f"/businesses/{made['id']}").json()["business"] == after


def test_all_oauth_tokens_can_be_ended(vendor: Any) -> None:
    assert vendor("POST", "/_sandbox/oauth", json={"expire": True}).json() == {"expired": 0}
    assert vendor("POST", "/_sandbox/oauth", json={}).status_code == 422


LOADED = ("contacts", "businesses", "notes", "tasks", "appointments", "tags", "users", "customFields")


def test_a_sub_account_is_loaded_as_it_was_told(vendor: Any) -> None:
    contact = vendor.some(email="kept@example.com", tags=["kept"])
    for kind, create in MADE_BY_HAND.items():
        vendor.running.edit(kind=kind, create={"contactId": contact["id"], **create})
    told = {kind: vendor.running.records(kind) for kind in LOADED}
    vendor.running.reset()
    gone = vendor.running.records("contacts")[0]["id"]
    told["contacts"] = told["contacts"][1:]
    vendor.running.load(**told)
    assert {kind: vendor.running.records(kind) for kind in LOADED} == told
    assert vendor.read(contact["id"]) == contact
    assert vendor("GET", f"/contacts/{gone}").status_code == 400
    assert vendor.search().json()["total"] == 300
    assert vendor.create(email="kept@example.com").status_code == 400
    [note] = vendor("GET", f"/contacts/{contact['id']}/notes").json()["notes"]
    assert note["body"] == MADE_BY_HAND["notes"]["body"]
    made = vendor.some(email="new@example.com")
    assert made["id"] not in {one["id"] for one in told["contacts"]}
    vendor.running.load(users=[])
    vendor.running.reset()
    assert vendor.running.records("users") == told["users"]


def test_the_vendor_s_clock_is_not_behind_what_was_loaded(vendor: Any) -> None:
    contact = vendor.some()
    vendor.running.load(contacts=[contact | {"dateUpdated": "2100-01-01T00:00:00.000Z"}])
    vendor.update(contact["id"], city="Later")
    assert vendor.read(contact["id"])["dateUpdated"] >= "2100"
    vendor.running.reset()
    assert vendor.some()["dateUpdated"] < "2100"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ([], "an object of lists"),
        ({"people": []}, "there is no kind 'people'"),
        ({"notes": {}}, "notes must be a list"),
        ({"notes": [{"body": "x"}]}, "with an id"),
        ({"tags": [{"id": "x"}]}, "tags must be a list"),
    ],
)
def test_what_cannot_be_loaded_is_refused_and_changes_nothing(vendor: Any, given: Any, named: str) -> None:
    response = vendor("POST", "/_sandbox/load", json=given)
    assert response.status_code == 422
    assert named in response.json()["message"]
    assert len(vendor.running.records("contacts")) == 300
