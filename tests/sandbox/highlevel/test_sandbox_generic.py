"""The record store behind the other operations: it stores, and asks for what the contract requires."""

from __future__ import annotations

import json
from typing import Any

import pytest

LOCATION = "sandboxLocation00001"
DEAL = {"pipelineId": "p", "locationId": LOCATION, "name": "Deal", "status": "open", "contactId": "c"}


def test_records_are_made_read_changed_listed_and_deleted(either: Any) -> None:
    made = either("POST", "/opportunities/", json=DEAL)
    assert made.status_code == 201
    path = f"/opportunities/{made.json()['opportunity']['id']}"
    assert either("PUT", path, json={"monetaryValue": 5}).json()["opportunity"]["monetaryValue"] == 5
    assert either("PUT", f"{path}/status", json={"status": "won"}).json()["succeded"] is True
    read = either("GET", path).json()["opportunity"]
    assert (read["name"], read["status"], read["monetaryValue"]) == ("Deal", "won", 5)
    removed = either("DELETE", path).json()
    assert (removed["succeded"], "success" in removed) == (True, either.version == "v3")
    assert either("GET", path).json()["error"] == f"Opportunity with id {read['id']} not found"


def test_opportunity_search_spells_its_parameters_as_the_dialect_does(vendor: Any, v3: Any) -> None:
    for contact in ("a", "b"):
        vendor("POST", "/opportunities/", json={**DEAL, "contactId": contact})
    snake = {"location_id": LOCATION, "contact_id": "a"}
    camel = {"locationId": LOCATION, "contactId": "a"}
    for speaker, fits, fails in ((vendor, snake, camel), (v3, camel, snake)):
        found = speaker("GET", "/opportunities/search", params=fits).json()
        assert [one["contactId"] for one in found["opportunities"]] == ["a"]
        assert found["meta"]["total"] == 1
        assert speaker("GET", "/opportunities/search", params=fails).status_code == 403


def test_opportunity_custom_fields_are_read_as_field_value(either: Any) -> None:
    written = {**DEAL, "customFields": [{"id": "f", "field_value": "x"}]}
    made = either("POST", "/opportunities/", json=written).json()["opportunity"]
    assert made["customFields"] == [{"id": "f", "fieldValue": "x"}]


def test_upsert_tells_whether_it_was_new(either: Any) -> None:
    rest = {"followers": [], "isRemoveAllFollowers": False, "followersActionType": "add"}
    body = {"pipelineId": "p", "locationId": LOCATION, **rest}
    first = either("POST", "/opportunities/upsert", json=body).json()
    second = either("POST", "/opportunities/upsert", json={**body, "id": first["opportunity"]["id"]}).json()
    assert (first["new"], second["new"]) == (True, False)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({key: value for key, value in DEAL.items() if key != "name"}, 422),
        ({**DEAL, "locationId": "anotherLocation00001"}, 403),
        ({key: value for key, value in DEAL.items() if key != "locationId"}, 403),
    ],
)
def test_what_the_contract_requires_must_be_there(either: Any, body: dict[str, Any], status: int) -> None:
    assert either("POST", "/opportunities/", json=body).status_code == status


def test_required_query_parameters_must_be_there(either: Any) -> None:
    refused = either("GET", f"/associations/?locationId={LOCATION}")
    assert refused.json()["message"] == ["skip should not be empty", "limit should not be empty"]
    assert either("GET", "/forms/").status_code == 403


def test_a_second_conversation_of_a_contact_is_400(either: Any) -> None:
    body = {"locationId": LOCATION, "contactId": either.some()["id"]}
    first = either("POST", "/conversations/", json=body)
    assert first.status_code == 201
    second = either("POST", "/conversations/", json=body)
    assert (second.status_code, second.json()["message"]) == (400, "Conversation already exists")
    assert second.json()["canonicalCode"] == "CONVERSATIONS_CONVERSATION_ALREADY_EXISTS"
    assert second.json()["conversationId"] == first.json()["conversation"]["id"]


