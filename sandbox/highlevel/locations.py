"""The location's own operations: what it is and how it is set.

The agency that it belongs to is told here alone (``companyId``). Shapes from
GoHighLevel/highlevel-api-docs ``apps/locations.json``.
"""

from __future__ import annotations

from sandbox.core.answers import Answer
from sandbox.highlevel.account import TIMEZONE
from sandbox.highlevel.auth import COMPANY_ID
from sandbox.highlevel.calls import Call, RefusalError, traced
from sandbox.highlevel.location import Location
from sandbox.highlevel.route import Route
from sandbox.highlevel.shapes import Document

__all__ = ["ROUTES"]

_LARGEST_PAGE = 100


def read(location: Location, call: Call) -> Answer:
    """``GET /locations/{locationId}``."""
    location.require(call.params["locationId"], call)
    return traced(200, {"location": _facts(location)})


def search(location: Location, call: Call) -> Answer:
    """``GET /locations/search``: the locations that the token has access to."""
    if call.query("companyId") not in (None, COMPANY_ID):
        raise RefusalError.foreign_location()
    limit, skip = call.whole("limit", 10, _LARGEST_PAGE), call.whole("skip", 0)
    mine = [location] if call.credential.location_id else location.siblings
    found = [facts for facts in map(_facts, mine) if call.query("email") in (None, "", facts["email"])]
    return traced(200, {"locations": found[skip : skip + limit]})


def _facts(location: Location) -> Document:
    return {
        "id": location.id,
        "companyId": COMPANY_ID,
        "name": location.name,
        "address": "1 Example Street",
        "city": "Springfield",
        "country": "US",
        "postalCode": "10001",
        "website": "https://www.example.com",
        "timezone": TIMEZONE,
        "email": "owner@example.com",
        "phone": "+12025550100",
        "settings": location.settings(),
    }


ROUTES = (
    Route("GET", "/locations/{locationId}", "locations.readonly", read, level="any"),
    Route("GET", "/locations/search", "locations.readonly", search, level="any"),
)
