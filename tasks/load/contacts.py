"""Writing contacts: one at a time, only what differs, and never the same create twice.

The traps are HighLevel's documented ones: tags in an update replace all of them, an upsert by a further
address promotes it and loses the first one, an upsert whose keys are two contacts' drops one in silence.
So updates go by id, tags by their own operations, and the one field that only an upsert takes
(``companyName``) goes with the contact's own first address.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tasks.batch import Json, Row
from tasks.change import Change, FieldChange, State
from tasks.errors import (
    DuplicateContactError,
    GarbledAnswerError,
    InvalidRequestError,
    RecordNotFoundError,
    UnknownOutcomeError,
)
from tasks.highlevel import contact_content, contact_payload, contacts
from tasks.highlevel.records import Contact
from tasks.load import lookup, removal
from tasks.load.desk import Desk, failed, left, refused
from tasks.load.effect import Effect
from tasks.load.lookup import Whose
from tasks.streams import HIGHLEVEL_CONTACT, Way

ADDRESSES = ("email", "phone")
"""What an upsert goes by."""

LOOK_AGAIN_SECONDS: tuple[float, ...] = (0, 3, 10)
"""Waits before each look-up of a create whose answer was lost: the request may still be at work there."""


async def create(desk: Desk, change: Change) -> Effect:
    """Make a contact; where its answer is lost, find out whether it was made before making it again."""
    async with lookup.turn(desk, change):
        if change.state is State.SENDING:  # somebody died over it
            found = await resolve(desk, change)
            if found is not None:
                return found
        return await _create(desk, change)


async def _create(desk: Desk, change: Change) -> Effect:
    unsent = change.state is State.PLANNED  # no earlier request may have made it
    for _ in range(2):
        try:
            made = await contacts.create(
                desk.client, contact_payload.creation(change.values(), desk.spec.custom)
            )
        except DuplicateContactError as error:
            by = str(error.matching_field or "a key")
            return await _exists(desk, change, error.contact_id, by, unsent=unsent and not error.__cause__)
        except InvalidRequestError as error:  # HighLevel may have made it all the same (vendor issue #64)
            return await resolve(desk, change) or failed(change, error.what)
        except UnknownOutcomeError:
            found = await resolve(desk, change)
            if found is not None:
                return found
            unsent = False
        else:
            return _created(desk, change, made)
    raise UnknownOutcomeError(
        f"Two answers in a row were lost to the create of {change.label}.",
        remedy="Nothing is doubled; apply the plan again to go on.",
    )


async def settle(desk: Desk, change: Change) -> Effect | None:
    """What became of a create that nobody saw the end of; None where it had no effect."""
    async with lookup.turn(desk, change):
        return await resolve(desk, change)


async def settle_edited(desk: Desk, change: Change) -> Effect | None:
    """The same for a contact without an address that somebody has edited since it was made."""
    return None


async def resolve(desk: Desk, change: Change) -> Effect | None:
    """What became of a create whose answer nobody saw; None where it had no effect."""
    async for _ in looks(desk, change):
        found = await lookup.contact_of(desk, change)
        if found is not None:
            return await _exists(desk, change, found.id, "its address", found)
    return None


async def looks(desk: Desk, change: Change) -> AsyncIterator[None]:
    """When to look whether a lost request took effect: once, or several times while it may be at work."""
    for seconds in LOOK_AGAIN_SECONDS:
        await asyncio.sleep(seconds)
        yield
        age = desk.client.now() - change.sent_at if change.sent_at else timedelta.max
        if age.total_seconds() > 2 * sum(LOOK_AGAIN_SECONDS):
            return


async def update(desk: Desk, change: Change) -> Effect:
    """Write the fields that differ, unless somebody changed one of them meanwhile."""
    todo: list[FieldChange] = []
    try:
        row = await desk.row_of(change.target_id)
        if row is None:
            return left(change, "the mirror's mapping does not understand the contact any more")
        todo, moved = _writable(*desk.moved(change, row), row)
        change.wrote(())
        if change.state is State.SENDING and lookup.is_touched(change, row.get("date_updated")):
            # Somebody died over it: what is there is ours.
            change.wrote(one for one in change.fields if one not in todo and one not in moved)
        if moved and desk.replans:
            return _in_part(desk, change, desk.stale(change, row, _told_moved(moved)))
        if todo:
            row = await _write(desk, change, todo, row)
    except DuplicateContactError as error:
        other = await desk.row_of(error.contact_id)
        field = error.matching_field or "address"
        told = f"contact {error.contact_id} has its {field}"
        return _in_part(desk, change, desk.stale(change, other, told))
    except InvalidRequestError as error:
        return refused(change, await landed(desk, change, sent=todo), error.what)
    except RecordNotFoundError:
        return _gone(desk, change)
    written = [one for one in change.fields if one not in moved]
    change.result |= {"dropped": missed} if (missed := desk.dropped(written, row)) else {}
    if moved:
        change.result["left"] = [one.field for one in moved]
        change.error = _told_moved(moved)
    change.state = State.DONE if written else State.LEFT
    origins = desk.origins(written, change.wanted, row)
    return Effect(change, row, origins=origins, link=desk.link(change))


def _writable(
    todo: list[FieldChange], moved: list[FieldChange], row: Row
) -> tuple[list[FieldChange], list[FieldChange]]:
    """Without what only an upsert writes, where the contact has lost the addresses by which that would go."""
    after = {one.field: one.new for one in todo}
    if any(after.get(key) or row.get(key) for key in ADDRESSES):
        return todo, moved
    upserts = [one for one in todo if _is_upsert(one)]
    return [one for one in todo if one not in upserts], [*moved, *upserts]


def _is_upsert(one: FieldChange) -> bool:
    declared = HIGHLEVEL_CONTACT.field(one.field)
    return declared is not None and declared.way is Way.UPSERT


def _in_part(desk: Desk, change: Change, effect: Effect) -> Effect:
    """An end that is none of all fields: those that took effect are ours all the same."""
    effect.origins = desk.origins(change.effect, change.wanted, None)
    return effect


async def landed(desk: Desk, change: Change, sent: Sequence[FieldChange] | None = None) -> Effect | None:
    """What became of an update that nobody saw the end of; None where it had no effect.

    One that had half of it stays planned, with what is there recorded as ours.

    Args:
        sent: The fields that were just sent, beside what is known to be written; None where that is not
            known: then all that is there may be ours.
    """
    try:
        contact = await contacts.get(desk.client, change.target_id)
    except RecordNotFoundError:
        return None
    row = desk.read(contact)
    if row is None:
        return None
    todo, moved = desk.moved(change, row)
    there = [one for one in change.fields if one not in todo and one not in moved]
    if lookup.is_touched(change, contact.date_updated):
        change.wrote(one for one in there if sent is None or one in sent)
    if not change.result.get("written"):
        return None
    change.state = State.PLANNED if todo or moved else State.DONE
    origins = desk.origins(there, change.wanted, row)
    return Effect(change, row, origins=origins, link=desk.link(change))


async def _write(desk: Desk, change: Change, todo: list[FieldChange], row: Row) -> Row | None:
    """Send what is to be written; the contact after it."""
    values = {one.field: one.new for one in todo}
    ways = [_update, _upsert]
    if not any(values.get(key, row.get(key)) for key in ADDRESSES):
        ways.reverse()  # the update takes away the address by which the upsert goes
    after: Row | None = row
    for way in ways:
        after = await way(desk, change, values, row, after)
    return after


async def _update(
    desk: Desk, change: Change, values: dict[str, Json], _before: Row, row: Row | None
) -> Row | None:
    body = contact_payload.changes(values, desk.spec.custom)
    if body is None:
        return row
    try:
        after = desk.read(await contacts.update(desk.client, change.target_id, body))
    except GarbledAnswerError:  # v3 promises no contact in its answer
        after = desk.read(await contacts.get(desk.client, change.target_id))
    change.wrote(one for one in change.fields if one.field in values and not _is_upsert(one))
    return after


async def _upsert(
    desk: Desk, change: Change, values: dict[str, Json], before: Row, row: Row | None
) -> Row | None:
    own = row or before
    body = contact_payload.by_upsert(values, own.get("email") or "", own.get("phone") or "")
    if body is None:
        return row
    after = desk.read((await contacts.upsert(desk.client, body)).contact)
    change.wrote(one for one in change.fields if one.field in values and _is_upsert(one))
    if after is not None and after["id"] != change.target_id:
        return desk.read(await contacts.get(desk.client, change.target_id))
    return after


async def _exists(
    desk: Desk,
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
        contact = found or await contacts.get(desk.client, contact_id)
    except RecordNotFoundError:
        return failed(change, f"HighLevel says that contact {contact_id} exists, and does not have it")
    row = desk.read(contact)
    if row is None:
        change.target_id = contact_id
        why = f"HighLevel has contact {contact_id} already, by {by}; the mirror cannot read it (see rejects)"
        return replace(left(change, why), link=desk.link(change))
    if not lookup.is_what_we_sent(desk, change, row):
        return desk.stale(change, row, f"HighLevel has it already: contact {contact_id}, by {by}")
    effect = _created(desk, change, contact, partial=False)
    change.result["made"] = removal.made_unseen(change, contact, desk.spec.custom)
    change.result |= _adopted(change, contact, unsent=unsent)
    return effect


def _adopted(change: Change, contact: Contact, *, unsent: bool) -> dict[str, Any]:
    """Whether a contact that was found was there before.

    Within the blur of the clocks it is ours: nobody else makes all of the same in that second.
    """
    whose = lookup.whose(change, contact.date_added)
    if unsent or whose is Whose.OTHERS:
        return {"adopted": True}
    return {"adopted": "unknown"} if contact.date_added is None else {}


def _created(desk: Desk, change: Change, made: Contact, *, partial: bool = True) -> Effect:
    change.state, change.target_id = State.DONE, made.id
    desk.claimed.add(made.id)
    row = desk.read(made)
    change.result |= {"id": made.id, "made": contact_content.content(made)}
    change.result |= {"dropped": missed} if (missed := desk.dropped(change.fields, row)) else {}
    origins = desk.origins(change.fields, change.wanted, row)
    return Effect(change, row, partial=partial, origins=origins, link=desk.link(change))


def _gone(desk: Desk, change: Change) -> Effect:
    effect = desk.stale(change, None, f"contact {change.target_id} is gone from HighLevel")
    effect.gone = True
    return effect


def _told_moved(moved: list[FieldChange]) -> str:
    return f"changed meanwhile in HighLevel: {', '.join(one.field for one in moved)}"
