"""Companies: ``/v3/companies/search``, ``enrich`` and ``search-and-enrich``.

A company is paid for once; each further detail that is revealed costs what a company does, once.
"""

from __future__ import annotations

from sandbox.core.answers import Answer
from sandbox.lusha.account import Account
from sandbox.lusha.calls import Call, RefusalError, told
from sandbox.lusha.companies import Document
from sandbox.lusha.requests import COMPANIES_ENRICH, COMPANIES_SEARCH, COMPANIES_SEARCH_AND_ENRICH
from sandbox.lusha.route import Route
from sandbox.lusha.shown import company_preview, enriched_company, failure
from sandbox.lusha.signals import company_signals, matching
from sandbox.lusha.tables import write_beside
from sandbox.lusha.world import shuffled

__all__ = ["ROUTES"]


def search(account: Account, call: Call) -> Answer:
    """Preview companies by id, name or domain."""
    body = call.body(COMPANIES_SEARCH)
    wanted = body.get("signals")
    found = _found(account, body["companies"])
    known = [one for one in found if one is not None]
    signals = {one["id"]: matching({"signals": company_signals(one)}, wanted) for one in known if wanted}
    cost = account.search_cost("companySearch", len(known))
    extra = account.ledger.price("showSignalsCompany", sum(map(len, signals.values())))
    account.ledger.require(cost + extra)
    account.ledger.charge("", "companySearch", cost)
    for company_id, matched in signals.items():
        account.ledger.charge(company_id, "signals", account.ledger.price("showSignalsCompany", len(matched)))
    results = []
    for item, company in zip(body["companies"], found, strict=True):
        shown = failure("NOT_FOUND", "Company")
        if company is not None:
            shown = company_preview(company, account.ledger)
            if wanted:
                shown["signalTypes"] = sorted({one["type"] for one in signals[company["id"]]})
        results.append({**_reference(item), **shown})
    return told(shuffled(account.next_order(), results), cost + extra, len(known))


def search_and_enrich(account: Account, call: Call) -> Answer:
    """Find companies and reveal them; the search itself is not charged."""
    items = call.body(COMPANIES_SEARCH_AND_ENRICH)["companies"]
    found = _found(account, items)
    charged = _bought(account, [one for one in found if one is not None], [])
    results = [
        {
            **_reference(item),
            **(failure("NOT_FOUND", "Company") if one is None else enriched_company(one, [])),
        }
        for item, one in zip(items, found, strict=True)
    ]
    return told(shuffled(account.next_order(), results), charged, sum(one is not None for one in found))


def enrich(account: Account, call: Call) -> Answer:
    """Reveal companies by their ids."""
    body = call.body(COMPANIES_ENRICH)
    reveal = body.get("reveal") or []
    found = {one: account.world.company(one) for one in body["ids"]}
    known = [one for one in found.values() if one is not None]
    charged = _bought(account, known, reveal)
    results = [
        {**(failure("NOT_FOUND", "Company") if one is None else enriched_company(one, reveal)), "id": asked}
        for asked, one in found.items()
    ]
    beside = write_beside(account, body, "companies", [one["id"] for one in known])
    return told(shuffled(account.next_order(), results), charged, len(known), **beside)


def _found(account: Account, items: list[Document]) -> list[Document | None]:
    complaints = [
        f"companies.{place} must have id, name or domain"
        for place, item in enumerate(items)
        if not any(item.get(name) for name in ("id", "name", "domain"))
    ]
    if complaints:
        raise RefusalError.bad_request(complaints)
    return [account.world.find_company(item) for item in items]


def _bought(account: Account, companies: list[Document], reveal: list[str]) -> int:
    ledger = account.ledger
    wanted = dict.fromkeys((one["id"], name) for one in companies for name in ("company", *reveal))
    costs = {key: ledger.price_of(*key, "revealCompany") for key in wanted}
    ledger.require(sum(costs.values()))
    return sum(ledger.reveal(*key, cost) for key, cost in costs.items())


def _reference(item: Document) -> Document:
    return {"clientReferenceId": item["clientReferenceId"]} if "clientReferenceId" in item else {}


ROUTES = (
    Route("POST", "/v3/companies/search", search),
    Route("POST", "/v3/companies/enrich", enrich),
    Route("POST", "/v3/companies/search-and-enrich", search_and_enrich),
)
