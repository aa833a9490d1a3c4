"""What the credit ledger tells people: what was spent by which run, what is reserved, what a run may cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from tasks.core.batch import Json
from tasks.hub.caps import OPEN, Caps, room
from tasks.hub.credits import Stage
from tasks.hub.engine import Hub
from tasks.hub.ledger import those_over
from tasks.hub.tables import runs, spending


@dataclass(frozen=True, slots=True)
class Spent:
    """What one run spent on one action on one day (UTC).

    Args:
        action: As the vendor's price list calls it; ``difference``: what it charged beyond that.
        credits: Less than 0 where the vendor charged less.
        datapoints: How many of them were bought for good.
        at: When the last of it was charged.
    """

    automation: str
    location_id: str
    run: str
    action: str
    credits: float
    datapoints: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """What one run has reserved, at most.

    Args:
        unclear: Whether the run is over and may have been charged: a later one asks again.
    """

    automation: str
    location_id: str
    run: str
    credits: float
    unclear: bool


@dataclass(frozen=True, slots=True)
class WouldCost:
    """What the last dry run of an automation said it would spend, at most."""

    automation: str
    location_id: str
    run: str
    credits: float
    at: datetime


@dataclass(frozen=True, slots=True)
class CreditStatus:
    """How the hub's credits stand.

    Args:
        since: From when on ``spent`` is told.
        spent, would_cost: The newest first.
        left: Credits left under each cap that there is, by ``day`` and ``month``.
    """

    since: datetime
    spent: Sequence[Spent]
    held: Sequence[Held]
    would_cost: Sequence[WouldCost]
    caps: Caps
    left: dict[str, float]

    @property
    def reserved(self) -> float:
        """Credits that may be charged any moment, or were without anybody having said so."""
        return sum(one.credits for one in self.held)

    def told(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "since": self.since,
            "spent": [asdict(one) for one in self.spent],
            "reserved": self.reserved,
            "held": [asdict(one) for one in self.held],
            "would_cost": [asdict(one) for one in self.would_cost],
            "caps": asdict(self.caps),
            "left": self.left,
        }


def credit_status(hub: Hub, caps: Caps, since: datetime) -> CreditStatus:
    """Look at the ledger: all accounts and locations.

    Raises:
        HubUnavailableError: The hub cannot be read.
    """
    with hub.read() as connection:
        return CreditStatus(
            since=since,
            spent=_spent(connection, since),
            held=_held(hub, connection),
            would_cost=_would_cost(connection),
            caps=caps,
            left={
                name: left
                for name, left in room(connection, "", caps, datetime.now(UTC)).items()
                if name != "run"
            },
        )


def _spent(connection: sa.Connection, since: datetime) -> list[Spent]:
    credits_ = sa.func.sum(spending.c.charged)
    bought = sa.case((sa.and_(spending.c.datapoint != "", spending.c.charged > 0), 1))
    by = (spending.c.automation, spending.c.location_id, spending.c.run_id, spending.c.action)
    last = sa.func.max(spending.c.settled_at)
    query = sa.select(*by, credits_, sa.func.count(bought), last).where(spending.c.settled_at >= since)
    query = query.group_by(*by, _day(connection)).having(credits_ != 0).order_by(last.desc(), *by)
    return [Spent(*row) for row in connection.execute(query)]


def _day(connection: sa.Connection) -> sa.ColumnElement[Any]:
    """The day in UTC on which something was charged."""
    if connection.dialect.name == "sqlite":
        return sa.func.substr(spending.c.settled_at, 1, len("2026-11-01"))
    return sa.func.date_trunc("day", sa.func.timezone("UTC", spending.c.settled_at))


def _held(hub: Hub, connection: sa.Connection) -> list[Held]:
    by = (spending.c.automation, spending.c.location_id, spending.c.run_id, spending.c.state)
    query = sa.select(*by, sa.func.sum(spending.c.expected)).where(OPEN).group_by(*by).order_by(*by)
    rows = connection.execute(query).all()
    over = those_over(hub, connection, {row.run_id for row in rows})
    return [
        Held(automation, location_id, run, credits_, unclear=run in over)
        for automation, location_id, run, state, credits_ in rows
        if credits_ and not (run in over and state == Stage.RESERVED)  # that is free again
    ]


def _would_cost(connection: sa.Connection) -> list[WouldCost]:
    dry = sa.type_coerce(runs.c.parameters, sa.Text).contains('"dry_run":true')
    told = sa.type_coerce(runs.c.tally, sa.Text).contains('"would_cost":')
    columns = (runs.c.automation, runs.c.location_id, runs.c.id, runs.c.tally, runs.c.started_at)
    query = sa.select(*columns).where(dry, told).order_by(runs.c.started_at.desc())
    found: dict[tuple[str, str], WouldCost] = {}
    for automation, location_id, run, tally, at in connection.execute(query):
        cost: Json = tally["credits"]["would_cost"]
        found.setdefault((automation, location_id), WouldCost(automation, location_id, run, float(cost), at))
    return list(found.values())
