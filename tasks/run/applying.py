"""From a plan to HighLevel: settled, kept up to date, applied by one process at a time, followed up.

    settle what a dead run left open → bring the mirror up to date → plan → (preview, approval) → apply

Only the holder of a location's lease writes to it; the others wait. Whoever loses it sends nothing more.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from tasks.core.batch import Row
from tasks.hub import plans
from tasks.hub.engine import Hub
from tasks.hub.leases import Lease
from tasks.hub.plans import Plan
from tasks.hub.spec import PlanSpec
from tasks.load.applier import Applier
from tasks.plan.match import Matcher
from tasks.run import leasing
from tasks.run.pipeline import Lane
from tasks.run.planning import Recheck, Work, plan_anew
from tasks.run.refresh import mirror_lane, refresh
from tasks.streams import mirror_of

log = logging.getLogger(__name__)

FRESH = timedelta(seconds=20)
"""How old the mirror may be when a plan begins to be applied, and with ``by search`` when a slice does."""

ROUNDS = 3
"""How often what changed meanwhile is planned anew and applied within a run."""


@asynccontextmanager
async def begin(lane: Lane) -> AsyncIterator[Work]:
    """Settle what a dead run left open, and bring the mirror up to what HighLevel holds.

    Args:
        lane: What is planned, or whose plan is carried out.
    """
    if parents := mirror_of(lane.target)[1].parent_mirror:
        async with mirror_lane(lane.session, parents) as those:
            await refresh(those)
    async with mirror_lane(lane.session, lane.target) as mirror:
        work = Work(lane, mirror)
        if await asyncio.to_thread(plans.interrupted, work.session.hub, work.location_id):
            async with _only_one(work, "looking up what an interrupted run left open") as lease:
                await _settle(work, lease)
        await refresh(mirror)
        work.refreshed = monotonic()
        yield work


async def apply(
    work: Work, plan: Plan, recheck: Recheck, *, follow_up: bool, waited: bool = False
) -> list[Plan]:
    """Carry out a plan, and what has to be planned anew because records changed meanwhile.

    Whoever takes the lease may have waited for it, and the plan for a person: so what others left open is
    settled first, and the mirror brought up to date, before anything is written.

    Args:
        follow_up: Whether the new plan is applied as well; otherwise it is left for a person.
        waited: Whether the plan waited for a person, who may have worked in HighLevel meanwhile.

    Returns:
        The plan and those that follow it up.

    Raises:
        StoppedError: HighLevel or the hub failed; applying the plan again goes on.
    """
    made = [plan]
    async with _only_one(work, f"plan {plan.id}") as lease:
        await _settle(work, lease)
        if waited or recheck == "by search":
            work.refreshed = float("-inf")
        await _refresh_if_old(work)
        await _apply_one(work, plan, recheck, lease)
        while (again := await plan_anew(work, made[-1], recheck)) is not None:
            made.append(again)
            if not follow_up or len(made) > ROUNDS:
                break
            await _apply_one(work, again, recheck, lease)
    return made


async def _refresh_if_old(work: Work) -> None:
    if monotonic() - work.refreshed > FRESH.total_seconds():
        await refresh(work.mirror)
        work.refreshed = monotonic()


async def _apply_one(work: Work, plan: Plan, recheck: Recheck, lease: Lease) -> None:
    carrier = _PlanCarrier(work, plan, recheck, lease)
    await carrier.applier.begin()
    error: str | None = None
    try:
        await work.session.carry_all(carrier, "apply")
    except BaseException as caught:
        error = str(caught) or type(caught).__name__
        raise
    finally:
        await carrier.applier.finish(error)


class _PlanCarrier:
    """Carries out a plan slice by slice."""

    def __init__(self, work: Work, plan: Plan, recheck: Recheck, lease: Lease) -> None:
        self._work = work
        self._by_search = recheck == "by search" and plan.is_a_sources
        self.applier = _applier(work, plan, lease, from_mirror=self._by_search)
        self._plan = plan
        self._total = 0

    @property
    def done(self) -> bool:
        """Whether nothing is open any more."""
        return self.applier.done

    async def carry(self) -> Mapping[str, int]:
        """Carry out the next slice."""
        if self._by_search:
            await _refresh_if_old(self._work)
        tally = self._work.session.run.tally
        with tally.timed("apply"):
            done = await self.applier.carry()
        self._total = max(self._total, self.applier.open + sum(done.values()))
        await self._work.session.progress.show(self._total - self.applier.open, self._total)
        return done

    async def close(self) -> None:
        """Nothing is prepared ahead."""


def _applier(work: Work, plan: Plan, lease: Lease, *, from_mirror: bool = False) -> Applier:
    """What carries out a plan, or finds out what became of it."""
    session = work.session
    spec = PlanSpec.read(plan.spec)
    matcher = Matcher(spec)

    def have_counterparts(rows: Sequence[Row]) -> Sequence[bool]:
        with session.hub.read() as connection:
            found = matcher.match(connection, rows)
        return [bool(match.target_id or match.conflict) for match in found]

    context = session.connection.write_context(
        spec, work.reader(plan), replans=plan.is_a_sources, from_mirror=from_mirror
    )
    return Applier(session.hub, plan, session.run, context, have_counterparts, lease)


async def _settle(work: Work, lease: Lease) -> None:
    """Find out what became of changes whose sender died; without it they could be made twice."""
    hub = work.session.hub
    for plan_id in await asyncio.to_thread(plans.interrupted, hub, work.location_id):
        plan = await asyncio.to_thread(plans.find, hub, plan_id)
        ended = await _applier(work, plan, lease).settle()
        log.info("plan %s was interrupted: %s", plan_id, dict(ended) or "nothing to look up")


@asynccontextmanager
async def _only_one(work: Work, about: str) -> AsyncIterator[Lease]:
    """Be the only one who writes to the location, waiting for whoever does.

    While the lease is held, every request asks it before it leaves.
    """
    hub, connection = work.session.hub, work.session.connection
    lease = Lease(f"write {work.location_id}", about)
    told = ""
    while other := await asyncio.to_thread(lease.take, hub):
        if other != told:
            log.warning("waiting for %s, which writes to location %s", other, work.location_id)
            told = other
        await asyncio.sleep(1)

    connection.guard = _StillOurs(hub, lease)
    renewing = asyncio.create_task(leasing.renew(hub, lease))
    try:
        yield lease
    finally:
        connection.guard = None
        await leasing.give_back(hub, lease, renewing)


@dataclass(frozen=True, slots=True)
class _StillOurs:
    """Lets requests leave while the lease is held."""

    hub: Hub
    lease: Lease

    @property
    def in_doubt(self) -> bool:
        return self.lease.overdue

    async def ask(self) -> None:
        await asyncio.to_thread(self.lease.renew, self.hub)


def ended(work: Work, made: Sequence[Plan]) -> dict[str, int]:
    """How the changes of plans ended, as ``operation state``."""
    found: Counter[str] = Counter()
    with work.session.hub.read() as connection:
        for plan in made:
            for (operation, state), number in plans.counted(connection, plan.id).items():
                found[f"{operation.name} {state}"] += number
    return dict(found)
