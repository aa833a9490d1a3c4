"""Businesses seen as records of the object ``business``: the only way to search them.

``POST /objects/business/records/search`` finds what ``GET /businesses/`` can only list, and both show the
same companies. Fields are called ``properties`` here; a write changes the business. Creating and deleting
go through ``/businesses/`` (vendor issue #34).
"""

from __future__ import annotations

from sandbox.core.answers import dump
from sandbox.highlevel.calls import RefusalError
from sandbox.highlevel.location import Location
from sandbox.highlevel.shapes import Document, millis

__all__ = ["OBJECT", "change", "find", "read"]

OBJECT = "business"
_PROPERTIES = (
    "name", "phone", "email", "website", "address", "city", "description", "state", "postalCode", "country",
)  # fmt: skip


def find(location: Location, text: bytes) -> list[Document]:
    """The companies with a text in any of their properties."""
    records = [_record(business) for business in location.others["businesses"].values()]
    return [record for record in records if not text or text in dump(record["properties"]).lower()]


def read(location: Location, record_id: str, *, reading: bool) -> Document:
    """One company.

    Raises:
        RefusalError: 400 where there is none.
    """
    business = location.others["businesses"].get(record_id)
    if business is None:
        raise RefusalError.missing("Record", record_id, reading=reading)
    return _record(business)


def change(location: Location, record_id: str, properties: Document) -> Document:
    """A company after a write; the named properties change.

    Raises:
        RefusalError: 400 where there is none, or for a property that it does not have.
    """
    read(location, record_id, reading=False)
    unknown = [name for name in properties if name not in _PROPERTIES]
    if unknown:
        raise RefusalError.bad_request(f"Invalid property {unknown[0]}")
    business = {**location.others["businesses"][record_id], **properties, "updatedAt": location.now()}
    kept = {key: value for key, value in business.items() if value is not None}
    location.others["businesses"][record_id] = kept
    return _record(kept)


def _record(business: Document) -> Document:
    created, updated = business.get("createdAt"), business.get("updatedAt")
    return {
        "id": business["id"],
        "owner": [],
        "followers": [],
        "properties": {name: business[name] for name in _PROPERTIES if name in business},
        "locationId": business.get("locationId"),
        "objectId": "63b7ec34ea409a9a8bd2a501",
        "objectKey": OBJECT,
        "dateAdded": created,
        "dateUpdated": updated,
        "createdAt": created,
        "updatedAt": updated,
        "createdBy": business.get("createdBy"),
        "lastUpdatedBy": business.get("updatedBy"),
        "searchAfter": [millis(updated), business["id"]],
    }
