"""What the hub gives up in the end: plans that are over, runs, decided reviews, notices, journal.

With a plan go its changes; of notices those that were sent or dropped.

What tells records apart and values from one another is for ever: mirror, links, provenance, rejects; so is
what was paid for. So a plan's end takes nothing from later imports; only its undo goes, which needs the old
values.

A plan goes together with what followed it up or took it back, once the last of them is old enough. It is
hidden first and removed slice by slice after, so that nobody finds half a plan and no transaction is long;
what a killed run has begun the next one ends. A plan that a run is about just now stays: whoever applies one
has entered the run in the ledger before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import sqlalchemy as sa

from tasks.hub import journal
from tasks.hub.engine import Hub
from tasks.hub.notices import OPEN as NOT_SENT
from tasks.hub.plans import REMOVING
from tasks.hub.reviews import OPEN
from tasks.hub.tables import IS_RUNNING, IS_SENDING, changes, notices, plans, reviews, runs
from tasks.hub.upsert import among

SLICE = 2_000
"""Rows that one transaction removes at most."""

LONGEST_WAIT = timedelta(days=31)
"""How long a plan may wait for a person, and a day: none that may still be applied goes earlier."""

OVER = frozenset({"applied", "declined"})
"""States in which nothing more is to come of a plan."""

_PLAN = (plans.c.id, plans.c.parent_id, plans.c.run_id, plans.c.state, plans.c.made_at, plans.c.applied_at)
_Plan: TypeAlias = "sa.Row[str, str | None, str, str, datetime, datetime | None]"  # 2.0 wants a tuple


class Retention:
    """Removes what is older than so many days.

    Args:
        location_id: Whose plans, runs and reviews.
        keep_days: How long to keep what is over; 0 for ever.
        now: Ages are counted to this moment.
    """

    def __init__(self, hub: Hub, location_id: str, keep_days: int, *, now: datetime | None = None) -> None:
        self._hub = hub
        self._location_id = location_id
        now = now or datetime.now(UTC)
        kept = timedelta(days=keep_days)
        self._alive_since = now - LONGEST_WAIT
        self._over_since = now - kept if keep_days else datetime.fromtimestamp(0, UTC)
        self._open_since = min(self._over_since, self._alive_since)

    def count(self) -> Counter[str]:
        """How much of what would be removed, by table."""
        with self._hub.read() as connection:
            going = [*self._begun(connection), *self._too_old(connection)]
            found = Counter(plans=len(going))
            found["changes"] = _number(
                connection, changes, [among(connection, changes.c.plan_id, going)] if going else [sa.false()]
            )
            found["runs"] = _number(connection, runs, self._old_runs())
            found["reviews"] = _number(connection, reviews, self._old_reviews())
            found["notices"] = _number(connection, notices, self._old_notices())
            found["journal"] = journal.count(connection, self._location_id, self._over_since)
        return +found

    def remove(self) -> Counter[str]:
        """Remove all of it; how much of what."""
        done: Counter[str] = Counter()
        while (more := self.step()) is not None:
            done += more
        return done

    def step(self) -> Counter[str] | None:
        """Remove the next slice; how much of what, None where nothing was left.

        Raises:
            HubUnavailableError: The hub cannot be written; what was removed stays so.
        """
        with self._hub.write() as connection:
            if begun := self._begun(connection, limit=1):
                return _remove_changes(connection, begun[0])
            if hidden := self._too_old(connection, limit=SLICE):
                going = among(connection, plans.c.id, hidden)
                connection.execute(sa.update(plans).where(going).values(state=REMOVING))
                return Counter()
            for by, old in (
                (runs.c.id, self._old_runs()),
                (reviews.c.id, self._old_reviews()),
                (notices.c.key, self._old_notices()),
            ):
                if removed := _remove(connection, by, old):
                    return Counter({by.table.name: removed})
            if forgotten := journal.forget(connection, self._location_id, self._over_since, SLICE):
                return Counter(journal=forgotten)
        return None

    def _begun(self, connection: sa.Connection, limit: int | None = None) -> list[str]:
        mine = (plans.c.location_id == self._location_id, plans.c.state == REMOVING)
        return list(connection.execute(sa.select(plans.c.id).where(*mine).limit(limit)).scalars())

    def _too_old(self, connection: sa.Connection, limit: int | None = None) -> list[str]:
        """Ids of plans that may go, families whole; of the oldest families so many as ``limit`` allows."""
        here = plans.c.location_id == self._location_id
        query = sa.select(*_PLAN).where(here, plans.c.made_at < self._over_since, plans.c.state != REMOVING)
        old = list(connection.execute(query.order_by(plans.c.made_at)))
        if not old:
            return []
        kept = self._kept(connection, old)
        found: list[str] = []
        for family in _families(old):
            if limit is not None and len(found) >= limit:
                break
            if kept.isdisjoint(family):
                found += family
        return found

    def _kept(self, connection: sa.Connection, old: Iterable[_Plan]) -> set[str]:
        """Which of the plans that were made long ago stay all the same."""
        here = plans.c.location_id == self._location_id
        followed = sa.select(plans.c.parent_id).where(here, plans.c.made_at >= self._over_since)
        unclear = sa.select(changes.c.plan_id, changes.c.target_id).where(IS_SENDING)
        kept = {row.plan_id for row in connection.execute(unclear)}
        kept |= {id_ for id_ in connection.execute(followed).scalars() if id_ is not None}
        words = self._wanted_now(connection)
        for plan in old:
            since = self._over_since if plan.state in OVER else self._open_since
            last_at_work = max(plan.made_at, plan.applied_at or plan.made_at)
            if last_at_work >= since or plan.run_id in words or plan.id.startswith(tuple(words)):
                kept.add(plan.id)
        return kept

    def _wanted_now(self, connection: sa.Connection) -> set[str]:
        """By what words living runs call the plans that they are about."""
        living = (runs.c.location_id == self._location_id, IS_RUNNING, runs.c.started_at > self._alive_since)
        asked = connection.execute(sa.select(runs.c.parameters).where(*living)).scalars()
        words = {str(one["plan"]) for one in asked if one.get("plan")}
        if "last" in words:
            newest = sa.select(plans.c.id).where(plans.c.location_id == self._location_id)
            words |= set(connection.execute(newest.order_by(plans.c.made_at.desc()).limit(1)).scalars())
        return words

    def _old_runs(self) -> list[sa.ColumnElement[bool]]:
        """Runs that ended long ago; one that never said so is dead when it is older than any lives."""
        ended = sa.func.coalesce(runs.c.finished_at, runs.c.started_at)
        old = sa.or_(ended < self._open_since, sa.and_(ended < self._over_since, ~IS_RUNNING))
        return [runs.c.location_id == self._location_id, old]

    def _old_reviews(self) -> list[sa.ColumnElement[bool]]:
        decided = (reviews.c.state != OPEN, reviews.c.decided_at < self._over_since)
        return [reviews.c.location_id == self._location_id, *decided]

    def _old_notices(self) -> list[sa.ColumnElement[bool]]:
        over = (notices.c.state.not_in(NOT_SENT), notices.c.ended_at < self._over_since)
        return [notices.c.location_id == self._location_id, *over]


def _families(old: Iterable[_Plan]) -> list[list[str]]:
    """Plans together with those that they followed or took back, as far as these are there."""
    parents = {plan.id: plan.parent_id for plan in old}

    def first(id_: str) -> str:
        while (parent := parents[id_]) is not None and parent in parents:
            id_ = parent
        return id_

    found: defaultdict[str, list[str]] = defaultdict(list)
    for id_ in parents:
        found[first(id_)].append(id_)
    return list(found.values())


def _remove_changes(connection: sa.Connection, plan_id: str) -> Counter[str]:
    """Some of a plan's changes; the plan itself once there are no more."""
    mine = changes.c.plan_id == plan_id
    some = sa.select(changes.c.n).where(mine).order_by(changes.c.n).limit(SLICE)
    removed = connection.execute(sa.delete(changes).where(mine, changes.c.n.in_(some))).rowcount
    if removed == SLICE:
        return Counter(changes=removed)
    connection.execute(sa.delete(plans).where(plans.c.id == plan_id))
    return Counter(changes=removed, plans=1)


def _remove(connection: sa.Connection, by: sa.Column[str], old: list[sa.ColumnElement[bool]]) -> int:
    some = sa.select(by).where(*old).limit(SLICE)
    return connection.execute(sa.delete(by.table).where(*old, by.in_(some))).rowcount


def _number(connection: sa.Connection, table: sa.Table, which: list[sa.ColumnElement[bool]]) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(table).where(*which)).scalar_one()
