"""Every request of the Lusha client, and every entry of its catalog, against the vendor's OpenAPI file."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from pydantic import SecretStr

from sandbox import process
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.vendors.credential import StaticToken
from tasks.vendors.leads import Datapoint, Wanted
from tasks.vendors.lusha.api import companies, contacts, jobs, subscriptions, tables, usage
from tasks.vendors.lusha.api.companies import WantedCompany
from tasks.vendors.lusha.api.endpoint import Endpoint
from tasks.vendors.lusha.catalog import Action, load_catalog
from tasks.vendors.lusha.client import Lusha
from tasks.vendors.lusha.limits import Limits
from tasks.vendors.transport import Answer, Transport
from tests import beside
from tests.contracts.lusha_contract import FILE, Contract, Exchange

MODULES = (companies, contacts, jobs, subscriptions, tables, usage)
OWNER, URL = "owner@example.com", "https://hooks.example.com/lusha"
BOTH = {Datapoint.EMAILS, Datapoint.PHONES}
NEWER = {"GET /v3/contacts/jobs/{jobId}"}
"""Operations that came after the file."""


class Recording(Transport):
    """The real transport, with a memory."""

    kept: list[Exchange]

    async def send(self, method: str, path: str, **request: Any) -> Answer:
        answer = await super().send(method, path, **request)
        query, told = dict(request.get("query") or {}), orjson.loads(answer.body)
        self.kept.append(Exchange(method, path, query, request.get("json"), answer.status, told))
        return answer


async def every_request_about_people(client: Lusha, people: list[dict[str, Any]]) -> None:
    one, ids = people[0], [person["id"] for person in people]
    wanted = [
        Wanted("id", id=ids[0]),
        Wanted("page", linkedin="https://www.linkedin.com/in/nobody"),
        Wanted("email", email=one["emails"][0]["email"]),
        Wanted(
            "name", first_name=one["firstName"], last_name=one["lastName"], company=one["company"]["name"]
        ),
        Wanted("domain", first_name="A", last_name="B", domain="example.com"),
    ]
    await contacts.search(client, wanted)
    await contacts.enrich(client, ids, {Datapoint.EMAILS})
    await contacts.enrich(client, ids, BOTH, waterfall=True)
    await contacts.search_and_enrich(client, wanted, BOTH)
    options = {"includePartialProfiles": False, "excludeDnc": True}
    filters = {"contacts": {"include": {"departments": ["Sales"]}}, "companies": {}, "options": options}
    await contacts.prospect(client, filters, 0, 25)
    await contacts.filter_types(client)
    await contacts.filter_values(client, "departments")
    await contacts.filter_values(client, "locations", "Ber")
    await contacts.signals(client, ids, datetime(2026, 1, 1, tzinfo=UTC))


async def every_other_request(client: Lusha, ids: list[str], firm: dict[str, Any]) -> None:
    wanted = [WantedCompany("id", id=firm["id"]), WantedCompany("name", name=firm["name"])]
    await companies.search(client, [*wanted, WantedCompany("domain", domain="example.com")])
    await companies.enrich(client, [firm["id"]])
    await companies.enrich(client, [firm["id"]], ["competitors"])
    made = await client.call("POST", "/v3/contacts/tables", json={"name": "In", "owner": {"email": OWNER}})
    table = made["data"]["tableId"]
    await tables.add(client, OWNER, table, ids)
    await tables.named(client, OWNER, "In")
    await tables.get(client, OWNER, table)
    await tables.rows(client, OWNER, table, 0, 2)
    await tables.remove(client, OWNER, table, ids)
    await usage.get(client)


async def every_request_about_webhooks(client: Lusha, ids: list[str]) -> None:
    await subscriptions.new_secret(client)
    await subscriptions.secret(client)
    made = await subscriptions.create(client, URL, ids, ["promotion"], name="Ours")
    await subscriptions.list_all(client)
    await subscriptions.update(client, made[0].id, isActive=True, signalTypes=["companyChange"], url=URL)
    await subscriptions.test(client, made[0].id)
    await subscriptions.delete(client, [one.id for one in made])
    await subscriptions.opt_out(client, URL, name="Ours")


@pytest.fixture(scope="module")
def contract() -> Contract:
    beside.require(FILE)
    return Contract()


@pytest.fixture(scope="module")
def exchanges(tmp_path_factory: pytest.TempPathFactory) -> list[Exchange]:
    recorder = type("Recorder", (Recording,), {"kept": []})
    hub = Hub(f"sqlite:///{tmp_path_factory.mktemp('contract') / 'hub.db'}")
    schema.upgrade(hub)

    async def go(vendor: Any) -> None:
        people = [one for one in vendor.records("people") if one["emails"]][:6]
        ids = [one["id"] for one in people]
        async with recorder(vendor.url, 5) as transport:
            key = StaticToken(SecretStr(vendor.key))
            client = Lusha(transport, Limits(hub, "lusha:contract"), credential=key, account="lusha:contract")
            await every_request_about_people(client, people)
            await every_other_request(client, ids, vendor.records("companies")[0])
            await every_request_about_webhooks(client, ids)

    with (
        pytest.MonkeyPatch.context() as patch,
        process.start(contacts=0, lusha_people=150, lusha_plan="off", lusha_waterfall=True) as running,
    ):
        patch.setattr(jobs, "LONGEST_WAIT_SECONDS", 0.01)
        asyncio.run(go(running.lusha))
    hub.close()
    return recorder.kept


def test_every_request_keeps_to_the_vendor_s_file(contract: Contract, exchanges: list[Exchange]) -> None:
    found = {finding for one in exchanges for finding in contract.findings(one)}
    news = [one for one in sorted(found - contract.known.keys()) if one.where in ("request", "path")]
    assert not news, "\n".join(map(str, news))
    assert {one.status for one in exchanges} <= {200, 201}


def test_every_operation_that_the_client_knows_was_asked(exchanges: list[Exchange]) -> None:
    asked = [f"{one.method} {one.path}" for one in exchanges]
    for module in MODULES:
        for name, endpoint in vars(module).items():
            if isinstance(endpoint, Endpoint):
                pattern = re.sub(r"{\w+}", "[^/]+", f"{endpoint.method} {endpoint.template}")
                assert any(re.fullmatch(pattern, one) for one in asked), f"{module.__name__}.{name}"


def test_the_catalog_has_every_operation_of_the_file(contract: Contract) -> None:
    declared = {f"{method} {template}" for method, template in contract.operations}
    assert {action.request for action in load_catalog().values()} == declared | NEWER


@pytest.mark.parametrize("action", load_catalog().values(), ids=load_catalog())
def test_the_catalog_takes_what_the_file_declares(contract: Contract, action: Action) -> None:
    if action.request in NEWER:
        return
    method, template = action.request.split(" ", 1)
    declared = contract.document["paths"][template][method.lower()]
    assert action.vendor_name == declared["operationId"]
    parameters = [resolved(contract, one) for one in declared.get("parameters", [])]
    query = {one["name"]: one["schema"] for one in parameters if one["in"] == "query"}
    assert set(action.query) == set(query)
    assert (action.body is not None) == ("requestBody" in declared)
    if action.body is None:
        return
    body = resolved(contract, declared["requestBody"]["content"]["application/json"]["schema"])
    assert set(action.body) == set(body["properties"])
    assert set(body.get("required", ())) <= {name for name, kind in action.body.items() if kind.required}
    for name, place in {**query, **body["properties"]}.items():
        one, kind = resolved(contract, place), {**action.query, **action.body}[name]
        items = resolved(contract, one.get("items", {}))
        assert kind.many == (one.get("type") == "array"), name
        assert set(kind.choices) == set(one.get("enum") or items.get("enum") or ()), name


def resolved(contract: Contract, schema: Any) -> Any:
    """A part of the file, wherever it stands."""
    while "$ref" in schema:
        found = contract.document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema
