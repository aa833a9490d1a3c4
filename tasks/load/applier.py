"""Carrying out a plan: exactly its changes, slice by slice, from wherever it was left.

What others refer to first, then what hangs on it. A change is marked as sending before its request leaves
and gets its end together with mirror, link and provenance; what is found as sending is looked up, not
repeated.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial

import sqlalchemy as sa

from tasks.core.batch import Row
from tasks.core.change import SLICE, Change, Scope, State, Verb, grouped
from tasks.core.errors import LushaConnectError, StoppedError, UnknownOutcomeError
from tasks.hub import links, plans
from tasks.hub.engine import Hub
from tasks.hub.leases import Lease
from tasks.hub.ledger import Run
from tasks.hub.plans import Plan
from tasks.load import refused_records, since_planning
from tasks.load.bookkeeping import Bookkeeping, shielded, unknown
from tasks.load.rolling import BLOCK, Rolling
from tasks.load.settling import Settler
from tasks.streams import Operation
from tasks.vendors.protocols import Effect, WriteContext, Writer, left

AT_ONCE = 8
"""Requests under way at a time; the quota decides how fast they go. More than eight on one connection
pool of httpx are slower than eight: each request looks through the whole pool."""

LINKS = 5_000
"""Links in one transaction."""

OPEN = (State.PLANNED, State.SENDING)

HaveCounterparts = Callable[[Sequence[Row]], Sequence[bool]]
"""Which records have a counterpart by now; asked before a contact is made."""


class Applier:
    """Carries out one plan.

    Args:
        have_counterparts: Tells which records have a counterpart by now.
        lease: Taken; no request leaves once it is somebody else's.
        at_once: Requests under way at a time.

    Attributes:
        done: True when nothing of the plan is open.
        open: Changes that are left to carry out.
    """

    def __init__(
        self,
        hub: Hub,
        plan: Plan,
        run: Run,
        context: WriteContext,
        have_counterparts: HaveCounterparts,
        lease: Lease,
        at_once: int = AT_ONCE,
    ) -> None:
        self._hub = hub
        self._plan = plan
        self._run = run
        self._context = context
        context.linked = self._linked
        self._have_counterparts = have_counterparts
        self._books = Bookkeeping(hub, plan, run, context, lease)
        self._at_once = at_once
        self.done = False
        self.open = 0

    async def begin(self) -> None:
        """Say that the plan is being applied, and keep the links of what it found unchanged.

        Raises:
            StoppedError: Its changes are not those that it was closed with.
            HubUnavailableError: The hub is away.
        """
        await self._books.aside(self._begin)
        while await self._books.aside(self._keep_links):
            pass

    def _begin(self) -> None:
        with self._hub.read() as connection:
            if plans.digest(connection, self._plan.id) != self._plan.digest:
                raise StoppedError(
                    f"Plan {self._plan.id} is not what it was when it was made.",
                    remedy="Somebody changed the hub's tables; make a new plan.",
                )
        with self._hub.write() as connection:
            plans.update(connection, self._plan.id, state="applying")
            if self._context.replans:
                # They are on the review list, or another record's by now.
                resting = [*self._resting(Verb.CONFLICT), *self._resting(Verb.MERGED)]
                self._take_off_rejects(connection, plans.some(connection, self._plan.id, operations=resting))
        self._plan.state = "applying"

    def _keep_links(self) -> bool:
        """The next links of what was found unchanged; False when there are no more."""
        with self._hub.write() as connection:
            found = plans.some(
                connection,
                self._plan.id,
                states=[State.PLANNED],
                operations=self._resting(Verb.UNCHANGED),
                limit=LINKS,
            )
            told = found if self._plan.is_a_sources else []  # another says nothing about who belongs together
            pairs = [(change.record_id, change.target_id) for change in told]
            links.keep(connection, self._context.spec.scope, pairs, made_by="match", plan_id=self._plan.id)
            if self._context.replans:
                self._take_off_rejects(connection, found)
            for change in found:
                change.state = State.DONE
            plans.end(connection, found)
        return bool(found)

    def _take_off_rejects(self, connection: sa.Connection, found: Sequence[Change]) -> None:
        ids = [change.record_id for change in found]
        refused_records.take_off(connection, self._plan, self._context.spec, ids)

    async def settle(self) -> Counter[str]:
        """Find out what became of the changes that were under way when somebody died; write nothing.

        What had no effect is planned as before, for whoever applies the plan.

        Raises:
            StoppedError: Something could not be looked up; the others were.
        """
        return await Settler(self._hub, self._plan, self._context, self._books, self._at_once).settle()

    async def carry(self, limit: int = SLICE) -> Counter[str]:
        """Carry out the next changes of one operation.

        Returns:
            How many ended in which way, as ``operation state``.

        Raises:
            StoppedError: HighLevel or the hub fails; what was done is kept, the rest goes on later.
        """
        taken, operation = await self._books.in_hub(self._take, limit)
        if operation is None:
            self.done = True
            return Counter()
        writer = self._context.writer(operation)
        if writer.send is not None:
            block = BLOCK if writer.resolve else 1
            effects = await self._one_by_one(taken, self._once(writer, writer.send), block)
        elif writer.send_group is not None:
            effects = await self._in_groups(taken, writer.send_group)
        self.open = max(0, self.open - len(effects))
        return Counter(f"{operation.name} {effect.change.state}" for effect in effects)

    async def finish(self, error: str | None) -> None:
        """Say how applying the plan ended; an end that is good waits for a hub that is away for a moment."""
        if error is None:
            await self._books.aside(self._finish, "applied")
        else:
            await asyncio.to_thread(self._finish, "stopped")

    def _finish(self, state: str) -> None:
        with self._hub.write() as connection:
            plans.update(connection, self._plan.id, state=state, applied_at=datetime.now(UTC))
        self._plan.state = state

    def _take(self, limit: int) -> tuple[list[Change], Operation | None]:
        """The next changes, with the ids of records that earlier changes made."""
        with self._hub.read() as connection:
            if not self.open:
                counted = plans.counted(connection, self._plan.id).items()
                self.open = sum(n for (one, state), n in counted if one.writes and state in OPEN)
            for operation in (one for one in self._context.spec.operations if one.writes):
                found = plans.some(
                    connection,
                    self._plan.id,
                    states=OPEN,
                    operations=[operation],
                    limit=limit,
                    fewest_tries_first=True,
                )
                if found:
                    since_planning.give_targets(connection, self._context.spec, found)
                    self._context.current = since_planning.fresh_rows(connection, self._context, found)
                    return found, operation
        return [], None

    def _linked(self, scope: Scope, target_ids: Sequence[str]) -> set[str]:
        with self._hub.read() as connection:
            return links.linked(connection, scope, target_ids)

    async def _one_by_one(
        self, taken: Sequence[Change], send: Callable[[Change], Awaitable[Effect]], block: int
    ) -> list[Effect]:
        """Carry out changes.

        Args:
            block: How many are marked at a time: of those that nothing can be asked about each alone, so that
                a death leaves few of them unknown.
        """
        ended: list[Effect] = []
        waiting = await self._worth_sending(taken, ended)
        sending = partial(shielded, send)
        rolling = Rolling(self._books.mark, sending, self._books.record, at_once=self._at_once, block=block)
        try:
            await rolling.run(waiting)
        except Exception as error:
            never_sent = [change for change in rolling.never_sent if change.state is State.PLANNED]
            await self._books.in_hub(self._books.unmark, never_sent)
            by = rolling.stopped_by
            if (
                by is None
                or not isinstance(error, StoppedError)
                or not await self._books.is_given_up(by, error)
            ):
                raise
        return ended + rolling.ended

    async def _worth_sending(self, taken: Sequence[Change], ended: list[Effect]) -> list[Change]:
        """Without what another plan has made meanwhile, and what has lost its record."""
        ends: list[Effect] = []
        made = await self._books.in_hub(self._made, taken)
        sending = []
        creating = [change for change in taken if self._creates(change) and change.state is State.PLANNED]
        rows = [change.wanted or {} for change in creating]
        there = await self._books.in_hub(self._have_counterparts, rows) if creating else []
        found_since = {change.n for change, found in zip(creating, there, strict=True) if found}
        for change in taken:
            if change.n in found_since:
                ends.append(
                    self._context.stale(change, None, f"it has a {self._context.spec.called[0]} by now")
                )
            elif change.n in made:
                ends.append(left(change, "it was made meanwhile"))
            elif not since_planning.has_counterpart(self._context.spec, change):
                ends.append(left(change, f"its {self._context.spec.called[0]} was not made"))
            else:
                sending.append(change)
        if ends:
            await self._books.record(ends)
            ended += ends
        return sending

    def _creates(self, change: Change) -> bool:
        return change.stream == self._context.spec.target and change.verb is Verb.CREATE

    def _resting(self, verb: Verb) -> list[Operation]:
        return [one for one in self._context.spec.operations if one.verb is verb]

    def _made(self, taken: Sequence[Change]) -> set[int]:
        with self._hub.read() as connection:
            undoing = not self._context.replans
            return since_planning.made(connection, self._context.spec, taken, undoing=undoing)

    async def _in_groups(
        self, taken: Sequence[Change], send: Callable[[Sequence[Change]], Awaitable[list[Effect]]]
    ) -> list[Effect]:
        ended: list[Effect] = []
        sending = await self._worth_sending(taken, ended)
        limit = asyncio.Semaphore(self._at_once)
        stopped: list[tuple[list[Change], Exception]] = []

        async def carry(group: list[Change]) -> None:
            async with limit:
                if stopped:
                    return
                try:
                    marked = await self._books.mark(group)
                    effects = await send(marked) if marked else []
                    await self._books.record(effects)
                except Exception as error:  # noqa: BLE001 - raised below, once the others are through
                    stopped.append((group, error))
                else:
                    ended.extend(effects)

        await asyncio.gather(*map(carry, grouped(sending)))
        for group, error in stopped:
            if not isinstance(error, StoppedError):
                raise error
            given_up = [await self._books.is_given_up(change, error) for change in group]
            if not all(given_up):
                raise error
        return ended

    def _once(
        self, writer: Writer, send: Callable[[Change], Awaitable[Effect]]
    ) -> Callable[[Change], Awaitable[Effect]]:
        """Send what nothing can be asked about afterwards; a lost answer ends it, it is not sent again.

        What was refused or did not leave had no effect, and stays planned.
        """
        if writer.resolve:
            return send

        async def sent(change: Change) -> Effect:
            if change.state is State.SENDING:
                return unknown(change)
            try:
                return await send(change)
            except UnknownOutcomeError:
                return unknown(change)
            except LushaConnectError:
                await self._books.in_hub(self._books.unmark, [change])
                raise

        return sent
