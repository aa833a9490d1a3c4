"""The location's settings, custom fields and values, its people, and which paths belong to a dialect."""

from __future__ import annotations

from typing import Any

import pytest

COMPANY = "sandboxCompany000001"


def test_location_tells_its_agency_and_settings(either: Any) -> None:
    location = either("GET", f"/locations/{either.location_id}").json()["location"]
    assert (location["companyId"], location["timezone"]) == (COMPANY, "America/Chicago")
    assert set(location["settings"]) == {
        "allowDuplicateContact",
        "allowDuplicateOpportunity",
        "allowFacebookNameMerge",
        "disableContactTimezone",
    }


def test_locations_of_another_agency_are_403(either: Any) -> None:
    found = either("GET", f"/locations/search?companyId={COMPANY}").json()["locations"]
    assert [one["id"] for one in found] == [either.location_id]
    assert either("GET", "/locations/search?companyId=other").status_code == 403


def make(vendor: Any, **fields: Any) -> dict[str, Any]:
    path = f"/locations/{vendor.location_id}/customFields"
    response = vendor("POST", path, json={"name": "Pin Code", "dataType": "TEXT", **fields})
    assert response.status_code == 201, response.text
    field: dict[str, Any] = response.json()["customField"]
    return field


def test_custom_field_is_read_by_id_or_by_key(either: Any) -> None:
    field = make(either)
    assert (field["fieldKey"], field["model"]) == ("contact.pin_code", "contact")
    path = f"/locations/{either.location_id}/customFields"
    for name in (field["id"], field["fieldKey"]):
        assert either("GET", f"{path}/{name}").json()["customField"] == field
    assert make(either)["fieldKey"] == "contact.pin_code_1"
    assert make(either, model="opportunity")["fieldKey"] == "opportunity.pin_code"


def test_a_new_custom_field_is_written_and_read_on_contacts(either: Any) -> None:
    field = make(either)
    contact = either.some(customFields=[{"id": field["id"], "field_value": "1234"}])
    assert contact["customFields"] == [{"id": field["id"], "value": "1234"}]


def test_custom_field_keeps_its_key_when_renamed_and_is_deleted(either: Any) -> None:
    field = make(either)
    path = f"/locations/{either.location_id}/customFields/{field['id']}"
    after = either("PUT", path, json={"name": "Zip", "maxNumberOfFiles": 3}).json()["customField"]
    assert (after["name"], after["fieldKey"], after["maxFileLimit"]) == ("Zip", "contact.pin_code", 3)
    assert either("DELETE", path).json()["succeded"] is True
    assert either("GET", path).status_code == 400


@pytest.mark.parametrize(
    "wrong", [{"dataType": "MONETARY"}, {"name": 5}, {"fieldKey": "x"}, {"model": "all"}]
)
def test_custom_field_body_is_held_to_the_contract(either: Any, wrong: dict[str, Any]) -> None:
    body = {"name": "Pin", "dataType": "MONETORY", **wrong}
    path = f"/locations/{either.location_id}/customFields"
    assert either("POST", path, json=body).status_code == 422


def test_reset_takes_custom_fields_back(either: Any) -> None:
    before = either.running.records("customFields")
    make(either)
    either.running.reset()
    assert either.running.records("customFields") == before


def test_custom_values_are_kept(either: Any) -> None:
    path = f"/locations/{either.location_id}/customValues"
    made = either("POST", path, json={"name": "Opening Hours", "value": "9-5"})
    assert made.status_code == 201
    value = made.json()["customValue"]
    assert value["fieldKey"] == "{{ custom_values.opening_hours }}"
    after = either("PUT", f"{path}/{value['id']}", json={"name": "Opening Hours", "value": "8-6"})
    assert after.json()["customValue"]["value"] == "8-6"
    assert either("GET", path).json()["customValues"] == [after.json()["customValue"]]
    assert either("DELETE", f"{path}/{value['id']}").json()["succeded"] is True
    assert either("GET", f"{path}/{value['id']}").status_code == 400


def test_users_of_the_location_answer_under_both_dialects(either: Any) -> None:
    users = either("GET", f"/users/?locationId={either.location_id}").json()["users"]
    assert [user["email"] for user in users][2] == "kim.stone@example.com"
    unwrapped = either("GET", f"/users/{users[0]['id']}").json()
    assert users[0].items() <= unwrapped.items()
    assert either("GET", "/users/nobody").status_code == 400
    assert either("GET", "/users/").status_code == 403


def test_user_search_without_company_is_401_e01(either: Any) -> None:
    refused = either("GET", "/users/search")
    assert (refused.status_code, refused.json()["message"]) == (401, "E01 - Unauthorized request")
    found = either("GET", f"/users/search?companyId={COMPANY}&query=KIM").json()
    assert (found["count"], found["users"][0]["firstName"]) == (1, "Kim")


def test_users_are_found_by_their_addresses(either: Any) -> None:
    body = {"companyId": COMPANY, "emails": "Kim.Stone@example.com, nobody@example.com"}
    found = either("POST", "/users/search/filter-by-email", json=body).json()
    assert (found["count"], found["users"][0]["lastName"]) == (1, "Stone")


@pytest.mark.parametrize("path", ["/contacts/", "/users/"])
def test_lists_that_v3_dropped_from_its_files_still_answer(v3: Any, path: str) -> None:
    assert v3("GET", f"{path}?locationId={v3.location_id}").status_code == 200


def test_calendars_declare_another_version_and_strictness_asks_for_it() -> None:
    from sandbox.highlevel.routes import ROUTES  # noqa: PLC0415 - only here

    declared = {route.template.split("/")[1]: route.version for route in ROUTES}
    assert (declared["calendars"], declared["conversations"]) == ("2021-04-15", "2021-04-15")
    assert declared["contacts"] == declared["businesses"] == "2021-07-28"
