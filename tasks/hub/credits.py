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
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

import sqlalchemy as sa

from tasks.core.errors import LeaseLostError
from tasks.core.settings import Settings
from tasks.hub.engine import Hub
from tasks.hub.ledger import those_over
from tasks.hub.tables import spending
from tasks.hub.upsert import among

DIFFERENCE = "difference"
"""The action of a row that makes the ledger's sum the vendor's, where its items do not."""

AS_GOOD_AS_NOTHING = 1e-9
"""Credits; sums of fractions are not exact."""

ONE_REQUEST = timedelta(days=1)
"""No request is under way for longer: what was left open before that was charged then, or never."""

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

_OPEN = spending.c.settled_at.is_(None)
_AMOUNT = sa.func.coalesce(spending.c.charged, spending.c.expected)


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


@dataclass(frozen=True, slots=True)
class Caps:
    """Credits that may be spent at most; None for no limit. Days and months are those of UTC."""

    run: float | None = None
    day: float | None = None
    month: float | None = None

    @classmethod
    def of(cls, settings: Settings, max_credits: float | None = None) -> Caps:
        """The settings' caps, in which 0 is no limit; a run's own may only be lower, and 0 means nothing."""
        run = settings.lusha_credits_a_run or None
        asked = [cap for cap in (run, max_credits) if cap is not None]
        day, month = settings.lusha_credits_a_day or None, settings.lusha_credits_a_month or None
        return cls(min(asked, default=None), day, month)


@dataclass(slots=True)
class Reserved:
    """What came of the wish to spend.

    Attributes:
        key: Of the reservation; nothing is kept under it where nothing was granted.
        granted: What may be asked for.
        refused: What a cap does not allow.
        cap: Which one that was, in words: "the run's cap of 50 credits"; "" where none did.
        known: What was paid for before: the hub has it.
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

    What costs nothing is always granted; what is reserved, charged or asked for already never is. What runs
    reserved that have died since is free again.

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
        _grant(found, items, _taken(connection, who.account, items), _room(connection, who, caps, now))
        reserved = {**asdict(who), "reservation": found.key, "state": Stage.RESERVED, "reserved_at": now}
        rows = [{**reserved, **asdict(item), "id": uuid.uuid4().hex} for item in found.granted]
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
        charged: Credits that the vendor says it took in all; None where it does not say. Where that is not
            the sum, the difference is a row of its own. Of what was repeated the vendor tells only the last
            part, so that less than the sum is no difference.

    Raises:
        LeaseLostError: There is no such reservation: it was released.
    """
    now = now or datetime.now(UTC)
    mine = spending.c.reservation == key
    rows = connection.execute(sa.select(spending).where(mine).with_for_update()).mappings().all()
    if not rows:
        raise _lost()
    is_open = [row for row in rows if row["settled_at"] is None]
    if not is_open:
        return
    done = {"state": Stage.CHARGED, "settled_at": now}
    costs = {row["id"]: found.get((row["record"], row["datapoint"]), 0.0) for row in is_open}
    by_id = sa.update(spending).where(spending.c.id == sa.bindparam("row")).values(done)
    connection.execute(
        by_id.values(charged=sa.bindparam("cost")),
        [{"row": id_, "cost": cost} for id_, cost in costs.items()],
    )
    difference = 0.0 if charged is None else charged - sum(costs.values())
    if any(row["state"] == Stage.REPEATED for row in is_open):
        difference = max(difference, 0.0)
    if abs(difference) > AS_GOOD_AS_NOTHING:
        none = {"record": "", "datapoint": "", "action": DIFFERENCE, "expected": 0.0, "charged": difference}
        connection.execute(
            sa.insert(spending).values(dict(is_open[0]) | none | done | {"id": uuid.uuid4().hex})
        )


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
        _OPEN,
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
            if any(left < -AS_GOOD_AS_NOTHING for left in _room(connection, who, caps, now).values()):
                taking_over.rollback()
                return False
    return True


def in_credits(credits_: float) -> str:
    """A number of credits: "1 credit", "2.5 credits"."""
    number = f"{credits_:,.2f}".rstrip("0").rstrip(".")
    return f"{number} credit{'s' * (credits_ != 1)}"


def _one_at_a_time(connection: sa.Connection) -> None:
    """Let no other process reserve until this transaction is over; SQLite's write transactions never do."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('lusha-connect-credits'))"))


def _free_what_the_dead_reserved(hub: Hub, connection: sa.Connection, who: Who) -> None:
    waiting = (spending.c.state == Stage.RESERVED, _OPEN)
    query = sa.select(spending.c.run_id).distinct().where(*waiting, spending.c.run_id != who.run_id)
    others = set(connection.execute(query).scalars())
    if over := those_over(hub, connection, others):
        theirs = among(connection, spending.c.run_id, sorted(over))
        connection.execute(sa.delete(spending).where(*waiting, theirs))


def _taken(connection: sa.Connection, account: str, items: Iterable[Item]) -> dict[Key, bool]:
    """What is bought already or just now, and whether it is paid for."""
    records = sorted({item.record for item in items if item.datapoint})
    columns = (spending.c.record, spending.c.datapoint, spending.c.settled_at)
    bought = sa.or_(_OPEN, spending.c.charged > 0)  # what cost nothing was not there
    mine = (spending.c.account == account, spending.c.datapoint != "", bought)
    query = sa.select(*columns).where(*mine, among(connection, spending.c.record, records))
    return {(row.record, row.datapoint): row.settled_at is not None for row in connection.execute(query)}


def _grant(found: Reserved, items: Iterable[Item], taken: dict[Key, bool], room: dict[str, float]) -> None:
    for item in items:
        if item.datapoint and item.key in taken:
            (found.known if taken[item.key] else found.busy).append(item)
            continue
        if not found.cap and item.expected:
            full = (cap for cap, left in room.items() if left + AS_GOOD_AS_NOTHING < item.expected)
            found.cap = next(full, "")
        if found.cap and item.expected:
            found.refused.append(item)
            continue
        found.granted.append(item)
        taken[item.key] = False
        for cap in room:
            room[cap] -= item.expected


def _room(connection: sa.Connection, who: Who, caps: Caps, now: datetime) -> dict[str, float]:
    """Credits that are left under each cap, by the cap in words."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    known = (
        ("the run's cap of {}", caps.run, spending.c.run_id == who.run_id),
        ("the day's cap of {} (UTC)", caps.day, _counts_since(today)),
        ("the month's cap of {} (UTC)", caps.month, _counts_since(today.replace(day=1))),
    )
    room = {}
    for words, cap, counts in known:
        if cap is not None:
            used = connection.execute(sa.select(sa.func.sum(_AMOUNT)).where(counts)).scalar_one()
            room[words.format(in_credits(cap))] = cap - (used or 0.0)
    return room


def _counts_since(begin: datetime) -> sa.ColumnElement[bool]:
    """What was charged since then, and what may be charged any moment."""
    under_way = sa.and_(_OPEN, spending.c.reserved_at >= begin - ONE_REQUEST)
    return sa.or_(spending.c.settled_at >= begin, under_way)


def _lost() -> LeaseLostError:
    return LeaseLostError(
        "The credits that were reserved for this request are free again: its run was taken for dead.",
        remedy="Nothing was sent; run it again.",
    )
