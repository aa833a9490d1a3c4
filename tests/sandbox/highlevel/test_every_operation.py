"""Every operation of the catalogue is answered with 2xx by a plausible request, in both dialects."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.highlevel.auth import SCOPES
from sandbox.highlevel.catalogue import kinds, operations
from sandbox.highlevel.routes import ROUTES
from tests import beside

CATALOGUE = beside.SHARED / "reference" / "operations.csv"
BESIDE = {
    "GET /contacts/",
    "POST /oauth/location-token",
    "GET /oauth/installed-locations",
    "POST /oauth/reconnect",
    "DELETE /contacts/{contactId}/campaigns/remove-all",
    *(f"{method} {path}/chooselocation" for method in ("GET", "POST") for path in ("/oauth", "/v2/oauth")),
}
"""Played, but not among the catalogue's rows."""
PLAYED = {f"{route.method} {route.template}": route for route in ROUTES}
LOCATION, COMPANY = "sandboxLocation00001", "sandboxCompany000001"
PERIOD = {"startTime": "1764000000000", "endTime": "1864000000000"}
WHEN = "2026-12-01T10:00:00.000Z"


class Scene:
    """Records to ask about, made once they are needed."""

    def __init__(self, vendor: Any) -> None:
        self.vendor = vendor
        self.made: dict[str, str] = {}
        self.agency = ""

    def first(self, kind: str) -> str:
        return str(self.vendor.running.records(kind)[0]["id"])

    def create(self, path: str, body: dict[str, Any]) -> str:
        """The id of a record made by the operation itself."""
        response = self.vendor("POST", path, json=body)
        assert response.status_code in (200, 201), (path, response.text)
        answer = response.json()
        wrapped = next((value for value in answer.values() if isinstance(value, dict) and "id" in value), {})
        return str(answer.get("id") or answer.get("messageId") or wrapped["id"])

    def get(self, name: str) -> str:
        if name not in self.made:
            self.made[name] = MAKERS[name](self)
        return self.made[name]

    def token(self, *, agency: bool) -> str:
        if not agency:
            return "pit-sandbox"
        return exchange(self.vendor, user_type="Company")


def exchange(vendor: Any, **asked: str) -> str:
    code = parse_qs(urlsplit(vendor.running.consent(**asked)).query)["code"][0]
    return str(vendor("POST", "/oauth/token", **token_request(vendor, code)).json()[spelt(vendor)])


def spelt(vendor: Any) -> str:
    return "accessToken" if vendor.version == "v3" else "access_token"


def token_request(vendor: Any, code: str) -> dict[str, Any]:
    names = ("client_id", "client_secret", "grant_type", "code")
    if vendor.version == "v3":
        names = ("clientId", "clientSecret", "grantType", "code")
    values = ("sandboxapp-1234", "sandbox-secret", "authorization_code", code)
    return {"data": dict(zip(names, values, strict=True))}


TASK = {"title": "Call", "dueDate": WHEN, "completed": False}
ASSOCIATION = {
    "locationId": LOCATION,
    "key": "k",
    "firstObjectLabel": "A",
    "firstObjectKey": "contact",
    "secondObjectLabel": "B",
    "secondObjectKey": "business",
}
OPPORTUNITY = {"pipelineId": "p", "locationId": LOCATION, "name": "Deal", "status": "open", "contactId": "c"}
FIELD = {
    "locationId": LOCATION,
    "showInForms": True,
    "dataType": "TEXT",
    "fieldKey": "business.x",
    "objectKey": "business",
    "parentId": "f",
}
RULE = {"intervalType": "daily", "interval": 1, "startDate": WHEN, "dueAfterSeconds": 60}

