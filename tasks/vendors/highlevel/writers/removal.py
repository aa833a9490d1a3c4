"""Deleting a contact that a plan made, unless somebody has worked on it since.

A contact takes its notes, tasks and appointments along, and nothing brings it back. So it is compared, as it
is now, with what it was when it was made, and what hangs on it is asked for. That something moved its date
is nobody's work.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC

from tasks.core.change import Change, State
from tasks.core.errors import RecordNotFoundError
from tasks.streams import HIGHLEVEL_CONTACT
from tasks.streams.content import Content, key_of
from tasks.vendors.highlevel import contact_content
from tasks.vendors.highlevel.api import appointments, contacts, crm_tasks, notes
from tasks.vendors.highlevel.api.records import Contact
from tasks.vendors.highlevel.writers.context import Context
from tasks.vendors.protocols import Effect, left


async def delete(context: Context, change: Change) -> Effect:
    """Delete a contact that a plan made, unless somebody has worked on it since."""

    async def untouched() -> None:
        contact = await contacts.get(context.client, change.target_id)
        work = _edited(context, change, contact) or await _hanging_on(context, change.target_id)
        if work:
            raise _WorkedOnError(contact, work)

    try:
        await untouched()
        await contacts.delete(context.client, change.target_id, again=untouched)
    except _WorkedOnError as found:
        told = f"edited since: {', '.join(found.work)}"
        if by := change.result.get("changed_by"):
            told += f" (plan {by} has written to it)"
        return left(change, told, context.read(found.contact))
    except RecordNotFoundError:
        pass
    return _deleted(context, change)


class _WorkedOnError(Exception):
    """Somebody has worked on a contact that was to be deleted, before it or between two tries of it."""

    def __init__(self, contact: Contact, work: list[str]) -> None:
        super().__init__()
        self.contact = contact
        self.work = work


async def deleted(context: Context, change: Change) -> Effect | None:
    """The end of a delete that nobody saw the end of; None where the contact is there."""
    return None if await contacts.exists(context.client, change.target_id) else _deleted(context, change)


def made_unseen(change: Change, contact: Contact, custom: Mapping[str, str]) -> Content:
    """What a contact held when it was made, where that was not seen: what we sent and what HighLevel adds.

    What else it holds by now, somebody may have given it.
    """
    ours = {key_of(HIGHLEVEL_CONTACT, one.field, custom) for one in change.fields}
    if "name" in ours:
        ours |= contact_content.NAMES
    ours |= contact_content.BY_ITSELF
    return {name: value for name, value in contact_content.content(contact).items() if name in ours}


def _edited(context: Context, change: Change, contact: Contact) -> list[str]:
    """The fields that hold something else than when the contact was made."""
    made: Content | None = change.result.get("made")
    if made is None:  # of a plan that did not keep it
        row = context.read(contact)
        return [
            one.field
            for one in change.fields
            if row is None or not context.same(one.field, context.spec.held(row, one.field), one.old)
        ]
    now, custom = contact_content.content(contact), context.spec.custom
    if change.result.get("as_sent"):
        made = _as_made(context, made, now)
    for one in change.fields:  # the answer to a create does not tell all that there is
        key = key_of(HIGHLEVEL_CONTACT, one.field, custom)
        if key not in made and context.same(one.field, now.get(key), one.old):
            made = made | {key: now.get(key)}
    return contact_content.differing(made, now)


def _as_made(context: Context, sent: Content, now: Content) -> Content:
    """What HighLevel made of what was sent: what it adds and how it spells are nobody's work."""
    spelt = {name: now[name] for name, value in sent.items() if context.same(name, value, now.get(name))}
    return {name: now[name] for name in contact_content.BY_ITSELF if name in now} | sent | spelt


async def _hanging_on(context: Context, contact_id: str) -> list[str]:
    """What somebody has put to a contact; ours is gone by now."""
    client = context.client
    if await notes.of_contact(client, contact_id):
        return ["a note"]
    if any(not task.deleted for task in await crm_tasks.of_contact(client, contact_id)):
        return ["a task"]
    events = await appointments.of_contact(client, contact_id, zone=UTC)
    return ["an appointment"] if any(not event.deleted for event in events) else []


def _deleted(context: Context, change: Change) -> Effect:
    change.state = State.DONE
    return Effect(change, gone=True, link=(context.spec.scope, change.record_id, ""))
