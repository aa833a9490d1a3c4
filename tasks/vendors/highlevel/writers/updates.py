"""Writing fields of contacts that are there: only what differs, and nothing that somebody has changed since.

The traps are HighLevel's documented ones: tags in an update replace all of them, an upsert by a further
address promotes it and loses the first one, an upsert whose keys are two contacts' drops one in silence.
So updates go by id, tags by their own operations, and the one field that only an upsert takes
(``companyName``) goes with the contact's own first address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tasks.core.batch import Json, Row
from tasks.core.change import Change, FieldChange, State
from tasks.core.errors import (
    DuplicateContactError,
    GarbledAnswerError,
    InvalidRequestError,
    RecordNotFoundError,
)
from tasks.streams import HIGHLEVEL_CONTACT
from tasks.vendors.highlevel import contact_payload
from tasks.vendors.highlevel.api import contacts
from tasks.vendors.highlevel.api.records import Contact
from tasks.vendors.highlevel.writers import changing, lookup
from tasks.vendors.highlevel.writers.changing import ChangedMeanwhileError
from tasks.vendors.highlevel.writers.context import Context
from tasks.vendors.protocols import Effect, left, refused
from tasks.vendors.retry import Check

ADDRESSES = ("email", "phone")
"""What an upsert goes by."""

_E164 = re.compile(r"\+[1-9]\d{6,14}")

_UNSENT = (
    "HighLevel writes the company by e-mail or phone only, and by this contact's it would make another one"
)


async def update(context: Context, change: Change) -> Effect:
    """Write the fields that differ, unless somebody changed one of them meanwhile."""
    todo: list[FieldChange] = []
    try:
        now = await _now(context, change.target_id)
        if now.row is None:
            return left(change, "the mirror's mapping does not understand the contact any more")
        todo, moved = _writable(*context.moved(change, now.row), now.row)
        change.wrote(())
        if change.state is State.SENDING and lookup.is_touched(change, now.row.get("date_updated")):
            # Somebody died over it: what is there is ours.
            change.wrote(one for one in change.fields if one not in todo and one not in moved)
        after = await _write(context, change, todo, moved, now)
    except ChangedMeanwhileError as changed:
        return _left_midway(context, change, todo, changed.row)
    except DuplicateContactError as error:
        return await _address_taken(context, change, error)
    except InvalidRequestError as error:
        return refused(change, await landed(context, change, sent=todo), error.what)
    except RecordNotFoundError:
        return _gone(context, change)
    return _updated(context, change, moved, after)


def _updated(context: Context, change: Change, moved: list[FieldChange], after: _Now) -> Effect:
    if after.unsent:
        return changing.updated(context, change, [*moved, *after.unsent], after.row, _UNSENT)
    return changing.updated(context, change, moved, after.row, changing.told_moved(moved))


def _left_midway(context: Context, change: Change, todo: Sequence[FieldChange], row: Row) -> Effect:
    """The end of an update of which a try may have taken effect before somebody edited the contact."""
    todo_now, moved = context.moved(change, row)
    change.wrote(one for one in todo if one not in todo_now and one not in moved)
    return _in_part(context, change, context.stale(change, row, changing.told_moved(moved)))


async def _address_taken(context: Context, change: Change, error: DuplicateContactError) -> Effect:
    """The end of an update whose new e-mail or phone is another contact's."""
    other = await _row_or_none(context, error.contact_id)
    told = f"contact {error.contact_id} has its {error.matching_field or 'address'}"
    return _in_part(context, change, context.stale(change, other, told))


async def _row_or_none(context: Context, contact_id: str) -> Row | None:
    try:
        return await context.row_of(contact_id)
    except RecordNotFoundError:
        return None


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
    return declared is not None and declared.is_by_address


def _in_part(context: Context, change: Change, effect: Effect) -> Effect:
    """An end that is none of all fields: those that took effect are ours all the same."""
    effect.origins = context.origins(change.effect, change.wanted, None)
    return effect


