"""Receipts: that values of somebody who opted out were removed, when, and where; no value stands in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tasks.hub import naming, still_there
from tasks.hub.still_there import Standing
from tasks.hub.tables import opt_outs


@dataclass(slots=True)
class Receipt:
    """What was done about one opt-out.

    Args:
        source: ``delivery`` where the vendor of leads told it, ``person`` where somebody here did.
        hashes: One for each value that was named; by these they are known again.
        unclear: Values that were named and nobody could read: look at what was delivered.
        removed: In how many rows of the hub a value was, by table.
        records: Records that had one, or are the person's otherwise, by the mirror's stream.
        plans: Those that remove them at HighLevel.
        opted_out_at: As it was told.
        finished_at: When nothing of it was left at HighLevel.
    """

    id: str
    source: str
    received_at: datetime
    hashes: list[str] = field(default_factory=list)
    unclear: int = 0
    removed: dict[str, int] = field(default_factory=dict)
    records: dict[str, list[str]] = field(default_factory=dict)
    plans: list[str] = field(default_factory=list)
    opted_out_at: datetime | None = None
    finished_at: datetime | None = None

    def told(self, left: Sequence[Standing] = ()) -> dict[str, Any]:
        """As JSON.

        Args:
            left: Where at HighLevel its values still stand.
        """
        moments = {"received_at": self.received_at, "opted_out_at": self.opted_out_at}
        moments["finished_at"] = self.finished_at
        told = {name: moment and moment.isoformat() for name, moment in moments.items()}
        places = [
            {"location": one.location_id, "stream": one.stream, "id": one.id, "field": one.field}
            for one in left
        ]
        return asdict(self) | told | {"still_there": places}


def keep(connection: sa.Connection, receipt: Receipt) -> Receipt:
    """Keep a receipt; one that is kept already takes in what was done besides."""
    mine = opt_outs.c.id == receipt.id
    row = connection.execute(sa.select(opt_outs).where(mine)).mappings().one_or_none()
    if row is None:
        connection.execute(sa.insert(opt_outs).values(asdict(receipt)))
        return receipt
    before = Receipt(**row)
    before.removed = dict(Counter(before.removed) + Counter(receipt.removed))
    for stream, ids in receipt.records.items():
        before.records[stream] = sorted({*before.records.get(stream, ()), *ids})
    before.finished_at = receipt.finished_at
    connection.execute(sa.update(opt_outs).where(mine).values(asdict(before)))
    return before


def note_plan(connection: sa.Connection, plan_id: str, hashes: Collection[str]) -> None:
    """Note which plan removes values at HighLevel, on the receipts of these."""
    for receipt in _open(connection):
        if not set(receipt.hashes).isdisjoint(hashes):
            _update(connection, receipt, plans=[*receipt.plans, plan_id])


def finish(connection: sa.Connection, now: datetime) -> int:
    """Close the receipts of which nothing is left at HighLevel; how many are still open."""
    left = {one.hash for one in still_there.read(connection)}
    still_open = 0
    for receipt in _open(connection):
        if left.isdisjoint(receipt.hashes):
            _update(connection, receipt, finished_at=now)
        else:
            still_open += 1
    return still_open


def _open(connection: sa.Connection) -> list[Receipt]:
    query = sa.select(opt_outs).where(opt_outs.c.finished_at.is_(None)).order_by(opt_outs.c.received_at)
    return [Receipt(**row) for row in connection.execute(query).mappings()]


def _update(connection: sa.Connection, receipt: Receipt, **known: Any) -> None:
    connection.execute(sa.update(opt_outs).where(opt_outs.c.id == receipt.id).values(known))


def newest(connection: sa.Connection, limit: int) -> list[Receipt]:
    """Receipts, the newest first."""
    query = sa.select(opt_outs).order_by(opt_outs.c.received_at.desc(), opt_outs.c.id).limit(limit)
    return [Receipt(**row) for row in connection.execute(query).mappings()]


def find(connection: sa.Connection, word: str) -> Receipt:
    """The receipt that a person means: its id, a part of it that no other has, or ``last``.

    Raises:
        BadConfigurationError: There is none, or there are several.
    """
    recent = newest(connection, naming.RECENT)
    if recent and word.strip() == naming.LAST:
        return recent[0]
    part = opt_outs.c.id.contains(word.strip(), autoescape=True)
    found = [Receipt(**row) for row in connection.execute(sa.select(opt_outs).where(part)).mappings()]
    if len(found) > 1:
        raise naming.several("opt-out", word, [(one.id, f"{one.received_at:%Y-%m-%d}") for one in found])
    if not found or not word.strip():
        raise naming.none("opt-out", word, [one.id for one in recent], "opt-outs list")
    return found[0]
