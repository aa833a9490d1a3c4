"""Every operation of Lusha's V3, as it is sent and as the sandbox answers, against the vendor's OpenAPI file.

Where they disagree and the file is wrong or old, ``lusha_known_errors.yaml`` says so, one entry for each,
with the evidence; an entry that no longer disagrees must go.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from sandbox import process
from tests import beside
from tests.contracts.lusha_contract import FILE, Contract, Exchange
from tests.contracts.openapi import Finding

OWNER = {"email": "owner@example.com"}
NOBODY = "v1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


class Caller:
    """Sends requests and keeps what came back."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self.kept: list[Exchange] = []

    def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        response = self._http.request(method, path, json=body, params=query)
        self.kept.append(Exchange(method, path, query, body, response.status_code, response.json()))
        return response.json()


def every_lookup(call: Caller, people: list[dict[str, Any]], companies: list[dict[str, Any]]) -> None:
    ids = [person["id"] for person in people]
    one, firm = people[0], companies[0]
    items = [
        {"clientReferenceId": "a", "email": one["emails"][0]["email"]},
        {"firstName": one["firstName"], "lastName": one["lastName"], "companyName": one["company"]["name"]},
        {"linkedinUrl": "https://www.linkedin.com/in/nobody"},
        *({"id": person_id} for person_id in ids),
    ]
    signals = {"types": ["allSignals"], "startDate": "2026-01-01", "maxResultsPerSignal": 5}
    call("POST", "/v3/contacts/search", {"contacts": items, "signals": signals})
    call(
        "POST",
        "/v3/contacts/enrich",
        {"ids": [*ids, NOBODY], "reveal": ["emails"], "waterfallEnabled": False},
    )
    enriched = call("POST", "/v3/contacts/enrich", {"ids": ids})
    call("GET", f"/v3/contacts/jobs/{enriched['job']['id']}")
    call("GET", f"/v3/contacts/jobs/{enriched['job']['id']}")
    call("POST", "/v3/contacts/search-and-enrich", {"contacts": items, "reveal": ["emails", "phones"]})
    wanted = [{"name": firm["name"], "clientReferenceId": "b"}, {"domain": "nobody.example.com"}]
    firms = [company["id"] for company in companies]
    call("POST", "/v3/companies/search", {"companies": [*wanted, *({"id": found} for found in firms)]})
    reveal = ["employeesByDepartment", "employeesByLocation", "employeesBySeniority", "competitors"]
    call("POST", "/v3/companies/enrich", {"ids": [*firms, NOBODY], "reveal": reveal})
    call("POST", "/v3/companies/search-and-enrich", {"companies": wanted})
    call("POST", "/v3/contacts/signals", {"ids": ids, "signalTypes": ["allSignals"]})
    call("POST", "/v3/companies/signals", {"ids": firms, "signalTypes": ["allSignals"]})
    call("POST", "/v3/contacts/signal-score", {"contacts": items})
    call("POST", "/v3/companies/signal-score", {"companies": [{"id": firms[0]}, {"name": "Nobody Ltd"}]})
    linked = [person["socialLinks"]["linkedin"] for person in people if person["socialLinks"]]
    call("POST", "/v3/contacts/lookalike", {"seeds": {"linkedinUrls": linked, "ids": ids}, "limit": 10})
    domains = [company["domain"] for company in companies if company["domain"]]
    call("POST", "/v3/companies/lookalike", {"seeds": {"domains": domains}})
    groups = {"companies": [{"domain": domains[0]}, {"domain": "nobody.example.com"}], "contactsLimit": 2}
    call("POST", "/v3/contacts/buying-group", groups)


def every_filter(call: Caller, table: str) -> None:
    page = {"page": 0, "size": 25}
    contacts = {
        "include": {"departments": ["Sales"], "countries": ["US"]},
        "exclude": {"jobTitles": ["Intern"]},
    }
    options = {"excludeDnc": True, "maxContactsPerCompany": 3}
    filters = {"contacts": contacts, "companies": {"include": {"sizes": [{"min": 1, "max": 5000}]}}}
    call(
        "POST",
        "/v3/contacts/prospecting",
        {"pagination": page, "filters": filters, "options": options, "tableId": table},
    )
    beside_them = {"contacts": {"include": {"departments": ["Sales"]}}}
    industries = {"companies": {"include": {"sizes": [{"min": 1, "max": 5000}]}}, **beside_them}
    call("POST", "/v3/companies/prospecting", {"pagination": page, "filters": industries})
    for path in ("contacts/prospecting", "companies/prospecting", "companies/signals"):
        for one in call("GET", f"/v3/{path}/filters")["availableFilters"]:
            query = {"query": "an"} if one["requiresQuery"] else {}
            call("GET", f"/v3/{path}/filters/{one['filterType']}", **query)
    for kind in ("contacts", "companies"):
        call("GET", f"/v3/{kind}/signals/types")
    dates = {"startDate": "2026-09-01", "endDate": "2026-11-01"}
    visits = {"domains": ["www.example.com"], **dates, "pagination": {"size": 25, "page": 0}}
    call("POST", "/v3/companies/website-visits", visits)
    call("GET", "/v3/account/usage")