def test_messages_make_and_fill_their_conversation(either: Any) -> None:
    contact = either.some()["id"]
    body = {"type": "SMS", "contactId": contact, "message": "hello", "subType": {}, "status": "pending"}
    sent = either("POST", "/conversations/messages", json=body).json()
    again = either("POST", "/conversations/messages", json=body).json()
    assert sent["conversationId"] == again["conversationId"]
    path = f"/conversations/{sent['conversationId']}/messages"
    messages = either("GET", path).json()["messages"]
    assert [message["id"] for message in messages] == [sent["messageId"], again["messageId"]]
    assert (messages[0]["body"], messages[0]["messageType"]) == ("hello", "TYPE_SMS")


def test_records_of_an_object_stay_under_their_key(either: Any) -> None:
    path = "/objects/custom_objects.pets/records"
    made = either("POST", path, json={"locationId": LOCATION, "properties": {"name": "Rex"}}).json()["record"]
    search = {"locationId": LOCATION, "page": 1, "pageLimit": 10, "query": "rex", "searchAfter": []}
    assert either("POST", f"{path}/search", json=search).json()["total"] == 1
    other = either("POST", "/objects/custom_objects.cars/records/search", json=search).json()
    assert (other["records"], other["total"]) == ([], 0)
    assert either("GET", f"/objects/custom_objects.cars/records/{made['id']}").status_code == 400
    assert either("GET", f"{path}/{made['id']}").json()["record"]["properties"] == {"name": "Rex"}


def test_reset_takes_generic_records_back(either: Any) -> None:
    either("POST", "/opportunities/", json=DEAL)
    either.running.reset()
    assert either.running.records("opportunities") == []


def test_businesses_are_searched_as_records_of_their_object(either: Any) -> None:
    body = {"name": "Zebra Works", "locationId": LOCATION}
    business = either("POST", "/businesses/", json=body).json()["buiseness"]
    path = "/objects/business/records"
    search = {"locationId": LOCATION, "page": 1, "pageLimit": 10, "query": "zebra", "searchAfter": []}
    found = either("POST", f"{path}/search", json=search).json()
    assert (found["total"], found["records"][0]["id"]) == (1, business["id"])
    record, asked = f"{path}/{business['id']}", {"locationId": LOCATION}
    assert either("GET", record, params=asked).json()["record"]["properties"] == {"name": "Zebra Works"}
    changed = either("PUT", record, params=asked, json={"properties": {"city": "Riverton"}})
    assert changed.json()["record"]["properties"]["city"] == "Riverton"
    assert either("GET", f"/businesses/{business['id']}").json()["business"]["city"] == "Riverton"
    refused = either("PUT", record, params=asked, json={"properties": {"turnover": 5}})
    assert refused.json()["message"] == "Invalid property turnover"
    assert either("GET", f"{path}/nothing", params=asked).status_code == 400


def test_a_422_may_have_created_the_record_all_the_same(either: Any) -> None:
    either.running.set_faults([{"operation": "POST /contacts/", "fault": "422_after", "times": 1}])
    assert either.create(email="made@example.com").status_code == 422
    path = f"/contacts/search/duplicate?locationId={LOCATION}&email=made@example.com"
    assert either("GET", path).json()["contact"]["email"] == "made@example.com"


ODD: list[Any] = [None, 5, -1, True, [], {}, [None], "lone \ud800 surrogate", "9" * 300]


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/conversations/messages", "conversationId"),
        ("/conversations/messages", "contactId"),
        ("/opportunities/search", "query"),
        ("/opportunities/search", "page"),
        ("/opportunities/", "customFields"),
        ("/objects/business/records/search", "query"),
    ],
)
def test_odd_values_never_break_the_server(vendor: Any, path: str, key: str, value: Any) -> None:
    search = {"query": "", "limit": 5, "page": 1, "searchAfter": [], "additionalDetails": {}, "pageLimit": 5}
    body = json.dumps({**DEAL, **search, "type": "SMS", key: value})
    headers = {"Content-Type": "application/json"}
    assert vendor("POST", path, content=body, headers=headers).status_code < 500
