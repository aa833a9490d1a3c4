"""The credit ledger: what was spent on leads, what may be spent just now, and what may be spent at all.

Credits are **reserved** before a request, so that two runs at once cannot pass a cap together; they are
**sending** from right before it leaves; and **charged**, in the transaction that keeps the answer, with what
it cost. A reservation that comes to nothing is removed; one that was sent stays until it is known what became
of it. Where that is asked for again, it is **repeated**: a vendor that charges for a datapoint only once then
says what the last request cost, and not what the first one did.

Reserving is one transaction at a time, over all processes, accounts and locations of the hub.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from math import inf
from typing import TypeAlias

import sqlalchemy as sa

from tasks.core.errors import LeaseLostError
from tasks.hub.caps import AS_GOOD_AS_NOTHING, OPEN, Caps, room
from tasks.hub.engine import Hub
from tasks.hub.ledger import those_over
from tasks.hub.tables import spending
from tasks.hub.upsert import among

__all__ = [
    "Caps",
    "Item",
    "LeftOver",
    "Reserved",
    "Who",
    "adopt",
    "book",
    "left_over",
    "release",
    "reserve",
    "sending",
    "settle",
]

DIFFERENCE = "difference"
"""The action of a row that makes the ledger's sum the vendor's, where its items do not."""

Key: TypeAlias = tuple[str, str]
"""A record's id and a datapoint."""


class Stage(StrEnum):
    """How far a reservation is."""

    RESERVED = "reserved"
    SENDING = "sending"
    REPEATED = "repeated"  # sent more than once
    CHARGED = "charged"


SENT = (Stage.SENDING, Stage.REPEATED)
"""It may have been charged, and nobody has said so."""


