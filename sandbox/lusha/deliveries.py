"""What Lusha sends to a subscriber: payloads, signed.

The signed text is ``timestamp + "." + body``; the key is the account's whole secret. A delivery is made for
every subscription that listens, charged once for a signal, and logged; that of an opt-out has neither id nor
type, and is free. Nothing is sent over HTTP.
"""

from __future__ import annotations

import hashlib
import hmac
import time
import uuid
from typing import Any, NamedTuple

from sandbox.core.answers import dump
from sandbox.lusha.account import Account
from sandbox.lusha.companies import Document

__all__ = ["Delivery", "fail", "job_change", "mock_data", "opt_out", "signed"]

_DURATION = 12


class Delivery(NamedTuple):
    """One POST to a subscriber."""

    url: str
    headers: dict[str, str]
    body: str


def signed(secret: str, url: str, payload: Document, timestamp: int | None = None) -> Delivery:
    """A payload as it is posted.

    Args:
        timestamp: Seconds since 1970; now where it is None.
    """
    body = dump(payload)
    stamp = str(int(time.time()) if timestamp is None else timestamp)
    signature = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Lusha-Webhooks/1.0",
        "X-Lusha-Timestamp": stamp,
        "X-Lusha-Signature": signature,
    }
    return Delivery(url, headers, body.decode())


def job_change(account: Account, person: Document, signal: str = "companyChange") -> list[Delivery]:
    """A job change or a promotion for everybody who subscribed to this person."""
    ids = (person["id"], str(person["personId"]))
    made = []
    for one in account.webhooks.listening(ids, signal):
        price = account.ledger.price("showSignalsContact")
        if price > account.ledger.remaining:
            break
        account.ledger.charge(person["id"], "signals", price)
        payload = {
            "id": str(uuid.uuid4()),
            "type": signal,
            "entityType": "contact",
            "entityId": one["entityId"],
            "subscriptionId": one["id"],
            "data": _data(account, person, signal),
            "timestamp": account.now(),
            "billing": {"creditsCharged": price},
        }
        made.append(signed(account.webhooks.secret, one["url"], payload))
        _log(account, one, payload["id"], price)
    return made


def opt_out(account: Account, person: Document) -> list[Delivery]:
    """An opt-out with the very values that must go, for the account's one subscriber."""
    subscription = account.webhooks.opt_out()
    if subscription is None or not subscription["isActive"]:
        return []
    values = [(one["email"], "email") for one in person["emails"]]
    values += [(one["number"], "phone") for one in person["phones"]]
    payload = {
        "contactId": str(person["personId"]),
        "fullName": person["fullName"],
        "companyName": account.world.employer(person)["name"],
        "jobTitle": person["jobTitle"]["title"],
        "linkedinUrl": person["socialLinks"].get("linkedin"),
        "contactOptOutDate": account.now()[:-1].replace("T", " "),
        "contactExposureDate": "2026-09-01 08:00:00",
        "datapoints": [{"datapointId": value, "datapointType": kind} for value, kind in values],
        "partnerClientId": None,
    }
    _log(account, subscription, str(person["personId"]), 0)
    return [signed(account.webhooks.secret, subscription["url"], payload)]


def mock_data(subscription: Document, signal: str) -> Document:
    """The invented data of a test delivery."""
    company = {"currentCompanyName": "Example Company", "currentDomain": "example.com"}
    return {"entityId": subscription["entityId"], "signal": signal, **company, "signalDate": "2026-01-01"}


def fail(account: Account, subscription: Document) -> None:
    """Three retries of a delivery that nobody took: the subscription is blocked."""
    for status in ("failed", "failed", "permanent_failure"):
        _log(account, subscription, str(uuid.uuid4()), 0, status)
    subscription |= {"isActive": False, "blockReason": "Max retries exceeded", "blockedAt": account.now()}


def _data(account: Account, person: Document, signal: str) -> Document:
    company = account.world.employer(person)
    before: dict[str, Any] = (person["previousEmployment"] or [{"company": {}}])[0]["company"]
    moved = {"previousCompanyName": before.get("name"), "previousDomain": before.get("domain")}
    return {
        "personId": person["personId"],
        "currentCompanyId": company["companyId"],
        "currentCompanyName": company["name"],
        "currentDomain": company["domain"],
        "currentTitle": person["jobTitle"]["title"],
        "currentDepartments": [{"id": 1, "value": one} for one in person["jobTitle"]["departments"]],
        **(moved if signal == "companyChange" else {}),
        "signalDate": account.now()[:10],
    }


def _log(account: Account, subscription: Document, payload: str, cost: int, status: str = "success") -> None:
    good = status == "success"
    account.webhooks.audit.append(
        {
            "id": f"log-{len(account.webhooks.audit) + 1}",
            "subscriptionId": subscription["id"],
            "payloadId": payload,
            "status": status,
            "statusCode": 201 if good else 500,
            "url": subscription["url"],
            "deliveredAt": account.now(),
            "durationMs": _DURATION,
            "error": None if good else "HTTP 500",
            "credits": cost,
        }
    )
