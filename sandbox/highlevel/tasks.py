"""Tasks: by contact with exactly seven fields, by location with everything.

The two shapes differ in earnest: on a contact's routes a task has ``id`` and six more fields, in the
location's search it is keyed ``_id`` and carries its dates, which are nowhere else. The search cannot be
asked by date. ``completed`` is required on create. Shapes from ``apps/contacts.json`` (TaskSchema) and
``apps/locations.json`` (TaskSearchParamsDto), the search's answer from live measurements.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.core.answers import Answer
from sandbox.highlevel.calls import Call, RefusalError, traced
from sandbox.highlevel.contacts import existing
from sandbox.highlevel.forms import Form, moment, nullable, number, text, texts, truth
from sandbox.highlevel.location import Location
from sandbox.highlevel.route import Route
from sandbox.highlevel.shapes import Document, iso, millis

__all__ = ["ROUTES"]

_SEVEN = ("id", "title", "body", "assignedTo", "dueDate", "completed", "contactId")
_FIELDS = {
    "title": text,
    "body": nullable(text),
    "dueDate": moment,
    "completed": truth,
    "assignedTo": nullable(text),
}
_CREATE = Form(_FIELDS, required=("title", "dueDate", "completed"))
_UPDATE = Form(_FIELDS)
_COMPLETED = Form({"completed": truth}, required=("completed",))
_SEARCH = Form(
    {
        "contactId": texts,
        "completed": truth,
        "assignedTo": texts,
        "query": text,
        "limit": number,
        "skip": number,
        "businessId": text,
    }
)
_LARGEST_PAGE = 100


def of_contact(location: Location, call: Call) -> Answer:
    """``GET /contacts/{contactId}/tasks``: all at once, there are no pages."""
    contact = existing(location, call)
    return traced(200, {"tasks": [_seven(task) for task in location.others["tasks"].of(contact.id)]})


def read(location: Location, call: Call) -> Answer:
    """``GET /contacts/{contactId}/tasks/{taskId}``."""
    return traced(200, {"task": _seven(_task(location, call, reading=True))})


def create(location: Location, call: Call) -> Answer:
    """``POST /contacts/{contactId}/tasks``: 201."""
    contact = existing(location, call)
    body = _CREATE.check(call)
    blank = {
        "id": location.fresh_id(),
        "contactId": contact.id,
        "locationId": location.id,
        "deleted": False,
        "dateAdded": location.now(),
    }
    return traced(201, {"task": _seven(_written(location, blank, body))})


def update(location: Location, call: Call) -> Answer:
    """``PUT /contacts/{contactId}/tasks/{taskId}``: the named fields change."""
    task = _task(location, call, reading=False)
    return traced(200, {"task": _seven(_written(location, task, _UPDATE.check(call)))})


def complete(location: Location, call: Call) -> Answer:
    """``PUT /contacts/{contactId}/tasks/{taskId}/completed``, or not completed."""
    task = _task(location, call, reading=False)
    return traced(200, {"task": _seven(_written(location, task, _COMPLETED.check(call)))})


def delete(location: Location, call: Call) -> Answer:
    """``DELETE /contacts/{contactId}/tasks/{taskId}``."""
    del location.others["tasks"][_task(location, call, reading=False)["id"]]
    return traced(200, call.done)


def search(location: Location, call: Call) -> Answer:
    """``POST /locations/{locationId}/tasks/search``: newest first, 25 unless told otherwise."""
    location.require(call.params["locationId"], call)
    body = _SEARCH.check(call)
    limit, skip = body.get("limit", 25), body.get("skip", 0)
    if not (isinstance(limit, int) and 1 <= limit <= _LARGEST_PAGE):
        raise RefusalError.bad_request(f"limit must be between 1 and {_LARGEST_PAGE}")
    if not (isinstance(skip, int) and skip >= 0):
        raise RefusalError.bad_request("skip must not be less than 0")
    tasks = [task for task in location.others["tasks"].values() if _fits(location, task, body)]
    tasks.sort(key=lambda task: millis(task.get("dateAdded")), reverse=True)
    return traced(200, {"tasks": [_found(location, task) for task in tasks[skip : skip + limit]]})


_TESTS: dict[str, Callable[[Location, Document, Any], bool]] = {
    "contactId": lambda _, task, wanted: task.get("contactId") in wanted,
    "completed": lambda _, task, wanted: task.get("completed") is wanted,
    "assignedTo": lambda _, task, wanted: task.get("assignedTo") in wanted,
    "query": lambda _, task, wanted: wanted.lower() in str(task.get("title", "")).lower(),
    "businessId": lambda location, task, wanted: _contact(location, task).get("businessId") == wanted,
}


def _fits(location: Location, task: Document, body: Document) -> bool:
    return all(test(location, task, body[key]) for key, test in _TESTS.items() if body.get(key) is not None)


def _found(location: Location, task: Document) -> Document:
    """A task as the search shows it."""
    contact = _contact(location, task)
    user = next((user for user in location.users if user["id"] == task.get("assignedTo")), None)
    done = "completed" if task.get("completed") else "incomplete"
    updated = task.get("dateUpdated")
    extra: Document = {
        "businessId": contact.get("businessId"),
        "status": done,
        "statusGroup": done,
        "createdAt": task.get("dateAdded"),
        "updatedAt": updated,
        "contactDetails": {key: contact.get(key) for key in ("firstName", "lastName")},
        "assignedToUserDetails": user and {key: user[key] for key in ("id", "firstName", "lastName")},
        "searchAfter": [millis(updated), task["id"]],
    }
    shape = {("_id" if key == "id" else key): value for key, value in task.items()}
    return {**shape, **{key: value for key, value in extra.items() if value is not None}}


def _contact(location: Location, task: Document) -> Document:
    row = location.contacts.rows.get(str(task.get("contactId")))
    return row.document() if row else {}


def _task(location: Location, call: Call, *, reading: bool) -> Document:
    contact = existing(location, call)
    task = location.others["tasks"].get(call.params["taskId"])
    if task is None or task.get("contactId") != contact.id:
        raise RefusalError.missing("Task", call.params["taskId"], reading=reading)
    return task


def _written(location: Location, task: Document, body: Document) -> Document:
    """A task after a write; whoever is no user of the location is not put down for it."""
    written = {**task, **body, "dateUpdated": location.now()}
    if "dueDate" in body:
        written["dueDate"] = iso(millis(body["dueDate"]))
    if body.get("assignedTo") is not None and location.user_or_none(body["assignedTo"]) is None:
        written["assignedTo"] = task.get("assignedTo")
    written = {key: value for key, value in written.items() if value is not None}
    location.others["tasks"][written["id"]] = written
    return written


def _seven(task: Document) -> Document:
    return {key: task[key] for key in _SEVEN if key in task}


ROUTES = (
    Route("GET", "/contacts/{contactId}/tasks", "contacts.readonly", of_contact),
    Route("POST", "/contacts/{contactId}/tasks", "contacts.write", create),
    Route("GET", "/contacts/{contactId}/tasks/{taskId}", "contacts.readonly", read),
    Route("PUT", "/contacts/{contactId}/tasks/{taskId}", "contacts.write", update),
    Route("DELETE", "/contacts/{contactId}/tasks/{taskId}", "contacts.write", delete),
    Route("PUT", "/contacts/{contactId}/tasks/{taskId}/completed", "contacts.write", complete),
    Route("POST", "/locations/{locationId}/tasks/search", "locations/tasks.readonly", search),
)
