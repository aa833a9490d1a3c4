"""Finding out what became of the changes that were under way when somebody died; nothing is written."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from tasks.core.change import Change, State
from tasks.core.errors import LeaseLostError, StoppedError
from tasks.hub import plans
from tasks.hub.engine import Hub
from tasks.hub.plans import Plan
from tasks.load import since_planning
from tasks.load.bookkeeping import Bookkeeping, shielded, unknown
from tasks.streams import Operation
from tasks.vendors.protocols import Effect, Resolve, WriteContext


class Settler:
    """Settles one plan.

    Args:
        at_once: Look-ups under way at a time.
    """

    def __init__(self, hub: Hub, plan: Plan, context: WriteContext, books: Bookkeeping, at_once: int) -> None:
        self._hub = hub
        self._plan = plan
        self._context = context
        self._books = books
        self._at_once = at_once

    async def settle(self) -> Counter[str]:
        """Find out what became of the changes that were under way when somebody died; write nothing.

        What had no effect is planned as before, for whoever applies the plan; what nothing can be asked about
        is left for a person.

        Raises:
            StoppedError: Something could not be looked up; the others were.
        """
        ended: Counter[str] = Counter()
        stopped: list[StoppedError] = []
        for operation in self._context.spec.operations:
            found = await self._books.in_hub(self._unsettled, operation) if operation.writes else []
            if not found:
                continue
            # What says most comes first: of two creates of one name it can be mistaken least.
            found.sort(key=lambda change: -len(change.fields))
            looks = self._context.writer(operation).resolve
            if not looks:
                await self._books.record(list(map(unknown, found)))
            for resolve in looks:
                left_over: list[Change] = []
                for start in range(0, len(found), self._at_once):
                    block = found[start : start + self._at_once]
                    left_over += await self._settle(block, resolve, stopped)
                open_still = {one.n for one in left_over}
                ended.update(f"{operation.name} {one.state}" for one in found if one.n not in open_still)
                found = left_over
            await self._books.in_hub(self._books.unmark, [one for one in found if looks])
            ended.update(f"{operation.name} {one.state}" for one in found)
        if stopped:
            raise stopped[0]
        return ended

    async def _settle(
        self, block: Sequence[Change], resolve: Resolve, stopped: list[StoppedError]
    ) -> list[Change]:
        """Look changes up; those that had no effect."""
        found = await asyncio.gather(*(shielded(resolve, change) for change in block), return_exceptions=True)
        without: list[Change] = []
        effects: list[Effect] = []
        for change, effect in zip(block, found, strict=True):
            if effect is None:
                without.append(change)
            elif isinstance(effect, Effect):
                effects.append(effect)
            elif not isinstance(effect, StoppedError) or isinstance(effect, LeaseLostError):
                raise effect
            elif not await self._books.is_given_up(change, effect):
                stopped.append(effect)
        await self._books.record(effects)
        return without

    def _unsettled(self, operation: Operation) -> list[Change]:
        with self._hub.read() as connection:
            found = plans.some(connection, self._plan.id, states=[State.SENDING], operations=[operation])
            since_planning.give_targets(connection, self._context.spec, found)
        return found
