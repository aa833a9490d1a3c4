"""What the hub is told while a plan is carried out: what is about to be sent, and what came of it.

A failure of HighLevel stops the run, and the next one goes on. A change that stops one run after another
while HighLevel answers everything else is at fault itself: after ``TRIES`` it has failed, and the plan goes
on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import TypeVar

from tasks.core.change import Change, State
from tasks.core.errors import (
    DuplicateContactError,
    HubBusyError,
    HubUnavailableError,
    InvalidRequestError,
    LeaseLostError,
    RecordNotFoundError,
    StoppedError,
    UnknownOutcomeError,
    VendorFailedError,
)
from tasks.hub import plans
from tasks.hub.engine import Hub, not_waiting
from tasks.hub.leases import Lease
from tasks.hub.ledger import Run
from tasks.hub.plans import Plan
from tasks.load.record import record
from tasks.streams import operation_of
from tasks.vendors.protocols import Effect, WriteContext, failed, left

TRIES = 3
"""Runs that a change may stop while HighLevel answers everything else; then it has failed."""

HUB_PATIENCE_SECONDS = 30.0
"""How long the hub may be away (a server that restarts) while a plan is applied."""

log = logging.getLogger(__name__)

_T = TypeVar("_T")
_E = TypeVar("_E", Effect, Effect | None)


async def shielded(send: Callable[[Change], Awaitable[_E]], change: Change) -> _E | Effect:
    """Send or look up; what HighLevel says of one record ends that record's change, not the plan."""
    try:
        return await send(change)
    except RecordNotFoundError as error:
        return left(change, f"it is gone from HighLevel: {error.what}")
    except (InvalidRequestError, DuplicateContactError) as error:
        return failed(change, error.what)


def unknown(change: Change) -> Effect:
    """The end of a change that was sent, whose answer was lost, and that nothing can be asked about."""
    change.state = State.UNKNOWN
    change.error = (
        "its answer was lost, and HighLevel cannot be asked whether it took effect: look there yourself;"
        " it is not sent again"
    )
    return Effect(change)


class Bookkeeping:
    """Keeps a plan's changes while they are carried out.

    Args:
        lease: Taken; once it is somebody else's nothing is marked, and what was answered is still kept.
    """

    def __init__(self, hub: Hub, plan: Plan, run: Run, context: WriteContext, lease: Lease) -> None:
        self._hub = hub
        self._plan = plan
        self._run = run
        self._context = context
        self._lease = lease

    async def mark(self, block: Sequence[Change]) -> list[Change]:
        """Say that requests are about to leave; the changes that may be sent.

        Raises:
            LeaseLostError: Nothing may be sent any more.
        """
        fresh = [change for change in block if change.state is State.PLANNED]
        marked: set[int] = await self.in_hub(self._mark, fresh)
        return [change for change in block if change.state is State.SENDING or change.n in marked]

    def _mark(self, block: Sequence[Change]) -> set[int]:
        """Before the requests leave; from here on a read takes what they write for ours."""
        with self._hub.write() as connection:
            self._lease.require(connection)
            numbers, now = [change.n for change in block], self._context.earliest()
            now, marked = plans.mark_sending(connection, self._plan.id, numbers, now)
        for change in block:
            change.sent_at = now
        return marked

    def unmark(self, block: Sequence[Change]) -> None:
        """Plan again what was marked and did not leave, while nobody else writes to the location."""
        if not block:
            return
        with suppress(LeaseLostError), self._hub.write() as connection:
            self._lease.require(connection)
            plans.unmark(connection, self._plan.id, [change.n for change in block])
        for change in block:
            change.state = State.PLANNED

    async def record(self, effects: Sequence[Effect]) -> None:
        """Keep what was answered, whoever holds the lease by now."""
        if effects:
            keep = partial(record, from_source=self._context.replans)
            spec, now = self._context.spec, self._context.now()
            await self.in_hub(keep, self._hub, self._run, self._plan, spec, effects, now)

    async def is_given_up(self, change: Change, error: StoppedError) -> bool:
        """Note that a change stopped a run; whether it has failed now, so that the plan goes on.

        It counts only where HighLevel answers everything else: an outage is no change's fault.
        """
        if (
            not isinstance(error, VendorFailedError | UnknownOutcomeError)
            or not await self._context.answers()
        ):
            return False
        change.tries += 1
        if change.tries < TRIES:
            await self.in_hub(self._note_try, change, error.what)
            return False
        what = f"{change.tries} runs ended here, and HighLevel answers everything else: {error.what}"
        log.warning("%s of %s has failed: %s", operation_of(change).name, change.label, what)
        await self.record([failed(change, what)])
        return True

    def _note_try(self, change: Change, what: str) -> None:
        with self._hub.write() as connection:
            plans.note_try(connection, change, what)

    async def in_hub(self, work: Callable[..., _T], *arguments: object) -> _T:
        """Do a transaction; again while the hub is away for a moment.

        Raises:
            HubUnavailableError: It is away for longer.
        """
        return await self._patiently(self._transact, work, *arguments)

    async def aside(self, work: Callable[..., _T], *arguments: object) -> _T:
        """The same for what may take long: other tasks go on beside it, in SQLite, too."""
        return await self._patiently(asyncio.to_thread, work, *arguments)

    async def _patiently(self, do: Callable[..., Awaitable[_T]], *arguments: object) -> _T:
        until = monotonic() + HUB_PATIENCE_SECONDS
        while True:
            try:
                return await do(*arguments)
            except HubUnavailableError:
                if monotonic() > until:
                    raise
                await asyncio.sleep(min(1.0, HUB_PATIENCE_SECONDS / 10))

    async def _transact(self, work: Callable[..., _T], *arguments: object) -> _T:
        """Do a transaction; aside on a server or where it must wait, here in SQLite.

        Python's SQLite driver gives up the interpreter lock at every row, and beside a busy event loop it
        waits for it as often: a transaction of 2 ms takes 30.
        """
        if self._hub.is_sqlite:
            with suppress(HubBusyError), not_waiting():
                return work(*arguments)
        return await asyncio.to_thread(work, *arguments)
