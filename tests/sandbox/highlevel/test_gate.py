"""What stands before every operation: path, version, token, scope, location."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from sandbox.process import start

INVALID = {"statusCode": 401, "message": "Invalid token: access token is invalid", "error": "Unauthorized"}
FOREIGN = {"statusCode": 403, "message": "The token does not have access to this location"}


def test_missing_version_is_401(vendor: Any) -> None:
    response = vendor("GET", "/contacts/x", headers={"Version": None})
    assert response.status_code == 401
    assert response.json() == {"statusCode": 401, "message": "version header was not found."}


def test_unpublished_version_is_401(vendor: Any) -> None:
    response = vendor.in_version("2020-01-01")("GET", "/contacts/x")
    assert (response.status_code, response.json()["message"]) == (401, "version header is invalid")


@pytest.mark.parametrize("version", ["2021-04-15", "2021-07-28", "2023-02-21", "v3"])
def test_every_published_version_is_accepted(vendor: Any, version: str) -> None:
    response = vendor.in_version(version)("GET", f"/contacts/?locationId={vendor.location_id}")
    assert response.status_code == 200


def test_strict_version_accepts_only_the_declared_one_and_v3() -> None:
    with start(contacts=0, quota="off", strict_version=True) as running:

        def status(version: str) -> int:
            headers = {"Authorization": "Bearer pit-sandbox", "Version": version}
            url = f"{running.url}/locations/{running.location_id}"
            return httpx.get(url, headers=headers).status_code

        assert [status(version) for version in ("2021-07-28", "v3", "2021-04-15", "2023-02-21")] == [
            200,
            200,
            401,
            401,
        ]


@pytest.mark.parametrize("token", ["pit-unknown", "pit-sandbox-expired"])
def test_unknown_and_expired_tokens_are_401(vendor: Any, token: str) -> None:
    response = vendor("GET", "/contacts/x", token=token)
    assert (response.status_code, response.json()) == (401, INVALID)


def test_missing_authorization_is_401(vendor: Any) -> None:
    response = vendor("GET", "/contacts/x", headers={"Authorization": None})
    assert (response.status_code, response.json()) == (401, INVALID)


def test_readonly_token_may_read_but_not_write(vendor: Any) -> None:
    listing = vendor("GET", f"/contacts/?locationId={vendor.location_id}", token="pit-sandbox-readonly")
    assert listing.status_code == 200
    refused = vendor("PUT", "/contacts/x", token="pit-sandbox-readonly", json={})
    assert refused.status_code == 401
    assert refused.json()["message"] == "The token is not authorized for this scope."


def test_token_without_scope_is_401(vendor: Any) -> None:
    response = vendor("GET", "/contacts/x", token="pit-sandbox-unscoped")
    assert response.json()["message"] == "The token is not authorized for this scope."
    assert vendor("GET", f"/locations/{vendor.location_id}", token="pit-sandbox-unscoped").status_code == 200


def test_wrong_or_missing_location_is_403(either: Any) -> None:
    for response in (
        either.search(locationId="anotherLocation00001"),
        either.create(locationId="anotherLocation00001", firstName="A"),
        either("POST", "/contacts/", json={"firstName": "A"}),
        either.upsert(locationId="anotherLocation00001", email="a@example.com"),
        either("GET", "/contacts/"),
        either("GET", "/contacts/?locationId=anotherLocation00001"),
        either("GET", "/contacts/search/duplicate?email=a@example.com"),
        either("GET", "/contacts/business/x"),
        either("GET", "/locations/anotherLocation00001"),
    ):
        assert (response.status_code, response.json()) == (403, FOREIGN)


@pytest.mark.parametrize("path", ["/contacts", "/nothing", "/contacts/x/y/z", "/contacts/search/"])
def test_unknown_path_is_an_empty_404(vendor: Any, path: str) -> None:
    response = vendor("GET", path)
    assert (response.status_code, response.content) == (404, b"")


@pytest.mark.parametrize("path", ["/Contacts/x", "/locations/sandboxLocation00001/customfields"])
def test_miscased_path_is_401(vendor: Any, path: str) -> None:
    assert vendor("GET", path).status_code == 401


def test_a_word_of_another_path_is_taken_for_an_id(vendor: Any) -> None:
    response = vendor("GET", "/contacts/search")
    assert response.status_code == 400
    assert response.json()["error"] == "Contact with id search not found"


def test_body_that_is_not_json_is_400(vendor: Any) -> None:
    headers = {"Content-Type": "application/json"}
    assert vendor("POST", "/contacts/", content=b"{", headers=headers).status_code == 400


def test_body_of_another_content_type_counts_as_empty(vendor: Any) -> None:
    response = vendor(
        "POST", "/contacts/search", content=b'{"pageLimit":1}', headers={"Content-Type": "text/plain"}
    )
    assert response.status_code == 422


def test_location_tells_whether_duplicates_are_allowed(vendor: Any) -> None:
    location = vendor("GET", f"/locations/{vendor.location_id}").json()["location"]
    assert location["settings"]["allowDuplicateContact"] is False


def test_custom_fields_of_every_type_are_defined(vendor: Any) -> None:
    path = f"/locations/{vendor.location_id}/customFields"
    fields = vendor("GET", path).json()["customFields"]
    assert {field["dataType"] for field in fields} == {
        "TEXT", "LARGE_TEXT", "NUMERICAL", "PHONE", "MONETORY", "CHECKBOX",
        "SINGLE_OPTIONS", "MULTIPLE_OPTIONS", "DATE", "TEXTBOX_LIST", "FILE_UPLOAD", "RADIO",
    }  # fmt: skip
    assert all(field["fieldKey"].startswith("contact.") for field in fields)
    assert vendor("GET", f"{path}?model=opportunity").json()["customFields"] == []
    assert vendor("GET", f"{path}?model=other").status_code == 422


def test_every_answer_tells_the_vendor_s_clock_in_whole_seconds(vendor: Any) -> None:
    before = int(time.time())
    for path in ("/contacts/nobodyHere", "/nowhere"):
        told = parsedate_to_datetime(vendor("GET", path).headers["date"]).timestamp()
        assert before <= told <= time.time()


def test_its_clock_may_be_another_than_ours() -> None:
    with start(contacts=0, quota="off", clock_ahead=-600) as behind:
        headers = {"Authorization": "Bearer pit-sandbox", "Version": "v3"}
        body = {"locationId": behind.location_id, "firstName": "Ada"}
        made = httpx.post(f"{behind.url}/contacts/", json=body, headers=headers)
    told = parsedate_to_datetime(made.headers["date"])
    assert 590 < time.time() - told.timestamp() < 660
    assert abs(datetime.fromisoformat(made.json()["contact"]["dateAdded"]) - told) < timedelta(seconds=2)
