"""The small record store behind the operations that need no behaviour of their own.

It creates, lists, reads, changes and deletes for real, with the path, status and keys of the contract. It
asks for what the contract requires and takes any other key; values are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.core.answers import Answer, dump
from sandbox.highlevel import company_records
from sandbox.highlevel.calls import Call, RefusalError, traced
from sandbox.highlevel.catalogue import Operation, operations
from sandbox.highlevel.generic_records import clean, kept, made, singular
from sandbox.highlevel.location import Location
from sandbox.highlevel.route import Route
from sandbox.highlevel.shapes import Document

__all__ = ["ROUTES"]

_HIDDEN = "-"
_LOCATION = ("locationId", "location_id")


def _listing(location: Location, call: Call, operation: Operation) -> Answer:
    found, page = _found(location, call, operation)
    body: Document = {operation.key: page}
    _tell(body, operation, len(found))
    return traced(operation.status, {**_beside(operation, {}), **body})


def _first(location: Location, call: Call, operation: Operation) -> Answer:
    """Several, and beside them the first one bare, as the contract has it."""
    found, page = _found(location, call, operation)
    body: Document = {operation.key: page}
    _tell(body, operation, len(found))
    return traced(operation.status, {**(found[0] if found else {}), **body})


def _reading(location: Location, call: Call, operation: Operation) -> Answer:
    return _shown(operation, _record(location, call, operation, reading=True))


def _creating(location: Location, call: Call, operation: Operation) -> Answer:
    body = _required(location, call, operation)
    return _shown(operation, made(location, operation.kind, {**_matched(operation, call), **body}))


def _changing(location: Location, call: Call, operation: Operation) -> Answer:
    body = _required(location, call, operation)
    if _is_company(call):
        properties = body.get("properties")
        given = properties if isinstance(properties, dict) else {}
        return _shown(operation, company_records.change(location, call.params["id"], given))
    held = _record(location, call, operation, reading=False)
    return _shown(operation, kept(location, operation.kind, {**held, **clean(operation.kind, body)}))


def _deleting(location: Location, call: Call, operation: Operation) -> Answer:
    _required(location, call, operation)
    held = _record(location, call, operation, reading=False)
    del location.others[operation.kind][held["id"]]
    return _shown(operation, held, bare=bool(not operation.also))


def _upserting(location: Location, call: Call, operation: Operation) -> Answer:
    body = _required(location, call, operation)
    held = location.others[operation.kind].get(str(body.get("id")))
    given = {key: value for key, value in body.items() if key != "id"}
    if held is None:
        record = made(location, operation.kind, given)
    else:
        record = kept(location, operation.kind, {**held, **clean(operation.kind, given)})
    return traced(operation.status, {operation.key: record, "new": held is None})


def _fixed(location: Location, call: Call, operation: Operation) -> Answer:
    _required(location, call, operation)
    return traced(operation.status, dict(operation.also))


_VERBS: dict[str, Callable[[Location, Call, Operation], Answer]] = {
    "list": _listing,
    "first": _first,
    "read": _reading,
    "create": _creating,
    "update": _changing,
    "delete": _deleting,
    "upsert": _upserting,
    "answer": _fixed,
}


def _required(location: Location, call: Call, operation: Operation) -> Document:
    """The body, once everything that the contract requires is there.

    Raises:
        RefusalError: 422 for what is missing, 403 for another location or none.
    """
    body = call.body()
    missing = [key for key in operation.body if key not in body and key not in _LOCATION]
    missing += [name for name in operation.query if not call.query(name) and name not in _LOCATION]
    if missing:
        raise RefusalError.unprocessable([f"{key} should not be empty" for key in missing])
    for name in _LOCATION:
        if name in operation.query:
            location.require(call.query(name), call)
        if name in operation.body or name in body:
            location.require(body.get(name), call)
        if name in call.params:
            location.require(call.params[name], call)
    return body


def _found(location: Location, call: Call, operation: Operation) -> tuple[list[Document], list[Document]]:
    """Everything that fits, and the page of it that was asked for."""
    body = _required(location, call, operation)
    fields = _fields(operation, call)
    wanted = {field: call.query(name) for name, field in operation.filter.items() if call.query(name)}
    text = dump(str(body.get("query") or call.query("query") or call.query("q") or ""))[1:-1].lower()
    if _is_company(call):
        found = company_records.find(location, text)
        limit, skip = _page(call, body, operation)
        return found, found[skip : skip + limit]
    found = [
        record
        for record in location.others[operation.kind].values()
        if all(any(record.get(field) == value for field in names) for names, value in fields)
        and all(record.get(field) == value for field, value in wanted.items())
        and (not text or text in dump(record).lower())
    ]
    limit, skip = _page(call, body, operation)
    return found, found[skip : skip + limit]


def _page(call: Call, body: Document, operation: Operation) -> tuple[int, int]:
    """How many and after how many: from the query or the body, by number of records or of page."""
    limit = body.get("limit", body.get("pageLimit"))
    limit = limit if isinstance(limit, int) else call.whole("limit", operation.most, operation.most)
    skip = call.whole("skip", call.whole("offset", 0))
    page = body.get("page")
    page = page if isinstance(page, int) else call.whole("page", 1)
    return limit, skip or (max(1, page) - 1) * limit


def _is_company(call: Call) -> bool:
    return call.params.get("schemaKey") == company_records.OBJECT


def _fields(operation: Operation, call: Call) -> list[tuple[tuple[str, ...], str]]:
    """Which fields of a record the path's parameters mean, and their values."""
    given = {name: value for name, value in call.params.items() if name not in _LOCATION}
    return [(operation.match.get(name, (name,)), value) for name, value in given.items()]