MAKERS: dict[str, Callable[[Scene], str]] = {
    "contactId": lambda scene: scene.first("contacts"),
    "businessId": lambda scene: scene.first("businesses"),
    "calendarId": lambda scene: scene.first("calendars"),
    "workflowId": lambda scene: scene.first("workflows"),
    "campaignId": lambda scene: scene.first("campaigns"),
    "userId": lambda scene: scene.first("users"),
    "tagId": lambda scene: scene.first("tags"),
    "taskId": lambda scene: scene.create(f"/contacts/{scene.get('contactId')}/tasks", TASK),
    "noteId": lambda scene: scene.create(f"/contacts/{scene.get('contactId')}/notes", {"body": "n"}),
    "eventId": lambda scene: scene.create("/calendars/events/appointments", appointment(scene)),
    "slotId": lambda scene: scene.create("/calendars/events/block-slots", slot(scene)),
    "appointmentNoteId": lambda scene: scene.create(
        f"/calendars/appointments/{scene.get('eventId')}/notes", {"body": "n"}
    ),
    "recurringId": lambda scene: scene.create(
        f"/locations/{LOCATION}/recurring-tasks", {"title": "t", "rruleOptions": RULE}
    ),
    "customFieldId": lambda scene: scene.first("customFields"),
    "customValueId": lambda scene: scene.create(
        f"/locations/{LOCATION}/customValues", {"name": "n", "value": "v"}
    ),
    "objectFieldId": lambda scene: scene.create("/custom-fields/", FIELD),
    "opportunityId": lambda scene: scene.create("/opportunities/", OPPORTUNITY),
    "recordId": lambda scene: scene.create("/objects/custom_objects.pets/records", {"properties": {}}),
    "associationId": lambda scene: scene.create("/associations/", ASSOCIATION),
    "relationId": lambda scene: scene.create("/associations/relations", relation(scene)),
    "conversationId": lambda scene: scene.create(
        "/conversations/", {"locationId": LOCATION, "contactId": scene.get("contactId")}
    ),
    "messageId": lambda scene: scene.create(
        "/conversations/messages",
        {
            "type": "SMS",
            "contactId": scene.get("contactId"),
            "message": "hi",
            "subType": {},
            "status": "pending",
        },
    ),
}


def appointment(scene: Scene) -> dict[str, Any]:
    ids = {name: scene.get(name) for name in ("calendarId", "contactId")}
    return {**ids, "locationId": LOCATION, "startTime": WHEN, "toNotify": False}


def slot(scene: Scene) -> dict[str, Any]:
    times = {"startTime": WHEN, "endTime": "2026-12-01T11:00:00.000Z"}
    return {"calendarId": scene.get("calendarId"), "locationId": LOCATION, "title": "Lunch", **times}


def relation(scene: Scene) -> dict[str, Any]:
    ids = {"firstRecordId": scene.get("recordId"), "secondRecordId": scene.get("contactId")}
    return {"locationId": LOCATION, "associationId": scene.get("associationId"), **ids}


MEANT = (
    (r"/recurring-tasks/\{id\}", "{id}", "recurringId"),
    (r"/customFields/\{id\}", "{id}", "customFieldId"),
    (r"/customValues/\{id\}", "{id}", "customValueId"),
    (r"/custom-fields/\{id\}", "{id}", "objectFieldId"),
    (r"/opportunities/\{id\}", "{id}", "opportunityId"),
    (r"/notes/\{id\}", "{id}", "noteId"),
    (r"/records/\{id\}", "{id}", "recordId"),
    (r"/messages/(email/)?\{id\}", "{id}", "messageId"),
    (r"/block-slots/\{eventId\}", "{eventId}", "slotId"),
    (r"/calendars/appointments/.*\{noteId\}", "{noteId}", "appointmentNoteId"),
    (r"/calendars/appointments/\{appointmentId\}", "{appointmentId}", "eventId"),
)
"""Which record a parameter of a path means, where its name does not say it."""
WORDS = {
    "{locationId}": LOCATION,
    "{type}": "add",
    "{objectKey}": "contact",
    "{schemaKey}": "custom_objects.pets",
    "{key}": "business",
    "{key_name}": "pet_owner",
}


def address(scene: Scene, path: str) -> str:
    """The path with its parameters filled in."""
    for pattern, parameter, name in MEANT:
        if re.search(pattern, path):
            path = path.replace(parameter, scene.get(name))
    for parameter, word in WORDS.items():
        path = path.replace(parameter, word)
    return re.sub(r"\{(\w+)\}", lambda match: scene.get(match[1]), path)


def searched(**more: Any) -> dict[str, Any]:
    return {"locationId": LOCATION, "query": "", "page": 1, "searchAfter": [], **more}


def posted(scene: Scene) -> dict[str, Any]:
    ids = {"conversationId": scene.get("conversationId"), "contactId": scene.get("contactId")}
    return {"type": "SMS", "conversationProviderId": "p", "message": "hello", **ids}


