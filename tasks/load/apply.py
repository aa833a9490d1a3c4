"""Carrying out a plan: exactly its changes, slice by slice, from wherever it was left.

Contacts first, then what hangs on them. A change is marked as sending before its request leaves and gets
its end together with mirror, link and provenance; what is found as sending is looked up, not repeated.

A failure of HighLevel stops the run, and the next one goes on. A change that stops one run after another
while HighLevel answers everything else is at fault itself: after ``TRIES`` it has failed, and the plan goes
on.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import TypeVar

import sqlalchemy as sa

from tasks.batch import Row
from tasks.change import SLICE, WRITING, Change, Kind, Scope, State, grouped
from tasks.errors import (
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
from tasks.hub import links, plans, rejects
from tasks.hub.engine import Hub, not_waiting
from tasks.hub.leases import Lease
from tasks.hub.ledger import Run
from tasks.hub.plans import Plan
from tasks.load import groups, meanwhile
from tasks.load.desk import Desk, failed, left
from tasks.load.effect import Effect, record
from tasks.load.rolling import Rolling
from tasks.load.ways import RESOLVING, SINGLE, Resolve, Send

AT_ONCE = 8
"""Requests under way at a time; the quota decides how fast they go. More than eight on one connection
pool of httpx are slower than eight: each request looks through the whole pool."""

LINKS = 5_000
"""Links in one transaction."""

OPEN = (State.PLANNED, State.SENDING)

TRIES = 3
"""Runs that a change may stop while HighLevel answers everything else; then it has failed."""

HUB_PATIENCE_SECONDS = 30.0
"""How long the hub may be away (a server that restarts) while a plan is applied."""

log = logging.getLogger(__name__)

_T = TypeVar("_T")
_E = TypeVar("_E", Effect, Effect | None)

Known = Callable[[Sequence[Row]], Sequence[bool]]
"""Which records have a counterpart by now; asked before a contact is made."""


class Applier:
    """Carries out one plan.

    Args:
        known: Tells which records have a counterpart by now.
        lease: Taken; no request leaves once it is somebody else's.
        at_once: Requests under way at a time.

    Attributes:
        done: True when nothing of the plan is open.
        open: Changes that are left to carry out.
    """

    def __init__(
        self, hub: Hub, plan: Plan, run: Run, desk: Desk, known: Known, lease: Lease, at_once: int = AT_ONCE
    ) -> None:
        self._hub = hub
        self._plan = plan
        self._run = run
        self._desk = desk
        desk.linked = self._linked
        self._known = known
        self._lease = lease
        self._at_once = at_once
        self.done = False
        self.open = 0

    def begin(self) -> None:
        """Say that the plan is being applied, and keep the links of what it found unchanged."""
        with self._hub.write() as connection:
            plans.update(connection, self._plan.id, state="applying")
            if self._desk.replans:
                found = plans.some(connection, self._plan.id, kinds=[Kind.CONFLICT])
                self._take_off_rejects(connection, found)  # they are on the review list
        self._plan.state = "applying"
        while self._keep_links():
            pass

    def _keep_links(self) -> bool:
        """The next links of what was found unchanged; False when there are no more."""
        with self._hub.write() as connection:
            found = plans.some(
                connection, self._plan.id, states=[State.PLANNED], kinds=[Kind.UNCHANGED], limit=LINKS
            )
            undoing = self._plan.kind == "undo"  # says nothing about who belongs together
            pairs = [] if undoing else [(change.record_id, change.target_id) for change in found]
            links.keep(connection, self._desk.spec.scope, pairs, made_by="match", plan_id=self._plan.id)
            if self._desk.replans:
                self._take_off_rejects(connection, found)
            for change in found:
                change.state = State.DONE
            plans.end(connection, found)
        return bool(found)

    def _take_off_rejects(self, connection: sa.Connection, found: Sequence[Change]) -> None:
        spec = self._desk.spec
        source = {"location_id": spec.location_id, "stream": spec.records}
        rejects.resolve(connection, source, [change.record_id for change in found])

    async def settle(self) -> Counter[str]:
        """Find out what became of the changes that were under way when somebody died; write nothing.

        What had no effect is planned as before, for whoever applies the plan.

        Raises:
            StoppedError: Something could not be looked up; the others were.
        """
        ended: Counter[str] = Counter()
        stopped: list[StoppedError] = []
        for kind in WRITING:
            found = await self._in_hub(self._unsettled, kind)
            # What says most comes first: of two creates of one name it can be mistaken least.
            found.sort(key=lambda change: -len(change.fields))
            for resolve in RESOLVING[kind]:
                left_over: list[Change] = []
                for start in range(0, len(found), self._at_once):
                    block = found[start : start + self._at_once]
                    left_over += await self._settle(block, resolve, stopped)
                open_still = {one.n for one in left_over}
                ended.update(f"{one.kind} {one.state}" for one in found if one.n not in open_still)
                found = left_over
            await self._in_hub(self._unmark, found)
            ended.update(f"{one.kind} {one.state}" for one in found)
        if stopped:
            raise stopped[0]
        return ended

    async def _settle(
        self, block: Sequence[Change], resolve: Resolve, stopped: list[StoppedError]
    ) -> list[Change]:
        """Look changes up; those that had no effect."""
        found = await asyncio.gather(
            *(self._shielded(resolve, change) for change in block), return_exceptions=True
        )
        without: list[Change] = []
        effects: list[Effect] = []
        for change, effect in zip(block, found, strict=True):
            if effect is None:
                without.append(change)
            elif isinstance(effect, Effect):
                effects.append(effect)
            elif not isinstance(effect, StoppedError) or isinstance(effect, LeaseLostError):
                raise effect
            elif not await self._is_given_up(change, effect):
                stopped.append(effect)
        await self._record(effects)
        return without

    async def carry(self, limit: int = SLICE) -> Counter[str]:
        """Carry out the next changes of one kind.

        Returns:
            How many ended in which way, as ``kind state``.

        Raises:
            StoppedError: HighLevel or the hub fails; what was done is kept, the rest goes on later.
        """
        taken, kind = await self._in_hub(self._take, limit)
        if kind is None:
            self.done = True
            return Counter()
        if kind in SINGLE:
            effects = await self._one_by_one(taken, SINGLE[kind])
        else:
            effects = await self._in_groups(taken)
        self.open = max(0, self.open - len(effects))
        return Counter(f"{effect.change.kind} {effect.change.state}" for effect in effects)

    def finish(self, error: str | None) -> None:
        """Say how applying the plan ended."""
        state = "stopped" if error else "applied"
        with self._hub.write() as connection:
            plans.update(connection, self._plan.id, state=state, applied_at=datetime.now(UTC))
        self._plan.state = state

    def _take(self, limit: int) -> tuple[list[Change], Kind | None]:
        """The next changes, with the contacts' ids that earlier changes made."""
        with self._hub.read() as connection:
            if not self.open:
                counted = plans.counted(connection, self._plan.id).items()
                self.open = sum(n for (kind, state), n in counted if kind in WRITING and state in OPEN)
            for kind in WRITING:
                found = plans.some(
                    connection,
                    self._plan.id,
                    states=OPEN,
                    kinds=[kind],
                    limit=limit,
                    fewest_tries_first=True,
                )
                if found:
                    meanwhile.give_targets(connection, self._desk.spec, found)
                    self._desk.current = meanwhile.fresh_rows(connection, self._desk, found)
                    return found, kind
        return [], None

    def _linked(self, scope: Scope, target_ids: Sequence[str]) -> set[str]:
        with self._hub.read() as connection:
            return links.linked(connection, scope, target_ids)

    def _unsettled(self, kind: Kind) -> list[Change]:
        with self._hub.read() as connection:
            found = plans.some(connection, self._plan.id, states=[State.SENDING], kinds=[kind])
            meanwhile.give_targets(connection, self._desk.spec, found)
        return found

    async def _one_by_one(self, taken: Sequence[Change], send: Send) -> list[Effect]:
        ended: list[Effect] = []
        waiting = await self._worth_sending(taken, ended)
        sending = partial(self._shielded, send)
        rolling = Rolling(self._mark, sending, self._record, at_once=self._at_once)
        try:
            await rolling.run(waiting)
        except Exception as error:
            never_sent = [change for change in rolling.never_sent if change.state is State.PLANNED]
            await self._in_hub(self._unmark, never_sent)
            by = rolling.stopped_by
            if by is None or not isinstance(error, StoppedError) or not await self._is_given_up(by, error):
                raise
        return ended + rolling.ended

    async def _shielded(self, send: Callable[[Desk, Change], Awaitable[_E]], change: Change) -> _E | Effect:
        """Send or look up; what HighLevel says of one record ends that record's change, not the plan."""
        try:
            return await send(self._desk, change)
        except RecordNotFoundError as error:
            return left(change, f"it is gone from HighLevel: {error.what}")
        except (InvalidRequestError, DuplicateContactError) as error:
            return failed(change, error.what)

    async def _is_given_up(self, change: Change, error: StoppedError) -> bool:
        """Note that a change stopped a run; whether it has failed now, so that the plan goes on.

        It counts only where HighLevel answers everything else: an outage is no change's fault.
        """
        if not isinstance(error, VendorFailedError | UnknownOutcomeError) or not await self._desk.answers():
            return False
        change.tries += 1
        if change.tries < TRIES:
            await self._in_hub(self._note_try, change, error.what)
            return False
        what = f"{change.tries} runs ended here, and HighLevel answers everything else: {error.what}"
        log.warning("%s of %s has failed: %s", change.kind, change.label, what)
        await self._record([failed(change, what)])
        return True

    def _note_try(self, change: Change, what: str) -> None:
        with self._hub.write() as connection:
            plans.note_try(connection, change, what)

    async def _worth_sending(self, taken: Sequence[Change], ended: list[Effect]) -> list[Change]:
        """Without what another plan has made meanwhile, and what has lost its contact."""
        ends: list[Effect] = []
        made = await self._in_hub(self._made, taken)
        sending = []
        creating = [
            change for change in taken if change.kind is Kind.CREATE and change.state is State.PLANNED
        ]
        rows = [change.wanted or {} for change in creating]
        there = await self._in_hub(self._known, rows) if creating else []
        known = {change.n for change, found in zip(creating, there, strict=True) if found}
        for change in taken:
            if change.n in known:
                ends.append(self._desk.stale(change, None, "it has a contact by now"))
            elif change.n in made:
                ends.append(left(change, "it was made meanwhile"))
            elif not change.target_id and change.kind is not Kind.CREATE:
                ends.append(left(change, "its contact was not made"))
            else:
                sending.append(change)
        if ends:
            await self._record(ends)
            ended += ends
        return sending

    def _made(self, taken: Sequence[Change]) -> set[int]:
        with self._hub.read() as connection:
            return meanwhile.made(connection, self._desk.spec, taken)

    async def _in_groups(self, taken: Sequence[Change]) -> list[Effect]:
        ended: list[Effect] = []
        sending = await self._worth_sending(taken, ended)
        limit = asyncio.Semaphore(self._at_once)
        stopped: list[tuple[list[Change], StoppedError]] = []

        async def carry(group: list[Change]) -> None:
            async with limit:
                if stopped:
                    return
                try:
                    marked = await self._mark(group)
                    effects = await groups.send(self._desk, marked) if marked else []
                    await self._record(effects)
                except StoppedError as error:
                    stopped.append((group, error))
                else:
                    ended.extend(effects)

        await asyncio.gather(*map(carry, grouped(sending)))
        for group, error in stopped:
            given_up = [await self._is_given_up(change, error) for change in group]
            if not all(given_up):
                raise error
        return ended

    async def _mark(self, block: Sequence[Change]) -> list[Change]:
        """Say that requests are about to leave; the changes that may be sent."""
        fresh = [change for change in block if change.state is State.PLANNED]
        marked: set[int] = await self._in_hub(self._mark_in_hub, fresh)
        return [change for change in block if change.state is State.SENDING or change.n in marked]

    async def _record(self, effects: Sequence[Effect]) -> None:
        """Keep what was answered, whoever holds the lease by now."""
        if effects:
            keep = partial(record, from_source=self._desk.replans)
            spec, now = self._desk.spec, self._desk.client.now()
            await self._in_hub(keep, self._hub, self._run, spec, effects, now)

    async def _in_hub(self, work: Callable[..., _T], *arguments: object) -> _T:
        """Do a transaction; again while the hub is away for a moment."""
        until = monotonic() + HUB_PATIENCE_SECONDS
        while True:
            try:
                return await self._transact(work, *arguments)
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

    def _mark_in_hub(self, block: Sequence[Change]) -> set[int]:
        """Before the requests leave; from here on a read takes what they write for ours."""
        with self._hub.write() as connection:
            self._lease.require(connection)
            numbers, now = [change.n for change in block], self._desk.client.earliest()
            now, marked = plans.mark_sending(connection, self._plan.id, numbers, now)
        for change in block:
            change.sent_at = now
        return marked

    def _unmark(self, block: Sequence[Change]) -> None:
        """Plan again what was marked and did not leave, while nobody else writes to the location."""
        if not block:
            return
        with suppress(LeaseLostError), self._hub.write() as connection:
            self._lease.require(connection)
            plans.unmark(connection, self._plan.id, [change.n for change in block])
        for change in block:
            change.state = State.PLANNED
