"""Every operation of Lusha's V3, as it is sent and as the sandbox answers, against the vendor's OpenAPI file.

Where they disagree and the file is wrong or old, ``lusha_known_errors.yaml`` says so, one entry for each,
with the evidence; an entry that no longer disagrees must go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from sandbox import process
from tests import beside
from tests.contracts.openapi import Finding, as_json_schema, pattern_of, told

FILE = beside.SHARED / "contracts" / "lusha" / "openapi-v3.yaml"
KNOWN = Path(__file__).with_name("lusha_known_errors.yaml")
OWNER = {"email": "owner@example.com"}
BAD_REQUEST = 400
_UNIQUE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NOBODY = "v1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@dataclass(frozen=True)
class Exchange:
    """One request as it was sent and the answer as it came."""

    method: str
    path: str
    query: dict[str, Any]
    json: Any
    status: int
    answer: Any


class Contract:
    """The vendor's file, and what is known to be wrong in it."""

    def __init__(self) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.document = yaml.load(FILE.read_bytes(), loader)
        self.known = {
            Finding(operation, one["where"], at, one["rule"]): one["evidence"]
            for one in yaml.safe_load(KNOWN.read_text())
            for operation in one["operations"]
            for at in one.get("at", [""])
        }

    @cached_property
    def operations(self) -> list[tuple[str, str]]:
        """Method and template, words before placeholders."""
        found = [
            (method.upper(), template) for template, many in self.document["paths"].items() for method in many
        ]
        return sorted(found, key=lambda one: one[1].count("{"))

    @cached_property
    def _registry(self) -> Registry[Any]:
        return Registry().with_resources(
            (f"https://{mode}.example/", DRAFT202012.create_resource(as_json_schema(self.document, strict)))
            for mode, strict in (("strict", True), ("loose", False))
        )

    def operation_of(self, exchange: Exchange) -> tuple[str, str] | None:
        fits = (
            one
            for one in self.operations
            if one[0] == exchange.method and pattern_of(one[1]).fullmatch(exchange.path)
        )
        return next(fits, None)

    def findings(self, exchange: Exchange) -> Iterator[Finding]:
        """Every disagreement of one exchange."""
        found = self.operation_of(exchange)
        if found is None:
            path = _UNIQUE.sub("{}", exchange.path)
            yield Finding(f"{exchange.method} {path}", "path", "", "undeclared")
            return
        operation, pointer = " ".join(found), ["paths", found[1], found[0].lower()]
        declared = self._at(pointer)
        if exchange.status != BAD_REQUEST:
            asked = self._request(declared, pointer, exchange)
            yield from (Finding(operation, "request", *one) for one in asked)
        where, status = f"response {exchange.status}", str(exchange.status)
        if status not in declared["responses"]:
            yield Finding(operation, where, "", "undeclared")
            return
        pointer = [*pointer, "responses", status]
        reference = declared["responses"][status].get("$ref")
        pointer = reference.removeprefix("#/").split("/") if reference else pointer
        yield from (
            Finding(operation, where, *one) for one in self._invalid("loose", pointer, exchange.answer)
        )

    def _request(
        self, declared: dict[str, Any], pointer: list[str], exchange: Exchange
    ) -> Iterator[tuple[str, str]]:
        references = (
            one.get("$ref", "").removeprefix("#/").split("/") for one in declared.get("parameters", [])
        )
        parameters = [
            self._at(reference) if len(reference) > 1 else one
            for reference, one in zip(references, declared.get("parameters", []), strict=True)
        ]
        queries = {one["name"]: one for one in parameters if one["in"] == "query"}
        yield from ((f"query {name}", "undeclared") for name in exchange.query if name not in queries)
        if exchange.json is None:
            if "requestBody" in declared:
                yield "", "declared body missing"
        elif "requestBody" not in declared:
            yield "", "body without a declaration"
        else:
            yield from self._invalid("strict", [*pointer, "requestBody"], exchange.json)

    def _at(self, pointer: list[str]) -> Any:
        found = self.document
        for step in pointer:
            found = found[step]
        return found

    def _invalid(self, mode: str, pointer: list[str], value: Any) -> Iterator[tuple[str, str]]:
        steps = [*pointer, "content", "application/json", "schema"]
        if "schema" not in self._at(steps[:-1]):
            return
        place = "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)
        place = place.replace("{", "%7B").replace("}", "%7D")
        schema = {"$ref": f"https://{mode}.example/#/{place}"}
        for error in Draft202012Validator(schema, registry=self._registry).iter_errors(value):
            yield from told(error)


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
