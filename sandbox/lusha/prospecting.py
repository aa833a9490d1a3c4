"""Prospecting: people and companies by what they are, page by page, and the values of its filters.

Charged by 25 results a page. The order is the sandbox's own, and ``size`` in the answer is what came, not
what was asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any
from zlib import crc32

from sandbox.core.answers import Answer, answer, dump
from sandbox.lusha.account import Account
from sandbox.lusha.calls import Call, RefusalError, told
from sandbox.lusha.companies import Document
from sandbox.lusha.filters import (
    COMPANY_VALUES,
    CONTACT_VALUES,
    QUERIED,
    REFINEMENTS,
    company_fits,
    contact_fits,
)
from sandbox.lusha.requests import COMPANIES_PROSPECTING, CONTACTS_PROSPECTING
from sandbox.lusha.route import Route
from sandbox.lusha.shown import company_preview, preview
from sandbox.lusha.tables import write_beside

__all__ = ["ROUTES"]

_SHORTEST, _LONGEST = 2, 256
_LAST = 50_000
"""Results that a query gives at most."""
_SIGNAL_VALUES: dict[str, list[Any]] = {
    "newsEventTypes": ["riskNews", "peopleNews"],
    "hiringByDepartments": CONTACT_VALUES["departments"],
    "hiringByLocations": CONTACT_VALUES["locations"],
    "intentCategories": ["Product", "Hiring"],
}


def contacts(account: Account, call: Call) -> Answer:
    """``POST /v3/contacts/prospecting``."""
    body = call.body(CONTACTS_PROSPECTING)
    filters, options = body["filters"], body.get("options") or {}
    if options.get("excludeDnc") is not None and not account.plan.callable_only:
        raise RefusalError.not_on_plan("excludeDnc")
    _require_base(filters)
    found = [one for one in account.world.people.values() if contact_fits(account.world, one, filters)]
    found = [one for one in found if one["status"] != "COMPLIANCE_RESTRICTED"]
    if options.get("excludeDnc"):
        found = [one for one in map(_callable, found) if one["phones"]]
    if options.get("maxContactsPerCompany"):
        found = _few_of_each(found, options["maxContactsPerCompany"])
    return _page(
        account,
        body,
        "contacts",
        found,
        lambda one: preview(one, account.world.employer(one), account.ledger, lower=True),
    )


def companies(account: Account, call: Call) -> Answer:
    """``POST /v3/companies/prospecting``."""
    body = call.body(COMPANIES_PROSPECTING)
    wanted = body["filters"]["companies"]
    found = [one for one in account.world.companies.values() if company_fits(one, wanted)]
    beside = body["filters"].get("contacts")
    if beside:
        people = account.world.people.values()
        where = {one["companyId"] for one in people if contact_fits(account.world, one, {"contacts": beside})}
        found = [one for one in found if one["id"] in where]
    return _page(
        account, body, "companies", found, lambda one: company_preview(one, account.ledger, www=False)
    )


def _require_base(filters: Document) -> None:
    """Refuse filters that only refine others.

    Raises:
        RefusalError: 400 where nothing else is filtered by.
    """
    sides = [(filters.get(kind) or {}).get("include") or {} for kind in ("contacts", "companies")]
    if not any(set(side) - REFINEMENTS for side in sides):
        raise RefusalError.bad_request(["filters must include at least one base filter"])


def _callable(person: Document) -> Document:
    """Somebody without the numbers that must not be called."""
    return {**person, "phones": [one for one in person["phones"] if not one["doNotCall"]]}


def _few_of_each(people: list[Document], most: int) -> list[Document]:
    seen: Counter[str] = Counter()
    kept = []
    for person in people:
        seen[person["companyId"]] += 1
        if seen[person["companyId"]] <= most:
            kept.append(person)
    return kept


def _page(
    account: Account, body: Document, kind: str, found: list[Document], show: Callable[[Document], Document]
) -> Answer:
    found.sort(key=lambda one: crc32(one["id"].encode()))
    page, size = body["pagination"]["page"], body["pagination"]["size"]
    shown = found[:_LAST][page * size : (page + 1) * size]
    action = "contactSearch" if kind == "contacts" else "companySearch"
    cost = account.search_cost(action, len(shown))
    account.ledger.require(cost)
    account.ledger.charge("", action, cost)
    results = [show(one) for one in shown]
    return told(
        results,
        cost,
        len(results),
        pagination={"page": page, "size": len(results), "total": len(found)},
        **write_beside(account, body, kind, [one["id"] for one in shown]),
    )


def _offered(values: dict[str, list[Any]]) -> Callable[[Account, Call], Answer]:
    told_of = [{"filterType": name, "requiresQuery": name in QUERIED} for name in values]
    return lambda _account, _call: answer(200, {"availableFilters": told_of})


def _values(values: dict[str, list[Any]]) -> Callable[[Account, Call], Answer]:
    def handler(account: Account, call: Call) -> Answer:
        name, query = call.params["filterType"], call.query("query")
        if name not in values:
            raise RefusalError.bad_request([f"filterType must be one of: {', '.join(values)}"])
        if name == "intentCategories" and query:
            raise RefusalError.bad_request(["query is not supported for intentCategories"])
        if name in QUERIED and not _SHORTEST <= len(query) <= _LONGEST:
            raise RefusalError.bad_request([f"query must be {_SHORTEST} to {_LONGEST} characters"])
        offered = values[name]
        if values is COMPANY_VALUES and name == "names":
            offered = [one["name"] for one in account.world.companies.values()]
        wanted = query.casefold()
        return answer(200, {"values": [one for one in offered if wanted in dump(one).decode().casefold()]})

    return handler


ROUTES = (
    Route("POST", "/v3/contacts/prospecting", contacts),
    Route("POST", "/v3/companies/prospecting", companies),
    Route("GET", "/v3/contacts/prospecting/filters", _offered(CONTACT_VALUES)),
    Route("GET", "/v3/contacts/prospecting/filters/{filterType}", _values(CONTACT_VALUES)),
    Route("GET", "/v3/companies/prospecting/filters", _offered(COMPANY_VALUES)),
    Route("GET", "/v3/companies/prospecting/filters/{filterType}", _values(COMPANY_VALUES)),
    Route("GET", "/v3/companies/signals/filters", _offered(_SIGNAL_VALUES)),
    Route("GET", "/v3/companies/signals/filters/{filterType}", _values(_SIGNAL_VALUES)),
)
