"""Writing what HighLevel takes for many contacts at once: tags and businesses.

Both may be repeated without harm, so that an interrupted one is simply sent again. In bulk every contact
has its own outcome for tags; one missing contact refuses the whole request for businesses, which is then
halved until the missing one stands alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from tasks.core.batch import Json
from tasks.core.change import Change, State, Verb, members
from tasks.core.errors import InvalidRequestError, RecordNotFoundError
from tasks.hub.provenance import Origin
from tasks.vendors.highlevel.api import businesses, contacts, tags
from tasks.vendors.highlevel.writers import lookup
from tasks.vendors.highlevel.writers.changing import ChangedMeanwhileError
from tasks.vendors.highlevel.writers.context import Context
from tasks.vendors.protocols import Effect, failed, left, refused
from tasks.vendors.retry import Check

_BUSINESS = "business"

READS_AT_ONCE = 8
"""Contacts of a group that are looked at again at a time."""


async def send(context: Context, group: Sequence[Change]) -> list[Effect]:
    """Carry out changes that are one request; their outcomes in order."""
    if group[0].part == _BUSINESS:
        return await _as_planned(context, group, _link)
    if context.replans and context.spec.is_rechecked(group[0]):
        return await _as_planned(context, group, _tag_as_planned)
    return await _tag(context, group)


async def landed(context: Context, change: Change) -> Effect | None:
    """The end of a change that nobody saw the end of; None where it had no effect."""
    try:
        contact = await contacts.get(context.client, change.target_id)
    except RecordNotFoundError:
        return None
    row = context.read(contact)
    if row is None:
        return None
    touched = lookup.is_touched(change, contact.date_updated)
    if change.part == _BUSINESS:
        business = change.fields[0].new
        if row.get("business_id") != business:
            return None
        return _linked(context, change, business, ours=touched)
    names, held = set(members(change)), list(row.get("tags") or ())
    there = names <= set(held) if change.verb is Verb.ADD else names.isdisjoint(held)
    return _retagged(context, change, held, sorted(names) if touched else []) if there else None


async def _refused(context: Context, group: Sequence[Change], why: str) -> list[Effect]:
    return [refused(change, await landed(context, change), why) for change in group]


async def _tag_as_planned(context: Context, group: Sequence[Change]) -> list[Effect]:
    try:
        return await _tag(context, group, again=_unmoved(context, group))
    except ChangedMeanwhileError:
        for change in group:
            change.state = State.SENDING  # what is there may be our doing
        return await _as_planned(context, group, _tag_as_planned)


async def _tag(context: Context, group: Sequence[Change], again: Check | None = None) -> list[Effect]:
    names = members(group[0])
    adding = group[0].verb is Verb.ADD
    in_bulk = tags.add_in_bulk if adding else tags.remove_in_bulk
    try:
        ids = [change.target_id for change in group]
        outcomes = await in_bulk(context.client, ids, names, again=again)
    except InvalidRequestError as error:
        return await _refused(context, group, error.what)
    return [
        await _tagged(context, change, outcome, adding=adding)
        for change, outcome in zip(group, outcomes, strict=True)
    ]


async def _tagged(context: Context, change: Change, outcome: tags.TagOutcome, *, adding: bool) -> Effect:
    names = members(change)
    lost = outcome.repeated or change.state is State.SENDING
    if outcome.succeeded:
        old = list(outcome.old_tags)
        added, removed = list(outcome.tags_added), set(outcome.tags_removed)
        after = [tag for tag in old if tag not in removed] + [tag for tag in added if tag not in old]
        changed = added if adding else list(outcome.tags_removed)
        if lost and (others := [tag for tag in names if tag not in changed and (tag in old) is adding]):
            changed += await _done_before(context, change, others)
    elif "deleted" in outcome.message or "does not belong" in outcome.message:
        return replace(left(change, outcome.message), gone=True)
    elif outcome.type == "unknown":  # the answer does not mention the contact: asked for it alone
        one_by_one = tags.add if adding else tags.remove
        after = list(await one_by_one(context.client, change.target_id, names) or ())
        changed = await _done_before(context, change, names) if lost else list(names)
    else:
        return failed(change, outcome.message)
    return _retagged(context, change, after, changed)


async def _done_before(context: Context, change: Change, names: list[str]) -> list[str]:
    """Of tags that were as they are to be when an answer came: those that a request before it changed.

    The plan knew them to be otherwise, so a person changed them meanwhile, or a request of ours whose answer
    was lost: that moved the contact's date.
    """
    try:
        contact = await contacts.get(context.client, change.target_id)
    except RecordNotFoundError:
        return []
    return names if lookup.is_touched(change, contact.date_updated) else []


def _retagged(context: Context, change: Change, after: list[str], changed: list[str]) -> Effect:
    change.state = State.DONE
    change.result |= {"tags": changed}
    origin = Origin(context.spec.source, context.spec.age_of(change.wanted or {}, change.part), after)
    return Effect(
        change,
        patch={"tags": after or None},
        origins=[("tags", origin)],
        link=context.link(change),
    )


async def _as_planned(
    context: Context,
    group: Sequence[Change],
    carry_out: Callable[[Context, Sequence[Change]], Awaitable[list[Effect]]],
) -> list[Effect]:
    """Carry out those changes whose contact is still as it was planned; the outcomes of all, in order."""
    limit = asyncio.Semaphore(READS_AT_ONCE)

    async def sorted_out(change: Change) -> Effect | None:
        async with limit:
            return await _end_of(context, change)

    ends = dict(zip((one.n for one in group), await asyncio.gather(*map(sorted_out, group)), strict=True))
    sending = [change for change in group if ends[change.n] is None]
    effects = await carry_out(context, sending) if sending else []
    sent = {change.n: effect for change, effect in zip(sending, effects, strict=True)}
    return [ends[change.n] or sent[change.n] for change in group]


async def _end_of(context: Context, change: Change) -> Effect | None:
    """The end of a change whose contact is another by now; None where it is to be carried out."""
    try:
        row = await context.row_of(change.target_id)
    except RecordNotFoundError:
        return replace(left(change, f"contact {change.target_id} is gone"), gone=True)
    todo, moved = context.moved(change, row or {})
    if moved:
        return context.stale(change, row, f"changed meanwhile in HighLevel: {change.fields[0].field}")
    if todo or change.state is not State.PLANNED:
        return None
    if change.part != _BUSINESS:
        return _retagged(context, change, list((row or {}).get("tags") or ()), [])
    return _linked(
        context, change, change.fields[0].new, ours=False
    )  # a person did it: not ours to take back


async def _link(context: Context, group: Sequence[Change]) -> list[Effect]:
    business: Json = group[0].fields[0].new
    ids, unmoved = [change.target_id for change in group], _unmoved(context, group)
    try:
        if business is None:
            await businesses.unlink(context.client, ids, again=unmoved)
        else:
            await businesses.link(context.client, business, ids, again=unmoved)
    except ChangedMeanwhileError:
        return await _as_planned(context, group, _link)
    except InvalidRequestError as error:
        return await _refused(context, group, error.what)
    except RecordNotFoundError as error:
        if len(group) == 1:
            return [failed(group[0], error.what)]
        half = len(group) // 2
        return [*await _link(context, group[:half]), *await _link(context, group[half:])]
    return [_linked(context, change, business) for change in group]


def _unmoved(context: Context, group: Sequence[Change]) -> Check:
    """Looks at contacts themselves, before a request is sent again."""

    async def check() -> None:
        for change in group:
            context.current.pop(change.target_id, None)  # the mirror does not know yet
            try:
                row = await context.row_of(change.target_id)
            except RecordNotFoundError:
                raise ChangedMeanwhileError({}) from None
            if context.moved(change, row or {})[1]:
                raise ChangedMeanwhileError(row or {})

    return check


def _linked(context: Context, change: Change, business: Json, *, ours: bool = True) -> Effect:
    change.state = State.DONE
    change.wrote(change.fields if ours else ())
    origin = Origin(context.spec.source, context.spec.age_of(change.wanted or {}, change.part), business)
    return Effect(
        change,
        patch={"business_id": business},
        origins=[("business_id", origin)],
        link=context.link(change),
    )
