"""Making contacts: one at a time, and never the same one twice, whatever becomes of the answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tasks.core.batch import Row
from tasks.core.change import Change, State
from tasks.core.errors import (
    DuplicateContactError,
    InvalidRequestError,
    RecordNotFoundError,
    UnknownOutcomeError,
)
from tasks.hub.provenance import BY_HAND, Origin
from tasks.vendors.highlevel import contact_content, contact_payload
from tasks.vendors.highlevel.api import contacts
from tasks.vendors.highlevel.api.records import Contact
from tasks.vendors.highlevel.writers import lookup, making, removal
from tasks.vendors.highlevel.writers.context import Context
from tasks.vendors.highlevel.writers.lookup import Whose
from tasks.vendors.protocols import Effect, failed, left


async def create(context: Context, change: Change) -> Effect:
    """Make a contact; where its answer is lost, find out whether it was made before making it again."""
    async with lookup.turn(context, change):
        if change.state is State.SENDING:  # somebody died over it
            found = await resolve(context, change)
            if found is not None:
                return found
        return await _create(context, change)


async def _create(context: Context, change: Change) -> Effect:
    unsent = change.state is State.PLANNED  # no earlier request may have made it
    for _ in range(2):
        try:
            made = await contacts.create(
                context.client, contact_payload.creation(change.values(), context.spec.custom)
            )
        except DuplicateContactError as error:
            by = str(error.matching_field or "a key")
            return await _exists(context, change, error.contact_id, by, unsent=unsent and not error.__cause__)
        except InvalidRequestError as error:  # HighLevel may have made it all the same (vendor issue #64)
            return await resolve(context, change) or failed(change, error.what)
        except UnknownOutcomeError:
            found = await resolve(context, change)
            if found is not None:
                return found
            unsent = False
        else:
            return _created(context, change, made)
    raise UnknownOutcomeError(
        f"Two answers in a row were lost to the create of {change.label}.",
        remedy="Nothing is doubled; apply the plan again to go on.",
    )


async def settle(context: Context, change: Change) -> Effect | None:
    """What became of a create that nobody saw the end of; None where it had no effect."""
    async with lookup.turn(context, change):
        return await resolve(context, change)


async def settle_edited(context: Context, change: Change) -> Effect | None:
    """The same for a contact without an address that somebody has edited since it was made.

    Asked once every contact that has all of what was sent is somebody's.
    """
    async with lookup.turn(context, change):
        found = await lookup.edited_contact_of(context, change)
        return None if found is None else await _exists(context, change, found.id, "its name", found)


async def resolve(context: Context, change: Change) -> Effect | None:
    """What became of a create whose answer nobody saw; None where it had no effect."""
    async for _ in making.looks(context, change):
        found = await lookup.contact_of(context, change)
        if found is not None:
            return await _exists(context, change, found.id, "its address", found)
    return None


async def _exists(
    context: Context,
    change: Change,
    contact_id: str,
    by: str,
    found: Contact | None = None,
    *,
    unsent: bool = False,
) -> Effect:
    """HighLevel has the contact: ours, if it is all that we sent; else it is planned anew as what it is.

    Args:
        unsent: No request of ours can have made it.
    """
    try:
        contact = found or await contacts.get(context.client, contact_id)
    except RecordNotFoundError:
        return failed(change, f"HighLevel says that contact {contact_id} exists, and does not have it")
    row = context.read(contact)
    if row is None:
        change.target_id = contact_id
        why = f"HighLevel has contact {contact_id} already, by {by}; the mirror cannot read it (see rejects)"
        return replace(left(change, why), link=context.link(change))
    if not lookup.is_what_we_sent(context, change, row):
        if not unsent and lookup.may_be_ours_edited(change, contact):
            return _made_and_edited(context, change, contact, row)
        return context.stale(change, row, f"HighLevel has it already: contact {contact_id}, by {by}")
    effect = _created(context, change, contact, partial=False)
    change.result["made"] = removal.made_unseen(change, contact, context.spec.custom)
    change.result |= _adopted(change, contact, unsent=unsent)
    return effect


def _made_and_edited(context: Context, change: Change, contact: Contact, row: Row) -> Effect:
    """The end of a create that somebody has edited before we knew of it: what differs is that person's."""
    effect = _created(context, change, contact, partial=False)
    edited = set(change.result.pop("dropped", ()))
    change.result["made"] = removal.made_unseen(change, contact, context.spec.custom)
    change.result |= {"edited": sorted(edited), "adopted": "unknown"}
    at = row.get("date_updated") or context.client.now()
    ours = [one for one in change.fields if one.field not in edited]
    theirs = [
        (name, Origin(BY_HAND, at, context.spec.held(row, one.field)))
        for one in change.fields
        if one.field in edited and (name := context.spec.origins.get(one.field)) is not None
    ]
    effect.origins = [*context.origins(ours, change.wanted, row), *theirs]
    return effect


def _adopted(change: Change, contact: Contact, *, unsent: bool) -> dict[str, Any]:
    """Whether a contact that was found was there before.

    Within the blur of the clocks it is ours: nobody else makes all of the same in that second.
    """
    whose = lookup.whose(change, contact.date_added)
    if unsent or whose is Whose.OTHERS:
        return {"adopted": True}
    return {"adopted": "unknown"} if contact.date_added is None else {}


def _created(context: Context, change: Change, made: Contact, *, partial: bool = True) -> Effect:
    change.state, change.target_id = State.DONE, made.id
    context.claimed.add(made.id)
    row = context.read(made)
    change.result |= {"id": made.id, "made": contact_content.content(made)}
    untold = [one for one in change.fields if partial and one.field in contact_payload.NOT_TOLD_WHEN_MADE]
    told = [one for one in change.fields if one not in untold]
    change.result |= {"dropped": missed} if (missed := context.dropped(told, row)) else {}
    origins = context.origins(told, change.wanted, row) + context.origins(untold, change.wanted, None)
    return Effect(change, row, partial=partial, origins=origins, link=context.link(change))
