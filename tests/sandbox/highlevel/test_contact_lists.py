"""The deprecated list of contacts, and the contacts of a business."""

from __future__ import annotations

from typing import Any

import pytest


def listing(vendor: Any, **query: Any) -> Any:
    return vendor("GET", "/contacts/", params={"locationId": vendor.location_id, **query})


def test_list_walks_all_contacts_by_its_two_cursor_parameters(either: Any) -> None:
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 70}
    while True:
        body = listing(either, **query).json()
        seen += [contact["id"] for contact in body["contacts"]]
        meta = body["meta"]
        assert meta["total"] == 300
        if meta["nextPageUrl"] is None:
            break
        assert meta["nextPage"] == meta["currentPage"] + 1
        query |= {"startAfter": meta["startAfter"], "startAfterId": meta["startAfterId"]}
    assert len(seen) == len(set(seen)) == 300
    assert (meta["currentPage"], meta["prevPage"], meta["startAfterId"]) == (5, 4, None)


def test_next_page_url_can_be_followed(vendor: Any) -> None:
    first = listing(vendor, limit=50).json()
    following = vendor("GET", first["meta"]["nextPageUrl"]).json()
    assert len(following["contacts"]) == 50
    assert following["meta"]["currentPage"] == 2


def test_list_lower_cases_names_and_keeps_the_raw_ones(vendor: Any) -> None:
    vendor.some(firstName="Ada", lastName="O'Lorne")
    contact = listing(vendor, query="o'lorne").json()["contacts"][0]
    assert (contact["firstName"], contact["firstNameRaw"]) == ("ada", "Ada")
    assert (contact["lastName"], contact["lastNameRaw"]) == ("o'lorne", "O'Lorne")


def test_unknown_query_parameters_are_ignored(vendor: Any) -> None:
    first = listing(vendor, limit=5).json()["contacts"]
    assert listing(vendor, limit=5, page=2, offset=5).json()["contacts"] == first


@pytest.mark.parametrize("path", ["/contacts/", "/contacts/business/x"])
def test_limit_over_100_is_400(vendor: Any, path: str) -> None:
    query = {"locationId": vendor.location_id}
    assert vendor("GET", path, params={**query, "limit": 100}).status_code == 200
    assert vendor("GET", path, params={**query, "limit": 101}).status_code == 400
    assert vendor("GET", path, params={**query, "limit": "many"}).status_code == 422


def test_contacts_of_a_business_in_pages_and_without_a_count(either: Any) -> None:
    contacts = either.running.records("contacts")
    business = next(contact["businessId"] for contact in contacts if "businessId" in contact)
    wanted = [contact["id"] for contact in contacts if contact.get("businessId") == business]
    path, query = f"/contacts/business/{business}", {"locationId": either.location_id}
    body = either("GET", path, params=query).json()
    assert "count" not in body
    assert [contact["id"] for contact in body["contacts"]] == wanted
    skipped = either("GET", path, params={**query, "skip": "1", "limit": "1"}).json()["contacts"]
    assert [contact["id"] for contact in skipped] == wanted[1:2]
    assert any(record["id"] == business for record in either.running.records("businesses"))
