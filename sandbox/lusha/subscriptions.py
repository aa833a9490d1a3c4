"""Webhook subscriptions, their secret, opt-outs and the delivery log: ``/api/...``, without a version.

A batch answers 201 even where entries fail. One entity has one subscription; one account has one secret, and
one subscription for opt-outs.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from sandbox.core.answers import Answer, answer
from sandbox.lusha.account import Account
from sandbox.lusha.calls import Call, RefusalError
from sandbox.lusha.checks import choice, many, shape, text, truth
from sandbox.lusha.companies import Document
from sandbox.lusha.deliveries import mock_data
from sandbox.lusha.route import Route
from sandbox.lusha.signal_types import COMPANY_SIGNALS, CONTACT_SIGNALS
from sandbox.lusha.subscribed import OPT_OUT

__all__ = ["ROUTES"]

_MOST = 25
_MOST_SUBSCRIPTIONS = 10_000
_kind = choice("contact", "company")
_url, _name = text(1, 2048), text(most=100)
_CREATE = shape(
    {
        "defaults": shape({"url": _url, "entityType": _kind, "signalTypes": many(text())}, ["url"]),
        "name": _name,
        "subscriptions": many(
            shape(
                {"entityId": text(1, 255), "entityType": _kind, "signalTypes": many(text()), "name": _name},
                ["entityId"],
            ),
            1,
            _MOST,
        ),
    },
    ["defaults", "subscriptions"],
)
_UPDATE = shape(
    {"signalTypes": many(text(), 1), "url": _url, "name": _name, "isActive": truth, "regenerateSecret": truth}
)
_DELETE = shape({"ids": many(text(1), 1, _MOST)}, ["ids"])
_OPT_OUT = shape({"entityType": choice("contact"), "url": _url, "name": _name}, ["entityType", "url"])
_ALLOWED = {"contact": CONTACT_SIGNALS, "company": COMPANY_SIGNALS}


def create(account: Account, call: Call) -> Answer:
    """Subscribe to up to 25 entities."""
    body = call.body(_CREATE, webhooks=True)
    if len(account.webhooks.newest_first()) + len(body["subscriptions"]) > _MOST_SUBSCRIPTIONS:
        raise RefusalError(403, "Maximum subscriptions limit reached for your account")
    results: list[Document] = []
    for index, entry in enumerate(body["subscriptions"]):
        error, made = _created(account, {**body["defaults"], "name": body.get("name"), **entry})
        outcome = {"error": error} if error else {"subscription": made}
        results.append({"index": index, "success": not error, **outcome})
    return answer(201, _counted(results))


def _created(account: Account, wanted: Document) -> tuple[Document, Document]:
    kind = wanted.get("entityType")
    signals = wanted.get("signalTypes") or []
    if kind is None:
        return _error("VALIDATION_ERROR", "entityType must be one of: contact, company"), {}
    if not signals or not set(signals) <= set(_ALLOWED[kind]):
        return _error("VALIDATION_ERROR", f"signalTypes must be of: {', '.join(_ALLOWED[kind])}"), {}
    if not _is_https(wanted["url"]):
        return _error("URL_VALIDATION_FAILED", "url must be a valid HTTPS URL"), {}
    if account.webhooks.about(kind, wanted["entityId"]) is not None:
        said = f"Subscription already exists for entity type '{kind}' with entity ID '{wanted['entityId']}'"
        return _error("DUPLICATE_SUBSCRIPTION", said), {}
    kept = {"entityType": kind, "entityId": wanted["entityId"], "signalTypes": signals, "url": wanted["url"]}
    named = {"name": wanted["name"]} if wanted.get("name") else {}
    return {}, account.webhooks.add({**kept, **named}, account.now())


def listed(account: Account, call: Call) -> Answer:
    """All subscriptions, newest first."""
    return _page(account.webhooks.newest_first(), call, 10)


def read(account: Account, call: Call) -> Answer:
    """One subscription."""
    return answer(200, _found(account, call))


def update(account: Account, call: Call) -> Answer:
    """Change one; made active again, it forgets why it was blocked."""
    body = call.body(_UPDATE, webhooks=True)
    found = _found(account, call)
    if body.get("url") and not _is_https(body["url"]):
        raise RefusalError(400, "Validation failed", ["url must be a valid HTTPS URL"])
    keys = ("signalTypes", "url", "name", "isActive")
    found |= {key: body[key] for key in keys if body.get(key) is not None}
    found["updatedAt"] = account.now()
    if body.get("isActive"):
        for key in ("blockReason", "blockedAt"):
            found.pop(key, None)
    more = {"secret": account.webhooks.rotate()} if body.get("regenerateSecret") else {}
    return answer(200, {**found, **more})


def delete(account: Account, call: Call) -> Answer:
    """End up to 25; one that is unknown is told, and stops no other."""
    body = call.body(_DELETE, webhooks=True)
    results: list[Document] = []
    for index, identity in enumerate(dict.fromkeys(body["ids"])):
        gone = account.webhooks.remove(identity)
        keys = ("id", "entityType", "entityId", "name")
        outcome: Document = (
            {"error": _error("NOT_FOUND", f"Subscription with id '{identity}' not found")}
            if gone is None
            else {"subscription": {key: gone[key] for key in keys if key in gone}}
        )
        results.append({"index": index, "success": gone is not None, **outcome})
    return answer(200, _counted(results))


def test(account: Account, call: Call) -> Answer:
    """What a test delivery carries, and whether one can be made: with a secret, to an active subscription."""
    mode = call.query("mode") or "full"
    if mode not in ("direct", "kafka", "full"):
        raise RefusalError(400, "Validation failed", ["mode must be one of: direct, kafka, full"])
    found = _found(account, call)
    signal = found["signalTypes"][0]
    payload = {"entityType": found["entityType"], "signalType": signal, "data": mock_data(found, signal)}
    good = bool(account.webhooks.secret) and found["isActive"]
    return answer(
        200,
        {
            "subscriptionId": found["id"],
            "subscriptionName": found.get("name", ""),
            "url": found["url"],
            "mode": mode,
            "flowCheck": {"success": good, "statusCode": 201 if good else 0, "durationMs": 12},
            "testPayload": payload,
            "isSuccess": good,
            "timestamp": account.now(),
        },
    )


def opt_out(account: Account, call: Call) -> Answer:
    """Be told of opt-outs; once for each account."""
    body = call.body(_OPT_OUT, webhooks=True)
    if account.webhooks.opt_out() is not None:
        raise RefusalError(403, "An opt-out subscription already exists for this account")
    if not _is_https(body["url"]):
        raise RefusalError(400, "Validation failed", ["url must be a valid HTTPS URL"])
    kept = {"entityType": "contact", "entityId": "*", "signalTypes": [OPT_OUT], "url": body["url"]}
    named = {"name": body["name"]} if body.get("name") else {}
    return answer(201, account.webhooks.add({**kept, **named}, account.now()))


def secret(account: Account, _: Call) -> Answer:
    """The secret; 404 until there is one."""
    if not account.webhooks.secret:
        raise RefusalError.missing("Account secret not found. Please generate one first.")
    return answer(200, {"secret": account.webhooks.secret})


def regenerate(account: Account, _: Call) -> Answer:
    """A new secret, the first one included."""
    return answer(200, {"secret": account.webhooks.rotate()})


def audit(account: Account, call: Call) -> Answer:
    """The delivery log, newest first."""
    wanted = {"subscriptionId": call.query("subscriptionId"), "status": call.query("status")}
    found = [
        one
        for one in reversed(account.webhooks.audit)
        if all(value in ("", one[key]) for key, value in wanted.items())
    ]
    return _page(found, call, 50)


def statistics(account: Account, call: Call) -> Answer:
    """How many deliveries arrived; with three keys more than the vendor's file declares, as seen live."""
    named = call.query("subscriptionId")
    found = [one for one in account.webhooks.audit if named in ("", one["subscriptionId"])]
    counts = {
        status: sum(one["status"] == status for one in found)
        for status in ("success", "failed", "permanent_failure")
    }
    rate = f"{100 * counts['success'] / len(found):.2f}%" if found else "0%"
    return answer(
        200,
        {
            "total": len(found),
            "success": counts["success"],
            "failed": counts["failed"],
            "permanentFailure": counts["permanent_failure"],
            "dlq": counts["permanent_failure"],
            "totalCreditsConsumed": sum(one["credits"] for one in found),
            "successRate": rate,
        },
    )