def every_table(call: Caller, kind: str, ids: list[str]) -> str:
    base, owner = f"/v3/{kind}/tables", {"owner": OWNER}
    made = call("POST", base, {"name": f"Inbox of {kind}", "visibility": "private", "ids": ids[:1], **owner})
    call("POST", base, {"name": f"Inbox of {kind}", **owner})
    kept: str = made["data"]["tableId"]
    call("POST", f"{base}/list", {**owner, "page": 0, "size": 10, "name": "inbox", "status": "active"})
    table = f"{base}/{kept}"
    call("GET", table, email=OWNER["email"])
    call("GET", f"{base}/0", email=OWNER["email"])
    call("PATCH", table, {"name": f"Leads of {kind}", "visibility": "shared", **owner})
    call("POST", f"{table}/entities", {"entityIds": [*ids, NOBODY], **owner})
    call("DELETE", f"{table}/entities", {"entityIds": ids[:1], **owner})
    call("GET", f"{table}/columns", email=OWNER["email"])
    call("POST", f"/v3/{kind}/signals", {"ids": ids, "signalTypes": ["allSignals"], "tableId": kept})
    call("POST", f"{table}/columns/signals/run", {"runScope": "missing", **owner})
    call("GET", f"{table}/entities", email=OWNER["email"], page=0, size=10)
    for column in ("signals", "nothing"):
        call("DELETE", f"{table}/columns/{column}", email=OWNER["email"])
    other = call("POST", base, {"name": "Gone", **owner})["data"]["tableId"]
    call("DELETE", f"{base}/{other}", email=OWNER["email"])
    return kept


def every_webhook(call: Caller, person: str) -> None:
    call("GET", "/api/account/secret")
    call("POST", "/api/account/secret/regenerate")
    call("GET", "/api/account/secret")
    defaults = {
        "url": "https://hooks.example.com/lusha",
        "entityType": "contact",
        "signalTypes": ["allSignals"],
    }
    wanted = {
        "defaults": defaults,
        "name": "Moves",
        "subscriptions": [{"entityId": person}, {"entityId": person}],
    }
    made = call("POST", "/api/subscriptions", wanted)["results"][0]["subscription"]["id"]
    call(
        "POST",
        "/api/subscriptions/opt-out",
        {"entityType": "contact", "url": defaults["url"], "name": "Gone"},
    )
    call("POST", "/api/subscriptions/opt-out", {"entityType": "contact", "url": defaults["url"]})
    call("GET", "/api/subscriptions", limit=10, offset=0)
    call("GET", f"/api/subscriptions/{made}")
    call("GET", "/api/subscriptions/nothing")
    call("PATCH", f"/api/subscriptions/{made}", {"isActive": True, "regenerateSecret": True})
    call("POST", f"/api/subscriptions/{made}/test", mode="direct")


def every_refusal(http: httpx.Client, call: Caller) -> None:
    call("POST", "/v3/contacts/search", {"contacts": []})
    call("POST", "/v3/contacts/enrich", {"ids": ["not an id"]})
    http.headers["api_key"] = "wrong"
    call("GET", "/v3/account/usage")
    http.headers["api_key"] = "lusha-sandbox"


@pytest.fixture(scope="module")
def contract() -> Contract:
    beside.require(FILE)
    return Contract()


@pytest.fixture(scope="module")
def exchanges() -> list[Exchange]:
    """What was sent and answered, every operation at least once."""
    with (
        process.start(contacts=40, lusha_people=150, lusha_plan="off", lusha_waterfall=True) as running,
        httpx.Client(base_url=running.lusha.url, headers={"api_key": running.lusha.key}) as http,
    ):
        call = Caller(http)
        people = [one for one in running.lusha.records("people") if one["emails"]][:20]
        companies = running.lusha.records("companies")[:20]
        every_lookup(call, people, companies)
        table = every_table(call, "contacts", [person["id"] for person in people])
        every_table(call, "companies", [company["id"] for company in companies])
        every_filter(call, table)
        every_webhook(call, people[0]["id"])
        running.lusha.deliver(people[0]["id"], "promotion")
        call("GET", "/api/audit-logs", limit=10)
        call("GET", "/api/audit-logs/stats")
        identity = running.lusha.records("subscriptions")[0]["id"]
        call("POST", "/api/subscriptions/delete", {"ids": [identity, "nothing"]})
        every_refusal(http, call)
        running.lusha.set_credits(0)
        call("POST", "/v3/companies/enrich", {"ids": [running.lusha.records("companies")[30]["id"]]})
    return call.kept


@pytest.fixture(scope="module")
def found(contract: Contract, exchanges: list[Exchange]) -> set[Finding]:
    return {finding for exchange in exchanges for finding in contract.findings(exchange)}


def test_requests_and_answers_keep_to_the_vendor_s_file(contract: Contract, found: set[Finding]) -> None:
    news = sorted(found - contract.known.keys())
    assert not news, "\n".join(map(str, news))


def test_a_listed_error_that_no_longer_occurs_must_go(contract: Contract, found: set[Finding]) -> None:
    gone = sorted(contract.known.keys() - found)
    assert not gone, "\n".join(map(str, gone))
    assert all(evidence.strip() for evidence in contract.known.values())


def test_every_operation_of_the_file_is_answered(contract: Contract, exchanges: list[Exchange]) -> None:
    answered = {contract.operation_of(one) for one in exchanges if one.status < 300}
    assert not set(contract.operations) - answered


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"json": {"ids": ["1"], "revael": ["emails"]}}, "additionalProperties"),
        ({"json": {"ids": []}}, "minItems"),
        ({"json": None}, "declared body missing"),
        ({"query": {"limit": 1}}, "undeclared"),
        ({"status": 204}, "undeclared"),
        ({"answer": {"results": [{"emails": [{"type": "home"}]}]}}, "enum"),
    ],
)
def test_a_request_or_an_answer_that_is_wrong_is_noticed(
    contract: Contract, exchanges: list[Exchange], change: dict[str, Any], rule: str
) -> None:
    right = next(one for one in exchanges if one.path == "/v3/contacts/enrich")
    wrong = replace(right, **change)
    assert rule in {finding.rule for finding in set(contract.findings(wrong)) - set(contract.findings(right))}
