"""Tags on contacts, and contacts of a business, one by one and in bulk.

Tags are addressed by name and read in lower case; a name that the sub-account does not know becomes one of
its tags. Adding answers with the whole list after the change, removing takes its body on a DELETE. In bulk
each contact has its own outcome, and partial success is normal (``apps/contacts.json``, UpdateTagsDTO and
its example).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sandbox.core.answers import Answer
from sandbox.highlevel.calls import Call, RefusalError, traced
from sandbox.highlevel.contacts import existing
from sandbox.highlevel.forms import Form, Rule, nullable, text, texts, truth
from sandbox.highlevel.location import Location
from sandbox.highlevel.route import Route
from sandbox.highlevel.shapes import Document, Row
from sandbox.highlevel.writing import changed, clean_tags

__all__ = ["ROUTES"]

_TAGS = Form({"tags": texts}, required=("tags",))
_BULK_FIELDS: dict[str, Rule] = {"contacts": texts, "tags": texts, "locationId": text}
_BULK = {
    "add": Form(_BULK_FIELDS, required=("contacts", "tags")),
    "remove": Form({**_BULK_FIELDS, "removeAllTags": truth}, required=("contacts", "tags")),
}
_BUSINESS = Form(
    {"locationId": text, "ids": texts, "businessId": nullable(text)},
    required=("ids", "businessId"),
)
_FIREBASE_ID = re.compile(r"^[A-Za-z0-9]{20}$")


def add(location: Location, call: Call) -> Answer:
    """``POST /contacts/{contactId}/tags``: 201 with the whole list after the change."""
    row = existing(location, call)
    wanted = clean_tags(_TAGS.check(call)["tags"])
    return traced(201, {"tags": _retag(location, row, [*_tags(row), *wanted])})


def remove(location: Location, call: Call) -> Answer:
    """``DELETE /contacts/{contactId}/tags``: what is left; the sub-account keeps the tag."""
    row = existing(location, call)
    unwanted = clean_tags(_TAGS.check(call)["tags"])
    return traced(200, {"tags": _retag(location, row, [tag for tag in _tags(row) if tag not in unwanted])})


def bulk(location: Location, call: Call) -> Answer:
    """``POST /contacts/bulk/tags/update/{type}``: ``add`` or ``remove``, an outcome for each contact."""
    form = _BULK.get(call.params["type"])
    if form is None:
        raise RefusalError.unprocessable(["type must be one of the following values: add, remove"])
    body = form.check(call)
    location.require(body.get("locationId"), call)
    responses = [_bulk_one(location, contact, call.params["type"], body) for contact in body["contacts"]]
    errors = sum(response["type"] == "error" for response in responses)
    return traced(201, {**call.done, "errorCount": errors, "responses": responses})


def link(location: Location, call: Call) -> Answer:
    """``POST /contacts/bulk/business``: put contacts into a business, or take them out of theirs (null)."""
    body = _BUSINESS.check(call)
    location.require(body.get("locationId"), call)
    if body["businessId"] is not None and body["businessId"] not in location.others["businesses"]:
        raise RefusalError.missing("Business", body["businessId"], reading=False)
    for contact in body["ids"]:
        if contact not in location.contacts.rows:
            raise RefusalError.missing("Contact", contact, reading=False)
    for contact in body["ids"]:
        _join(location, location.contacts.rows[contact], body["businessId"])
    return traced(200, {"success": True, "ids": body["ids"]})


def _bulk_one(location: Location, contact: str, way: str, body: dict[str, Any]) -> Document:
    row = location.contacts.rows.get(contact)
    if row is None:
        return {"contactId": contact, "message": _absence(location, contact), "type": "error"}
    old, named = _tags(row), clean_tags(body["tags"])
    if way == "add":
        new = list(dict.fromkeys([*old, *named]))
    else:
        new = [] if body.get("removeAllTags") else [tag for tag in old if tag not in named]
    if new != old:
        _retag(location, row, new)
    return {
        "contactId": contact,
        "message": "Tags updated",
        "type": "success",
        "oldTags": old,
        "tagsAdded": [tag for tag in new if tag not in old],
        "tagsRemoved": [tag for tag in old if tag not in new],
    }


def _absence(location: Location, contact: str) -> str:
    if contact in location.contacts.deleted:
        return "contact is deleted"
    if not _FIREBASE_ID.match(contact):
        return "contact id is not a valid firebase id"
    return "contact does not belong to location"


def _join(location: Location, row: Row, business_id: str | None) -> None:
    """The contact shows its business's name too; search filters by it."""
    document = row.document()
    for key in ("businessId", "businessName"):
        document.pop(key, None)
    if business_id is not None:
        name = location.others["businesses"][business_id].get("name")
        document |= {"businessId": business_id, "businessName": name}
    location.contacts.put(changed(location, document, {}))


def _tags(row: Row) -> list[str]:
    held = row.document().get("tags")
    return [tag for tag in held if isinstance(tag, str)] if isinstance(held, list) else []


def _retag(location: Location, row: Row, tags: Iterable[str]) -> list[str]:
    after = changed(location, row.document(), {"tags": list(tags)})
    location.contacts.put(after)
    return _tags(after)


ROUTES = (
    Route("POST", "/contacts/{contactId}/tags", "contacts.write", add),
    Route("DELETE", "/contacts/{contactId}/tags", "contacts.write", remove),
    Route("POST", "/contacts/bulk/tags/update/{type}", "contacts.write", bulk),
    Route("POST", "/contacts/bulk/business", "contacts.write", link),
)
