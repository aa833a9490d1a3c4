"""Tasks and notes of a contact, and the location-wide search: one test for each documented quirk."""

from __future__ import annotations

import re
from typing import Any

import pytest

DUE = "2026-12-01T10:00:00.000Z"
SEVEN = {"id", "title", "body", "assignedTo", "dueDate", "completed", "contactId"}


def add(vendor: Any, contact: str, **fields: Any) -> dict[str, Any]:
    body = {"title": "Call", "dueDate": DUE, "completed": False, **fields}
    response = vendor("POST", f"/contacts/{contact}/tasks", json=body)
    assert response.status_code == 201, response.text
    task: dict[str, Any] = response.json()["task"]
    return task


def find(vendor: Any, **body: Any) -> list[dict[str, Any]]:
    response = vendor("POST", f"/locations/{vendor.location_id}/tasks/search", json=body)
    assert response.status_code == 200, response.text
    tasks: list[dict[str, Any]] = response.json()["tasks"]
    return tasks


def user(vendor: Any) -> str:
    return str(vendor.running.records("users")[0]["id"])


def test_a_contacts_task_has_exactly_seven_fields(either: Any) -> None:
    contact = either.some()["id"]
    task = add(either, contact, body="about the offer", assignedTo=user(either))
    assert set(task) == SEVEN
    path = f"/contacts/{contact}/tasks"
    assert either("GET", path).json()["tasks"] == [task]
    assert either("GET", f"{path}/{task['id']}").json()["task"] == task
    assert re.fullmatch("[A-Za-z0-9]{20}", task["id"])


@pytest.mark.parametrize("key", ["title", "dueDate", "completed"])
def test_completed_title_and_due_date_are_required_on_create(either: Any, key: str) -> None:
    body = {"title": "Call", "dueDate": DUE, "completed": False}
    del body[key]
    response = either("POST", f"/contacts/{either.some()['id']}/tasks", json=body)
    assert response.status_code == 422
    assert response.json()["message"][0].startswith(key)


@pytest.mark.parametrize("wrong", [{"status": "x"}, {"dueDate": "soon"}, {"completed": "true"}, {"title": 5}])
def test_task_body_is_held_to_the_contract(either: Any, wrong: dict[str, Any]) -> None:
    contact = either.some()["id"]
    task = add(either, contact)
    assert either("PUT", f"/contacts/{contact}/tasks/{task['id']}", json=wrong).status_code == 422


def test_update_of_a_task_changes_the_named_fields_only(either: Any) -> None:
    contact = either.some()["id"]
    task = add(either, contact, body="text")
    path = f"/contacts/{contact}/tasks/{task['id']}"
    after = either("PUT", path, json={"dueDate": "2026-12-24T09:30:00+01:00"}).json()["task"]
    assert after == {**task, "dueDate": "2026-12-24T08:30:00.000Z"}


def test_completed_is_set_by_an_operation_of_its_own(either: Any) -> None:
    contact = either.some()["id"]
    path = f"/contacts/{contact}/tasks/{add(either, contact)['id']}"
    assert either("PUT", f"{path}/completed", json={"completed": True}).json()["task"]["completed"] is True
    assert either("PUT", f"{path}/completed", json={}).status_code == 422
    assert either("GET", path).json()["task"]["completed"] is True


def test_deleted_task_says_succeded_and_v3_both(either: Any) -> None:
    contact = either.some()["id"]
    path = f"/contacts/{contact}/tasks/{add(either, contact)['id']}"
    body = either("DELETE", path).json()
    assert body["succeded"] is True
    assert ("succeeded" in body) is (either.version == "v3")
    assert either("GET", path).status_code == 400
    assert either("DELETE", path).status_code == 400


def test_missing_task_is_400_with_the_words_of_the_vendor(either: Any) -> None:
    response = either("GET", f"/contacts/{either.some()['id']}/tasks/search")
    assert (response.status_code, response.json()["error"]) == (400, "Task with id search not found")


def test_a_task_is_not_found_under_another_contact(either: Any) -> None:
    task = add(either, either.some()["id"])
    other = either.some(email="other@example.com")["id"]
    assert either("GET", f"/contacts/{other}/tasks/{task['id']}").status_code == 400
    assert either("GET", "/contacts/nobody/tasks").status_code == 400


def test_task_for_a_stranger_is_assigned_to_nobody(either: Any) -> None:
    assert "assignedTo" not in add(either, either.some()["id"], assignedTo="stranger")