BODIES: dict[str, Callable[[Scene], dict[str, Any]]] = {
    "POST /contacts/search": lambda _: {"locationId": LOCATION, "pageLimit": 5},
    "POST /contacts/": lambda _: {"locationId": LOCATION, "firstName": "Ada"},
    "PUT /contacts/{contactId}": lambda _: {"firstName": "Eva"},
    "POST /contacts/upsert": lambda _: {"locationId": LOCATION, "email": "up@example.com"},
    "POST /contacts/{contactId}/followers": lambda scene: {"followers": [scene.get("userId")]},
    "DELETE /contacts/{contactId}/followers": lambda scene: {"followers": [scene.get("userId")]},
    "POST /businesses/": lambda _: {"locationId": LOCATION, "name": "Acme"},
    "PUT /businesses/{businessId}": lambda _: {"name": "Acme"},
    "POST /contacts/bulk/business": lambda scene: {
        "locationId": LOCATION,
        "ids": [scene.get("contactId")],
        "businessId": None,
    },
    "POST /contacts/{contactId}/tasks": lambda _: TASK,
    "PUT /contacts/{contactId}/tasks/{taskId}": lambda _: {"title": "Write"},
    "PUT /contacts/{contactId}/tasks/{taskId}/completed": lambda _: {"completed": True},
    "POST /locations/{locationId}/tasks/search": lambda _: {},
    "POST /locations/{locationId}/recurring-tasks": lambda _: {"title": "t", "rruleOptions": RULE},
    "PUT /locations/{locationId}/recurring-tasks/{id}": lambda _: {"title": "u"},
    "POST /contacts/{contactId}/notes": lambda _: {"body": "hello"},
    "PUT /contacts/{contactId}/notes/{id}": lambda _: {"body": "bye"},
    "POST /contacts/{contactId}/tags": lambda _: {"tags": ["a"]},
    "DELETE /contacts/{contactId}/tags": lambda _: {"tags": ["a"]},
    "POST /contacts/bulk/tags/update/{type}": lambda scene: {
        "contacts": [scene.get("contactId")],
        "tags": ["a"],
        "locationId": LOCATION,
    },
    "POST /locations/{locationId}/tags": lambda _: {"name": "fresh"},
    "PUT /locations/{locationId}/tags/{tagId}": lambda _: {"name": "renamed"},
    "POST /calendars/events/appointments": appointment,
    "PUT /calendars/events/appointments/{eventId}": lambda _: {"title": "Later"},
    "DELETE /calendars/events/{eventId}": lambda _: {},
    "POST /calendars/appointments/{appointmentId}/notes": lambda _: {"body": "n"},
    "PUT /calendars/appointments/{appointmentId}/notes/{noteId}": lambda _: {"body": "m"},
    "POST /calendars/events/block-slots": slot,
    "PUT /calendars/events/block-slots/{eventId}": slot,
    "POST /locations/{locationId}/customFields": lambda _: {"name": "Size", "dataType": "TEXT"},
    "PUT /locations/{locationId}/customFields/{id}": lambda _: {"name": "Width"},
    "POST /custom-fields/": lambda _: FIELD,
    "PUT /custom-fields/{id}": lambda _: {"locationId": LOCATION, "showInForms": False},
    "POST /users/search/filter-by-email": lambda _: {"companyId": COMPANY, "emails": "kim.stone@example.com"},
    "POST /contacts/{contactId}/workflow/{workflowId}": lambda _: {"eventStartTime": WHEN},
    "DELETE /contacts/{contactId}/workflow/{workflowId}": lambda _: {},
    "POST /contacts/{contactId}/campaigns/{campaignId}": lambda _: {},
    "POST /opportunities/search": lambda _: searched(limit=5, additionalDetails={}),
    "POST /opportunities/": lambda _: OPPORTUNITY,
    "PUT /opportunities/{id}": lambda _: {"name": "Big deal"},
    "PUT /opportunities/{id}/status": lambda _: {"status": "won"},
    "POST /opportunities/upsert": lambda _: {
        "pipelineId": "p",
        "locationId": LOCATION,
        "followers": [],
        "isRemoveAllFollowers": False,
        "followersActionType": "add",
    },
    "POST /opportunities/{id}/followers": lambda scene: {"followers": [scene.get("userId")]},
    "DELETE /opportunities/{id}/followers": lambda scene: {"followers": [scene.get("userId")]},
    "POST /objects/{schemaKey}/records/search": lambda _: searched(pageLimit=5),
    "POST /objects/{schemaKey}/records": lambda _: {"locationId": LOCATION, "properties": {"name": "Rex"}},
    "PUT /objects/{schemaKey}/records/{id}": lambda _: {"properties": {"name": "Max"}},
    "POST /associations/": lambda _: ASSOCIATION,
    "PUT /associations/{associationId}": lambda _: {"firstObjectLabel": "C", "secondObjectLabel": "D"},
    "POST /associations/relations": relation,
    "POST /conversations/": lambda scene: {"locationId": LOCATION, "contactId": scene.get("contactId")},
    "PUT /conversations/{conversationId}": lambda _: {"locationId": LOCATION, "starred": True},
    "POST /conversations/messages": lambda scene: {
        "type": "SMS",
        "contactId": scene.get("contactId"),
        "message": "hello",
        "subType": {},
        "status": "pending",
    },
    "POST /conversations/messages/inbound": posted,
    "POST /conversations/messages/outbound": posted,
    "PUT /conversations/messages/{messageId}/status": lambda _: {"status": "read"},
    "POST /locations/{locationId}/customValues": lambda _: {"name": "n", "value": "v"},
    "PUT /locations/{locationId}/customValues/{id}": lambda _: {"name": "n", "value": "w"},
}
LISTED = {"locationId": LOCATION, "location_id": LOCATION, "skip": "0", "limit": "10"}
QUERIES: dict[str, dict[str, str]] = {
    "GET /contacts/search/duplicate": {"locationId": LOCATION, "email": "no@example.com"},
    "GET /calendars/{calendarId}/free-slots": {"startDate": "1796000000000", "endDate": "1797000000000"},
    "GET /calendars/appointments/{appointmentId}/notes": {"limit": "20", "offset": "0"},
    "GET /users/search": {"companyId": COMPANY},
    "GET /oauth/installedLocations": {"companyId": COMPANY, "appId": "sandboxapp"},
    "GET /oauth/installed-locations": {"companyId": COMPANY, "appId": "sandboxapp"},
}


