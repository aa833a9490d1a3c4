"""A contact's notes: newest first, all at once, and never deduplicated by HighLevel."""

from __future__ import annotations

from tasks.core.errors import RecordNotFoundError
from tasks.vendors.highlevel.api.activity_writes import NoteCreate, NoteUpdate
from tasks.vendors.highlevel.api.endpoint import Endpoint
from tasks.vendors.highlevel.api.records import Note
from tasks.vendors.highlevel.client import HighLevel
from tasks.vendors.retry import Check

_READ, _WRITE = "contacts.readonly", "contacts.write"
_ALL, _ONE = "/contacts/{contactId}/notes", "/contacts/{contactId}/notes/{id}"

LIST = Endpoint("GET", _ALL, _READ)
CREATE = Endpoint("POST", _ALL, _WRITE, idempotent=False)
GET = Endpoint("GET", _ONE, _READ)
UPDATE = Endpoint("PUT", _ONE, _WRITE)
DELETE = Endpoint("DELETE", _ONE, _WRITE)


async def of_contact(client: HighLevel, contact_id: str) -> list[Note]:
    """All notes of a contact, newest first; there are no pages."""
    answer = await LIST.ask(client, {"contactId": contact_id})
    return LIST.records(client, answer, Note, "notes")


async def get(client: HighLevel, contact_id: str, note_id: str) -> Note:
    """One note.

    Raises:
        RecordNotFoundError: There is no such note, or no such contact.
    """
    answer = await GET.ask(client, _path(contact_id, note_id))
    return GET.record(client, answer, Note, "note")


async def create(client: HighLevel, contact_id: str, note: NoteCreate) -> Note:
    """Make a note.

    Raises:
        UnknownOutcomeError: The answer was lost; compare ``of_contact`` before making it again.
    """
    answer = await CREATE.ask(client, {"contactId": contact_id}, json=note.payload(client.dialect))
    return CREATE.record(client, answer, Note, "note")


async def update(client: HighLevel, contact_id: str, note_id: str, changes: NoteUpdate) -> Note:
    """Change the fields that are set; the note after it."""
    answer = await UPDATE.ask(client, _path(contact_id, note_id), json=changes.payload(client.dialect))
    return UPDATE.record(client, answer, Note, "note")


async def delete(client: HighLevel, contact_id: str, note_id: str, *, again: Check | None = None) -> bool:
    """Delete a note; False where it was gone already.

    Args:
        again: As ``HighLevel.call`` has it.
    """
    try:
        await DELETE.do(client, _path(contact_id, note_id), again=again)
    except RecordNotFoundError:
        return False
    return True


def _path(contact_id: str, note_id: str) -> dict[str, str]:
    return {"contactId": contact_id, "id": note_id}
