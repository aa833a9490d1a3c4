"""Every request that the client builds and every answer of the sandbox, against the vendor's OpenAPI files.

Where they disagree and the file is wrong, ``highlevel_known_errors.yaml`` says so, one entry for each, with
the evidence; an entry that no longer disagrees must go.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from sandbox import process
from tasks.core.errors import BadCredentialError, LushaConnectError
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.vendors.credential import StaticToken
from tasks.vendors.highlevel.api import (
    appointments,
    businesses,
    contacts,
    crm_tasks,
    locations,
    notes,
    tags,
    users,
    workflows,
)
from tasks.vendors.highlevel.api.activity_writes import (
    AppointmentCreate,
    AppointmentUpdate,
    BusinessCreate,
    BusinessUpdate,
    CrmTaskCreate,
    CrmTaskUpdate,
    NoteCreate,
    NoteUpdate,
)
from tasks.vendors.highlevel.api.endpoint import Endpoint
from tasks.vendors.highlevel.api.writes import ContactCreate, ContactUpdate, ContactUpsert, Write
from tasks.vendors.highlevel.catalog import operations
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.highlevel.dialect import DIALECTS
from tasks.vendors.highlevel.limits import request_budget

MODULES = (appointments, businesses, contacts, crm_tasks, locations, notes, tags, users, workflows)
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
NOBODY = "nobodyKnowsThisId001"


def whole_contact(fields: dict[str, str]) -> dict[str, Any]:
    """Every key that all three writes of a contact take."""
    values = {
        "Nickname": "Ada",
        "Head count": 12,
        "Interests": ["Gold"],
        "Tier": "Gold",
        "Renewal date": "2027-01-01",
    }
    return {
        "firstName": "Ada",
        "lastName": "Lovelace",
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "phone": "+12025550188",
        "address1": "1 Example Street",
        "city": "London",
        "state": "England",
        "postalCode": "W1",
        "country": "GB",
        "website": "https://example.com",
        "timezone": "Europe/London",
        "dateOfBirth": "1990-09-25",
        "dnd": True,
        "dndSettings": {
            channel: {"status": "active", "message": "no", "code": "STOP"}
            for channel in ("call", "email", "sms", "whatsapp", "gmb", "fb")
        },
        "customFields": [{"id": fields[name], "value": value} for name, value in values.items()],
        "source": "import",
    }


async def every_contact_request(client: HighLevel) -> str:
    people = await users.list_all(client)
    fields = {field.name or "": field.id for field in await locations.custom_fields(client, model="all")}
    whole = {**whole_contact(fields), "assignedTo": people[0].id}
    new = {**whole, "gender": "female", "companyName": "Engines"}
    made = await contacts.create(client, ContactCreate.model_validate({**new, "tags": ["lead"]}))
    await contacts.upsert(client, ContactUpsert.model_validate(new))
    with contextlib.suppress(LushaConnectError):  # refused where duplicates are not allowed
        again = ContactUpsert(email="ada@example.com", create_new_if_duplicate_allowed=True)
        await contacts.upsert(client, again)
    await contacts.update(client, made.id, ContactUpdate.model_validate(whole))
    await contacts.get(client, made.id)
    await contacts.find_duplicate(client, email="ada@example.com", phone="+12025550188")
    await contacts.find_duplicate(client, email="nobody@example.com")
    page = await contacts.search(client, limit=2, sort="dateAdded")
    await contacts.search(client, limit=2, sort="dateAdded", after=page.contacts[-1]["searchAfter"])
    return made.id


def takes_null(name: str) -> bool:
    with contextlib.suppress(ValueError):
        return bool(ContactUpdate.model_validate({name: None}).model_fields_set)
    return False


async def every_activity_request(client: HighLevel, contact: str, calendar: str) -> None:
    user = (await users.list_all(client))[0].id
    task = CrmTaskCreate(title="Call", due_date=NOON, completed=False, body="now", assigned_to=user)
    task_id = (await crm_tasks.create(client, contact, task)).id
    await crm_tasks.get(client, contact, task_id)
    await crm_tasks.update(client, contact, task_id, CrmTaskUpdate.model_validate(dict(task)))
    await crm_tasks.complete(client, contact, task_id)
    await crm_tasks.of_contact(client, contact)
    wanted: dict[str, Any] = {
        "contact_ids": [contact],
        "assigned_to": [user],
        "completed": True,
        "query": "c",
    }
    assert [found async for found in crm_tasks.search(client, **wanted)]
    assert not [found async for found in crm_tasks.search(client, business_id="0123456789abcdef01234567")]
    await crm_tasks.delete(client, contact, task_id)

    note = NoteCreate(body="Met", title="Fair", color="#00ff00", pinned=True, user_id=user)
    note_id = (await notes.create(client, contact, note)).id
    await notes.update(client, contact, note_id, NoteUpdate.model_validate(dict(note)))
    await notes.get(client, contact, note_id)
    await notes.of_contact(client, contact)
    await notes.delete(client, contact, note_id)

    changes: dict[str, Any] = {
        **dict.fromkeys(("title", "description", "address"), "x"),
        **dict.fromkeys(("to_notify", "ignore_date_range", "ignore_free_slot_validation"), True),
        "override_location_config": True,
        "calendar_id": calendar,
        "assigned_user_id": user,
        "appointment_status": "confirmed",
        "meeting_location_type": "custom",
        "meeting_location_id": "default",
        "rrule": "RRULE:FREQ=DAILY;INTERVAL=1;COUNT=5",
        "start_time": NOON,
        "end_time": NOON + timedelta(hours=1),
    }
    assert set(changes) == set(AppointmentUpdate.model_fields)
    event = (await appointments.create(client, AppointmentCreate(contact_id=contact, **changes))).id
    await appointments.update(client, event, AppointmentUpdate(**changes))
    await appointments.get(client, event)
    await appointments.of_contact(client, contact, zone=UTC)
    for by, of in (("calendarId", calendar), ("userId", user), ("groupId", "x")):
        await appointments.in_period(client, NOON, NOON + timedelta(1), by=by, of=of)
    await appointments.delete(client, event)


async def every_account_request(client: HighLevel, contact: str) -> None:
    new = dict.fromkeys(BusinessUpdate.model_fields, "x") | {"email": "a@example.com"}
    business = (await businesses.create(client, BusinessCreate(**new))).id
    await businesses.update(client, business, BusinessUpdate(**new))
    await businesses.get(client, business)
    assert [one async for one in businesses.list_all(client)]
    await businesses.link(client, business, [contact])
    assert [one async for one in contacts.of_business(client, business, query="a")]
    await businesses.unlink(client, [contact])
    await businesses.delete(client, business)

    await tags.add(client, contact, ["fair"])
    await tags.remove(client, contact, ["fair"])
    await tags.add_in_bulk(client, [contact, NOBODY], ["fair"])
    await tags.remove_in_bulk(client, [contact], ["fair"])
    await tags.remove_all_in_bulk(client, [contact])
    await tags.list_all(client)
    tag = (await tags.create(client, "season")).id
    await tags.get(client, tag)
    await tags.rename(client, tag, "spring")
    await tags.delete(client, tag)

    workflow = (await workflows.list_all(client))[0].id
    await workflows.add(client, contact, workflow, event_start=NOON)
    await workflows.add(client, contact, workflow)
    await workflows.remove(client, contact, workflow)

    location = await locations.get(client)
    await locations.custom_field(client, "contact.tier")
    people = [user async for user in users.search(client, location.company_id or "", query="r")]
    await users.get(client, people[0].id)


async def every_refusal(client: HighLevel, contact: str) -> None:
    """Answers that are no success, of those the vendor's files declare."""
    refused = (
        contacts.create(client, ContactCreate(email="ada@example.com")),
        contacts.get(client, NOBODY),
        contacts.update(client, contact, ContactUpdate(email="no address")),
        contacts.update(client, NOBODY, ContactUpdate(city="Rome")),
        notes.get(client, contact, NOBODY),
        crm_tasks.get(client, contact, NOBODY),
        businesses.get(client, NOBODY),
        workflows.add(client, contact, NOBODY),
    )
    for request in refused:
        with pytest.raises(LushaConnectError):
            await request