def request_for(scene: Scene, operation: str) -> Any:
    """Send the plausible request of one operation."""
    method, path = operation.split(" ")
    vendor = scene.vendor
    if path == "/oauth/token":
        code = parse_qs(urlsplit(vendor.running.consent()).query)["code"][0]
        return vendor(method, path, **token_request(vendor, code))
    if path.startswith("/oauth/location"):
        place = {"companyId": COMPANY, "locationId": LOCATION}
        return vendor(method, path, token=scene.token(agency=True), data=place)
    query = QUERIES.get(operation, LISTED if method in ("GET", "DELETE", "PUT") else {})
    if path in ("/calendars/events", "/calendars/blocked-slots"):
        query = {"locationId": LOCATION, "calendarId": scene.get("calendarId"), **PERIOD}
    sent = {"json": BODIES[operation](scene)} if operation in BODIES else {}
    if "relations/" in path:
        scene.get("relationId")
    token = scene.token(agency=path.startswith("/oauth/"))
    return vendor(method, address(scene, path), token=token, params=query, **sent)


CATALOGUED = sorted(PLAYED.keys() - BESIDE)


@pytest.mark.parametrize("operation", CATALOGUED)
def test_operation_is_answered(either: Any, operation: str) -> None:
    dialect = PLAYED[operation].dialect
    response = request_for(Scene(either), operation)
    if dialect == "dated" and either.version == "v3":
        assert (response.status_code, response.json()["message"][:7]) == (404, "Cannot ")
    else:
        assert response.status_code // 100 == 2, response.text


def test_no_operation_is_played_twice() -> None:
    assert len(PLAYED) == len(ROUTES)
    assert len(CATALOGUED) == 135


def test_the_catalogue_is_played_completely() -> None:
    beside.require(CATALOGUE)
    with CATALOGUE.open(encoding="utf-8") as rows:
        listed = [f"{row['method']} {row['path']}" for row in csv.DictReader(rows) if row["kind"] == "action"]
    assert sorted(listed) == CATALOGUED


def test_every_scope_is_one_that_a_token_may_have() -> None:
    assert {route.scope for route in ROUTES} - {""} <= SCOPES


def test_the_table_names_only_kinds_that_there_are(vendor: Any) -> None:
    for dated, _ in operations():
        assert not dated.kind or isinstance(vendor.running.records(dated.kind), list)
    assert kinds()["messages"].within in kinds()
