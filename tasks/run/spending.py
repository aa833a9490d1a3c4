"""Asking a vendor of leads for what it charges: reserved before, kept with what it cost, never bought twice.

    reserve under the caps → sending → ask → keep answer, lookups and charges in one transaction

What a run that died was asking for is asked again before anything else: what an account revealed once is free
for it, so the answer is had, and nothing is paid for a second time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

import sqlalchemy as sa

from tasks.core.batch import Json
from tasks.core.errors import (
    BadCredentialError,
    InvalidRequestError,
    NoCreditsError,
    QuotaExhaustedError,
    StoppedError,
    UnknownOutcomeError,
)
from tasks.hub import credits as credit_ledger
from tasks.hub.caps import room
from tasks.hub.credits import Caps, Item, LeftOver, Reserved, Who
from tasks.load import leads as store
from tasks.load.leads import News
from tasks.run.pipeline import Lane
from tasks.vendors.leads import AT_ONCE, REVEALS, Action, Again, Datapoint, Leads, Price, Told

T = TypeVar("T")

UNCHARGED = (InvalidRequestError, BadCredentialError)
"""Refusals of which it is certain that nothing was charged."""


@dataclass(slots=True)
class Spent:
    """What a run spent, and why it stopped spending.

    Attributes:
        by_action: Credits.
        stopped: Which cap was reached, or that there are no credits; empty while there are.
        error: What the run ends with, where it is the vendor that gives no more.
    """

    by_action: dict[str, float] = field(default_factory=dict)
    stopped: str = ""
    error: StoppedError | None = None

    @property
    def total(self) -> float:
        """Credits in all."""
        return sum(self.by_action.values())

    def add(self, action: str, cost: float) -> None:
        """Count a charge."""
        name = str(action)  # an enum is no key of JSON
        self.by_action[name] = self.by_action.get(name, 0) + cost


class Spender:
    """Spends a run's credits.

    Args:
        lane: Of the leads' mirror.
        prices: The vendor's price list, by action.
    """

    def __init__(self, lane: Lane, leads: Leads, caps: Caps, prices: Mapping[str, Price]) -> None:
        self._lane = lane
        self._hub = lane.session.hub
        self.leads = leads
        self._caps = caps
        self._prices = prices
        self.spent = Spent()

    @property
    def _who(self) -> Who:
        run = self._lane.session.run
        return Who(self.leads.account, run.location_id, run.id, run.automation)

    def price(self, action: Action) -> Price:
        """What an action costs."""
        return self._prices[action]

    async def room(self) -> dict[str, float]:
        """Credits that each cap leaves now, by what it is called."""
        run_id, now = self._lane.session.run.id, datetime.now(UTC)

        def read() -> dict[str, float]:
            with self._hub.read() as connection:
                left = room(connection, run_id, self._caps, now)
            return {self._caps.called(name): credits_ for name, credits_ in left.items()}

        return await self._ask_hub(read)

    async def settle(self) -> None:
        """Ask again for what a run that is over was asking for when it died, and keep what was paid for."""
        for left in await self._ask_hub(lambda: credit_ledger.left_over(self._hub, self._who)):
            await self._settle(left)

    async def _settle(self, left: LeftOver) -> None:
        if not await self._ask_hub(lambda: credit_ledger.adopt(self._hub, left.key, self._who, self._caps)):
            return
        wanted = _by_record(left.items)
        if not wanted:  # a search, or rows: asked again they are charged again, so these count as paid
            await self._close(left.key, left.items)
            return
        costs = {item.key: item.expected for item in left.items}
        [datapoints] = {frozenset(some) for some in wanted.values()}  # one request has the same for all
        told = await self.leads.reveal(list(wanted), datapoints)
        await self._keep_revealed(left.key, list(wanted), datapoints, told, costs)

    async def charged(
        self,
        action: Action,
        quantity: int,
        ask: Callable[[int], Awaitable[Told]],
        keep: Callable[[Told], store.Beside],
        *,
        whole: bool = False,
    ) -> Told | None:
        """Ask for what is charged by the request: a search, or rows of a list.

        Args:
            quantity: How many results there may be.
            ask: Sends the request for so many.
            keep: Makes, of the answer, what is kept in the transaction that notes the charge.
            whole: Ask for all or nothing.

        Returns:
            The answer; None where a cap leaves nothing to ask for, where the vendor gives no more, or where
            the answer was lost, which counts as charged.
        """
        price = self.price(action)
        parts = [min(price.per, quantity - at) for at in range(0, quantity, price.per)]
        items = [Item("", "", action, price.credits) for _ in parts]
        reserved = await self._reserve(items)
        granted = sum(parts[: len(reserved.granted)])
        if not granted or (whole and granted < quantity):
            await self._ask_hub(lambda: credit_ledger.release(self._hub, reserved.key))
            return None
        told = await self._asked(reserved, lambda _again: ask(granted))
        if told is None:
            return None
        cost = told.charged if told.charged is not None else len(reserved.granted) * price.credits
        beside = keep(told)

        def kept(connection: sa.Connection) -> None:
            beside(connection)
            credit_ledger.settle(connection, reserved.key, {}, cost)

        await self._keep([News(one) for one in _by_id(told).values()], kept)
        self.spent.add(action, cost)
        return told

    async def reveal(
        self, wanted: Mapping[str, Mapping[Datapoint, float]], tell: Callable[[Mapping[str, Json]], None]
    ) -> None:
        """Reveal datapoints of people, in order, as far as the caps allow.

        Args:
            wanted: By the vendor's id, what to reveal, and what it costs at most.
            tell: Told the people of each answer.
        """
        groups: dict[frozenset[Datapoint], list[str]] = {}
        for id_, costs in wanted.items():
            ids = groups.setdefault(frozenset(costs), [])
            ids.append(id_)
            if len(ids) == AT_ONCE:
                await self._reveal(groups.pop(frozenset(costs)), frozenset(costs), wanted, tell)
            if self.spent.stopped:
                return
        for datapoints, ids in groups.items():
            if not self.spent.stopped:
                await self._reveal(ids, datapoints, wanted, tell)

    async def _reveal(
        self,
        ids: Sequence[str],
        datapoints: frozenset[Datapoint],
        wanted: Mapping[str, Mapping[Datapoint, float]],
        tell: Callable[[Mapping[str, Json]], None],
    ) -> None:
        reserved, whole = await self._reserve_whole(ids, datapoints, wanted)
        if not whole:
            return
        costs = {(item.record, item.datapoint): item.expected for item in reserved.granted}
        told = await self._asked(reserved, lambda again: self.leads.reveal(whole, datapoints, again=again))
        if told is None:
            return
        tell(await self._keep_revealed(reserved.key, whole, datapoints, told, costs))
        if told.out_of_credits:
            self._stop(
                NoCreditsError("The Lusha account ran out of credits.", remedy="Buy credits, run again.")
            )

    async def _asked(self, reserved: Reserved, ask: Callable[[Again], Awaitable[Told]]) -> Told | None:
        """Ask for what is reserved; None where the vendor gives no more, or where the answer was lost.

        Args:
            ask: Sends the request, and tells before each try after the first that it does.
        """

        async def sending() -> None:
            await self._ask_hub(lambda: credit_ledger.sending(self._hub, reserved.key))

        await sending()
        try:
            return await ask(sending)
        except UnknownOutcomeError as error:
            await self._close(reserved.key, reserved.granted)
            self._stop(error)
        except (NoCreditsError, QuotaExhaustedError) as error:
            await self._ask_hub(lambda: credit_ledger.release(self._hub, reserved.key))
            self._stop(error)
        except UNCHARGED:
            await self._ask_hub(lambda: credit_ledger.release(self._hub, reserved.key))
            raise
        return None

    async def _reserve_whole(
        self,
        ids: Sequence[str],
        datapoints: frozenset[Datapoint],
        wanted: Mapping[str, Mapping[Datapoint, float]],
    ) -> tuple[Reserved, list[str]]:
        """Reserve for people of whom all can be revealed that is wanted, and say who they are.

        What the ledger has as paid for is asked for once more, for nothing: the hub may have lost it.
        """
        left = list(ids)
        while True:
            items = [Item(id_, one, REVEALS[one], wanted[id_][one]) for id_ in left for one in datapoints]
            reserved = await self._reserve(items)
            may = {(item.record, item.datapoint) for item in (*reserved.granted, *reserved.known)}
            whole = [id_ for id_ in left if all((id_, one) in may for one in datapoints)]
            if {item.record for item in (*reserved.granted, *reserved.known)} <= set(whole):
                return reserved, whole
            await self._ask_hub(partial(credit_ledger.release, self._hub, reserved.key))
            left = whole

    async def _keep_revealed(
        self,
        key: str,
        ids: Sequence[str],
        datapoints: frozenset[Datapoint],
        told: Told,
        costs: Mapping[tuple[str, str], float],
    ) -> dict[str, Json]:
        """Keep what was revealed with what it cost: what is there costs what it was priced at."""
        people = _by_id(told)
        has = {(id_, one) for id_, person in people.items() for one in datapoints if person.get(one)}
        found: dict[tuple[str, str], float] = {one: costs.get(one, 0.0) for one in has}
        final = {id_ for id_, problem in told.problems.items() if problem.is_final}
        answered = final if told.out_of_credits else {*people, *final}
        news = [
            News(
                {**people.get(id_, {}), "id": id_},
                [one.value for one in datapoints if id_ in answered or (id_, one) in has],
            )
            for id_ in ids
            if id_ in people or id_ in final
        ]

        def kept(connection: sa.Connection) -> None:
            credit_ledger.settle(connection, key, found, told.charged)

        known = await self._keep(news, kept)
        for (_, one), cost in found.items():
            self.spent.add(REVEALS[Datapoint(one)], cost)
        return known

    async def _keep(self, news: Sequence[News], beside: store.Beside) -> dict[str, Json]:
        session = self._lane.session
        return await self._ask_hub(
            lambda: store.keep(session.hub, session.run, self._lane.mapper, news, beside)
        )

    async def _reserve(self, items: Sequence[Item]) -> Reserved:
        reserved = await self._ask_hub(lambda: credit_ledger.reserve(self._hub, self._who, items, self._caps))
        if reserved.refused:
            self.spent.stopped = reserved.cap
        return reserved

    async def _close(self, key: str, items: Sequence[Item]) -> None:
        """Note as charged what nobody can tell of."""
        cost = sum(item.expected for item in items)

        def close() -> None:
            with self._hub.write() as connection:
                credit_ledger.settle(connection, key, {}, cost)

        await self._ask_hub(close)
        self.spent.add(items[0].action, cost)

    def _stop(self, error: StoppedError) -> None:
        """Spend no more; what was bought is kept, and written, before the run ends with the error."""
        self.spent.stopped, self.spent.error = error.what, error

    async def _ask_hub(self, ask: Callable[[], T]) -> T:
        return await asyncio.to_thread(ask)


def _by_record(items: Sequence[Item]) -> dict[str, list[Datapoint]]:
    found: dict[str, list[Datapoint]] = {}
    for item in items:
        if item.record and item.datapoint:
            found.setdefault(item.record, []).append(Datapoint(item.datapoint))
    return found


def _by_id(told: Told) -> dict[str, Json]:
    """The people of an answer by the vendor's id."""
    return {str(one["id"]): {**one, "id": str(one["id"])} for one in told.people.values() if one.get("id")}