def _page(found: list[Document], call: Call, usual: int) -> Answer:
    limit, offset = call.whole("limit", usual, 1, 100), call.whole("offset", 0, 0, 10**9)
    shown = found[offset : offset + limit]
    paging = {"total": len(found), "limit": limit, "offset": offset}
    return answer(200, {"data": shown, "pagination": {**paging, "hasMore": offset + limit < len(found)}})


def _found(account: Account, call: Call) -> Document:
    found = account.webhooks.get(call.params["id"])
    if found is None:
        raise RefusalError.missing(f"Subscription with id '{call.params['id']}' not found")
    return found


def _counted(results: list[Document]) -> Document:
    good = sum(one["success"] for one in results)
    return {"total": len(results), "successful": good, "failed": len(results) - good, "results": results}


def _error(code: str, message: str) -> Document:
    return {"code": code, "message": message}


def _is_https(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(parts.hostname)


_ROUTES: tuple[tuple[str, str, Callable[[Account, Call], Answer]], ...] = (
    ("POST", "/api/subscriptions", create),
    ("GET", "/api/subscriptions", listed),
    ("POST", "/api/subscriptions/delete", delete),
    ("POST", "/api/subscriptions/opt-out", opt_out),
    ("GET", "/api/subscriptions/{id}", read),
    ("PATCH", "/api/subscriptions/{id}", update),
    ("POST", "/api/subscriptions/{id}/test", test),
    ("GET", "/api/audit-logs", audit),
    ("GET", "/api/audit-logs/stats", statistics),
    ("GET", "/api/account/secret", secret),
    ("POST", "/api/account/secret/regenerate", regenerate),
)

ROUTES = tuple(Route(*route, limit="webhooks") for route in _ROUTES)