async def landed(
    context: Context, change: Change, sent: Sequence[FieldChange] | None = None
) -> Effect | None:
    """What became of an update that nobody saw the end of, as ``changing.landed`` has it."""
    try:
        contact = await contacts.get(context.client, change.target_id)
    except RecordNotFoundError:
        return None
    row = context.read(contact)
    return None if row is None else changing.landed(context, change, row, contact.date_updated, sent)


@dataclass(frozen=True, slots=True)
class _Now:
    """A contact as it is.

    Args:
        row: In the mirror's columns; None where they cannot be told.
        contact: As HighLevel tells it; None where only the mirror was asked.
        unsent: Fields that could not be sent.
    """

    row: Row | None
    contact: Contact | None = None
    unsent: tuple[FieldChange, ...] = ()


async def _now(context: Context, contact_id: str) -> _Now:
    """The contact as it is now, from the mirror where that is fresh."""
    if contact_id in context.current:
        return _Now(context.current[contact_id])
    contact = await contacts.get(context.client, contact_id)
    return _Now(context.read(contact), contact)


async def _write(
    context: Context, change: Change, todo: list[FieldChange], moved: list[FieldChange], now: _Now
) -> _Now:
    """Send what is to be written; the contact after it.

    Raises:
        ChangedMeanwhileError: Somebody changed one of the fields since it was planned, or between two tries.
    """
    if moved and context.replans:
        raise ChangedMeanwhileError(now.row or {})
    if not todo:
        return now
    values, row = {one.field: one.new for one in todo}, now.row or {}

    async def unmoved() -> None:
        found = context.read(await contacts.get(context.client, change.target_id)) or {}
        if context.moved(change, found, todo)[1]:
            raise ChangedMeanwhileError(found)

    steps = [_update, _upsert]
    if not any(values.get(key, row.get(key)) for key in ADDRESSES):
        steps.reverse()  # the update takes away the address by which the upsert goes
    for step in steps:
        now = await step(context, change, values, now, unmoved)
    return now


async def _update(
    context: Context, change: Change, values: dict[str, Json], now: _Now, unmoved: Check
) -> _Now:
    body = contact_payload.changes(values, context.spec.custom)
    if body is None:
        return now
    try:
        after = await contacts.update(context.client, change.target_id, body, again=unmoved)
    except GarbledAnswerError:  # v3 promises no contact in its answer
        after = await contacts.get(context.client, change.target_id)
    change.wrote(one for one in change.fields if one.field in values and not _is_upsert(one))
    if "name" in values and now.row is not None:
        change.result["parts"] = {"name": _names(now.row, after)}
    return replace(now, row=context.read(after), contact=after)


def _names(before: Row, after: Contact) -> dict[str, list[Json]]:
    """How HighLevel split a name before and does now: told the whole again, it would split it its own way."""
    return {
        "firstName": [before.get("first_name"), after.first_name],
        "lastName": [before.get("last_name"), after.last_name],
    }


async def _upsert(
    context: Context, change: Change, values: dict[str, Json], now: _Now, unmoved: Check
) -> _Now:
    """By the address as HighLevel itself has it: spelt in another way, it would make another contact."""
    if contact_payload.by_upsert(values, "", "x") is None:
        return now
    own = now.contact or await contacts.get(context.client, change.target_id)
    mine = tuple(one for one in change.fields if one.field in values and _is_upsert(one))
    body = contact_payload.by_upsert(values, own.email or "", own.phone or "x")
    if body is None or not _leads_to(own):
        return replace(now, contact=own, unsent=mine)
    after = (await contacts.upsert(context.client, body, again=unmoved)).contact
    change.wrote(mine)
    if after.id != change.target_id:
        after = await contacts.get(context.client, change.target_id)
    return replace(now, row=context.read(after), contact=after)


def _leads_to(own: Contact) -> bool:
    """Whether an upsert finds the contact by its own address.

    HighLevel reads a number into E.164 before it looks: one that it holds as somebody typed it is not found,
    and the upsert makes another contact.
    """
    return bool(own.email or _E164.fullmatch(own.phone or ""))


def _gone(context: Context, change: Change) -> Effect:
    effect = context.stale(change, None, f"contact {change.target_id} is gone from HighLevel")
    effect.gone = True
    return effect