@pytest.fixture(scope="session")
def exchanges(
    contract: Any, sandbox_process: process.RunningSandbox, recorder: Any, tmp_path_factory: Any
) -> Iterator[list[Any]]:
    """Everything that went over the line when every function was asked everything it can be asked."""
    hub = Hub(f"sqlite:///{tmp_path_factory.mktemp('contract') / 'hub.db'}")
    schema.upgrade(hub)
    sandbox_process.reset()
    calendar = sandbox_process.records("calendars")[0]["id"]
    recorder.kept.clear()

    async def run(walk: Callable[[HighLevel], Awaitable[None]], token: str) -> None:
        location = sandbox_process.location_id
        async with recorder(sandbox_process.url, 5) as transport:
            client = HighLevel(
                transport,
                request_budget(hub, location),
                credential=StaticToken(SecretStr(token)),
                location_id=location,
                dialect=DIALECTS[contract.version],
            )
            await walk(client)

    async def go(client: HighLevel) -> None:
        contact = await every_contact_request(client)
        await every_activity_request(client, contact, calendar)
        await every_account_request(client, contact)
        await every_refusal(client, contact)
        nothing = dict.fromkeys(filter(takes_null, ContactUpdate.model_fields))
        await contacts.update(client, contact, ContactUpdate.model_validate(nothing))
        await contacts.delete(client, contact)

    async def catalog(client: HighLevel) -> None:
        walk = catalog_walk()(sandbox_process, contract.version)
        for action in walk.actions():
            with contextlib.suppress(BadCredentialError):  # what an agency's token alone may do
                answer = await operations.call(client, action.name, walk.parameters(action))
                walk.learn(action, answer)

    asyncio.run(run(go, sandbox_process.token))
    with contextlib.suppress(LushaConnectError):
        asyncio.run(run(go, "pit-sandbox-expired"))
    sandbox_process.reset()
    asyncio.run(run(catalog, sandbox_process.token))
    yield list(recorder.kept)
    hub.close()


