"""Changing what hangs on a contact: a note, a task, an appointment; a task completed or reopened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tasks.core.change import Change, FieldChange, State
from tasks.core.errors import InvalidRequestError, RecordNotFoundError
from tasks.vendors.highlevel.writers import changing, lookup
from tasks.vendors.highlevel.writers.activities import Activity, Kind, row_of
from tasks.vendors.highlevel.writers.changing import ChangedMeanwhileError
from tasks.vendors.highlevel.writers.context import Context
from tasks.vendors.protocols import Effect, left, refused


async def update(context: Context, change: Change, kind: Kind) -> Effect:
    """Write the fields that differ, unless somebody changed one of them meanwhile."""
    todo: list[FieldChange] = []
    try:
        now = await kind.get(context.client, change.parent_id, change.target_id)
        row = row_of(context, change, now)
        if row is None:
            return left(change, f"the mirror's mapping does not understand the {kind.called} any more")
        todo, moved = context.moved(change, row)
        change.wrote(())
        if change.state is State.SENDING and lookup.is_touched(change, now.date_updated):
            change.wrote(one for one in change.fields if one not in todo and one not in moved)
        if moved and context.replans:
            whole = await kind.whole(context.client, change.parent_id, now)
            return context.stale(change, context.read_row(whole), changing.told_moved(moved))
        if todo:
            now = await _write(context, change, kind, todo)
            row = row_of(context, change, now)
    except ChangedMeanwhileError as changed:
        return context.stale(change, changed.row, "changed meanwhile in HighLevel")
    except InvalidRequestError as error:
        return refused(change, await landed(context, change, kind, sent=todo), error.what)
    except RecordNotFoundError:
        effect = context.stale(change, None, f"{kind.called} {change.target_id} is gone from HighLevel")
        effect.gone = True
        return effect
    return _as_told(context, changing.updated(context, change, moved, row, changing.told_moved(moved)))


async def landed(
    context: Context, change: Change, kind: Kind, sent: Sequence[FieldChange] | None = None
) -> Effect | None:
    """What became of an update that nobody saw the end of, as ``changing.landed`` has it."""
    try:
        now = await kind.get(context.client, change.parent_id, change.target_id)
    except RecordNotFoundError:
        return None
    row = row_of(context, change, now)
    found = None if row is None else changing.landed(context, change, row, now.date_updated, sent)
    return None if found is None else _as_told(context, found)


async def _write(context: Context, change: Change, kind: Kind, todo: Sequence[FieldChange]) -> Activity:
    body = {one.field: one.new for one in todo}
    after = await kind.change(context.client, change.parent_id, change.target_id, body)
    change.wrote(todo)
    return after


def _as_told(context: Context, effect: Effect) -> Effect:
    """The end of a change by its answer: where that tells only a part, only what was written is new."""
    row, target = effect.row, context.spec.stream.target
    if row is None or target is None or not target.answers_in_part:
        return effect
    written = [context.spec.stream.fields[one.field].mirror for one in effect.change.effect]
    return replace(effect, row=None, patch={name: row[name] for name in written if name})
