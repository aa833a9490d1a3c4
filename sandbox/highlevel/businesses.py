"""Businesses: five operations, no search, and a key that is misspelt.

Create and update answer with ``buiseness``, reading with ``business``; the flag is called ``success``;
``limit`` and ``skip`` are strings; names need not be unique. Nothing says what deleting a business does to
its contacts: here they lose the link. Shapes from ``apps/businesses.json``.
"""

from __future__ import annotations

from sandbox.core.answers import Answer
from sandbox.highlevel.calls import Call, RefusalError, traced
from sandbox.highlevel.forms import Form, email, nullable, text
from sandbox.highlevel.location import Location
from sandbox.highlevel.route import Route
from sandbox.highlevel.shapes import Document, Row

__all__ = ["ROUTES"]

_TEXTS = ("phone", "website", "address", "city", "postalCode", "state", "country", "description")
_FIELDS = {"name": text, **dict.fromkeys(_TEXTS, nullable(text)), "email": nullable(email)}
_CREATE = Form({**_FIELDS, "locationId": text}, required=("name",))
_UPDATE = Form(_FIELDS)
_LARGEST_PAGE = 100


def list_all(location: Location, call: Call) -> Answer:
    """``GET /businesses/``: no filter, no search, no total."""
    location.require(call.query("locationId"), call)
    limit, skip = call.whole("limit", _LARGEST_PAGE, _LARGEST_PAGE), call.whole("skip", 0)
    businesses = list(location.others["businesses"].values())
    return traced(200, {"success": True, "businesses": businesses[skip : skip + limit]})


def read(location: Location, call: Call) -> Answer:
    """``GET /businesses/{businessId}``."""
    return traced(200, {"success": True, "business": _business(location, call, reading=True)})


def create(location: Location, call: Call) -> Answer:
    """``POST /businesses/``: 201, also for a name that exists already."""
    body = _CREATE.check(call)
    location.require(body.get("locationId"), call)
    now = location.now()
    blank = {
        "id": location.fresh_hex_id(),
        "createdAt": now,
        "createdBy": _by(now),
        "locationId": location.id,
    }
    return traced(201, {"success": True, "buiseness": _written(location, blank, body)})


def update(location: Location, call: Call) -> Answer:
    """``PUT /businesses/{businessId}``: the named fields change."""
    business = _business(location, call, reading=False)
    return traced(200, {"success": True, "buiseness": _written(location, business, _UPDATE.check(call))})


def delete(location: Location, call: Call) -> Answer:
    """``DELETE /businesses/{businessId}``."""
    business_id = _business(location, call, reading=False)["id"]
    del location.others["businesses"][business_id]
    for row in location.index.holding("businessId", business_id):
        if row.id in location.contacts.rows:
            location.contacts.put(_without_business(location.contacts.rows[row.id]))
    return traced(200, {"success": True})


def _business(location: Location, call: Call, *, reading: bool) -> Document:
    business = location.others["businesses"].get(call.params["businessId"])
    if business is None:
        raise RefusalError.missing("Business", call.params["businessId"], reading=reading)
    return business


def _written(location: Location, business: Document, body: Document) -> Document:
    now = location.now()
    written = {**business, **body, "updatedAt": now, "updatedBy": _by(now)}
    written = {key: value for key, value in written.items() if value is not None}
    location.others["businesses"][written["id"]] = written
    return written


def _by(now: str) -> Document:
    return {"source": "INTEGRATION", "channel": "OAUTH", "sourceId": "sandboxapp", "createdAt": now}


def _without_business(row: Row) -> Row:
    document = row.document()
    return Row({key: value for key, value in document.items() if key not in ("businessId", "businessName")})


ROUTES = (
    Route("GET", "/businesses/", "businesses.readonly", list_all),
    Route("POST", "/businesses/", "businesses.write", create),
    Route("GET", "/businesses/{businessId}", "businesses.readonly", read),
    Route("PUT", "/businesses/{businessId}", "businesses.write", update),
    Route("DELETE", "/businesses/{businessId}", "businesses.write", delete),
)
