"""Writing businesses.

Names need not be unique and nothing searches: whether a lost create took effect, the whole list tells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic.alias_generators import to_camel

from tasks.core.batch import Json, Row
from tasks.core.change import Change, FieldChange, State
from tasks.core.errors import InvalidRequestError, RecordNotFoundError
from tasks.hub.provenance import same
from tasks.streams.content import NOT_SET, Content
from tasks.vendors.highlevel.api import businesses, contacts
from tasks.vendors.highlevel.api.account_records import Business
from tasks.vendors.highlevel.api.activity_writes import BusinessCreate, BusinessUpdate
from tasks.vendors.highlevel.writers import changing, lookup, making
from tasks.vendors.highlevel.writers.changing import ChangedMeanwhileError
from tasks.vendors.highlevel.writers.context import Context
from tasks.vendors.protocols import Effect, left, refused

_HELD = tuple(BusinessUpdate.model_fields)


def creation(values: Mapping[str, Json], _custom: Mapping[str, str] = {}) -> BusinessCreate:
    """A new business.

    Raises:
        ValidationError: HighLevel would refuse it.
    """
    return BusinessCreate.model_validate(dict(values))


def changes(values: Mapping[str, Json], _custom: Mapping[str, str] = {}) -> BusinessUpdate:
    """What an update takes.

    Raises:
        ValidationError: HighLevel would refuse it.
    """
    return BusinessUpdate.model_validate(dict(values))


async def create(context: Context, change: Change) -> Effect:
    """Make a business, once."""

    async def send() -> Effect:
        return _made(context, change, await businesses.create(context.client, creation(change.values())))

    return await making.make_once(change, "business", send, lambda: resolve(context, change))


async def resolve(context: Context, change: Change) -> Effect | None:
    """What became of a create whose answer nobody saw; None where it had no effect."""
    maybe: list[Business] = []
    async for _ in making.looks(context, change):
        fitting = [one async for one in businesses.list_all(context.client) if _is_it(context, change, one)]
        its = {one.id: lookup.whose(change, one.created_at) for one in fitting}
        if found := await _free(context, [one for one in fitting if its[one.id] is lookup.Whose.OURS]):
            return _made(context, change, found)
        maybe = [one for one in fitting if its[one.id] is lookup.Whose.UNKNOWN]
    if found := await _free(context, maybe):
        change.result["adopted"] = "unknown"
        return _made(context, change, found)
    return None


async def update(context: Context, change: Change) -> Effect:
    """Write the fields that differ, unless somebody changed one of them meanwhile."""
    try:
        now = await businesses.get(context.client, change.target_id)
        row = context.read_row(now.raw)
        if row is None:
            return left(change, "the mirror's mapping does not understand the business any more")
        todo, moved = context.moved(change, row)
        change.wrote(())
        if change.state is State.SENDING and lookup.is_touched(change, now.updated_at):
            change.wrote(one for one in change.fields if one not in todo and one not in moved)
        if moved and context.replans:
            return context.stale(change, row, changing.told_moved(moved))
        if todo:
            row = await _write(context, change, todo)
    except ChangedMeanwhileError as changed:
        return context.stale(change, changed.row, "changed meanwhile in HighLevel")
    except InvalidRequestError as error:
        return refused(change, await landed(context, change, sent=todo), error.what)
    except RecordNotFoundError:
        effect = context.stale(change, None, f"business {change.target_id} is gone from HighLevel")
        effect.gone = True
        return effect
    return changing.updated(context, change, moved, row, changing.told_moved(moved))


async def landed(
    context: Context, change: Change, sent: Sequence[FieldChange] | None = None
) -> Effect | None:
    """What became of an update that nobody saw the end of, as ``changing.landed`` has it."""
    try:
        now = await businesses.get(context.client, change.target_id)
    except RecordNotFoundError:
        return None
    row = context.read_row(now.raw)
    return None if row is None else changing.landed(context, change, row, now.updated_at, sent)


async def delete(context: Context, change: Change) -> Effect:
    """Delete a business that a plan made, unless somebody has worked on it since or contacts belong to it."""
    try:
        now = await businesses.get(context.client, change.target_id)
        if edited := _edited(change.result.get("made", {}), content(now)):
            return left(change, f"edited since: {', '.join(edited)}", context.read_row(now.raw))
        if await anext(contacts.of_business(context.client, change.target_id), None):
            return left(change, "contacts belong to it", context.read_row(now.raw))
        await businesses.delete(context.client, change.target_id)
    except RecordNotFoundError:
        pass
    return _deleted(context, change)


async def deleted(context: Context, change: Change) -> Effect | None:
    """The end of a delete that nobody saw the end of; None where the business is there."""
    try:
        await businesses.get(context.client, change.target_id)
    except RecordNotFoundError:
        return _deleted(context, change)
    return None


def content(business: Business) -> Content:
    """What a business holds that somebody may have put there."""
    found = {to_camel(name): getattr(business, name) for name in _HELD}
    return {name: value for name, value in found.items() if value not in NOT_SET}


def _edited(made: Content, now: Content) -> list[str]:
    return sorted(name for name in made.keys() | now.keys() if not same(made.get(name), now.get(name)))


def _is_it(context: Context, change: Change, business: Business) -> bool:
    row = context.read_row(business.raw)
    return row is not None and all(
        context.same(one.field, context.spec.held(row, one.field), one.new) for one in change.fields
    )


async def _free(context: Context, fitting: Sequence[Business]) -> Business | None:
    id_ = await lookup.free(context, context.spec.scope, [one.id for one in fitting])
    return next((one for one in fitting if one.id == id_), None)


def _made(context: Context, change: Change, made: Business) -> Effect:
    change.state, change.target_id = State.DONE, made.id
    context.claimed.add(made.id)
    change.result["made"] = content(made)
    row = context.read_row(made.raw)
    change.result |= {"dropped": missed} if (missed := context.dropped(change.fields, row)) else {}
    return Effect(
        change, row, origins=context.origins(change.fields, change.wanted, row), link=context.link(change)
    )


async def _write(context: Context, change: Change, todo: Sequence[FieldChange]) -> Row | None:
    async def unmoved() -> None:
        row = context.read_row((await businesses.get(context.client, change.target_id)).raw) or {}
        if context.moved(change, row, todo)[1]:
            raise ChangedMeanwhileError(row)

    body = changes({one.field: one.new for one in todo})
    after = await businesses.update(context.client, change.target_id, body, again=unmoved)
    change.wrote(todo)
    return context.read_row(after.raw)


def _deleted(context: Context, change: Change) -> Effect:
    change.state = State.DONE
    return Effect(change, gone=True, link=(context.spec.scope, change.record_id, ""))
