"""The operations catalog and its caller: complete, strict, and answered by the sandbox in both dialects."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import SecretStr

from sandbox import process
from tasks.core.errors import (
    BadConfigurationError,
    BadCredentialError,
    LushaConnectError,
    RecordNotFoundError,
    UnknownOutcomeError,
    VendorFailedError,
)
from tasks.hub.engine import Hub
from tasks.vendors.catalog import requests
from tasks.vendors.credential import StaticToken
from tasks.vendors.highlevel.catalog import operations
from tasks.vendors.highlevel.catalog.catalog import Action, load_catalog
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.highlevel.dialect import DIALECTS
from tasks.vendors.highlevel.limits import request_budget
from tasks.vendors.transport import Transport
from tests import beside

REFERENCE = beside.SHARED / "reference" / "operations.csv"
CATALOG = load_catalog()
ACTIONS = CATALOG.actions
ONCE = [action for action in ACTIONS.values() if not action.idempotent and not action.refused]
LOCATION = "sandboxLocation00001"
TOKEN = "pit-sandbox"

FIRST = (
    "contacts.create-contact",
    "businesses.create-business",
    "opportunities.create-opportunity",
    "conversations.create-conversation",
    "objects.create-object-record",
    "associations.create-association",
    "associations.create-relation",
    "workflows.get-workflows",
    "campaigns.get-campaigns",
)
"""What other operations need a record of, in this order."""

MAKES = {
    "contacts.create-contact": ("contactId",),
    "businesses.create-business": ("businessId",),
    "tasks.create-task": ("taskId",),
    "tasks.create-recurring-task": ("tasks.id",),
    "notes.create-note": ("notes.id",),
    "tags.create-tag": ("tagId",),
    "appointments.create-appointment": ("eventId", "appointmentId"),
    "appointments.create-appointment-note": ("noteId",),
    "appointments.create-block-slot": ("appointments.edit-block-slot.eventId",),
    "custom-fields.create-custom-field": ("custom-fields.id",),
    "custom-fields.create-object-field": tuple(
        f"custom-fields.{verb}-object-field.id" for verb in ("get", "update", "delete")
    ),
    "opportunities.create-opportunity": ("opportunities.id",),
    "objects.create-object-record": ("objects.id", "recordId", "secondRecordId"),
    "associations.create-association": ("associationId",),
    "associations.create-relation": ("relationId",),
    "conversations.create-conversation": ("conversationId",),
    "conversations.send-message": ("conversations.id", "messageId"),
    "custom-values.create-custom-value": ("custom-values.id",),
}
"""Which parameter the id of a new record is for: of any operation, of a product, or of one operation."""

EXAMPLES: dict[str, Any] = {
    "key": "custom_objects.pets",
    "schemaKey": "custom_objects.pets",
    "objectKey": "custom_objects.pets",
    "firstObjectKey": "custom_objects.pets",
    "secondObjectKey": "contact",
    "key_name": "pet_owner",
    "associations.create-association.key": "a_new_kind",
    "pipelineId": "sandboxPipeline00001",
    "appId": "sandboxapp",
    "companyId": "sandboxCompany000001",
    "conversationProviderId": "61d6d1f9cdac7612faf80753",
    "email": "new.person@example.com",
    "emails": "new.person@example.com",
    "dueDate": "2026-12-01T10:00:00.000Z",
    "startTime": "2026-12-01T10:00:00-06:00",
    "appointments.get-calendar-events.startTime": "1700000000000",
    "appointments.get-calendar-events.endTime": "1900000000000",
    "appointments.get-blocked-slots.startTime": "1700000000000",
    "appointments.get-blocked-slots.endTime": "1900000000000",
    "startDate": 1790000000000,
    "endDate": 1790500000000,
    "limit": 5,
    "offset": 0,
    "skip": 0,
    "searchAfter": [],
    "dataType": "TEXT",
    "properties": {"name": "Rex"},
    "rruleOptions": {
        "intervalType": "daily",
        "interval": 1,
        "startDate": "2026-12-01T10:00:00.000Z",
        "dueAfterSeconds": 600,
    },
    "additionalDetails": {
        "notes": True,
        "tasks": True,
        "calendarEvents": False,
        "unReadConversations": False,
    },
}
ALSO = {
    "contacts.create-contact": ("email",),
    "contacts.upsert-contact": ("email",),
    "contacts.get-duplicate-contact": ("email",),
    "appointments.get-calendar-events": ("calendarId",),
    "appointments.get-blocked-slots": ("calendarId",),
    "conversations.add-inbound-message": ("message",),
}
"""What the contract does not ask for, and the vendor does."""

AGENCY = {"oauth.get-installed-locations"}
"""What a location's own token may not do."""


