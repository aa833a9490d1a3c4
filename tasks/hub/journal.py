"""The journal: every change of a mirror, in the order in which the hub noted it.

It is written in the transaction that writes the mirror, so that the two never part: what changed of which
record, when, and whether that was our own write or somebody's at the vendor. Entries of a location are
numbered without gaps; a number is only visible once all before it are, because the location's head is locked
from taking the number until the transaction ends. So whoever remembers the last number it has read misses
nothing, however many processes write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tasks.core.batch import Json, Row
from tasks.hub.tables import changes, journal, journal_heads
from tasks.hub.upsert import among, append

THEIRS = "highlevel"
"""Whose a change is that a person or another system made at the vendor."""

OURS = "ours"
"""Whose a change is that a plan of ours made; which one, the entry's plan says."""


class Kind(StrEnum):
    """What became of a record."""

    LOADED = "loaded"  # it was there before the hub began to mirror its stream
    CREATED = "created"  # it came into being since, or came back
    UPDATED = "updated"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of one record of a mirror.

    Args:
        stream: Of the mirror, e.g. ``hub.contact``.
        id: The record's id at the vendor.
        fields: The mirror's columns, and ``custom.<field id>``: old value and new one, as plain JSON. Of a
            loaded record none, of a created one what it had then.
        at: When it happened, by the vendor's clock, as far as that is known.
        whose: ``highlevel`` or ``ours``.
        plan_id: The plan that did it, where it is ours and known.
        seq: Its number in the location's journal; 0 until it is written.
        noted_at: When the hub noted it, by the hub's process.
        run_id: In which run.
    """

    stream: str
    id: str
    kind: Kind
    at: datetime
    fields: dict[str, tuple[Json, Json]] = field(default_factory=dict)
    whose: str = THEIRS
    plan_id: str | None = None
    seq: int = 0
    noted_at: datetime | None = None
    run_id: str = ""

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "seq": self.seq,
            "stream": self.stream,
            "record_id": self.id,
            "kind": self.kind.value,
            "fields": {name: {"old": old, "new": new} for name, (old, new) in self.fields.items()},
            "at": self.at.isoformat(),
            "whose": self.whose if self.plan_id is None else f"plan {self.plan_id}",
            "noted_at": self.noted_at and self.noted_at.isoformat(),
            "run_id": self.run_id,
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries are wanted; what is left empty does not matter.

    Args:
        after: Only entries with a greater number, the oldest of them first; None for the newest ones.
        since: Only what the hub noted then or later.
    """

    stream: str = ""
    id: str = ""
    kind: str = ""
    whose: str = ""
    after: int | None = None
    since: datetime | None = None


def write(connection: sa.Connection, stamp: Row, entries: Sequence[Entry]) -> None:
    """Write entries, as the last thing that a transaction does: it locks the location's journal.

    Args:
        stamp: ``location_id``, ``run_id`` and ``synced_at``, which becomes ``noted_at``.
    """
    if not entries:
        return
    last = _take(connection, stamp["location_id"], len(entries))
    rows = [
        {
            "seq": seq,
            "stream": entry.stream,
            "id": entry.id,
            "kind": entry.kind.value,
            "fields": entry.fields or None,
            "at": entry.at,
            "whose": entry.whose,
            "plan_id": entry.plan_id,
        }
        for seq, entry in enumerate(entries, last - len(entries) + 1)
    ]
    fixed = {
        "location_id": stamp["location_id"],
        "run_id": stamp["run_id"],
        "noted_at": stamp["synced_at"],
    }
    append(connection, journal, rows, fixed)


def _take(connection: sa.Connection, location_id: str, many: int) -> int:
    """The last of so many new numbers; nobody else gets one of the location until the transaction ends."""
    insert = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(journal_heads)
    taking = insert.values(location_id=location_id, seq=many).on_conflict_do_update(
        index_elements=[journal_heads.c.location_id],
        set_={"seq": journal_heads.c.seq + insert.excluded.seq},
    )
    last: int = connection.execute(taking.returning(journal_heads.c.seq)).scalar_one()
    return last


def head(connection: sa.Connection, location_id: str) -> int:
    """The number of a location's newest entry; 0 where there is none."""
    query = sa.select(journal_heads.c.seq).where(journal_heads.c.location_id == location_id)
    return connection.execute(query).scalar_one_or_none() or 0


