"""Making records once, whatever becomes of the answers, and what both kinds of updates have in common."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from tasks.core.batch import Row
from tasks.core.change import Change, FieldChange, State
from tasks.core.errors import InvalidRequestError, UnknownOutcomeError
from tasks.vendors.highlevel.writers import lookup
from tasks.vendors.highlevel.writers.context import Context
from tasks.vendors.protocols import Effect, failed

LOOK_AGAIN_SECONDS: tuple[float, ...] = (0, 3, 10)
"""Waits before each look-up of a create whose answer was lost: the request may still be at work there."""


class ChangedMeanwhileError(Exception):
    """Somebody changed what an update was to write, between two tries of it."""

    def __init__(self, row: Row) -> None:
        super().__init__()
        self.row = row


async def looks(context: Context, change: Change) -> AsyncIterator[None]:
    """When to look whether a lost request took effect: once, or several times while it may be at work."""
    for seconds in LOOK_AGAIN_SECONDS:
        await asyncio.sleep(seconds)
        yield
        age = context.client.now() - change.sent_at if change.sent_at else timedelta.max
        if age.total_seconds() > 2 * sum(LOOK_AGAIN_SECONDS):
            return


async def make_once(
    change: Change,
    called: str,
    send: Callable[[], Awaitable[Effect]],
    made_before: Callable[[], Awaitable[Effect | None]],
    there: Callable[[], Awaitable[Effect | None]] | None = None,
) -> Effect:
    """Make a record of a change; where its answer is lost, look whether it was made before sending it again.

    Args:
        called: What is made, for people.
        send: Sends the request; what came of it.
        made_before: What a request whose answer was lost made; None for nothing.
        there: What is taken in place of making it, asked before the first request; None for nothing.

    Raises:
        UnknownOutcomeError: Two answers in a row were lost; the change stays as it was marked.
    """
    if change.state is State.SENDING and (found := await made_before()) is not None:
        return found
    if there is not None and (found := await there()) is not None:
        return found
    for _ in range(2):
        try:
            return await send()
        except UnknownOutcomeError:
            if (found := await made_before()) is not None:
                return found
        except InvalidRequestError as error:  # HighLevel may have made it all the same (vendor issue #64)
            return await made_before() or failed(change, error.what)
    raise UnknownOutcomeError(
        f"Two answers in a row were lost to a {called} of {change.label}.",
        remedy="Nothing is doubled; apply the plan again to go on.",
    )


def landed(
    context: Context,
    change: Change,
    row: Row,
    updated_at: datetime | None,
    sent: Sequence[FieldChange] | None = None,
) -> Effect | None:
    """What became of an update that nobody saw the end of, by the record now; None where it had no effect.

    One that had half of it stays planned, with what is there recorded as ours.

    Args:
        sent: The fields that were just sent, beside what is known to be written; None where that is not
            known: then all that is there may be ours.
    """
    todo, moved = context.moved(change, row)
    there = [one for one in change.fields if one not in todo and one not in moved]
    if lookup.is_touched(change, updated_at):
        change.wrote(one for one in there if sent is None or one in sent)
    if not change.result.get("written"):
        return None
    change.state = State.PLANNED if todo or moved else State.DONE
    origins = context.origins(there, change.wanted, row)
    return Effect(change, row, origins=origins, link=context.link(change))


def updated(
    context: Context, change: Change, unwritten: Sequence[FieldChange], row: Row | None, told: str
) -> Effect:
    """The end of an update.

    Args:
        unwritten: Fields that were left.
        row: The record after it.
        told: Why they were.
    """
    written = [one for one in change.fields if one not in unwritten]
    change.result |= {"dropped": missed} if (missed := context.dropped(written, row)) else {}
    if unwritten:
        change.result["left"] = [one.field for one in unwritten]
        change.error = told
    change.state = State.DONE if written else State.LEFT
    origins = context.origins(written, change.wanted, row)
    return Effect(change, row, origins=origins, link=context.link(change))


def told_moved(moved: Sequence[FieldChange]) -> str:
    """Why fields were left that somebody has changed."""
    return f"changed meanwhile in HighLevel: {', '.join(one.field for one in moved)}"
