"""The location's own operations: its settings and its custom fields.

Shapes from GoHighLevel/highlevel-api-docs ``apps/locations.json``.
"""

from __future__ import annotations

from sandbox.account import TIMEZONE
from sandbox.auth import COMPANY_ID
from sandbox.calls import Answer, Call, RefusalError, answer, trace_id
from sandbox.location import LOCATION_ID, Location
from sandbox.routing import Route

__all__ = ["ROUTES"]

_MODELS = ("contact", "opportunity", "all")


def read(location: Location, call: Call) -> Answer:
    """``GET /locations/{locationId}``."""
    location.require(call.params["locationId"], call)
    facts = {
        "id": LOCATION_ID,
        "companyId": COMPANY_ID,
        "name": "Sandbox Location",
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
    return answer(200, {"location": facts, "traceId": trace_id()})


def custom_fields(location: Location, call: Call) -> Answer:
    """``GET /locations/{locationId}/customFields``, of one model or of all."""
    location.require(call.params["locationId"], call)
    model = call.query("model") or "contact"
    if model not in _MODELS:
        raise RefusalError.unprocessable([f"model must be one of the following values: {', '.join(_MODELS)}"])
    fields = [field for field in location.custom_fields if model in ("all", field["model"])]
    return answer(200, {"customFields": fields, "traceId": trace_id()})


ROUTES = (
    Route("GET", "/locations/{locationId}", "locations.readonly", read, level="any"),
    Route("GET", "/locations/{locationId}/customFields", "locations/customFields.readonly", custom_fields),
)
