"""What happened to people and companies: job changes, promotions, growth.

Charged for each signal that is told.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sandbox.core.answers import Answer, answer
from sandbox.lusha.account import Account
from sandbox.lusha.calls import Call
from sandbox.lusha.companies import Document
from sandbox.lusha.requests import COMPANY_SIGNALS_OF, CONTACT_SIGNALS_OF
from sandbox.lusha.route import Route
from sandbox.lusha.signal_types import COMPANY_SIGNALS, CONTACT_SIGNALS, EVERY
from sandbox.lusha.tables import write_beside

__all__ = ["ROUTES", "company_signals", "matching"]

_SINCE = "2025-11-01"
"""Signals are told a year back where no start is named."""


def matching(person: Document, wanted: dict[str, Any]) -> list[Document]:
    """A person's signals of the types that are asked for, since the start that is named."""
    types = wanted.get("types") or wanted.get("signalTypes") or [EVERY]
    since = wanted.get("startDate") or _SINCE
    return [
        one
        for one in person["signals"]
        if one["signalDate"] >= since and (EVERY in types or one["type"] in types)
    ]


def company_signals(company: Document) -> list[Document]:
    """A company's signals: every third one grows, every fifth one hires."""
    number = company["companyId"]
    shown = {"companyId": number, "companyName": company["name"], "domain": company["domain"]}
    dated = {**shown, "signalDate": "2026-09-01"}
    grows = [{**dated, "type": "headcountIncrease3m", "percent": 10 + number % 20}] if number % 3 == 0 else []
    return grows + ([{**dated, "type": "surgeInHiring", "openJobs": 5}] if number % 5 == 0 else [])


def of_contacts(account: Account, call: Call) -> Answer:
    """``POST /v3/contacts/signals``."""
    body = call.body(CONTACT_SIGNALS_OF)
    people = [one for one in map(account.world.person, body["ids"]) if one is not None]
    found = {one["id"]: matching(one, body) for one in people}
    return _answered(account, body, "contacts", found, ["companyChange", "promotion"])


def of_companies(account: Account, call: Call) -> Answer:
    """``POST /v3/companies/signals``."""
    body = call.body(COMPANY_SIGNALS_OF)
    companies = [one for one in map(account.world.company, body["ids"]) if one is not None]
    found = {one["id"]: matching({"signals": company_signals(one)}, body) for one in companies}
    return _answered(account, body, "companies", found, [])


def _answered(
    account: Account, body: Document, kind: str, found: dict[str, list[Document]], always: list[str]
) -> Answer:
    most = body.get("maxResultsPerSignal") or 100
    action = "showSignalsContact" if kind == "contacts" else "showSignalsCompany"
    told = {record: _by_type(signals, always, most) for record, signals in found.items()}
    counts = {record: sum(map(len, types.values())) for record, types in told.items()}
    ledger = account.ledger
    ledger.require(ledger.price(action, sum(counts.values())))
    charged = sum(ledger.charge(one, "signals", ledger.price(action, many)) for one, many in counts.items())
    names = {} if kind == "contacts" else account.world.companies
    results = [
        {"id": record, **_company(names.get(record)), **types}
        for record, types in told.items()
        if any(types.values())
    ]
    return answer(
        200,
        {
            "results": results,
            "startDate": body.get("startDate") or _SINCE,
            "endDate": datetime.now(UTC).date().isoformat(),
            **write_beside(account, body, kind, list(found), ("signals",)),
            "billing": {"creditsCharged": charged, "resultsReturned": len(results)},
        },
    )


def _company(company: Document | None) -> Document:
    return {} if company is None else {"companyName": company["name"], "domain": company["domain"]}


def _by_type(signals: list[Document], always: list[str], most: int) -> dict[str, list[Document]]:
    told: dict[str, list[Document]] = {name: [] for name in always}
    for one in signals:
        named = told.setdefault(one["type"], [])
        if len(named) < most:
            named.append({key: value for key, value in one.items() if key != "type"})
    return told


def _types(names: tuple[str, ...]) -> Any:
    return lambda _account, _call: answer(200, {"signalTypes": list(names)})


ROUTES = (
    Route("POST", "/v3/contacts/signals", of_contacts),
    Route("POST", "/v3/companies/signals", of_companies),
    Route("GET", "/v3/contacts/signals/types", _types(CONTACT_SIGNALS)),
    Route("GET", "/v3/companies/signals/types", _types(COMPANY_SIGNALS)),
)
