"""Two contacts of one e-mail or phone: create, upsert, update and the duplicate search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox.process import RunningSandbox, start


def test_create_duplicate_is_400_with_meta(either: Any) -> None:
    contact = either.some(email="Ada@example.com", phone="+12025550143")
    for field, value in (("email", "ADA@example.com"), ("phone", "(202) 555-0143")):
        response = either.create(**{field: value})
        assert response.status_code == 400
        body = response.json()
        assert body["message"] == "This location does not allow duplicated contacts."
        assert body["meta"] == {
            "contactId": contact["id"],
            "contactName": "Ada Lorne",
            "matchingField": field,
        }


def test_put_to_anothers_email_is_refused_but_to_its_own_is_not(either: Any) -> None:
    either.some(email="first@example.com")
    second = either.some(email="second@example.com")
    assert either.update(second["id"], email="first@example.com").status_code == 400
    assert either.update(second["id"], email="Second@example.com").status_code == 200


def test_upsert_says_whether_the_contact_is_new(either: Any) -> None:
    first = either.upsert(email="up@example.com", firstName="Up").json()
    second = either.upsert(email="UP@example.com", city="Riverton").json()
    assert (first["new"], second["new"]) == (True, False)
    assert first["contact"]["id"] == second["contact"]["id"]
    assert second["contact"]["firstName"] == "Up"
    assert "traceId" in second


def test_upsert_needs_email_or_phone(either: Any) -> None:
    assert either.upsert(firstName="A").status_code == 422


def test_upsert_by_phone(either: Any) -> None:
    contact = either.some(phone="+12025550143")
    answer = either.upsert(phone="202-555-0143", email="new@example.com").json()
    assert (answer["new"], answer["contact"]["id"]) == (False, contact["id"])
    assert answer["contact"]["email"] == "new@example.com"


def test_upsert_two_match_silent_drop(either: Any) -> None:
    by_email = either.some(email="a@example.com", phone="+12025550143")
    by_phone = either.some(email="b@example.com", phone="+12025550144")
    answer = either.upsert(email="a@example.com", phone="+12025550144", city="Riverton").json()
    assert answer["contact"]["id"] == by_email["id"]
    assert answer["contact"]["phone"] == "+12025550143"
    assert answer["contact"]["city"] == "Riverton"
    assert either.read(by_phone["id"]) == by_phone


def test_gender_is_discarded_on_upsert_of_an_existing_contact(either: Any) -> None:
    new = either.upsert(email="g@example.com", gender="female").json()["contact"]
    assert new["gender"] == "female"
    existing = either.upsert(email="g@example.com", gender="male").json()["contact"]
    assert existing["gender"] == "female"


def test_upsert_promotes_a_secondary_address_and_loses_the_old_primary(either: Any) -> None:
    contact = either.some(email="old@example.com")
    second = [{"email": "second@example.com"}, {"email": "third@example.com"}]
    either.running.edit(kind="contacts", id=contact["id"], set={"additionalEmails": second})
    answer = either.upsert(email="second@example.com").json()
    assert (answer["new"], answer["contact"]["id"]) == (False, contact["id"])
    assert answer["contact"]["email"] == "second@example.com"
    assert answer["contact"]["additionalEmails"] == [{"email": "third@example.com"}]
    assert either.upsert(email="old@example.com").json()["new"] is True


def test_create_new_if_duplicate_allowed_is_ignored_where_not_allowed(either: Any) -> None:
    either.some(email="d@example.com")
    answer = either.upsert(email="d@example.com", createNewIfDuplicateAllowed=True).json()
    assert answer["new"] is False


def test_duplicate_search_finds_by_exact_email_and_e164(either: Any) -> None:
    contact = either.some(email="Find@example.com", phone="+12025550143")

    def found(**query: str) -> Any:
        query["locationId"] = either.location_id
        response = either("GET", "/contacts/search/duplicate", params=query)
        assert response.status_code == 200
        return response.json()["contact"]

    assert found(email="find@EXAMPLE.com")["id"] == contact["id"]
    assert found(number="+12025550143")["id"] == contact["id"]
    assert found(number="2025550143") is None
    assert found(email="nobody@example.com") is None


def test_duplicate_search_with_an_unencoded_plus_finds_nothing(vendor: Any) -> None:
    vendor.some(phone="+12025550143")
    path = f"/contacts/search/duplicate?locationId={vendor.location_id}&number="
    assert vendor("GET", path + "+12025550143").json()["contact"] is None
    assert vendor("GET", path + "%2B12025550143").json()["contact"] is not None


@pytest.fixture(scope="module")
def permissive() -> Iterator[RunningSandbox]:
    with start(contacts=0, quota="off", allow_duplicates=True) as running:
        yield running


def test_a_location_may_allow_duplicates(permissive: RunningSandbox) -> None:
    headers = {"Authorization": "Bearer pit-sandbox", "Version": "2021-07-28"}
    person = {"locationId": permissive.location_id, "email": "twice@example.com"}
    with httpx.Client(base_url=permissive.url, headers=headers) as http:
        settings = http.get(f"/locations/{permissive.location_id}").json()["location"]["settings"]
        assert settings["allowDuplicateContact"] is True
        assert [http.post("/contacts/", json=person).status_code for _ in range(2)] == [201, 201]
        assert http.post("/contacts/upsert", json=person).json()["new"] is False
        again = http.post("/contacts/upsert", json={**person, "createNewIfDuplicateAllowed": True})
        assert again.json()["new"] is True
    assert len(permissive.records("contacts")) == 3
