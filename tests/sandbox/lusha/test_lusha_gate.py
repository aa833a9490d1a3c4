"""What stands before every operation: the key, the path, the body, the plan."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sandbox.process import start


@pytest.mark.parametrize("headers", [{}, {"api_key": "other"}, {"Authorization": "Bearer lusha-sandbox"}])
def test_the_key_is_taken_from_its_own_header_alone(lusha: Any, headers: dict[str, str]) -> None:
    response = httpx.get(f"{lusha.running.url}/v3/account/usage", headers=headers)
    assert (response.status_code, response.json()) == (401, {"statusCode": 401, "message": "Invalid API key"})


@pytest.mark.parametrize("path", ["/v3/contacts/Search", "/v3/contacts/search/", "/v2/person"])
def test_an_unrouted_path_is_the_gateway_s_404(lusha: Any, path: str) -> None:
    response = lusha("POST", path, {})
    assert response.status_code == 404
    assert "request_id" in response.json()


@pytest.mark.parametrize(
    ("path", "body", "complaint"),
    [
        ("contacts/enrich", {"contactIds": ["1"], "ids": ["1"]}, "property contactIds should not exist"),
        (
            "contacts/enrich",
            {"ids": ["1"], "waterfallReveal": True},
            "property waterfallReveal should not exist",
        ),
        (
            "contacts/enrich",
            {"ids": ["1"], "reveal": ["email"]},
            "reveal.0 must be one of the following values",
        ),
        ("contacts/enrich", {"ids": ["not an id"]}, "ids.0 is not a valid id"),
        ("contacts/enrich", {"ids": ["1"] * 101}, "ids must contain no more than 100 elements"),
        (
            "contacts/search-and-enrich",
            {"contacts": [{"id": "1"}], "waterfallEnabled": False},
            "waterfallEnabled",
        ),
        ("contacts/search", {"contacts": [{"phone": "+12025550100"}]}, "property phone should not exist"),
        ("contacts/search", {"contacts": [{"firstName": "Ada", "lastName": "Bell"}]}, "companyName"),
        ("contacts/prospecting", {"pagination": {"page": 0, "size": 5}, "filters": {}}, "less than 10"),
        ("contacts/prospecting", {"pages": {}, "filters": {}}, "property pages should not exist"),
        (
            "contacts/prospecting",
            {"pagination": {"page": 0, "size": 10}, "filters": {"contacts": {"include": {"score": {}}}}},
            "at least one base filter",
        ),
        ("contacts/tables", {"name": "Inbox"}, "owner should not be empty"),
        ("companies/search", {"companies": [{}]}, "must have id, name or domain"),
    ],
)
def test_what_is_not_taken_is_refused_and_costs_nothing(
    lusha: Any, path: str, body: dict[str, Any], complaint: str
) -> None:
    response = lusha("POST", f"/v3/{path}", body)
    assert response.status_code == 400
    assert complaint in str(response.json()["message"])
    assert lusha.running.bill() == {"credits": 0, "charges": []}


def test_one_complaint_is_a_sentence_and_several_are_a_list(lusha: Any) -> None:
    one = lusha("POST", "/v3/contacts/enrich", {"ids": ["1"], "x": 1}).json()
    both = lusha("POST", "/v3/contacts/enrich", {"ids": ["1"], "x": 1, "y": 1}).json()
    assert one["message"] == "property x should not exist"
    assert both["message"] == ["property x should not exist", "property y should not exist"]


def test_a_plan_may_lack_features_and_an_account_the_whole_of_v3() -> None:
    body = {"pagination": {"page": 0, "size": 10}, "filters": {"contacts": {"include": {"names": ["A"]}}}}
    dates = {"startDate": "2026-09-01", "endDate": "2026-10-01", "pagination": {"size": 10, "page": 0}}
    with start(contacts=0, lusha_people=5, lusha_plan="pro") as running:
        headers, url = {"api_key": running.lusha.key}, running.lusha.url
        callable_only = {**body, "options": {"excludeDnc": True}}
        refused = httpx.post(f"{url}/v3/contacts/prospecting", json=callable_only, headers=headers)
        visits = {"domains": ["www.example.com"], **dates}
        unseen = httpx.post(f"{url}/v3/companies/website-visits", json=visits, headers=headers)
    assert (refused.status_code, refused.json()["errors"]) == (
        403,
        ["excludeDnc is not available on your current plan"],
    )
    assert unseen.json()["errors"] == ["Website Visits is not available on your current plan"]
    with start(contacts=0, lusha_people=5, lusha_without_v3=True) as running:
        headers, url = {"api_key": running.lusha.key}, running.lusha.url
        none = httpx.post(f"{url}/v3/contacts/prospecting", json=body, headers=headers)
        hooks = httpx.get(f"{url}/api/subscriptions", headers=headers)
    assert (none.status_code, none.json()["message"]) == (
        403,
        "V3 API access is not enabled for your account",
    )
    assert hooks.status_code == 200