def catalog_walk() -> Any:
    """The walk through all operations of the catalog, from its own test: tests cannot import each other."""
    path = Path(__file__).parents[1] / "tasks" / "vendors" / "highlevel" / "catalog" / "test_operations.py"
    spec = importlib.util.spec_from_file_location("operations_walk", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Walk


@pytest.fixture(scope="session")
def found(contract: Any, exchanges: list[Any]) -> set[Any]:
    """Every disagreement, once."""
    return {finding for exchange in exchanges for finding in contract.findings(exchange)}


def test_requests_and_answers_keep_to_the_vendors_files(contract: Any, found: set[Any]) -> None:
    news = sorted(found - contract.known.keys())
    assert not news, "\n".join(map(str, news))


def test_a_listed_error_that_no_longer_occurs_must_go(contract: Any, found: set[Any]) -> None:
    gone = sorted(contract.known.keys() - found)
    assert not gone, "\n".join(map(str, gone))
    assert all(evidence.strip() for evidence in contract.known.values())


def test_every_declared_operation_was_sent(contract: Any, exchanges: list[Any]) -> None:
    sent = {(exchange.method, contract.template_of(exchange)) for exchange in exchanges}
    for module in MODULES:
        for name, endpoint in vars(module).items():
            if isinstance(endpoint, Endpoint):
                template = contract.anonymous(endpoint.template)
                assert (endpoint.method, template) in sent, f"{module.__name__}.{name} was not asked"


def test_every_key_of_every_write_was_sent(exchanges: list[Any]) -> None:
    sent = {key for exchange in exchanges if isinstance(exchange.json, dict) for key in exchange.json}
    for kind in (ContactCreate, ContactUpsert, AppointmentCreate, BusinessCreate, CrmTaskCreate, NoteCreate):
        assert issubclass(kind, Write)
        keys = {field.alias for field in kind.model_fields.values()}
        assert keys <= sent, kind.__name__


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"version": "2020-01-01"}, "enum"),
        ({"path": "/businesses"}, "undeclared"),
        ({"query": {"limit": "1"}}, "required"),
        ({"query": {"locationId": "x", "pageSize": "1"}}, "undeclared"),
        ({"json": {}}, "body without a declaration"),
        ({"status": 204}, "undeclared"),
        (
            {"body": b'{"businesses": [{"id": "x", "name": "y"}]}'},
            "required: 'locationId' is a required property",
        ),
        ({"body": b'{"businesses": {}}'}, "type object"),
    ],
)
def test_a_request_or_an_answer_that_is_wrong_is_noticed(
    contract: Any, exchanges: list[Any], change: dict[str, Any], rule: str
) -> None:
    right = next(one for one in exchanges if (one.method, one.path) == ("GET", "/businesses/"))
    assert not list(contract.findings(right))
    assert rule in {finding.rule for finding in contract.findings(replace(right, **change))}


def test_an_undeclared_key_in_a_body_is_noticed(contract: Any, exchanges: list[Any]) -> None:
    right = next(one for one in exchanges if (one.method, one.path) == ("POST", "/businesses/"))
    wrong = replace(right, json={**right.json, "domain": "x"})
    assert [(one.at, one.rule) for one in contract.findings(wrong)] == [("domain", "additionalProperties")]