def test_search_keys_tasks_by_underscore_id_with_extra_fields(either: Any) -> None:
    contact = either.some()
    task = add(either, contact["id"], assignedTo=user(either))
    found = find(either)[0]
    assert "id" not in found
    assert found["_id"] == task["id"]
    assert found["contactDetails"] == {"firstName": "Ada", "lastName": "Lorne"}
    assert found["assignedToUserDetails"]["id"] == user(either)
    assert {"locationId", "deleted", "status", "dateAdded", "dateUpdated", "searchAfter"} <= set(found)


def test_search_gives_25_unless_told_and_pages_by_skip(vendor: Any) -> None:
    contact = vendor.some()["id"]
    made = [add(vendor, contact, title=f"Task {number}")["id"] for number in range(30)]
    first, rest = find(vendor), find(vendor, skip=25)
    assert (len(first), len(rest)) == (25, 5)
    assert {task["_id"] for task in first + rest} == set(made)
    assert len(find(vendor, limit=30)) == 30


def test_search_filters_by_contact_state_person_text_and_business(either: Any) -> None:
    contact, other = either.some()["id"], either.some(email="o@example.com")["id"]
    mine = add(either, contact, title="Send the offer", assignedTo=user(either))["id"]
    done = add(either, other, completed=True)["id"]
    business = either.running.records("businesses")[0]["id"]
    linked = {"locationId": either.location_id, "ids": [other], "businessId": business}
    assert either("POST", "/contacts/bulk/business", json=linked).status_code == 200
    for body, ids in (
        ({"contactId": [contact]}, {mine}),
        ({"completed": True}, {done}),
        ({"assignedTo": [user(either)]}, {mine}),
        ({"query": "OFFER"}, {mine}),
        ({"businessId": business}, {done}),
        ({"completed": False, "contactId": [other]}, set()),
    ):
        assert {task["_id"] for task in find(either, **body)} == ids


@pytest.mark.parametrize("key", ["dateUpdated", "startDate", "updatedAfter", "dueDate"])
def test_search_has_no_filter_by_date(either: Any, key: str) -> None:
    path = f"/locations/{either.location_id}/tasks/search"
    response = either("POST", path, json={key: DUE})
    assert response.json()["message"] == [f"property {key} should not exist"]


def test_search_refuses_a_page_over_the_cap_and_another_location(either: Any) -> None:
    path = f"/locations/{either.location_id}/tasks/search"
    for body in ({"limit": 101}, {"limit": 0}, {"skip": -1}):
        assert either("POST", path, json=body).status_code == 400
    assert either("POST", "/locations/anotherLocation00001/tasks/search", json={}).status_code == 403


def test_tasks_go_with_their_contact(either: Any) -> None:
    contact = either.some()["id"]
    add(either, contact)
    either("DELETE", f"/contacts/{contact}")
    assert find(either) == []
    assert either.running.records("tasks") == []


def note(vendor: Any, contact: str, body: str, **fields: Any) -> dict[str, Any]:
    response = vendor("POST", f"/contacts/{contact}/notes", json={"body": body, **fields})
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()["note"]
    return made


def test_notes_are_never_deduplicated(either: Any) -> None:
    contact = either.some()["id"]
    first, second = note(either, contact, "the same"), note(either, contact, "the same")
    assert first["id"] != second["id"]
    assert len(either("GET", f"/contacts/{contact}/notes").json()["notes"]) == 2


def test_notes_come_newest_first_and_all_at_once(either: Any) -> None:
    contact = either.some()["id"]
    for number in range(40):
        note(either, contact, str(number))
    bodies = [held["body"] for held in either("GET", f"/contacts/{contact}/notes?limit=5").json()["notes"]]
    assert bodies == [str(number) for number in reversed(range(40))]


def test_note_keeps_user_title_colour_and_pin(either: Any) -> None:
    contact = either.some()["id"]
    fields = {"title": "Summary", "color": "#FFAA00", "pinned": True, "userId": user(either)}
    made = note(either, contact, "text", **fields)
    path = f"/contacts/{contact}/notes/{made['id']}"
    assert fields.items() <= either("GET", path).json()["note"].items()
    after = either("PUT", path, json={"pinned": False}).json()["note"]
    assert (after["pinned"], after["body"]) == (False, "text")
    assert either("DELETE", path).json()["succeded"] is True
    assert either("GET", path).json()["error"] == f"Note with id {made['id']} not found"


@pytest.mark.parametrize("wrong", [{}, {"body": 5}, {"body": "x", "color": "red"}, {"body": "x", "foo": 1}])
def test_note_body_is_held_to_the_contract(either: Any, wrong: dict[str, Any]) -> None:
    assert either("POST", f"/contacts/{either.some()['id']}/notes", json=wrong).status_code == 422