@pytest.fixture
def hub_url(tmp_path: Any) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture(params=sorted(DIALECTS))
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def ask(
    vendor: process.RunningSandbox,
    hub: Hub,
    question: Callable[[HighLevel], Awaitable[Any]],
    *,
    token: str = TOKEN,
    version: str = "2021-07-28",
) -> Any:
    async def go() -> Any:
        async with Transport(vendor.url, 5) as transport:
            client = HighLevel(
                transport,
                request_budget(hub, vendor.location_id),
                credential=StaticToken(SecretStr(token)),
                location_id=vendor.location_id,
                dialect=DIALECTS[version],
                retry_wait=0.01,
            )
            return await question(client)

    return asyncio.run(go())


def call(vendor: process.RunningSandbox, hub: Hub, name: str, /, **parameters: Any) -> Any:
    return ask(vendor, hub, lambda client: operations.call(client, name, parameters))


def refused(name: str, /, version: str = "2021-07-28", **parameters: Any) -> str:
    with pytest.raises(BadConfigurationError) as caught:
        operations.prepare(ACTIONS[name], parameters, location_id=LOCATION, version=version)
    return str(caught.value)


def identity(answer: Any) -> str:
    """The id of the record that a create answered with."""
    inner = [value for value in answer.values() if isinstance(value, dict)]
    for held in (answer, *inner):
        for key in ("id", "messageId"):
            if isinstance(held.get(key), str):
                return str(held[key])
    raise AssertionError(f"no id in {answer}")


class Walk:
    """Calls every action once, creates before and deletes after what needs their records."""

    def __init__(self, vendor: process.RunningSandbox, version: str) -> None:
        self.version = version
        first = {kind: vendor.records(kind)[0] for kind in ("contacts", "users", "calendars", "customFields")}
        self.values = {
            **EXAMPLES,
            "locationId": vendor.location_id,
            "location_id": vendor.location_id,
            "userId": first["users"]["id"],
            "calendarId": first["calendars"]["id"],
            "firstRecordId": first["contacts"]["id"],
            "parentId": first["customFields"]["id"],
            "followers": [first["users"]["id"]],
        }

    def actions(self) -> list[Action]:
        wanted = [a for a in ACTIONS.values() if self.version in a.versions and not a.refused]
        return sorted(wanted, key=self._turn)

    def parameters(self, action: Action) -> dict[str, Any]:
        kinds = {one.name: one.kind for one in action.spelling(self.version).parameters.values()}
        names = [name for name, kind in kinds.items() if kind.required or name in ALSO.get(action.name, ())]
        return {name: self._value(action, name, kinds[name]) for name in names}

    def learn(self, action: Action, answer: Any) -> None:
        for name in MAKES.get(action.name, ()):
            self.values[name] = identity(answer)
        for kind in ("workflow", "campaign"):
            if action.name == f"{kind}s.get-{kind}s":
                self.values[f"{kind}Id"] = answer[f"{kind}s"][0]["id"]

    @staticmethod
    def _turn(action: Action) -> tuple[int, int]:
        if action.name in FIRST:
            return 0, FIRST.index(action.name)
        if action.name in MAKES:
            # a note of an appointment needs the appointment, a message its conversation
            return 1, len(action.request)
        if action.method != "DELETE":
            return 2, 0
        return 3, -action.request.count("/")  # a contact's notes before the contact

    def _value(self, action: Action, name: str, kind: Any) -> Any:
        for key in (f"{action.name}.{name}", f"{action.product}.{name}", name):
            if key in self.values and not kind.choices:
                return self.values[key]
        if kind.choices:
            return kind.choices[0]
        if name in ("ids", "contacts"):
            return [self.values["contactId"]]
        one = {"string": "something", "number": 1, "boolean": True, "object": {}, "any": "anything"}[
            kind.type
        ]
        return [one] if kind.many else one


