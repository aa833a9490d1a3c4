"""Subscriptions, their secret, and deliveries that a receiver can verify."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from sandbox.process import SandboxFailedError

URL = "https://hooks.example.com/lusha"


def subscribe(lusha: Any, *people: str, url: str = URL) -> list[Any]:
    defaults = {"url": url, "entityType": "contact", "signalTypes": ["companyChange"]}
    entries = [{"entityId": one} for one in people]
    response = lusha("POST", "/api/subscriptions", {"defaults": defaults, "subscriptions": entries})
    assert response.status_code == 201, response.text
    results: list[Any] = response.json()["results"]
    return results


def test_a_batch_is_made_in_part_and_says_which(lusha: Any) -> None:
    first, second = (one["id"] for one in lusha.some(2))
    made = subscribe(lusha, first, second, first)
    assert [one.get("error", {}).get("code") for one in made] == [None, None, "DUPLICATE_SUBSCRIPTION"]
    assert subscribe(lusha, "1", url="http://x.example.com")[0]["error"]["code"] == "URL_VALIDATION_FAILED"
    listed = lusha("GET", "/api/subscriptions", params={"limit": 1}).json()
    assert listed["data"][0]["entityId"] == second  # newest first
    assert listed["pagination"] == {"total": 2, "limit": 1, "offset": 0, "hasMore": True}
    many = {"defaults": {"url": URL}, "subscriptions": [{"entityId": str(n)} for n in range(26)]}
    refused = lusha("POST", "/api/subscriptions", many)
    assert (refused.status_code, refused.json()["message"]) == (400, "Validation failed")


def test_a_delivery_is_signed_with_the_account_s_secret_and_charged_once(lusha: Any) -> None:
    [person] = lusha.some(1)
    assert lusha("GET", "/api/account/secret").status_code == 404
    subscribe(lusha, person["id"])
    with pytest.raises(SandboxFailedError, match="secret"):
        lusha.running.deliver(person["id"], "companyChange")
    secret = lusha("POST", "/api/account/secret/regenerate").json()["secret"]
    assert lusha("GET", "/api/account/secret").json() == {"secret": secret}
    [sent] = lusha.running.deliver(person["id"], "companyChange")
    signed = f"{sent['headers']['X-Lusha-Timestamp']}.{sent['body']}".encode()
    assert (
        sent["headers"]["X-Lusha-Signature"] == hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    )
    payload = json.loads(sent["body"])
    assert (payload["type"], payload["entityId"], payload["billing"]) == (
        "companyChange",
        person["id"],
        {"creditsCharged": 1},
    )
    assert payload["data"]["personId"] == person["personId"]
    assert lusha.running.bill()["charges"] == [{"record": person["id"], "datapoint": "signals", "credits": 1}]
    assert lusha.running.deliver(person["id"], "promotion") == []  # not subscribed to
    [logged] = lusha("GET", "/api/audit-logs").json()["data"]
    assert (logged["payloadId"], logged["status"]) == (payload["id"], "success")


def test_an_opt_out_names_the_very_values_and_neither_id_nor_type(lusha: Any) -> None:
    [person] = lusha.some(1)
    lusha("POST", "/api/account/secret/regenerate")
    wanted = {"entityType": "contact", "url": URL}
    assert lusha("POST", "/api/subscriptions/opt-out", wanted).status_code == 201
    assert lusha("POST", "/api/subscriptions/opt-out", wanted).status_code == 403
    [sent] = lusha.running.deliver(person["id"], "optOut")
    payload = json.loads(sent["body"])
    assert not {"id", "type", "subscriptionId"} & payload.keys()
    assert {one["datapointId"] for one in payload["datapoints"]} == {
        *(one["email"] for one in person["emails"]),
        *(one["number"] for one in person["phones"]),
    }
    assert lusha.running.bill()["credits"] == 0


def test_a_subscription_that_fails_is_blocked_until_it_is_made_active(lusha: Any) -> None:
    [person] = lusha.some(1)
    lusha("POST", "/api/account/secret/regenerate")
    identity = subscribe(lusha, person["id"])[0]["subscription"]["id"]
    lusha.running.block(identity)
    blocked = lusha("GET", f"/api/subscriptions/{identity}").json()
    assert (blocked["isActive"], blocked["blockReason"]) == (False, "Max retries exceeded")
    assert lusha.running.deliver(person["id"], "companyChange") == []
    alive = lusha("PATCH", f"/api/subscriptions/{identity}", {"isActive": True}).json()
    assert alive["isActive"] is True
    assert not alive.get("blockReason")
    assert len(lusha.running.deliver(person["id"], "companyChange")) == 1
    stats = lusha("GET", "/api/audit-logs/stats").json()
    assert (stats["total"], stats["failed"], stats["permanentFailure"], stats["successRate"]) == (
        4,
        2,
        1,
        "25.00%",
    )
    ended = lusha("POST", "/api/subscriptions/delete", {"ids": [identity, "nothing"]}).json()
    assert [one.get("error", {}).get("code") for one in ended["results"]] == [None, "NOT_FOUND"]
