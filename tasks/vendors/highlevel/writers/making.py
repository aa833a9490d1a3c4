"""Making records once, whatever becomes of the answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

from tasks.core.change import Change, State
from tasks.core.errors import InvalidRequestError, UnknownOutcomeError
from tasks.vendors.highlevel.writers.context import Context
from tasks.vendors.protocols import Effect, failed

LOOK_AGAIN_SECONDS: tuple[float, ...] = (0, 3, 10)
"""Waits before each look-up of a create whose answer was lost: the request may still be at work there."""


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