@dataclass(frozen=True, slots=True)
class Who:
    """On whose behalf credits are spent.

    Args:
        account: The vendor's, e.g. ``lusha:<hash>``: what is paid for there is paid for.
        run_id: The ledger's id of the run; what it reserved ends with it.
    """

    account: str
    location_id: str
    run_id: str
    automation: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that may be charged.

    Args:
        record: The vendor's id; "" for a request as a whole.
        datapoint: What of it is bought for good, e.g. ``emails``; "" for what is charged each time.
        action: As the vendor's price list calls it.
        expected: Credits, at most; 0 where it was paid for already.
    """

    record: str
    datapoint: str
    action: str
    expected: float

    @property
    def key(self) -> Key:
        """By which what was found is told."""
        return self.record, self.datapoint


@dataclass(slots=True)
class Reserved:
    """What came of the wish to spend.

    Attributes:
        key: Of the reservation.
        granted: What may be asked for.
        refused: What a cap does not allow.
        cap: Which one that was, in words: "the run's cap of 50 credits"; "" where none did.
        known: What was paid for before: the hub has it, or it may be asked for once more, for nothing.
        busy: What another request is about to pay for, or may have paid for: nobody knows yet.
    """

    key: str
    granted: list[Item] = field(default_factory=list)
    refused: list[Item] = field(default_factory=list)
    cap: str = ""
    known: list[Item] = field(default_factory=list)
    busy: list[Item] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LeftOver:
    """What was asked for in one request, of which nobody knows whether it was charged."""

    key: str
    items: list[Item]


def reserve(
    hub: Hub, who: Who, items: Sequence[Item], caps: Caps, *, now: datetime | None = None
) -> Reserved:
    """Reserve what the caps allow, in the order of the items, until one of them does not.

    What costs nothing is always granted; what is reserved, charged or asked for already is not bought again.
    What runs reserved that have died since is free again.

    Args:
        now: Of which day and month it is.

    Raises:
        HubUnavailableError: The hub cannot be written; nothing is reserved.
    """
    now = now or datetime.now(UTC)
    found = Reserved(uuid.uuid4().hex)
    with hub.write() as connection:
        _one_at_a_time(connection)
        _free_what_the_dead_reserved(hub, connection, who)
        left = {caps.called(name): some for name, some in room(connection, who.run_id, caps, now).items()}
        _grant(found, items, _taken(connection, who.account, items), left)
        reserved = {**asdict(who), "reservation": found.key, "state": Stage.RESERVED, "reserved_at": now}
        items = [*found.granted, *found.known]
        rows = [{**reserved, **asdict(item), "id": uuid.uuid4().hex} for item in items]
        if rows:
            connection.execute(sa.insert(spending), rows)
    return found


def sending(hub: Hub, key: str) -> None:
    """Say that the request is about to leave; before each attempt where it is tried several times.

    Raises:
        LeaseLostError: The reservation is no more: its run was taken for dead.
        HubUnavailableError: The hub cannot be written: nothing may be sent.
    """
    mine = spending.c.reservation == key
    with hub.write() as connection:
        again = sa.update(spending).where(mine, spending.c.state.in_(SENT)).values(state=Stage.REPEATED)
        if connection.execute(again).rowcount:
            return
        first = sa.update(spending).where(mine, spending.c.state == Stage.RESERVED)
        if not connection.execute(first.values(state=Stage.SENDING)).rowcount:
            raise _lost()


def settle(
    connection: sa.Connection,
    key: str,
    found: Mapping[Key, float],
    charged: float | None,
    *,
    now: datetime | None = None,
) -> None:
    """Note what a request cost, within the transaction that keeps what it told. Done twice, it is done once.

    Args:
        found: Credits by record and datapoint, of those that were found; all others cost nothing.
        charged: Credits that the vendor says it took in all; None where it does not say. What is charged for
            the request as a whole is the rest of it. What then is still not the sum is a row of its own. Of
            what was repeated the vendor tells only the last part, so that less is no difference.

    Raises:
        LeaseLostError: There is no such reservation: it was released.
    """
    mine = spending.c.reservation == key
    rows = connection.execute(sa.select(spending).where(mine).with_for_update()).mappings().all()
    if not rows:
        raise _lost()
    is_open = [row for row in rows if row["settled_at"] is None]
    if not is_open:
        return
    costs, difference = _shared_out(is_open, found, charged)
    done = {"state": Stage.CHARGED, "settled_at": now or datetime.now(UTC)}
    by_id = sa.update(spending).where(spending.c.id == sa.bindparam("row")).values(done)
    priced = by_id.values(charged=sa.bindparam("cost"))
    connection.execute(priced, [{"row": id_, "cost": cost} for id_, cost in costs.items()])
    if abs(difference) > AS_GOOD_AS_NOTHING:
        none = {"record": "", "datapoint": "", "action": DIFFERENCE, "expected": 0.0, "charged": difference}
        row = dict(is_open[0]) | none | done | {"id": uuid.uuid4().hex}
        connection.execute(sa.insert(spending).values(row))


def book(connection: sa.Connection, who: Who, item: Item, charged: float, *, now: datetime) -> None:
    """Note a charge that nobody reserved: the vendor delivered something and says what that cost."""
    told = {"state": Stage.CHARGED, "charged": charged, "reserved_at": now, "settled_at": now}
    key = uuid.uuid4().hex
    row = asdict(who) | asdict(item) | told | {"id": key, "reservation": key}
    connection.execute(sa.insert(spending).values(row))


def release(hub: Hub, key: str) -> None:
    """Remove a reservation: nothing was sent, or the vendor said that nothing was charged.

    One that was sent more than once stays: an earlier attempt may have been charged.
    """
    costless = spending.c.state.in_((Stage.RESERVED, Stage.SENDING))
    with hub.write() as connection:
        connection.execute(sa.delete(spending).where(spending.c.reservation == key, costless))


def left_over(hub: Hub, who: Who) -> list[LeftOver]:
    """What was sent for this account and location, and is open: by runs that are over, and by this one.

    To be asked for when the run has no request under way; ``adopt`` is to come before the request.
    """
    query = sa.select(spending).where(
        spending.c.state.in_(SENT),
        OPEN,
        spending.c.account == who.account,
        spending.c.location_id == who.location_id,
    )
    found: dict[str, LeftOver] = {}
    with hub.read() as connection:
        rows = connection.execute(query.order_by(spending.c.reserved_at, spending.c.id)).all()
        over = those_over(hub, connection, {row.run_id for row in rows}) | {who.run_id}
    for row in rows:
        if row.run_id in over:
            one = found.setdefault(row.reservation, LeftOver(row.reservation, []))
            one.items.append(Item(row.record, row.datapoint, row.action, row.expected))
    return list(found.values())


def adopt(hub: Hub, key: str, who: Who, caps: Caps, *, now: datetime | None = None) -> bool:
    """Take over what is left over, to ask for it again and settle it; it counts in this run's cap then.

    Returns:
        Whether it is ours. Not so where another run was first, or where it could cost more than the caps
        allow: if the first request never arrived, the second one is charged.
    """
    now = now or datetime.now(UTC)
    mine = (spending.c.reservation == key, spending.c.state.in_(SENT))
    with hub.write() as connection:
        _one_at_a_time(connection)
        owners = set(connection.execute(sa.select(spending.c.run_id).where(*mine)).scalars())
        if not owners or owners - {who.run_id} - those_over(hub, connection, owners):
            return False
        with connection.begin_nested() as taking_over:
            ours = {**asdict(who), "state": Stage.REPEATED, "reserved_at": now}
            connection.execute(sa.update(spending).where(*mine).values(ours))
            if any(left < -AS_GOOD_AS_NOTHING for left in room(connection, who.run_id, caps, now).values()):
                taking_over.rollback()
                return False
    return True


def _shared_out(
    rows: Sequence[sa.RowMapping], found: Mapping[Key, float], charged: float | None
) -> tuple[dict[str, float], float]:
    """What each row cost, by its id, and what of the vendor's sum none of them explains."""
    whole = [row for row in rows if not row["record"]]
    costs = {row["id"]: found.get((row["record"], row["datapoint"]), 0.0) for row in rows if row["record"]}
    if any(row["state"] == Stage.REPEATED for row in rows):
        charged = max(charged or 0.0, sum(costs.values()) + sum(row["expected"] for row in whole))
    rest = inf if charged is None else charged - sum(costs.values())
    for row in whole:
        costs[row["id"]] = cost = min(row["expected"], max(rest, 0.0))
        rest -= cost
    return costs, 0.0 if charged is None else rest


