"""The control door: what a test or a benchmark may see and change behind the vendor's back.

No token, no quota, not counted:

* ``GET /_sandbox/requests``: how often each operation was answered, by what the client saw;
* ``GET /_sandbox/records/{kind}``: every record, contacts in the shape of reading by id;
* ``POST /_sandbox/faults``: the faults from now on, an empty list for none;
* ``POST /_sandbox/reset``: the generated data, no counts, no faults, a fresh quota;
* ``POST /_sandbox/edit``: one change as a person in the CRM would make it, odd values included.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from sandbox.calls import Answer, answer, dump, load
from sandbox.faults import BadFaultError, Fault, parse_faults
from sandbox.location import LOCATION_ID, Location
from sandbox.quota import Quota
from sandbox.shapes import Document, Row, iso
from sandbox.writing import derived

__all__ = ["PREFIX", "Control", "Counts"]

PREFIX = "/_sandbox/"
_EDIT_KEYS = ("kind", "id", "set", "unset", "delete", "create", "raw")


class BadEditError(ValueError):
    """An edit that is not understood; the message says what would be."""


class Counts:
    """How often each operation was answered, by what the client saw."""

    def __init__(self) -> None:
        self._seen: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, operation: str, outcome: str) -> None:
        """Count one answer: a status, or ``timeout`` or ``reset`` where it was lost."""
        self._seen[operation][outcome] += 1

    def clear(self) -> None:
        """Start again from nothing."""
        self._seen.clear()

    def summary(self) -> dict[str, Any]:
        """The body of ``GET /_sandbox/requests``."""
        operations = {operation: dict(outcomes) for operation, outcomes in sorted(self._seen.items())}
        return {
            "total": sum(sum(outcomes.values()) for outcomes in operations.values()),
            "operations": operations,
        }


class Control:
    """Answers the control door."""

    def __init__(self, location: Location, quota: Quota, counts: Counts, faults: list[Fault]) -> None:
        self._location, self._quota, self._counts = location, quota, counts
        self.faults = faults
        self._doors: dict[tuple[str, str], Callable[[Any], Answer]] = {
            ("GET", "requests"): lambda _: answer(200, counts.summary()),
            ("POST", "faults"): self._set_faults,
            ("POST", "reset"): self._reset,
            ("POST", "edit"): self._edit,
        }

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Answer one request to the door."""
        name = path.removeprefix(PREFIX)
        if method == "GET" and name.startswith("records/"):
            return self._records(name.removeprefix("records/"))
        door = self._doors.get((method, name))
        if door is None:
            known = [f"{verb} {PREFIX}{word}" for verb, word in self._doors] + [
                f"GET {PREFIX}records/{{kind}}"
            ]
            return answer(404, {"message": f"no such door; there are {', '.join(known)}"})
        try:
            return door(load(body) if body else None)
        except ValueError as refused:
            return answer(422, {"message": str(refused)})

    def _records(self, kind: str) -> Answer:
        location = self._location
        if kind == "contacts":
            rows = b",".join(row.by_id() for row in location.contacts.rows.values())
            return Answer(200, b'{"records":[' + rows + b"]}")
        lists = {name: list(records.values()) for name, records in location.others.items()}
        lists |= {"users": location.users, "customFields": location.custom_fields}
        lists["tags"] = list(location.tags.values())
        if kind not in lists:
            return answer(
                404, {"message": f"no records of kind {kind!r}; there are contacts, {', '.join(lists)}"}
            )
        return answer(200, {"records": lists[kind]})

    def _set_faults(self, given: Any) -> Answer:
        try:
            self.faults = parse_faults(given)
        except BadFaultError as refused:
            return answer(422, {"message": str(refused)})
        return answer(200, {"faults": len(self.faults)})

    def _reset(self, _: Any) -> Answer:
        self._location.reset()
        self._quota.reset()
        self._counts.clear()
        self.faults = []
        return answer(200, {"contacts": len(self._location.contacts.rows)})

    def _edit(self, given: Any) -> Answer:
        kinds = ("contacts", *self._location.others)
        if not isinstance(given, dict) or given.get("kind") not in kinds:
            raise BadEditError(f"kind must be one of {', '.join(kinds)}")
        for key in given:
            if key not in _EDIT_KEYS:
                raise BadEditError(f"unknown key {key!r}; allowed are {', '.join(_EDIT_KEYS)}")
        for key in ("set", "create"):
            if not isinstance(given.get(key, {}), dict):
                raise BadEditError(f"{key} must be an object of fields")
        if not isinstance(given.get("id", ""), str) or not isinstance(
            given.get("create", {}).get("id", ""), str
        ):
            raise BadEditError("id must be a string")
        if "raw" in given:
            self._location.verbatim.append(dump(given["raw"]))
            return answer(200, {"raw": len(self._location.verbatim)})
        return self._edit_contact(given) if given["kind"] == "contacts" else self._edit_other(given)

    def _edit_contact(self, given: dict[str, Any]) -> Answer:
        location, store = self._location, self._location.contacts
        now = iso(location.clock.now())
        if "create" in given:
            blank = {"id": location.fresh_id(), "locationId": LOCATION_ID, "type": "lead", "dnd": False}
            row = Row(_edited({**blank, "dateAdded": now, "dateUpdated": now}, given["create"], ()))
        else:
            existing = store.rows.get(given.get("id", ""))
            if existing is None:
                raise BadEditError(f"no contact with id {given.get('id')!r}")
            if given.get("delete"):
                store.delete(existing.id)
                return answer(200, {"deleted": existing.id})
            document = existing.document() | {"dateUpdated": now}
            row = Row(_edited(document, given.get("set", {}), given.get("unset", ())) | {"id": existing.id})
        store.put(row)
        return Answer(200, b'{"record":' + row.by_id() + b"}")

    def _edit_other(self, given: dict[str, Any]) -> Answer:
        records = self._location.others[given["kind"]]
        if "create" in given:
            record = {"id": self._location.fresh_id(), "locationId": LOCATION_ID, **given["create"]}
        elif given.get("id") not in records:
            raise BadEditError(f"no record of {given['kind']} with id {given.get('id')!r}")
        elif given.get("delete"):
            del records[given["id"]]
            return answer(200, {"deleted": given["id"]})
        else:
            record = {**records[given["id"]], **given.get("set", {})}
        records[record["id"]] = record
        return answer(200, {"record": record})


def _edited(document: Document, values: Document, without: Any) -> Document:
    """A document with values set as they stand, and what follows from them unless it is set as well."""
    edited = {**document, **values}
    if values.keys() & {"firstName", "lastName", "email"}:
        edited |= {key: value for key, value in derived(edited).items() if key not in values}
        edited = {key: value for key, value in edited.items() if value is not None or key in values}
    return {key: value for key, value in edited.items() if key not in without}
