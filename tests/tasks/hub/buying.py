"""What tests of the credit ledger buy, and who does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from tasks.hub import credits as ledger
from tasks.hub.credits import Caps, Item, LeftOver, Reserved, Who
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
from tasks.hub.tables import spending

NO_CAP = Caps()


def running(hub: Hub, location_id: str = "loc") -> Who:
    """A run that is alive."""
    run = Run("enrich_contacts", location_id, "mapping", "digest", {})
    run.open(hub)
    return Who("lusha:a", location_id, run.id, "enrich_contacts")


def emails(*records: str) -> list[Item]:
    return [Item(record, "emails", "revealEmail", 1) for record in records]


def phones(*records: str) -> list[Item]:
    return [Item(record, "phones", "revealPhone", 5) for record in records]


def of(items: Iterable[Item]) -> list[str]:
    return [f"{item.record} {item.datapoint}" for item in items]


def buy(
    hub: Hub,
    who: Who,
    items: list[Item],
    *,
    caps: Caps = NO_CAP,
    charged: float | None = None,
    now: datetime | None = None,
) -> Reserved:
    """Reserve, send and settle; all that was granted is found."""
    found = ledger.reserve(hub, who, items, caps, now=now)
    if found.granted:
        ledger.sending(hub, found.key)
        settled(hub, found, charged, now=now)
    return found


def settled(
    hub: Hub, found: Reserved | LeftOver, charged: float | None, *, now: datetime | None = None
) -> None:
    items = found.granted if isinstance(found, Reserved) else found.items
    with hub.write() as connection:
        ledger.settle(connection, found.key, {one.key: one.expected for one in items}, charged, now=now)


def bill(hub: Hub) -> float:
    with hub.read() as connection:
        return float(connection.execute(sa.select(sa.func.sum(spending.c.charged))).scalar_one() or 0)


def left_open(hub: Hub) -> list[str]:
    """What may have been charged, and nobody knows."""
    query = sa.select(spending.c.record).where(spending.c.settled_at.is_(None))
    with hub.read() as connection:
        return list(connection.execute(query).scalars())
