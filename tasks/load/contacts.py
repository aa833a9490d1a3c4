"""Writing contacts: one at a time, only what differs, and never the same create twice.

The traps are HighLevel's documented ones: tags in an update replace all of them, an upsert by a further
address promotes it and loses the first one, an upsert whose keys are two contacts' drops one in silence.
So updates go by id, tags by their own operations, and the one field that only an upsert takes
(``companyName``) goes with the contact's own first address.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tasks.batch import Row
from tasks.change import Change, FieldChange, State
from tasks.errors import (
    DuplicateContactError,
    GarbledAnswerError,
    InvalidRequestError,
    RecordNotFoundError,
    UnknownOutcomeError,
)
from tasks.highlevel import contact_payload, contacts
from tasks.highlevel.records import Contact
from tasks.load import lookup
from tasks.load.desk import Desk, failed, left, refused
from tasks.load.effect import Effect
from tasks.plan_spec import held

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
    for _ in range(2):
        try:
            made = await contacts.create(
                desk.client, contact_payload.creation(change.values(), desk.spec.custom)
            )
        except DuplicateContactError as error:
            return await _exists(desk, change, error.contact_id, str(error.matching_field or "a key"))
        except InvalidRequestError as error:  # HighLevel may have made it all the same (vendor issue #64)
            return await resolve(desk, change) or failed(change, error.what)
        except UnknownOutcomeError:
            found = await resolve(desk, change)
            if found is not None:
                return found
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
    async for _ in looks(change):
        found = await lookup.contact_of(desk, change)
        if found is not None:
            return await _exists(desk, change, found.id, "its address", found)
    return None


async def looks(change: Change) -> AsyncIterator[None]:
    """When to look whether a lost request took effect: once, or several times while it may be at work."""
    for seconds in LOOK_AGAIN_SECONDS:
        await asyncio.sleep(seconds)
        yield
        age = datetime.now(UTC) - change.sent_at if change.sent_at else timedelta.max
        if age.total_seconds() > 2 * sum(LOOK_AGAIN_SECONDS):
            return


async def update(desk: Desk, change: Change) -> Effect:
    """Write the fields that differ, unless somebody changed one of them meanwhile."""
    try:
        row = await desk.row_of(change.target_id)
        if row is None:
            return left(change, "the mirror's mapping does not understand the contact any more")
        todo, moved = desk.moved(change, row)
        if moved and desk.replans:
            return desk.stale(change, row, _told_moved(moved))
        if todo:
            row = await _write(desk, change.target_id, todo, row)
    except DuplicateContactError as error:
        other = await desk.row_of(error.contact_id)
        field = error.matching_field or "address"
        return desk.stale(change, other, f"contact {error.contact_id} has its {field}")
    except InvalidRequestError as error:
        return refused(change, await landed(desk, change), error.what)
    except RecordNotFoundError:
        return _gone(desk, change)
    written = [one for one in change.fields if one not in moved]
    change.result |= {"dropped": missed} if (missed := desk.dropped(written, row)) else {}
    if moved:
        change.result["left"] = [one.field for one in moved]
        change.error = _told_moved(moved)
    change.state = State.DONE if written else State.LEFT
    origins = desk.origins(written, change.wanted, row)
    return Effect(change, row, origins=origins, link=_link(desk, change))


async def landed(desk: Desk, change: Change) -> Effect | None:
    """What became of an update that nobody saw the end of; None where it had no effect.

    One that had half of it stays planned, with what is there recorded as ours.
    """
    try:
        row = desk.read(await contacts.get(desk.client, change.target_id))
    except RecordNotFoundError:
        return None
    if row is None:
        return None
    todo, moved = desk.moved(change, row)
    there = [one for one in change.fields if one not in todo and one not in moved]
    if not there:
        return None
    change.state = State.PLANNED if todo or moved else State.DONE
    origins = desk.origins(there, change.wanted, row)
    return Effect(change, row, origins=origins, link=_link(desk, change))


async def deleted(desk: Desk, change: Change) -> Effect | None:
    """The end of a delete that nobody saw the end of; None where the contact is there."""
    return None if await contacts.exists(desk.client, change.target_id) else _deleted(desk, change)


async def delete(desk: Desk, change: Change) -> Effect:
    """Delete a contact that a plan made, unless somebody has worked on it since."""
    try:
        found = await contacts.get(desk.client, change.target_id)
        row = desk.read(found)
        edited = [
            one.field
            for one in change.fields
            if row is None or not desk.same(one.field, held(row, one.field, desk.spec.custom), one.old)
        ]
        if edited:
            return left(change, f"edited since: {', '.join(edited)}", row)
        await contacts.delete(desk.client, change.target_id)
    except RecordNotFoundError:
        pass
    return _deleted(desk, change)


def _deleted(desk: Desk, change: Change) -> Effect:
    change.state = State.DONE
    return Effect(change, gone=True, link=(desk.spec.scope, change.record_id, ""))


async def _write(desk: Desk, contact_id: str, todo: list[FieldChange], row: Row) -> Row | None:
    """Send what is to be written; the contact after it."""
    values = {one.field: one.new for one in todo}
    after: Row | None = row
    update_body = contact_payload.changes(values, desk.spec.custom)
    if update_body is not None:
        try:
            after = desk.read(await contacts.update(desk.client, contact_id, update_body))
        except GarbledAnswerError:  # v3 promises no contact in its answer
            after = desk.read(await contacts.get(desk.client, contact_id))
    own = after or row
    upsert_body = contact_payload.by_upsert(values, own.get("email") or "", own.get("phone") or "")
    if upsert_body is not None:
        after = desk.read((await contacts.upsert(desk.client, upsert_body)).contact)
        if after is not None and after["id"] != contact_id:
            after = desk.read(await contacts.get(desk.client, contact_id))
    return after


async def _exists(
    desk: Desk, change: Change, contact_id: str, by: str, found: Contact | None = None
) -> Effect:
    """HighLevel has the contact: ours, if it is all that we sent; else it is planned anew as what it is."""
    try:
        contact = found or await contacts.get(desk.client, contact_id)
    except RecordNotFoundError:
        return failed(change, f"HighLevel says that contact {contact_id} exists, and does not have it")
    row = desk.read(contact)
    if row is None:
        change.target_id = contact_id
        why = f"HighLevel has contact {contact_id} already, by {by}; the mirror cannot read it (see rejects)"
        return replace(left(change, why), link=_link(desk, change))
    if not lookup.is_what_we_sent(desk, change, row):
        return desk.stale(change, row, f"HighLevel has it already: contact {contact_id}, by {by}")
    effect = _created(desk, change, contact, partial=False)
    if not lookup.is_fresh(change, row.get("date_added")):
        change.result["adopted"] = True
    return effect


def _created(desk: Desk, change: Change, made: Contact, *, partial: bool = True) -> Effect:
    change.state, change.target_id = State.DONE, made.id
    desk.claimed.add(made.id)
    row = desk.read(made)
    change.result |= {"id": made.id}
    change.result |= {"dropped": missed} if (missed := desk.dropped(change.fields, row)) else {}
    origins = desk.origins(change.fields, change.wanted, row)
    return Effect(change, row, partial=partial, origins=origins, link=_link(desk, change))


def _gone(desk: Desk, change: Change) -> Effect:
    effect = desk.stale(change, None, f"contact {change.target_id} is gone from HighLevel")
    effect.gone = True
    return effect


def _link(desk: Desk, change: Change) -> tuple[Any, str, str] | None:
    return (desk.spec.scope, change.record_id, change.target_id)


def _told_moved(moved: list[FieldChange]) -> str:
    return f"changed meanwhile in HighLevel: {', '.join(one.field for one in moved)}"
