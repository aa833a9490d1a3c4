"""How much is going on at people and companies, and which companies visited a website."""

from __future__ import annotations

from datetime import date, timedelta

from sandbox.core.answers import Answer
from sandbox.lusha.account import Account
from sandbox.lusha.calls import Call, RefusalError, told
from sandbox.lusha.companies import Document
from sandbox.lusha.contact_search import identified
from sandbox.lusha.requests import COMPANY_SCORES, CONTACT_SCORES, WEBSITE_VISITS
from sandbox.lusha.route import Route
from sandbox.lusha.shown import company_preview, failure
from sandbox.lusha.signals import company_signals

__all__ = ["ROUTES", "TRACKED"]

TRACKED = "www.example.com"
"""The one website that the account tracks."""
_LONGEST = timedelta(days=93)
_MOST_TYPES = {"contacts": 2, "companies": 3}
_VISITORS = 40
_HOT, _WARM = 70, 40


def contacts(account: Account, call: Call) -> Answer:
    """``POST /v3/contacts/signal-score``: one credit for each row that is scored."""
    items = identified(call.body(CONTACT_SCORES)["contacts"])
    results = []
    for item in items:
        person = account.world.find_person(item)
        if person is None:
            results.append({**_reference(item), **failure("NOT_FOUND")})
            continue
        company = account.world.employer(person)
        employer = {key: company[key] for key in ("id", "name", "domain")}
        known = {"id": person["id"], "fullName": person["fullName"], "company": employer}
        results.append({**_reference(item), **known, **_scored(person["signals"], "contacts")})
    return _charged(account, "signalScoreContact", results)


def companies(account: Account, call: Call) -> Answer:
    """``POST /v3/companies/signal-score``: one credit for each row that is scored."""
    results = []
    for item in call.body(COMPANY_SCORES)["companies"]:
        if sum(bool(item.get(name)) for name in ("id", "domain", "name", "email")) != 1:
            raise RefusalError.bad_request(["each company needs exactly one of id, domain, name, email"])
        domain = item["email"].split("@")[1] if item.get("email") else item.get("domain")
        company = account.world.find_company({**item, "domain": domain})
        if company is None:
            results.append({**_reference(item), **failure("NOT_FOUND", "Company")})
            continue
        known = {key: company[key] for key in ("id", "name", "domain")}
        results.append({**_reference(item), **known, **_scored(company_signals(company), "companies")})
    return _charged(account, "signalScoreCompany", results)


def _scored(signals: list[Document], kind: str) -> Document:
    types = sorted({one["type"] for one in signals})
    score = round(len(types) / _MOST_TYPES[kind], 2)
    return {"signalScore": score, "signalTypes": types, "noActiveSignals": not types}


def _charged(account: Account, action: str, results: list[Document]) -> Answer:
    scored = sum("error" not in one for one in results)
    cost = account.ledger.price(action, scored)
    account.ledger.require(cost)
    account.ledger.charge("", action, cost)
    return told(results, cost, scored)


def website_visits(account: Account, call: Call) -> Answer:
    """``POST /v3/companies/website-visits``: free, and on the largest plan alone."""
    body = call.body(WEBSITE_VISITS)
    if not account.plan.website_visits:
        raise RefusalError.not_on_plan("Website Visits")
    unknown = [one for one in body["domains"] if one.removeprefix("www.") != TRACKED.removeprefix("www.")]
    if unknown:
        raise RefusalError.bad_request([f"domains are not configured for tracking: {', '.join(unknown)}"])
    first, last = (date.fromisoformat(body[name]) for name in ("startDate", "endDate"))
    if last < first or last - first > _LONGEST:
        raise RefusalError.bad_request(["the date range must be 3 months at most"])
    visits = [_visit(account, one, last) for one in list(account.world.companies.values())[:_VISITORS]]
    bands = (body.get("filters") or {}).get("scoreBands") or ("hot", "warm", "cold")
    found = sorted((one for one in visits if one["scoreBand"] in bands), key=lambda one: -one["score"])
    page, size = body["pagination"]["page"], body["pagination"]["size"]
    shown = found[page * size : (page + 1) * size]
    return told(shown, 0, len(shown), pagination={"size": size, "page": page, "total": len(found)})


def _visit(account: Account, company: Document, last: date) -> Document:
    score = company["companyId"] % 101
    band = "hot" if score >= _HOT else "warm" if score >= _WARM else "cold"
    return {
        **company_preview(company, account.ledger),
        "score": score,
        "scoreBand": band,
        "totalSessions": 1 + score // 5,
        "uniqueVisitors": 1 + score // 20,
        "avgSessionMinutes": round(0.5 + score / 20, 1),
        "daysVisited": 1 + score // 15,
        "highIntentPageviews": score // 10,
        "daysSinceLastVisit": 0,
        "lastVisit": last.isoformat(),
        "visitorCountry": company["location"]["countryIso2"],
    }


def _reference(item: Document) -> Document:
    return {"clientReferenceId": item["clientReferenceId"]} if "clientReferenceId" in item else {}


ROUTES = (
    Route("POST", "/v3/contacts/signal-score", contacts),
    Route("POST", "/v3/companies/signal-score", companies),
    Route("POST", "/v3/companies/website-visits", website_visits),
)
