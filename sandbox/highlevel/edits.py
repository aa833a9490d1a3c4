"""Changes that a person in the CRM makes, odd values included.

A client must live with what people and old imports leave behind: nulls, wrong types, control characters,
texts of a megabyte. Here they can be made, which the vendor's API would refuse.
"""

from __future__ import annotations

from typing import Any

from sandbox.core.answers import Answer, answer, dump
from sandbox.highlevel.location import Location
from sandbox.highlevel.shapes import Document, Row, iso
from sandbox.highlevel.writing import derived

__all__ = ["BadEditError", "apply"]

_TOUCHED = {
    "tasks": ("dateUpdated",),
    "notes": ("dateUpdated",),
    "appointments": ("dateUpdated",),
    "businesses": ("updatedAt",),
}
_BORN = {
    "tasks": {"title": "", "completed": False, "deleted": False},
    "notes": {"body": "", "pinned": False},
    "appointments": {"title": "", "appointmentStatus": "new", "isRecurring": False, "users": []},
}
_KEYS = ("kind", "id", "set", "unset", "delete", "create", "raw")


class BadEditError(ValueError):
    """An edit that is not understood; the message says what would be."""


def apply(location: Location, given: Any) -> Answer:
    """Make one edit: ``set`` and ``unset`` fields, ``delete``, ``create``, or ``raw`` into search's answers.

    Raises:
        BadEditError: the edit is not understood, or there is no such record.
    """
    _refuse_malformed(location, given)
    if "raw" in given:
        location.verbatim.append(dump(given["raw"]))
        return answer(200, {"raw": len(location.verbatim)})
    return _edit_contact(location, given) if given["kind"] == "contacts" else _edit_other(location, given)


def _refuse_malformed(location: Location, given: Any) -> None:
    kinds = ("contacts", *location.others)
    if not isinstance(given, dict) or given.get("kind") not in kinds:
        raise BadEditError(f"kind must be one of {', '.join(kinds)}")
    for key in given:
        if key not in _KEYS:
            raise BadEditError(f"unknown key {key!r}; allowed are {', '.join(_KEYS)}")
    for key in ("set", "create"):
        if not isinstance(given.get(key, {}), dict):
            raise BadEditError(f"{key} must be an object of fields")
    if not isinstance(given.get("unset", []), list):
        raise BadEditError("unset must be a list of field names")
    if not all(isinstance(named.get("id", ""), str) for named in (given, given.get("create", {}))):
        raise BadEditError("id must be a string")


def _edit_contact(location: Location, given: dict[str, Any]) -> Answer:
    store = location.contacts
    now = iso(location.clock.now())
    if "create" in given:
        blank = {"id": location.fresh_id(), "locationId": location.id, "type": "lead", "dnd": False}
        document = {**blank, "dateAdded": now}
    else:
        existing = store.rows.get(given.get("id", ""))
        if existing is None:
            raise BadEditError(f"no contact with id {given.get('id')!r}")
        if given.get("delete"):
            store.delete(existing.id)
            return answer(200, {"deleted": existing.id})
        document = existing.document()
    values = given["create"] if "create" in given else {**given.get("set", {}), "id": document["id"]}
    row = Row(_edited({**document, "dateUpdated": now}, values, given.get("unset", [])))
    store.put(row)
    return Answer(200, b'{"record":' + row.by_id() + b"}")


def _edited(document: Document, values: Document, without: list[Any]) -> Document:
    """A document with values set as they stand, and what follows from them unless it is set as well."""
    edited = {**document, **values}
    if values.keys() & {"firstName", "lastName", "email"}:
        following = {key: value for key, value in derived(edited).items() if key not in values}
        without = [*without, *(key for key, value in following.items() if value is None)]
        edited |= following
    return {key: value for key, value in edited.items() if key not in without or key == "id"}


def _edit_other(location: Location, given: dict[str, Any]) -> Answer:
    records = location.others[given["kind"]]
    if "create" in given:
        record = {**_newborn(location, given["kind"]), **given["create"]}
    elif given.get("id") not in records:
        raise BadEditError(f"no record of {given['kind']} with id {given.get('id')!r}")
    elif given.get("delete"):
        del records[given["id"]]
        return answer(200, {"deleted": given["id"]})
    else:
        touched = dict.fromkeys(_TOUCHED.get(given["kind"], ()), location.now())
        held = {**records[given["id"]], **touched, **given.get("set", {}), "id": given["id"]}
        without = given.get("unset", [])
        record = {key: value for key, value in held.items() if key not in without or key == "id"}
    records[record["id"]] = record
    return answer(200, {"record": record})


def _newborn(location: Location, kind: str) -> Document:
    """What a record has that a person made, whatever they put into it."""
    now = location.now()
    if kind == "businesses":
        return {"id": location.fresh_hex_id(), "locationId": location.id, "createdAt": now, "updatedAt": now}
    blank = {"id": location.fresh_id(), "locationId": location.id, "dateAdded": now, "dateUpdated": now}
    return {**blank, **_BORN.get(kind, {})}