def test_the_catalog_holds_135_actions_and_46_triggers() -> None:
    assert len(ACTIONS) == 135
    assert len(CATALOG.triggers) == 46
    assert len(ACTIONS) + len(CATALOG.triggers) >= 126


def test_the_catalog_is_the_reference_s_list() -> None:
    beside.require(REFERENCE)
    rows = list(csv.DictReader(REFERENCE.read_text().splitlines()))
    listed = {
        (row["method"], row["path"], row["name"], row["scope"].split(" (")[0], row["idempotent"] == "y")
        for row in rows
        if row["kind"] == "action"
    }
    here = {
        (
            *action.request.split(" "),
            action.vendor_name or action.name.partition(".")[2],
            "not stated in spec" if action.scope_note == "not stated in spec" else action.scope,
            action.idempotent,
        )
        for action in ACTIONS.values()
    }
    assert here == listed
    events = {(row["name"], row["scope"].split(" (")[0]) for row in rows if row["kind"] == "trigger"}
    assert {(trigger.name, trigger.scope) for trigger in CATALOG.triggers.values()} == events


def test_method_and_path_name_one_action_and_every_event_has_a_name_of_its_own() -> None:
    for version in DIALECTS:
        requests = [
            (action.method, action.spelling(version).path)
            for action in ACTIONS.values()
            if version in action.versions
        ]
        assert len(requests) == len(set(requests))
    assert len({trigger.event for trigger in CATALOG.triggers.values()}) == 46


def test_a_parameter_is_in_one_place_only() -> None:
    for action in ACTIONS.values():
        for version in action.versions:
            inside = {*action.path, *action.query, *(action.body or {})}
            path = action.spelling(version).path
            assert len(inside) == len(action.path) + len(action.query) + len(action.body or {})
            assert set(action.path) <= {part.strip("{}") for part in path.split("/") if part.startswith("{")}


def test_what_looks_an_outcome_up_is_a_reading_action() -> None:
    without = {action.name for action in ONCE if not action.look_up}
    assert without == {"workflows.add-contact-to-workflow", "campaigns.add-contact-to-campaign"}
    for action in ONCE:
        assert not action.look_up or not ACTIONS[action.look_up].writes, action.name


def test_only_token_exchanges_are_left_to_commands_of_their_own() -> None:
    left = {action.name for action in ACTIONS.values() if action.refused}
    assert left == {"oauth.get-access-token", "oauth.get-location-access-token"}
    assert "lusha-connect" in refused("oauth.get-access-token", client_secret="hush")
    assert "hush" not in refused("oauth.get-access-token", client_secret="hush")


def test_every_action_is_answered(vendor: process.RunningSandbox, hub: Hub, version: str) -> None:
    walk, failed = Walk(vendor, version), []
    done = []

    async def all_of_them(client: HighLevel) -> None:
        for action in walk.actions():
            parameters = walk.parameters(action)
            try:
                answer = await operations.call(client, action.name, parameters)
            except LushaConnectError as error:
                if not (action.name in AGENCY and isinstance(error, BadCredentialError)):
                    failed.append(f"{action.name} {parameters}: {error.what}")
            else:
                walk.learn(action, answer)
            done.append(action.name)

    ask(vendor, hub, all_of_them, version=version)
    assert not failed, "\n".join(failed)
    assert len(done) == {"2021-07-28": 133, "v3": 132}[version]


def test_a_dry_run_sends_nothing(vendor: process.RunningSandbox, hub: Hub, version: str) -> None:
    walk = Walk(vendor, version)
    walk.values |= dict.fromkeys({name for names in MAKES.values() for name in names}, "someId")

    async def all_of_them(client: HighLevel) -> list[Any]:
        return [
            await operations.call(client, action.name, walk.parameters(action), dry_run=True)
            for action in walk.actions()
        ]

    shown = ask(vendor, hub, all_of_them, version=version)
    assert vendor.requests()["total"] == 0
    assert {tuple(request) for request in shown} == {("method", "path", "query", "body")}
    assert TOKEN not in repr(shown)


