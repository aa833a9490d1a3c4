"""Notes over the line: made, changed and deleted."""

from __future__ import annotations

from typing import Any

from tasks.vendors.highlevel.api import notes
from tasks.vendors.highlevel.api.activity_writes import NoteCreate, NoteUpdate
from tasks.vendors.highlevel.client import HighLevel
from tests.tasks.vendors.highlevel.unconfirmed import unconfirmed


def first_contact(talk: Any) -> str:
    return str(talk.vendor.records("contacts")[0]["id"])


def test_a_note_is_made_changed_and_deleted(talk: Any) -> None:
    contact = first_contact(talk)

    async def go(client: HighLevel) -> None:
        new = NoteCreate(body="Met at the fair", title="Fair", color="#00ff00", pinned=True)
        made = await notes.create(client, contact, new)
        assert unconfirmed(new, made) == ()
        changes = NoteUpdate(body="Met at the spring fair")
        assert unconfirmed(changes, await notes.update(client, contact, made.id, changes)) == ()
        assert (await notes.get(client, contact, made.id)).body == "Met at the spring fair"
        assert [note.id for note in await notes.of_contact(client, contact)] == [made.id]
        assert await notes.delete(client, contact, made.id)
        assert not await notes.delete(client, contact, made.id)

    talk(go)