def _matched(operation: Operation, call: Call) -> Document:
    return {names[0]: value for names, value in _fields(operation, call)}


def _record(location: Location, call: Call, operation: Operation, *, reading: bool) -> Document:
    """The record that the path names, by its last parameter, or by the field it is matched with."""
    _required(location, call, operation)
    if _is_company(call) and operation.verb == "read":
        return company_records.read(location, call.params["id"], reading=reading)
    records = location.others[operation.kind]
    name = operation.path.split("/")[-1 if operation.path.endswith("}") else -2][1:-1]
    value = call.params[name]
    if name in operation.match:
        field = operation.match[name][0]
        record = next((held for held in records.values() if held.get(field) == value), None)
    else:
        record = records.get(value)
    others = [(names, asked) for names, asked in _fields(operation, call) if asked != value]
    if record is None or any(record.get(names[0]) != asked for names, asked in others):
        raise RefusalError.missing(singular(operation.kind).capitalize(), value, reading=reading)
    return record


def _shown(operation: Operation, record: Document, *, bare: bool = True) -> Answer:
    beside = _beside(operation, record)
    if operation.key == _HIDDEN or not bare:
        return traced(operation.status, beside)
    shown = {operation.key: record} if operation.key else record
    return traced(operation.status, {**shown, **beside})


def _beside(operation: Operation, record: Document) -> Document:
    known = {key: record.get(key, "") for key in record}
    return {
        key: value.format_map(_Absent(known)) if isinstance(value, str) else value
        for key, value in operation.also.items()
    }


class _Absent(dict[str, Any]):
    """A record of which a field may be missing."""

    def __missing__(self, key: str) -> str:
        return ""


def _tell(body: Document, operation: Operation, count: int) -> None:
    """Put the count where the operation tells it."""
    if operation.total:
        *outer, last = operation.total.split(".")
        for name in outer:
            body = body.setdefault(name, {"currentPage": 1})
        body[last] = count


def _route(dated: Operation, v3: Operation) -> Route:
    verb = _VERBS[dated.verb]

    def handler(location: Location, call: Call) -> Answer:
        return verb(location, call, v3 if call.v3 else dated)

    return Route(dated.method, dated.path, dated.scope, handler, dated.version)


ROUTES = tuple(_route(dated, v3) for dated, v3 in operations())
