"""Businesses and the contacts in them: one test for each documented quirk."""

from __future__ import annotations

import re
from typing import Any

import pytest


def create(vendor: Any, **fields: Any) -> dict[str, Any]:
    body = {"name": "Acme", "locationId": vendor.location_id, **fields}
    response = vendor("POST", "/businesses/", json=body)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()["buiseness"]
    return made


def link(vendor: Any, ids: list[str], business: str | None, **more: Any) -> Any:
    body = {"locationId": vendor.location_id, "ids": ids, "businessId": business, **more}
    return vendor("POST", "/contacts/bulk/business", json=body)


def test_create_and_update_say_buiseness_and_reading_business(either: Any) -> None:
    made = create(either, city="Springfield")
    assert re.fullmatch("[0-9a-f]{24}", made["id"])
    path = f"/businesses/{made['id']}"
    updated = either("PUT", path, json={"name": "Acme & Sons"}).json()
    assert set(updated) == {"success", "buiseness", "traceId"}
    read = either("GET", path).json()
    assert read["business"] == updated["buiseness"]
    assert (read["business"]["name"], read["business"]["city"]) == ("Acme & Sons", "Springfield")


def test_the_flag_of_businesses_is_success(either: Any) -> None:
    made = create(either)
    body = either("DELETE", f"/businesses/{made['id']}").json()
    assert body["success"] is True
    assert not body.keys() & {"succeded", "succeeded"}
    assert either("GET", f"/businesses/{made['id']}").status_code == 400


def test_limit_and_skip_are_strings_and_there_is_no_search(either: Any) -> None:
    path = f"/businesses/?locationId={either.location_id}"
    everything = [one["id"] for one in either("GET", path).json()["businesses"]]
    assert len(everything) == 100
    page = either("GET", f"{path}&limit=10&skip=5").json()["businesses"]
    assert [one["id"] for one in page] == everything[5:15]
    assert len(either("GET", f"{path}&name=nothing&query=nothing").json()["businesses"]) == 100
    assert either("GET", f"{path}&limit=101").status_code == 400
    assert either("GET", f"{path}&limit=ten").status_code == 422


def test_names_need_not_be_unique(either: Any) -> None:
    assert create(either)["id"] != create(either)["id"]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"locationId": "anotherLocation00001"}, 403),
        ({"name": None}, 422),
        ({"customFields": []}, 422),
        ({"email": "no"}, 422),
    ],
)
def test_business_body_is_held_to_the_contract(either: Any, wrong: dict[str, Any], status: int) -> None:
    body = {"name": "Acme", "locationId": either.location_id, **wrong}
    assert either("POST", "/businesses/", json=body).status_code == status
    if "locationId" not in wrong:
        path = f"/businesses/{either.running.records('businesses')[0]['id']}"
        assert either("PUT", path, json=wrong).status_code == 422
        assert either("PUT", path, json={"locationId": either.location_id}).status_code == 422


def test_contacts_are_linked_in_bulk_and_null_unlinks(either: Any) -> None:
    contact, business = either.some()["id"], create(either)["id"]
    linked = link(either, [contact], business)
    assert (linked.status_code, linked.json()["ids"]) == (200, [contact])
    assert either.read(contact)["businessId"] == business
    path = f"/contacts/business/{business}?locationId={either.location_id}"
    listing = either("GET", path).json()
    assert [one["id"] for one in listing["contacts"]] == [contact]
    assert "count" not in listing
    assert link(either, [contact], None).json()["success"] is True
    assert "businessId" not in either.read(contact)
    assert either("GET", path).json()["contacts"] == []


def test_link_refuses_what_is_not_there(either: Any) -> None:
    contact, business = either.some()["id"], create(either)["id"]
    assert link(either, [contact], "0" * 24).status_code == 400
    assert link(either, ["nobody"], business).status_code == 400
    assert link(either, [contact], business, locationId="anotherLocation00001").status_code == 403
    assert link(either, [contact], 5).status_code == 422  # type: ignore[arg-type]
    body = {"locationId": either.location_id, "ids": [contact]}
    assert either("POST", "/contacts/bulk/business", json=body).status_code == 422


def test_a_deleted_business_leaves_its_contacts(either: Any) -> None:
    contact, business = either.some()["id"], create(either)["id"]
    link(either, [contact], business)
    either("DELETE", f"/businesses/{business}")
    assert "businessId" not in either.read(contact)
