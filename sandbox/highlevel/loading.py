"""Records put in place of those that are there: a sub-account as another sandbox had it.

So a test can go on where a vendor was left, e.g. beside a hub that was kept: what ``GET /_sandbox/records``
told of a kind is what is loaded.
"""

from __future__ import annotations

from typing import Any

from sandbox.core.answers import Answer, answer
from sandbox.highlevel.location import Location
from sandbox.highlevel.records import Records
from sandbox.highlevel.shapes import Document, Row, millis

__all__ = ["BadLoadError", "apply"]

_LISTS = {"users": "users", "customFields": "custom_fields"}
_DATES = ("dateAdded", "dateUpdated", "createdAt", "updatedAt")


class BadLoadError(ValueError):
    """What is to be loaded is not understood; the message says what would be."""


def apply(location: Location, given: Any) -> Answer:
    """Replace all records of the named kinds; the others stay as they are.

    The vendor's clock is never behind what was loaded, and new ids are none of those that were.

    Raises:
        BadLoadError: It is no object of lists of records.
    """
    _refuse_malformed(location, given)
    for kind, records in given.items():
        if kind == "contacts":
            location.contacts.replace(map(Row, records))
            location.index.reset(location.contacts.rows)
        elif kind == "tags":
            location.tags = {tag["name"]: tag for tag in records}
        elif kind in _LISTS:
            setattr(location, _LISTS[kind], records)
        else:
            location.others[kind] = Records(records)
    dates = (millis(record.get(date)) for records in given.values() for record in records for date in _DATES)
    location.clock.reach(max(dates, default=0))
    location.use_fresh_ids("a load")
    return answer(200, {kind: len(records) for kind, records in given.items()})


def _refuse_malformed(location: Location, given: Any) -> None:
    kinds = ("contacts", "tags", *_LISTS, *location.others)
    if not isinstance(given, dict) or not given:
        raise BadLoadError(f"send an object of lists of records; its keys are of {', '.join(kinds)}")
    for kind, records in given.items():
        if kind not in kinds:
            raise BadLoadError(f"there is no kind {kind!r}; there are {', '.join(kinds)}")
        if not isinstance(records, list) or not all(_is_record(kind, record) for record in records):
            raise BadLoadError(f"{kind} must be a list of records with an id")


def _is_record(kind: str, record: Any) -> bool:
    found: Document = record if isinstance(record, dict) else {}
    return all(isinstance(found.get(key), str) for key in ("id", *(("name",) if kind == "tags" else ())))