def _one_at_a_time(connection: sa.Connection) -> None:
    """Let no other process reserve until this transaction is over; SQLite's write transactions never do."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('lusha-connect-credits'))"))


def _free_what_the_dead_reserved(hub: Hub, connection: sa.Connection, who: Who) -> None:
    waiting = (spending.c.state == Stage.RESERVED, OPEN)
    query = sa.select(spending.c.run_id).distinct().where(*waiting, spending.c.run_id != who.run_id)
    others = set(connection.execute(query).scalars())
    if over := those_over(hub, connection, others):
        theirs = among(connection, spending.c.run_id, sorted(over))
        connection.execute(sa.delete(spending).where(*waiting, theirs))


def _taken(connection: sa.Connection, account: str, items: Iterable[Item]) -> dict[Key, bool]:
    """What is bought already or just now, and whether it is paid for."""
    records = sorted({item.record for item in items if item.datapoint})
    columns = (spending.c.record, spending.c.datapoint, spending.c.settled_at)
    bought = sa.or_(OPEN, spending.c.charged > 0)  # what cost nothing was not there
    mine = (spending.c.account == account, spending.c.datapoint != "", bought)
    query = sa.select(*columns).where(*mine, among(connection, spending.c.record, records))
    taken: dict[Key, bool] = {}
    for record, datapoint, settled_at in connection.execute(query):
        key = (record, datapoint)
        taken[key] = taken.get(key, False) or settled_at is not None
    return taken


def _grant(found: Reserved, items: Iterable[Item], taken: dict[Key, bool], left: dict[str, float]) -> None:
    for item in items:
        if item.datapoint and item.key in taken:
            if taken[item.key]:
                found.known.append(replace(item, expected=0.0))
            else:
                found.busy.append(item)
            continue
        if not found.cap and item.expected:
            full = (cap for cap, some in left.items() if some + AS_GOOD_AS_NOTHING < item.expected)
            found.cap = next(full, "")
        if found.cap and item.expected:
            found.refused.append(item)
            continue
        found.granted.append(item)
        taken[item.key] = False
        for cap in left:
            left[cap] -= item.expected


def _lost() -> LeaseLostError:
    return LeaseLostError(
        "The credits that were reserved for this request are free again: its run was taken for dead.",
        remedy="Nothing was sent; run it again.",
    )
