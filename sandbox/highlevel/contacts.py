"""The contact operations, as HighLevel's contract and its users describe them.

Shapes from GoHighLevel/highlevel-api-docs ``apps/contacts.json`` and ``apps/v3/contacts-v3.json``; where
live behaviour differs (a missing record is a 400, an empty create is a 400 whose body says 422) it
follows the behaviour. The wording of "not found" differs between reading and writing.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from sandbox.core.answers import Answer, dump
from sandbox.highlevel.calls import Call, RefusalError, trace_id, traced
from sandbox.highlevel.duplicates import holder, promote, refuse_duplicate
from sandbox.highlevel.location import Location
from sandbox.highlevel.orders import Sort
from sandbox.highlevel.route import Route
from sandbox.highlevel.search import search
from sandbox.highlevel.shapes import Row, created, listed
from sandbox.highlevel.validate import CREATE, UPDATE, UPSERT
from sandbox.highlevel.writing import changed, new_contact, normalised_phone

__all__ = ["ROUTES", "existing"]

_NEWEST_FIRST: Sort = (("dateAdded", True),)
_LARGEST_LIST = 100


def read(location: Location, call: Call) -> Answer:
    """``GET /contacts/{contactId}``."""
    contact_id = call.params["contactId"]
    row = location.contacts.rows.get(contact_id)
    if row is None:
        raise RefusalError.missing("Contact", contact_id, reading=True)
    return _contact(200, row, call)


def create(location: Location, call: Call) -> Answer:
    """``POST /contacts/``: 201, or 400 with ``meta`` where the contact exists already."""
    body = CREATE.check(call)
    location.require(body.get("locationId"), call)
    if not any(body.get(key) for key in ("firstName", "lastName", "name", "email", "phone", "companyName")):
        raise RefusalError.unprocessable(["name, email, phone or companyName is required"], status=400)
    row = new_contact(location, body)
    refuse_duplicate(location, row)
    location.contacts.put(row)
    if call.v3:
        return _contact(201, row, call)
    return traced(201, {"contact": created(row.document())})


def upsert(location: Location, call: Call) -> Answer:
    """``POST /contacts/upsert``: by e-mail, then by phone."""
    body = UPSERT.check(call)
    location.require(body.get("locationId"), call)
    if not (body.get("email") or body.get("phone")):
        raise RefusalError.unprocessable(["email or phone is required"])
    twice = body.pop("createNewIfDuplicateAllowed", False) and location.allow_duplicates
    phone = normalised_phone(body.get("phone"), body.get("country"))
    match = None if twice else holder(location, body.get("email"), phone)
    row = new_contact(location, body) if match is None else _merged(location, *match, body, phone)
    location.contacts.put(row)
    return _contact(200, row, call, new=match is None)


def _merged(location: Location, held: Row, field: str, body: dict[str, Any], phone: str | None) -> Row:
    """The existing contact with the write applied, and with what HighLevel quietly leaves out of it.

    ``gender`` is discarded (issue #313). Where the phone is another contact's, it is ignored (issue #37).
    """
    kept = {key: value for key, value in body.items() if key not in ("gender", "locationId")}
    document = held.document()
    if field == "email":
        promote(document, body.get("email"))
        if phone and not location.allow_duplicates and holder(location, None, phone, besides=held.id):
            del kept["phone"]
    return changed(location, document, kept)


def update(location: Location, call: Call) -> Answer:
    """``PUT /contacts/{contactId}``: 200 with the whole contact."""
    body = UPDATE.check(call)
    held = existing(location, call)
    row = changed(location, held.document(), body)
    if row.email != held.email or row.phone != held.phone:
        refuse_duplicate(location, row)
    location.contacts.put(row)
    flag = b"succeeded" if call.v3 else b"succeded"
    return Answer(200, b'{"%b":true,"contact":%b,%b}' % (flag, row.by_id(v3=call.v3), _trace()))


def delete(location: Location, call: Call) -> Answer:
    """``DELETE /contacts/{contactId}``."""
    location.contacts.delete(existing(location, call).id)
    return traced(200, call.done)


def find_duplicate(location: Location, call: Call) -> Answer:
    """``GET /contacts/search/duplicate``: one contact by exact e-mail or E.164 number, or null.

    A ``+`` that was not URL-encoded arrives as a space, and then nothing is found.
    """
    location.require(call.query("locationId"), call)
    match = holder(location, call.query("email"), call.query("number"))
    if match is None:
        return traced(200, {"contact": None})
    return _contact(200, match[0], call)


def of_business(location: Location, call: Call) -> Answer:
    """``GET /contacts/business/{businessId}``; the ``count`` of the contract has never been seen live."""
    location.require(call.query("locationId"), call)
    limit, skip = call.whole("limit", 25, _LARGEST_LIST), call.whole("skip", 0)
    rows = location.index.holding("businessId", call.params["businessId"])
    text = (call.query("query") or "").lower()
    documents = [row.document() for row in rows]
    named = [document for document in documents if text in str(document.get("fullNameLowerCase", ""))]
    return traced(200, {"contacts": named[skip : skip + limit]})


def list_all(location: Location, call: Call) -> Answer:
    """``GET /contacts/``, deprecated: newest first, ``meta`` leads to the next page."""
    location.require(call.query("locationId"), call)
    limit = call.whole("limit", 20, _LARGEST_LIST)
    found = location.index.find(_NEWEST_FIRST, [], (call.query("query") or "").strip())
    start, cursor_id = found.start, call.query("startAfterId")
    if cursor_id:
        start = found.order.after([call.whole("startAfter", 0), cursor_id], found.entries)
    entries = found.entries[start : start + limit]
    page = [listed(location.index.rows[entry[-1]].document()) for entry in entries]
    total = found.stop - found.start
    more = start + limit < found.stop
    last = found.order.cursor(entries[-1]) if more else [None, None]
    meta = _meta(call, total, limit, start - found.start, last)
    return traced(200, {"contacts": page, "count": total, "meta": meta})


def _meta(call: Call, total: int, limit: int, skipped: int, last: list[Any]) -> dict[str, Any]:
    page = skipped // limit + 1
    after = f"&startAfter={last[0]}&startAfterId={quote(str(last[1]))}"
    address = f"{call.base_url}/contacts/?locationId={call.credential.location_id}&limit={limit}{after}"
    return {
        "total": total,
        "nextPageUrl": address if last[1] else None,
        "startAfterId": last[1],
        "startAfter": last[0],
        "currentPage": page,
        "nextPage": page + 1 if last[1] else None,
        "prevPage": page - 1 if page > 1 else None,
    }


def existing(location: Location, call: Call) -> Row:
    """The contact that the path names.

    Raises:
        RefusalError: 400, worded as the contact operations that write word it.
    """
    contact_id = call.params["contactId"]
    row = location.contacts.rows.get(contact_id)
    if row is None:
        raise RefusalError.missing("Contact", contact_id, reading=False)
    return row


def _contact(status: int, row: Row, call: Call, *, new: bool | None = None) -> Answer:
    flag = b"" if new is None else b'"new":%b,' % dump(new)
    return Answer(status, b'{%b"contact":%b,%b}' % (flag, row.by_id(v3=call.v3), _trace()))


def _trace() -> bytes:
    return b'"traceId":"%b"' % trace_id().encode()


ROUTES = (
    Route("POST", "/contacts/search", "contacts.readonly", search),
    Route("GET", "/contacts/search/duplicate", "contacts.readonly", find_duplicate),
    Route("GET", "/contacts/business/{businessId}", "contacts.readonly", of_business),
    Route("GET", "/contacts/", "contacts.readonly", list_all),
    Route("POST", "/contacts/", "contacts.write", create),
    Route("POST", "/contacts/upsert", "contacts.write", upsert),
    Route("GET", "/contacts/{contactId}", "contacts.readonly", read),
    Route("PUT", "/contacts/{contactId}", "contacts.write", update),
    Route("DELETE", "/contacts/{contactId}", "contacts.write", delete),
)
