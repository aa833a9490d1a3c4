"""Two locations that are told the same: one maps what it has as it is no more, the other maps everything."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast
from unittest.mock import AsyncMock

import pytest
import sqlalchemy as sa

from tasks.core.batch import Batch, Json, Position, Reject
from tasks.core.errors import StoppedError
from tasks.hub import ledger
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
from tasks.hub.plans import Plan
from tasks.hub.spec import PlanSpec
from tasks.hub.tables import MIRRORS, metadata, raw
from tasks.load import mirror
from tasks.load import record as bookkeeping
from tasks.load.mirror import load_told, mark_deleted
from tasks.mapping.checks.checks import Checker
from tasks.mapping.language import load_mapping
from tasks.mapping.transform.apply import Mapper
from tasks.mapping.transform.compile import compile_mapping
from tasks.run.opting_out import handle, of_person
from tasks.run.pipeline import MirrorSink, Pipeline, Session, mirror_mapping
from tasks.vendors.protocols import Effect, Told
from tests import operations

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
STREAM, SOURCE = "hub.contact", "highlevel.contact"
TABLES = [
    table for table in metadata.sorted_tables if "location_id" in table.columns and table.name != "leases"
]


class Clock:
    """``datetime``, of which the tests say what is now."""

    def __init__(self) -> None:
        self.moment = NOON

    def now(self, _zone: Any = None) -> datetime:
        return self.moment

    def go_on(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def stopped(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock by which the hub is written from now on."""
    found = Clock()
    for module in (mirror, bookkeeping, ledger):
        monkeypatch.setattr(module, "datetime", found)
    return found


class CountingMapper(Mapper):
    """A mapper that notes which records of a batch it maps."""

    def __init__(self, of: Mapper) -> None:
        super().__init__(of.mapping, of.source, of._fills, of._telling)
        self.mapped: list[str] = []

    def _map(self, record: Json, *of_a_batch: Any) -> Any:
        if of_a_batch:
            self.mapped.append(record["id"] if isinstance(record, dict) else "")
        return super()._map(record, *of_a_batch)


@cache
def compiled(text: str) -> tuple[Mapper, Checker]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "example.yaml"
        file.write_text(text, encoding="utf-8")
        found = load_mapping(file)
    return compile_mapping(found), Checker(found)


@dataclass
class Once:
    """A source of one batch."""

    batch: Batch
    total: int | None = None

    async def read(self, _position: Position | None, _size: int) -> Batch:
        return self.batch