def first(connection: sa.Connection, location_id: str) -> int:
    """The number of the oldest entry that a location's journal has; 0 where there is none."""
    query = sa.select(sa.func.min(journal.c.seq)).where(journal.c.location_id == location_id)
    return connection.execute(query).scalar_one_or_none() or 0


def entries(connection: sa.Connection, location_id: str, numbers: Sequence[int]) -> dict[int, Entry]:
    """Entries by their numbers; those that housekeeping removed are not among them."""
    if not numbers:
        return {}
    mine = (journal.c.location_id == location_id, journal.c.seq.in_(sorted(set(numbers))))
    return {row["seq"]: _entry(row) for row in connection.execute(sa.select(journal).where(*mine)).mappings()}


def read(
    connection: sa.Connection, location_id: str, asked: Asked = Asked(), *, limit: int | None = None
) -> list[Entry]:
    """The entries that are wanted, the oldest first.

    Args:
        limit: So many at most: from ``after`` on, or the newest ones.
    """
    newest_first = asked.after is None
    order = journal.c.seq.desc() if newest_first else journal.c.seq
    query = sa.select(journal).where(*_wanted(location_id, asked)).order_by(order).limit(limit)
    found = [_entry(row) for row in connection.execute(query).mappings()]
    return found[::-1] if newest_first else found


def moved(connection: sa.Connection, location_id: str, stream: str, *, after: int) -> dict[str, int]:
    """The records that somebody else changed after an entry: id and number of the newest entry of each.

    What was only loaded has not changed.
    """
    last = sa.func.max(journal.c.seq)
    query = (
        sa.select(journal.c.id, last)
        .where(*_wanted(location_id, Asked(stream, whose=THEIRS, after=after)))
        .where(journal.c.kind != Kind.LOADED.value)
        .group_by(journal.c.id)
        .order_by(last)
    )
    return dict(connection.execute(query).all())


def causes(connection: sa.Connection, entries: Sequence[Entry]) -> dict[tuple[str, str], str]:
    """What made plans of ours change records, e.g. a rule, by plan and record; else nothing."""
    wanted = {(entry.plan_id, entry.id) for entry in entries if entry.plan_id}
    if not wanted:
        return {}
    of = among(connection, changes.c.plan_id, sorted({plan_id for plan_id, _ in wanted}))
    named = (changes.c.plan_id, changes.c.target_id, changes.c.parent_id, changes.c.cause)
    query = sa.select(*named).where(of, changes.c.cause.is_not(None))
    found: dict[tuple[str, str], str] = {}
    for plan_id, target_id, parent_id, told in connection.execute(query.order_by(changes.c.n)):
        for key in ((plan_id, target_id), (plan_id, parent_id)):
            if key in wanted:
                found.setdefault(key, told)
    return found


def count(connection: sa.Connection, location_id: str, before: datetime) -> int:
    """How many entries the hub noted before a moment."""
    old = (journal.c.location_id == location_id, journal.c.noted_at < before)
    return connection.execute(sa.select(sa.func.count()).select_from(journal).where(*old)).scalar_one()


def forget(connection: sa.Connection, location_id: str, before: datetime, limit: int) -> int:
    """Remove some of the oldest entries, if they were noted before a moment; how many went."""
    here = journal.c.location_id == location_id
    oldest = sa.select(journal.c.seq, journal.c.noted_at).where(here).order_by(journal.c.seq).limit(limit)
    old = [seq for seq, noted_at in connection.execute(oldest) if noted_at < before]
    if not old:
        return 0
    return connection.execute(sa.delete(journal).where(here, journal.c.seq <= old[-1])).rowcount


def _wanted(location_id: str, asked: Asked) -> list[sa.ColumnElement[bool]]:
    held = journal.c
    exact = {"stream": asked.stream, "id": asked.id, "kind": asked.kind, "whose": asked.whose}
    found = [held.location_id == location_id]
    found += [held[name] == value for name, value in exact.items() if value]
    if asked.after is not None:
        found.append(held.seq > asked.after)
    if asked.since is not None:
        found.append(held.noted_at >= asked.since.astimezone(UTC))
    return found


def _entry(row: sa.RowMapping) -> Entry:
    return Entry(
        stream=row["stream"],
        id=row["id"],
        kind=Kind(row["kind"]),
        at=row["at"],
        fields={name: (old, new) for name, (old, new) in (row["fields"] or {}).items()},
        whose=row["whose"],
        plan_id=row["plan_id"],
        seq=row["seq"],
        noted_at=row["noted_at"],
        run_id=row["run_id"],
    )
