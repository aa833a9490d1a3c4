"""Several sub-accounts behind one gateway: each with its own token, records, quota, faults and door."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox import BadOptionError, Options
from sandbox.process import RunningSandbox, SandboxFailedError, start

COMPANY = "sandboxCompany000001"


@pytest.fixture(scope="module")
def process() -> Iterator[RunningSandbox]:
    with start(contacts=40, locations=3, quota="10/10s") as running:
        yield running


@pytest.fixture
def three(process: RunningSandbox) -> list[RunningSandbox]:
    found = [process.at(place) for place in (1, 2, 3)]
    for one in found:
        one.reset()
    return found


def ask(one: RunningSandbox, method: str, path: str, *, token: str = "", **request: Any) -> httpx.Response:
    headers = {"authorization": f"Bearer {token or one.token}", "version": "2021-07-28"}
    return httpx.request(method, f"{one.url}{path}", headers=headers, timeout=10, **request)


def search(one: RunningSandbox, **more: Any) -> httpx.Response:
    return ask(one, "POST", "/contacts/search", json={"locationId": one.location_id, "pageLimit": 20} | more)


def test_each_has_records_of_its_own(three: list[RunningSandbox]) -> None:
    seen: set[str] = set()
    for one in three:
        contacts = search(one).json()["contacts"]
        assert {contact["locationId"] for contact in contacts} == {one.location_id}
        ids = {record["id"] for kind in ("contacts", "users", "customFields") for record in one.records(kind)}
        assert not seen & ids
        seen |= ids


def test_the_first_is_the_one_that_is_played_alone(three: list[RunningSandbox]) -> None:
    with start(contacts=40, quota="off") as alone:
        for kind in ("contacts", "users", "customFields", "businesses", "tags", "calendars", "workflows"):
            assert alone.records(kind) == three[0].records(kind)
        assert (alone.token, alone.location_id) == (three[0].token, three[0].location_id)


def test_a_token_has_no_access_to_another_location(three: list[RunningSandbox]) -> None:
    one, other = three[:2]
    found = search(one, locationId=other.location_id)
    assert found.status_code == 403
    assert found.json()["message"] == "The token does not have access to this location"
    theirs = other.records("contacts")[0]["id"]
    assert ask(one, "GET", f"/contacts/{theirs}").status_code == 400
    assert ask(one, "GET", f"/locations/{other.location_id}").status_code == 403


def test_quota_faults_and_counts_are_apart(three: list[RunningSandbox]) -> None:
    one, other, _ = three
    one.set_faults([{"operation": "*", "fault": "500"}])
    assert [search(one).status_code for _ in range(12)][-1] == 429
    assert search(other).status_code == 200
    assert (one.hits(), other.hits()) == ([10], [])
    assert (one.requests()["total"], other.requests()["total"]) == (12, 1)


def test_a_removed_location_takes_its_tokens_with_it_until_reset(three: list[RunningSandbox]) -> None:
    one, other, _ = three
    other.remove()
    assert search(other).status_code == 401
    assert other.requests()["total"] == 1
    assert search(one).status_code == 200
    other.reset()
    assert search(other).status_code == 200


def granted(one: RunningSandbox, **consent: Any) -> str:
    code = httpx.URL(one.consent(**consent)).params["code"]
    app = {"client_id": one.client_id, "client_secret": one.client_secret}
    form = {**app, "grant_type": "authorization_code", "code": code}
    token: str = httpx.post(f"{one.url}/oauth/token", data=form).json()["access_token"]
    return token


def test_the_app_is_installed_in_the_location_that_is_chosen(three: list[RunningSandbox]) -> None:
    second = three[1]
    token = granted(second)
    mine = ask(second, "GET", f"/locations/{second.location_id}", token=token)
    assert mine.json()["location"]["name"] == "Sandbox Location 2"
    assert ask(three[0], "GET", f"/locations/{three[0].location_id}", token=token).status_code == 403


def test_an_agency_reaches_them_all_and_makes_their_tokens(three: list[RunningSandbox]) -> None:
    agency = granted(three[0], user_type="Company")
    listed = ask(three[0], "GET", f"/locations/search?companyId={COMPANY}", token=agency).json()["locations"]
    assert [one["id"] for one in listed] == [one.location_id for one in three]
    for one in three:
        form = {"companyId": COMPANY, "locationId": one.location_id}
        made = ask(one, "POST", "/oauth/locationToken", token=agency, data=form).json()
        assert made["locationId"] == one.location_id
        path = f"/locations/{one.location_id}"
        for token in (agency, made["access_token"]):
            assert ask(one, "GET", path, token=token).json()["location"]["id"] == one.location_id
    three[2].remove()
    assert ask(three[0], "POST", "/oauth/locationToken", token=agency, data=form).status_code == 403


def test_an_unknown_location_or_number_is_refused(three: list[RunningSandbox]) -> None:
    with pytest.raises(SandboxFailedError, match="no location 'sandboxLocation00009'"):
        three[0].at(9).requests()
    with pytest.raises(BadOptionError, match="locations 0"):
        Options(locations=0)