def test_a_dry_run_shows_the_very_request() -> None:
    made = operations.prepare(
        ACTIONS["opportunities.search-opportunity"],
        {"q": "a&b", "limit": 5, "getTasks": True},
        location_id=LOCATION,
        version="2021-07-28",
    )
    assert made.as_dict() == {
        "method": "GET",
        "path": "/opportunities/search",
        "query": {"q": "a&b", "limit": "5", "getTasks": "true", "location_id": LOCATION},
        "body": None,
    }


def test_v3_has_its_own_spelling() -> None:
    action = ACTIONS["contacts.get-contact"]
    assert action.spelling("v3") == action.spelling("2021-07-28")
    removed = ACTIONS["campaigns.remove-contact-from-every-campaign"]
    assert removed.spelling("v3").path == "/contacts/{contactId}/campaigns/remove-all"
    search = ACTIONS["opportunities.search-opportunity"]
    assert "pipelineId" in search.spelling("v3").parameters
    assert "pipelineId" not in search.spelling("2021-07-28").parameters
    assert "did you mean `pipelineId`" in refused(search.name, "v3", pipeline_id="x")
    assert "LUSHA_CONNECT_HIGHLEVEL_VERSION" in refused("users.get-users-by-location", "v3")


def test_a_body_without_keys_is_sent_as_an_empty_one() -> None:
    added = {"contactId": "a", "campaignId": "b"}
    action = ACTIONS["campaigns.add-contact-to-campaign"]
    assert operations.prepare(action, added, location_id=LOCATION, version="v3").body == {}
    read = ACTIONS["contacts.get-contact"]
    assert operations.prepare(read, {"contactId": "a"}, location_id=LOCATION, version="v3").body is None


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("contacts.getcontact", "`contacts.get-contact`"),
        ("Contacts.Get-Contact", "`contacts.get-contact`"),
        ("get-all-notes", "`notes.get-all-notes`"),
        ("entirely different", "operations list"),
        ("", "operations list"),
        ("ContactCreate", "highlevel.contact.created"),
    ],
)
def test_an_unknown_operation_is_told_with_the_nearest(name: str, says: str) -> None:
    with pytest.raises(BadConfigurationError) as caught:
        CATALOG.action(name)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"title": "a"}, ["`dueDate` is required", "`completed` is required", "`contactId` is required"]),
        ({"duedate": "x"}, ["there is no parameter `duedate` (did you mean `dueDate`?)"]),
        ({"completed": "yes"}, ["`completed` must be true or false, not text"]),
        ({"title": 3}, ["`title` must be text, not a number"]),
        ({"title": None}, ["`title` must be text, not null"]),
        ({"title": ["a"]}, ["`title` must be text, not this list"]),
        ({"contactId": ""}, ["`contactId` must be text, not empty"]),
        ({"contactId": ".."}, ["`contactId` must be text, not empty"]),
        ({}, ["Required: contactId, title, dueDate, completed. Optional: body, assignedTo."]),
    ],
)
def test_wrong_parameters_are_refused_all_at_once(given: dict[str, Any], says: list[str]) -> None:
    told = refused("tasks.create-task", **given)
    for sentence in says:
        assert sentence in told


def test_types_of_lists_choices_and_numbers_are_checked() -> None:
    assert "a list, each of it text" in refused("tags.add-tags", contactId="a", tags="vip")
    assert "a list, each of it text" in refused("tags.add-tags", contactId="a", tags=["vip", 3])
    bulk = {"contacts": ["a"], "tags": ["b"]}
    assert "one of add, remove" in refused("tags.update-tags-in-bulk", type="ad", **bulk)
    assert "a number" in refused("tasks.search-tasks", limit=True)
    assert "a number" in refused("tasks.search-tasks", limit=float("nan"))
    assert "a number" in refused("forms.get-forms", limit="many")
    assert "cannot be written as JSON" in refused("tasks.search-tasks", limit=10**30)
    assert "cannot be written as JSON" in refused("tasks.search-tasks", query="\ud800")


