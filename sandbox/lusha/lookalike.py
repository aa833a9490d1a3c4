"""People and companies like others, and who decides in a company.

Charged by results: one credit for five that are alike, one for each person of a buying group. The buying
group gives 60 people of a company unless it is told fewer.
"""

from __future__ import annotations

import uuid
from typing import Any

from sandbox.core.answers import Answer, RefusedError, answer
from sandbox.lusha.account import Account
from sandbox.lusha.calls import Call, RefusalError, told
from sandbox.lusha.companies import Document
from sandbox.lusha.requests import BUYING_GROUP, COMPANY_LOOKALIKE, CONTACT_LOOKALIKE
from sandbox.lusha.route import Route
from sandbox.lusha.shown import company_preview, failure, preview
from sandbox.lusha.tables import write_beside

__all__ = ["ROUTES"]

_FEWEST_SEEDS, _USUAL, _USUAL_GROUP = 5, 25, 60
_DIRECTOR, _MANAGER = 6, 4
_CONTACT_KEYS = ("id", "firstName", "lastName", "socialLinks", "company", "jobTitle", "location")
_COMPANY_KEYS = ("id", "name", "domain", "employeeCount", "industry", "location", "socialLinks")


def contacts(account: Account, call: Call) -> Answer:
    """People who do what the seeds do."""
    body = call.body(CONTACT_LOOKALIKE)
    world = account.world
    seeds = [one for one in map(world.find_person, _people(body["seeds"])) if one]
    departments = {name for one in seeds for name in one["jobTitle"]["departments"]}
    left_out = {one["id"] for one in (*seeds, *map(world.find_person, _people(body.get("exclude")))) if one}
    alike = (
        one
        for one in world.people.values()
        if not one["status"] and departments & set(one["jobTitle"]["departments"])
    )
    found = [one for one in alike if one["id"] not in left_out]

    def show(one: Document) -> Document:
        shown = preview(one, world.employer(one), account.ledger, lower=True)
        return {key: shown[key] for key in _CONTACT_KEYS}

    return _answered(account, body, "contacts", found, show)


def companies(account: Account, call: Call) -> Answer:
    """Companies of the seeds' industries."""
    body = call.body(COMPANY_LOOKALIKE)
    world = account.world
    seeds = [one for one in map(world.find_company, _companies(account, body["seeds"])) if one]
    industries = {one["industry"] for one in seeds}
    excluded = map(world.find_company, _companies(account, body.get("exclude")))
    left_out = {one["id"] for one in (*seeds, *excluded) if one}
    alike = (one for one in world.companies.values() if one["industry"] in industries)
    found = [one for one in alike if one["id"] not in left_out]

    def show(one: Document) -> Document:
        shown = company_preview(one, account.ledger, www=False)
        return {key: shown[key] for key in _COMPANY_KEYS if key in shown}

    return _answered(account, body, "companies", found, show)


def _answered(account: Account, body: Document, kind: str, found: list[Document], show: Any) -> Answer:
    if len(_entries(body["seeds"])) < _FEWEST_SEEDS:
        raise RefusalError.bad_request([f"seeds must contain at least {_FEWEST_SEEDS} entries"])
    session = body.get("dedupeSessionId") or str(uuid.uuid4())
    if body.get("dedupeSessionId") and session not in account.dedupes:
        raise RefusedError(410, {"code": "DEDUPE_SESSION_INVALID", "message": "The session has expired"})
    seen = account.dedupes.get(session, set())
    fresh = [one for one in found if one["id"] not in seen]
    shown = fresh[: body.get("limit") or _USUAL]
    action = "lookalikeContact" if kind == "contacts" else "lookalikeCompany"
    cost = account.ledger.price(action, len(shown))
    account.ledger.require(cost)
    account.ledger.charge("", action, cost)
    account.dedupes[session] = seen | {one["id"] for one in shown}
    return answer(
        200,
        {
            "dedupeSessionId": session,
            "results": [show(one) for one in shown],
            "meta": {"returned": len(shown), "hasMore": len(fresh) > len(shown)},
            **write_beside(account, body, kind, [one["id"] for one in shown]),
            "billing": {"creditsCharged": cost, "resultsReturned": len(shown)},
        },
    )


def _entries(seeds: Document | None) -> list[Any]:
    return [one for values in (seeds or {}).values() for one in values or []]


def _people(seeds: Document | None) -> list[Document]:
    given = seeds or {}
    return [
        *({"linkedinUrl": one} for one in given.get("linkedinUrls") or []),
        *(given.get("contacts") or []),
        *({"email": one} for one in given.get("emails") or []),
        *({"id": str(one)} for name in ("ids", "contactIds") for one in given.get(name) or []),
    ]


def _companies(account: Account, seeds: Document | None) -> list[Document]:
    given = seeds or {}
    wanted = set(given.get("linkedinUrls") or [])
    linked = [one for one in account.world.companies.values() if one["socialLinks"]["linkedin"] in wanted]
    return [
        *({"domain": one} for one in given.get("domains") or []),
        *({"id": one["id"]} for one in linked),
    ]


def buying_group(account: Account, call: Call) -> Answer:
    """Who decides, supports and uses in some companies."""
    body = call.body(BUYING_GROUP)
    paging = body.get("pagination") or {}
    page, size = paging.get("page") or 0, paging.get("size") or 100
    groups = [_group(account, item, body) for item in body["companies"][page * size : (page + 1) * size]]
    people = sum(len(one.get("contacts", [])) for one in groups)
    cost = account.ledger.price("buyingGroup", people)
    account.ledger.require(cost)
    account.ledger.charge("", "buyingGroup", cost)
    paging = {"page": page, "size": size, "total": len(body["companies"])}
    return told(groups, cost, people, pagination=paging)


def _group(account: Account, item: Document, body: Document) -> Document:
    reference = {"clientReferenceId": item["clientReferenceId"]} if "clientReferenceId" in item else {}
    company = account.world.find_company(item)
    if company is None:
        return {**reference, **failure("NOT_FOUND", "Company")}
    personas = body.get("personas") or ["decision_maker", "potential_champion", "end_user"]
    staff = (one for one in account.world.people.values() if one["companyId"] == company["id"])
    members = [one for one in staff if not one["status"] and _persona(one) in personas]
    shown = [
        {
            **preview(one, company, account.ledger),
            "roles": [_persona(one)],
            "score": round(one["seniorityId"] / 10, 2),
        }
        for one in members[: body.get("contactsLimit") or _USUAL_GROUP]
    ]
    return {**reference, "companyId": company["id"], "contacts": shown}


def _persona(person: Document) -> str:
    if person["seniorityId"] >= _DIRECTOR:
        return "decision_maker"
    return "potential_champion" if person["seniorityId"] >= _MANAGER else "end_user"


ROUTES = (
    Route("POST", "/v3/contacts/lookalike", contacts),
    Route("POST", "/v3/companies/lookalike", companies),
    Route("POST", "/v3/contacts/buying-group", buying_group),
)
