"""Notes of a contact: newest first, all at once, and never deduplicated.

The same text sent twice is two notes; whoever syncs notes keeps a map of his own. Shapes from
``apps/contacts.json`` (NotesDTO, GetNoteSchema); ``dateUpdated`` as seen live.
"""

from __future__ import annotations

from sandbox.core.answers import Answer
from sandbox.highlevel.calls import Call, RefusalError, traced
from sandbox.highlevel.contacts import existing
from sandbox.highlevel.forms import Form, colour, nullable, text, truth
from sandbox.highlevel.location import Location
from sandbox.highlevel.route import Route
from sandbox.highlevel.shapes import Document, millis

__all__ = ["ROUTES"]

_FIELDS = {
    "userId": nullable(text),
    "body": text,
    "title": nullable(text),
    "color": nullable(colour),
    "pinned": truth,
}
_CREATE, _UPDATE = Form(_FIELDS, required=("body",)), Form(_FIELDS)


def of_contact(location: Location, call: Call) -> Answer:
    """``GET /contacts/{contactId}/notes``: newest first."""
    notes = location.others["notes"].of(existing(location, call).id)[::-1]
    notes.sort(key=lambda note: millis(note.get("dateAdded")), reverse=True)
    return traced(200, {"notes": notes})


def read(location: Location, call: Call) -> Answer:
    """``GET /contacts/{contactId}/notes/{id}``."""
    return traced(200, {"note": _note(location, call, reading=True)})


def create(location: Location, call: Call) -> Answer:
    """``POST /contacts/{contactId}/notes``: 201, however often the same text comes."""
    contact = existing(location, call)
    body = _CREATE.check(call)
    blank = {
        "id": location.fresh_id(),
        "contactId": contact.id,
        "pinned": False,
        "dateAdded": location.now(),
    }
    return traced(201, {"note": _written(location, blank, body)})


def update(location: Location, call: Call) -> Answer:
    """``PUT /contacts/{contactId}/notes/{id}``: the named fields change."""
    note = _note(location, call, reading=False)
    return traced(200, {"note": _written(location, note, _UPDATE.check(call))})


def delete(location: Location, call: Call) -> Answer:
    """``DELETE /contacts/{contactId}/notes/{id}``."""
    del location.others["notes"][_note(location, call, reading=False)["id"]]
    return traced(200, call.done)


def _note(location: Location, call: Call, *, reading: bool) -> Document:
    contact = existing(location, call)
    note = location.others["notes"].get(call.params["id"])
    if note is None or note.get("contactId") != contact.id:
        raise RefusalError.missing("Note", call.params["id"], reading=reading)
    return note


def _written(location: Location, note: Document, body: Document) -> Document:
    written = {**note, **body, "dateUpdated": location.now()}
    if body.get("userId") is not None and location.user_or_none(body["userId"]) is None:
        written["userId"] = note.get("userId")
    written = {key: value for key, value in written.items() if value is not None}
    location.others["notes"][written["id"]] = written
    return written


ROUTES = (
    Route("GET", "/contacts/{contactId}/notes", "contacts.readonly", of_contact),
    Route("POST", "/contacts/{contactId}/notes", "contacts.write", create),
    Route("GET", "/contacts/{contactId}/notes/{id}", "contacts.readonly", read),
    Route("PUT", "/contacts/{contactId}/notes/{id}", "contacts.write", update),
    Route("DELETE", "/contacts/{contactId}/notes/{id}", "contacts.write", delete),
)