def test_no_value_is_repeated_in_a_refusal() -> None:
    told = refused("tasks.create-task", contactId=["pit-secret-1"], title={"token": "pit-secret-2"})
    assert "pit-secret" not in told


def test_the_command_line_s_texts_become_what_the_catalog_asks_for() -> None:
    task = ACTIONS["tasks.create-task"]
    texts = {"contactId": "a", "title": "true", "completed": "true", "dueDat": "x"}
    assert requests.read_words(task, texts, "v3") == {**texts, "completed": True}
    search = ACTIONS["contacts.search-contacts-advanced"]
    texts = {"pageLimit": "5", "searchAfter": '[1, "a"]', "filters": "[]"}
    assert requests.read_words(search, texts, "v3") == {
        "pageLimit": 5,
        "searchAfter": [1, "a"],
        "filters": [],
    }
    tags = requests.read_words(ACTIONS["tags.add-tags"], {"tags": "a, b"}, "v3")
    assert tags == {"tags": ["a", "b"]}
    linked = requests.read_words(ACTIONS["businesses.link-contacts"], {"businessId": "null"}, "v3")
    assert linked == {"businessId": None}


def test_the_location_is_filled_in_and_never_another_one(vendor: process.RunningSandbox, hub: Hub) -> None:
    assert call(vendor, hub, "locations.get-location")["location"]["id"] == vendor.location_id
    told = refused("locations.get-location", locationId="someoneElse")
    assert LOCATION in told
    assert "Leave `locationId` out" in told
    assert vendor.requests()["total"] == 1


def test_a_deleted_record_is_told_as_such(vendor: process.RunningSandbox, hub: Hub) -> None:
    known = vendor.records("contacts")[0]["id"]
    assert call(vendor, hub, "contacts.get-contact", contactId=known)["contact"]["id"] == known
    call(vendor, hub, "contacts.delete-contact", contactId=known)
    with pytest.raises(RecordNotFoundError, match="has no such record, or not any more"):
        call(vendor, hub, "contacts.get-contact", contactId=known)


def test_a_token_of_another_location_is_refused(vendor: process.RunningSandbox, hub: Hub) -> None:
    known = vendor.records("contacts")[0]["id"]

    async def read(client: HighLevel) -> Any:
        return await operations.call(client, "contacts.get-contact", {"contactId": known})

    for token in ("pit-wrong", "pit-sandbox-unscoped"):
        with pytest.raises(BadCredentialError) as caught:
            ask(vendor, hub, read, token=token)
        assert token not in str(caught.value)
        assert "contacts.readonly" in str(caught.value)


def test_a_create_whose_answer_is_lost_says_where_to_look(vendor: process.RunningSandbox, hub: Hub) -> None:
    known = vendor.records("contacts")[0]["id"]
    vendor.set_faults([{"operation": "POST /contacts/{contactId}/notes", "fault": "reset_after", "times": 1}])
    with pytest.raises(UnknownOutcomeError, match=r"notes\.get-all-notes"):
        call(vendor, hub, "notes.create-note", contactId=known, body="Called back")
    notes = call(vendor, hub, "notes.get-all-notes", contactId=known)["notes"]
    assert [note["body"] for note in notes].count("Called back") == 1


def test_an_idempotent_one_is_repeated(vendor: process.RunningSandbox, hub: Hub) -> None:
    known = vendor.records("contacts")[0]["id"]
    vendor.set_faults([{"operation": "PUT /contacts/{contactId}", "fault": "500", "times": 2}])
    answer = call(vendor, hub, "contacts.update-contact", contactId=known, firstName="Ada")
    assert answer["contact"]["firstName"] == "Ada"


def test_what_the_vendor_refuses_is_told_without_a_token(vendor: process.RunningSandbox, hub: Hub) -> None:
    with pytest.raises(VendorFailedError) as caught:
        call(vendor, hub, "contacts.search-contacts-advanced", pageLimit=501)
    assert "HTTP 4" in str(caught.value)
    assert TOKEN not in str(caught.value)