@dataclass
class Location:
    """A location of the hub, as runs bring it up to date.

    Args:
        settles: Off, every record is mapped.

    Attributes:
        mapped: Ids of the records that the last run mapped.
    """

    hub: Hub
    id: str
    clock: Clock
    settles: bool = True
    runs: int = 0
    mapped: list[str] = field(default_factory=list)

    def read(
        self,
        text: str,
        records: Sequence[Json],
        *,
        rejects: Sequence[Reject] = (),
        parents: tuple[str, ...] = (),
        ago: float = 0,
    ) -> Any:
        """A run that reads these records by a mapping; what it tells of them.

        Args:
            ago: Since how many seconds they are on their way.
        """
        mapper, checker = compiled(text)
        counting = CountingMapper(mapper)
        run = self._run(mapper)
        session = Session(self.hub, cast("Any", None), run, AsyncMock(), AsyncMock())
        lane = session.open_lane(counting, checker)
        sink = MirrorSink(lane, lane.cursor("dateUpdated"))
        if not self.settles:
            sink._meaning = None
        batch = Batch(mapper.mapping.source, self.id, list(records), {"n": self.runs}, last=True)
        batch.asked_at = self.clock.now() - timedelta(seconds=ago)
        batch.rejects, batch.parents = list(rejects), parents
        seen: list[str] = []
        pipeline = Pipeline(lane, Once(batch), sink, size=100, observe=lambda some: seen.extend(some.ids))
        try:
            asyncio.run(pipeline.carry())
        except StoppedError as error:
            return type(error).__name__, str(error)
        finally:
            self.mapped = counting.mapped
        told = run.tally
        left_out = told.dropped
        return {
            **told.counts(),
            "reasons": told.reasons,
            "warnings": told.warnings,
            "left out": (left_out.rows(), left_out.lost, left_out.filled, left_out.alarms()),
            "seen": sorted(seen),
            "doubtful": sink.doubtful,
        }

    def told(self, text: str, record: Json) -> None:
        """A record that is asked for by itself."""
        if row := self._row(text, record):
            load_told(self.hub, self._run(), STREAM, [row])

    def answered(self, text: str, record: Json, *, partial: bool) -> None:
        """What the answer to a write of ours told."""
        if row := self._row(text, record):
            self._effect(record["id"], row=row, partial=partial)

    def patched(self, id_: str, **fields: Any) -> None:
        """A write of ours whose answer tells nothing."""
        self._effect(id_, patch=fields)

    def gone(self, id_: str) -> None:
        """A write of ours found that the record is no more."""
        self._effect(id_, gone=True)

    def delete(self, *ids: str) -> None:
        """A full pass missed these."""
        mark_deleted(self.hub, self._run(), STREAM, SOURCE, ids, as_of=self.clock.now())

    def content(self) -> dict[str, Counter[str]]:
        """All that the hub has of the location, but for by what it is settled.

        And for the order of a batch's entries in the journal: a server hands out rows as it likes.
        """
        found = {}
        with self.hub.read() as connection:
            for table in TABLES:
                query = sa.select(table).where(table.c.location_id == self.id)
                rows = [dict(row) for row in connection.execute(query).mappings()]
                found[table.name] = Counter(
                    str(_without(row, "location_id", "settled_by", "seq")) for row in rows
                )
        return found

    def settled(self) -> set[str]:
        """Ids of the records whose text need not be mapped again."""
        mine = (raw.c.location_id == self.id, raw.c.settled_by.is_not(None))
        with self.hub.read() as connection:
            return set(connection.execute(sa.select(raw.c.id).where(*mine)).scalars())

    def held(self, id_: str) -> dict[str, Any]:
        table = MIRRORS[STREAM]
        mine = (table.c.location_id == self.id, table.c.id == id_)
        with self.hub.read() as connection:
            return dict(connection.execute(sa.select(table).where(*mine)).mappings().one())

    def _row(self, text: str, record: Json) -> Told | None:
        mapper, _ = compiled(text)
        found, kept = mapper.one(record)
        if isinstance(found, Reject):
            return None
        return Told(found, kept, mirror_mapping(mapper), self.clock.now())

    def _run(self, mapper: Mapper | None = None) -> Run:
        self.runs += 1
        digest = mapper.mapping.digest if mapper else ""
        return Run("sync_contacts", self.id, "example", digest, {}, id=f"run {self.runs}")

    def _effect(self, id_: str, **what: Any) -> None:
        change = operations.change(operations.UPDATE, id_, target_id=id_)
        spec = PlanSpec(self.id, "file", "file", NOON, ("link",), (), {}, "file.contact")
        run = self._run()
        plan = Plan(run.id, run.automation, self.id, "import", "a file", spec.plain(), id=run.id)
        effect = Effect(change, **what)
        bookkeeping.record(self.hub, run, plan, spec, [effect], self.clock.now(), from_source=False)


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


class Twins:
    """The two of them."""

    def __init__(self, hub: Hub, name: str, clock: Clock) -> None:
        self.hub, self.clock = hub, clock
        self.one = Location(hub, f"{name}, settling", clock)
        self.other = Location(hub, f"{name}, mapping", clock, settles=False)

    def do(self, what: str, *arguments: Any, **more: Any) -> Any:
        """Let the same happen to both; what the one told."""
        told, expected = (getattr(each, what)(*arguments, **more) for each in (self.one, self.other))
        assert told == expected, f"{told}\n{expected}"
        self.compare()
        return told

    def opt_out(self, emails: Sequence[str] = (), phones: Sequence[str] = ()) -> None:
        """Somebody wants values removed: it concerns the whole hub."""
        handle(self.hub, of_person(emails, phones), now=self.clock.now())
        self.compare()

    def compare(self) -> None:
        """See to it that the hub has the same of both."""
        found, expected = self.one.content(), self.other.content()
        told = [
            f"{name} {how}: {line}"
            for name, rows in found.items()
            for how, some in (("missing", expected[name] - rows), ("too many", rows - expected[name]))
            for line in some
        ]
        assert not told, "\n".join(told)
