"""The people who work in the sub-account.

``GET /users/`` is deprecated and gone from v3's files, and still answers under both: it is the only list
that needs no agency. A user read by id comes unwrapped. Searching without ``companyId`` is a 401 whose
message says nothing. Shapes from ``apps/users.json``.
"""

from __future__ import annotations

from sandbox.core.answers import Answer
from sandbox.highlevel.auth import COMPANY_ID
from sandbox.highlevel.calls import Call, RefusalError, traced
from sandbox.highlevel.forms import Form, text, truth
from sandbox.highlevel.location import Location
from sandbox.highlevel.route import Route
from sandbox.highlevel.shapes import Document

__all__ = ["ROUTES"]

_BY_EMAIL = Form(
    {**dict.fromkeys(("companyId", "emails", "skip", "limit", "projection"), text), "deleted": truth},
    required=("companyId", "emails"),
)
_LARGEST_PAGE = 100
_UNAUTHORISED = {"statusCode": 401, "message": "E01 - Unauthorized request", "error": "Unauthorized"}


def of_location(location: Location, call: Call) -> Answer:
    """``GET /users/``."""
    location.require(call.query("locationId"), call)
    return traced(200, {"users": [_shown(location, user) for user in location.users]})


def read(location: Location, call: Call) -> Answer:
    """``GET /users/{userId}``: unwrapped."""
    user = next((user for user in location.users if user["id"] == call.params["userId"]), None)
    if user is None:
        raise RefusalError.missing("User", call.params["userId"], reading=True)
    return traced(200, _shown(location, user))


def search(location: Location, call: Call) -> Answer:
    """``GET /users/search``: 25 unless told otherwise, by name, e-mail or ids."""
    _require_company(call.query("companyId"))
    if call.query("locationId") is not None:
        location.require(call.query("locationId"), call)
    asked, ids = (call.query("query") or "").lower(), (call.query("ids") or "").split(",")
    found = [
        user
        for user in location.users
        if asked in f"{user['name']} {user['email']}".lower() and (ids == [""] or user["id"] in ids)
    ]
    limit, skip = call.whole("limit", 25, _LARGEST_PAGE), call.whole("skip", 0)
    return traced(
        200, {"users": [_shown(location, user) for user in found[skip : skip + limit]], "count": len(found)}
    )


def by_email(location: Location, call: Call) -> Answer:
    """``POST /users/search/filter-by-email``: addresses with commas between them."""
    body = _BY_EMAIL.check(call)
    _require_company(body["companyId"])
    wanted = {address.strip().lower() for address in body["emails"].split(",")}
    found = [_shown(location, user) for user in location.users if user["email"].lower() in wanted]
    return traced(200, {"users": found, "count": len(found)})


def _require_company(company_id: str | None) -> None:
    if company_id is None:
        raise RefusalError(401, _UNAUTHORISED)
    if company_id != COMPANY_ID:
        raise RefusalError.foreign_location()


def _shown(location: Location, user: Document) -> Document:
    roles = {"type": "account", "role": "user", "locationIds": [location.id], "restrictSubAccount": False}
    return {**user, "roles": roles, "deleted": False}


ROUTES = (
    Route("GET", "/users/", "users.readonly", of_location),
    Route("GET", "/users/search", "users.readonly", search, level="any"),
    Route("POST", "/users/search/filter-by-email", "users.readonly", by_email, level="any"),
    Route("GET", "/users/{userId}", "users.readonly", read, level="any"),
)
