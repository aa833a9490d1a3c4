"""``POST /contacts/search``: paging, cursors, sorts, filters, and what it refuses."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.highlevel.shapes import millis
from sandbox.process import start

OLDEST_FIRST = [{"field": "dateUpdated", "direction": "asc"}]


def drain(vendor: Any, **body: Any) -> list[dict[str, Any]]:
    """All pages, by cursor, as a client would read them."""
    found: list[dict[str, Any]] = []
    while True:
        cursor = {"searchAfter": found[-1]["searchAfter"]} if found else {}
        page = vendor.search(**body, **cursor).json()["contacts"]
        found += page
        if len(page) < body["pageLimit"]:
            return found


def test_missing_location_or_page_limit_is_422(vendor: Any) -> None:
    response = vendor("POST", "/contacts/search", json={})
    assert response.status_code == 422
    assert response.json()["message"] == [
        "locationId must be a string",
        "pageLimit must be a positive number",
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 5},
        {"pageLimit": "5"},
        {"pageLimit": 0},
        {"page": 0},
        {"page": None},
        {"searchAfter": "x"},
        {"filters": {}},
        {"filters": ["x"]},
        {"sort": ["dateAdded"]},
        {"query": "q" * 76},
    ],
)
def test_malformed_search_is_422(vendor: Any, body: dict[str, Any]) -> None:
    assert vendor.search(**body).status_code == 422


def test_page_limit_over_500_is_400_not_clamped(either: Any) -> None:
    assert either.search(pageLimit=500).status_code == 200
    assert either.search(pageLimit=501).status_code == 400


def test_page_and_search_after_exclude_each_other(either: Any) -> None:
    assert either.search(page=2, searchAfter=[1, "x"]).status_code == 400


def test_ten_thousand_record_page_ceiling(either: Any) -> None:
    assert either.search(pageLimit=500, page=20).status_code == 200
    assert either.search(pageLimit=500, page=21).status_code == 400


def test_every_record_carries_a_cursor_also_on_the_last_page(either: Any) -> None:
    contacts = drain(either, pageLimit=70, sort=OLDEST_FIRST)
    assert len(contacts) == 300
    for contact in contacts:
        assert contact["searchAfter"] == [millis(contact.get("dateUpdated")), contact["id"]]


def test_total_and_trace_id(either: Any) -> None:
    body = either.search(pageLimit=1).json()
    assert body["total"] == 300
    assert len(body["traceId"]) == 36


def test_search_omits_dnd_settings_and_says_address(vendor: Any) -> None:
    found = {contact["id"]: contact for contact in drain(vendor, pageLimit=500)}
    by_id = {contact["id"]: contact for contact in vendor.running.records("contacts")}
    assert any("dndSettings" in contact for contact in by_id.values())
    for contact_id, contact in found.items():
        assert not {"dndSettings", "address1"} & contact.keys()
        assert contact.get("address") == by_id[contact_id].get("address1")
        assert contact.get("firstName") == by_id[contact_id].get("firstName")


SORTABLE = ["email", "dnd", "source", "firstNameLowerCase", "lastNameLowerCase", "dateAdded", "dateUpdated"]
SORTS = st.lists(
    st.fixed_dictionaries(
        {"field": st.sampled_from(SORTABLE), "direction": st.sampled_from(["asc", "desc"])}
    ),
    max_size=3,
    unique_by=lambda key: key["field"],
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sort=SORTS, size=st.integers(20, 130))
def test_cursor_and_page_number_read_the_same_contacts(vendor: Any, sort: Any, size: int) -> None:
    by_cursor = [contact["id"] for contact in drain(vendor, pageLimit=size, sort=sort)]
    pages = range(1, 300 // size + 2)
    by_page = [
        contact["id"]
        for page in pages
        for contact in vendor.search(pageLimit=size, sort=sort, page=page).json()["contacts"]
    ]
    assert by_cursor == by_page
    assert len(set(by_cursor)) == 300


@pytest.mark.parametrize("field", SORTABLE)
def test_sorts_ascending_and_descending(vendor: Any, field: str) -> None:
    for direction in ("asc", "desc"):
        found = drain(vendor, pageLimit=500, sort=[{"field": field, "direction": direction}])
        values = [contact["searchAfter"][0] for contact in found]
        assert values == sorted(values, reverse=direction == "desc")


def test_without_a_sort_the_newest_come_first(vendor: Any) -> None:
    dates = [contact["searchAfter"][0] for contact in vendor.search().json()["contacts"]]
    assert dates == sorted(dates, reverse=True)


def test_contacts_without_a_usable_date_come_last_descending(vendor: Any) -> None:
    found = drain(vendor, pageLimit=500)
    usable = [millis(contact.get("dateAdded")) > 0 for contact in found]
    assert usable == sorted(usable, reverse=True)
    assert not all(usable)


def test_a_cursor_survives_the_deletion_of_its_record(vendor: Any) -> None:
    everything = [contact["id"] for contact in drain(vendor, pageLimit=500, sort=OLDEST_FIRST)]
    last = vendor.search(sort=OLDEST_FIRST).json()["contacts"][-1]
    vendor("DELETE", f"/contacts/{last['id']}")
    following = vendor.search(sort=OLDEST_FIRST, searchAfter=last["searchAfter"]).json()["contacts"]
    assert [contact["id"] for contact in following] == everything[20:40]


@pytest.mark.parametrize("cursor", [["x", "id"], [1], [1, 2], [1, "id", "more"]])
def test_a_cursor_of_another_sort_is_400(vendor: Any, cursor: list[Any]) -> None:
    assert vendor.search(sort=OLDEST_FIRST, searchAfter=cursor).status_code == 400


def test_sort_by_an_unknown_field_or_direction_is_400(vendor: Any) -> None:
    response = vendor.search(sort=[{"field": "city", "direction": "asc"}])
    assert (response.status_code, response.json()["message"]) == (400, "Invalid field city")
    assert vendor.search(sort=[{"field": "email", "direction": "up"}]).status_code == 400


def test_unknown_filter_field_is_400_invalid_field(vendor: Any) -> None:
    response = vendor.search(filters=[{"field": "contact_name", "operator": "eq", "value": "x"}])
    assert response.status_code == 400
    body = response.json()
    assert body.pop("traceId")
    assert body == {"message": "Invalid field contact_name", "error": "Bad Request", "statusCode": 400}


@pytest.mark.parametrize(
    "entry",
    [
        {"field": "email", "operator": "contains", "value": "x"},
        {"field": "email", "operator": "like", "value": "x"},
        {"field": "email", "operator": ["eq"], "value": "x"},
        {"field": "email", "operator": "eq"},
        {"field": "email", "operator": "exists", "value": True},
        {"field": "city", "operator": "eq", "value": "x" * 76},
        {"field": "city", "operator": "contains", "value": "a*b"},
        {"field": "dateAdded", "operator": "eq", "value": "2026-01-01"},
        {"field": "dateAdded", "operator": "range", "value": {"from": 1, "to": 2}},
        {"field": "dateAdded", "operator": "range", "value": {}},
        {"field": "dateAdded", "operator": "range", "value": {"gte": "soon"}},
        {"field": "firstNameLowerCase", "operator": "range", "value": {"gte": "a"}},
        {"group": "XOR", "filters": [{"field": "email", "operator": "exists"}]},
        {"group": "AND", "filters": []},
    ],
)
def test_filters_that_are_refused(vendor: Any, entry: dict[str, Any]) -> None:
    assert vendor.search(filters=[entry]).status_code == 400


@pytest.mark.parametrize("field", ["dateAdded", "dateUpdated"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_date_range(vendor: Any, field: str, direction: str) -> None:
    stored = [(millis(c.get(field)), c["id"]) for c in vendor.running.records("contacts")]
    dates = sorted(date for date, _ in stored if date)
    low, high = dates[50], dates[200]
    cases = (
        ({"gte": low, "lte": high}, lambda date: low <= date <= high),
        ({"gt": low, "lt": high}, lambda date: low < date < high),
        ({"lte": high}, lambda date: 0 < date <= high),
        ({"gte": "2026-01-01T00:00:00.000Z"}, lambda date: date >= millis("2026-01-01")),
    )
    for value, holds in cases:
        wanted = {contact for date, contact in stored if holds(date)}
        for sort_field in (field, "email"):
            found = drain(
                vendor,
                pageLimit=40,
                sort=[{"field": sort_field, "direction": direction}],
                filters=[{"field": field, "operator": "range", "value": value}],
            )
            assert {contact["id"] for contact in found} == wanted


def ids(vendor: Any, *filters: Any, query: str = "") -> set[str]:
    return {contact["id"] for contact in drain(vendor, pageLimit=500, filters=list(filters), query=query)}


def test_filters_by_operator(vendor: Any) -> None:
    contacts = vendor.running.records("contacts")

    def where(holds: Any) -> set[str]:
        return {contact["id"] for contact in contacts if holds(contact)}

    cases = [
        ("country", "eq", "US", lambda c: c.get("country") == "US"),
        ("country", "not_eq", "us", lambda c: c.get("country") != "US"),
        ("companyName", "contains", "lantern", lambda c: "Lantern" in c.get("companyName", "")),
        ("companyName", "not_contains", "lantern", lambda c: "Lantern" not in c.get("companyName", "")),
        ("tags", "eq", "vip", lambda c: "vip" in c.get("tags", [])),
        ("tags", "eq", ["vip", "lead"], lambda c: {"vip", "lead"} & set(c.get("tags", []))),
        ("dnd", "eq", True, lambda c: c["dnd"] is True),
        ("email", "eq", contacts[3]["email"].upper(), lambda c: c.get("email") == contacts[3]["email"]),
        ("id", "eq", contacts[7]["id"], lambda c: c["id"] == contacts[7]["id"]),
        ("address", "contains", "1 example", lambda c: "1 Example" in c.get("address1", "")),
    ]
    for field, operator, value, holds in cases:
        found = ids(vendor, {"field": field, "operator": operator, "value": value})
        assert found == where(holds), (field, operator)
    assert ids(vendor, {"field": "phone", "operator": "exists"}) == where(lambda c: "phone" in c)
    assert ids(vendor, {"field": "phone", "operator": "not_exists"}) == where(lambda c: "phone" not in c)


def test_nested_groups(vendor: Any) -> None:
    british = {"field": "country", "operator": "eq", "value": "GB"}
    french = {"field": "country", "operator": "eq", "value": "FR"}
    with_phone = {"field": "phone", "operator": "exists"}
    either = {"group": "OR", "filters": [british, {"group": "AND", "filters": [french, with_phone]}]}
    assert ids(vendor, either) == ids(vendor, british) | (ids(vendor, french) & ids(vendor, with_phone))
    assert ids(vendor, british, with_phone) == ids(vendor, british) & ids(vendor, with_phone)


def test_custom_fields_are_filtered_by_id_and_not_by_name(vendor: Any) -> None:
    fields = vendor.running.records("customFields")
    remarks = next(field["id"] for field in fields if field["name"] == "Remarks")
    contact = vendor.some(customFields=[{"id": remarks, "field_value": "unheard of"}])
    by_id = {"field": f"customFields.{remarks}", "operator": "eq", "value": "Unheard Of"}
    by_name = {"field": "customFields.Remarks", "operator": "eq", "value": "unheard of"}
    assert ids(vendor, by_id) == {contact["id"]}
    assert ids(vendor, by_name) == set()


def test_query_looks_at_names_emails_phones_and_companies(vendor: Any) -> None:
    contact = vendor.some(
        firstName="Quintessa", email="qq@example.com", phone="+12025550143", companyName="Odd"
    )
    for query in ("quintess", "qq@example", "2025550143", "Quintessa odd"):
        assert contact["id"] in ids(vendor, query=query)


def test_a_write_is_seen_at_once_without_lag(vendor: Any) -> None:
    contact = vendor.some(email="seen@example.com")
    by_email = {"field": "email", "operator": "eq", "value": "seen@example.com"}
    assert ids(vendor, by_email) == {contact["id"]}
    vendor.update(contact["id"], email="moved@example.com")
    assert ids(vendor, by_email) == set()
    newest = vendor.search(sort=[{"field": "dateUpdated", "direction": "desc"}]).json()["contacts"][0]
    assert newest["id"] == contact["id"]


def test_search_lags_behind_writes_while_reads_do_not() -> None:
    headers = {"Authorization": "Bearer pit-sandbox", "Version": "2021-07-28"}
    with (
        start(contacts=5, quota="off", search_lag=3600) as running,
        httpx.Client(base_url=running.url, headers=headers) as http,
    ):
        place = {"locationId": running.location_id}
        contact = http.post("/contacts/", json={**place, "email": "late@example.com"}).json()["contact"]
        assert http.get(f"/contacts/{contact['id']}").status_code == 200
        assert http.post("/contacts/search", json={**place, "pageLimit": 9}).json()["total"] == 5
        duplicate = http.get("/contacts/search/duplicate", params={**place, "email": "late@example.com"})
        assert duplicate.json()["contact"]["id"] == contact["id"]
        running.catch_up()
        assert http.post("/contacts/search", json={**place, "pageLimit": 9}).json()["total"] == 6


def test_deep_page_by_number_shifts_when_records_are_written(vendor: Any) -> None:
    second = [contact["id"] for contact in vendor.search(page=2).json()["contacts"]]
    vendor.some()
    assert [contact["id"] for contact in vendor.search(page=2).json()["contacts"]][1:] == second[:-1]


@pytest.mark.parametrize(
    ("written", "found"),
    [("1990-09-25", 654220800000), ("1970-06-01", 13046400000), ("1968-01-01", -63158400000)],
)
def test_a_search_tells_birthdays_in_milliseconds(either: Any, written: str, found: int) -> None:
    """Vendor issue #314; the same contact read by its id has a date."""
    made = either.some(email="born@example.com", dateOfBirth=written)
    assert made["dateOfBirth"] == f"{written}T00:00:00.000Z"
    filters = [{"field": "email", "operator": "eq", "value": "born@example.com"}]
    [contact] = either.search(pageLimit=5, filters=filters).json()["contacts"]
    assert contact["dateOfBirth"] == found
