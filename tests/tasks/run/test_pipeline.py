"""Batches one after the other: the next is fetched meanwhile, and after a failure nothing is left out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, cast
from unittest.mock import AsyncMock

import pytest
import sqlalchemy as sa

from tasks.core.batch import Batch, MappedBatch, Position, Tally
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
from tasks.hub.tables import MIRRORS
from tasks.mapping.checks.checks import Checker
from tasks.mapping.language import MAPPINGS, find_mapping, load_mapping
from tasks.mapping.transform.compile import compile_mapping
from tasks.run.pipeline import MirrorSink, Pipeline, Session

BATCHES = 4
LOCATION = "loc-1"


class Numbered:
    """A source of numbered batches of one contact each; it notes where it was read from."""

    total = BATCHES

    def __init__(self, failing_at: int = -1) -> None:
        self.asked: list[int] = []
        self._failing_at = failing_at

    async def read(self, position: Position | None, _size: int) -> Batch:
        number = position["next"] if position else 0
        self.asked.append(number)
        await asyncio.sleep(0)
        if number == self._failing_at:
            self._failing_at = -1
            raise ConnectionError("not now")
        record = {"id": f"c{number}", "dateAdded": "2026-01-01T00:00:00Z"}
        last = number == BATCHES - 1
        return Batch("highlevel.contact", LOCATION, [record], {"next": number + 1}, last=last)


class FailingOnce:
    """A sink that fails at one batch, the first time."""

    step = "load"

    def __init__(self, into: MirrorSink, at: int) -> None:
        self._into = into
        self._at = at
        self.settled = into.settled

    def take(self, batch: MappedBatch, position: Position) -> Tally:
        if position["next"] == self._at + 1:
            self._at = -1
            raise OSError("disk full")
        return self._into.take(batch, position)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with closing(Hub(f"sqlite:///{tmp_path / 'hub.db'}")) as found:
        schema.upgrade(found)
        yield found


def carried(hub: Hub, source: Any, *, failing_at: int = -1, unmapped: int = -1) -> tuple[int, Any]:
    """Carry all batches, each failure once; how many failed, and where the cursor stands."""
    fails = {f"c{unmapped}"}

    def observe(batch: MappedBatch) -> None:
        if fails.intersection(batch.ids):
            fails.clear()
            raise MemoryError

    mapping = load_mapping(find_mapping("highlevel_contact", MAPPINGS))
    run = Run("backfill_contacts", LOCATION, mapping.name, mapping.digest, {})
    run.open(hub)
    lane = Session(hub, cast("Any", None), run, AsyncMock(), AsyncMock()).open_lane(
        compile_mapping(mapping), Checker(mapping)
    )
    cursor = lane.cursor("all")
    pipeline = Pipeline(
        lane, source, FailingOnce(MirrorSink(lane, cursor), failing_at), size=1, observe=observe
    )

    async def all_of_it() -> int:
        failed = 0
        while not pipeline.done:
            failed += 1
            with suppress(OSError, MemoryError):
                await pipeline.carry()
                failed -= 1
        await pipeline.close()
        return failed

    failed = asyncio.run(all_of_it())
    with hub.read() as connection:
        return failed, cursor.read(connection)


def ids(hub: Hub) -> list[str]:
    table = MIRRORS["hub.contact"]
    with hub.read() as connection:
        return list(connection.execute(sa.select(table.c.id).order_by(table.c.id)).scalars())


def test_each_batch_is_fetched_once_and_loaded(hub: Hub) -> None:
    source = Numbered()
    assert carried(hub, source) == (0, {"next": BATCHES})
    assert source.asked == list(range(BATCHES))
    assert ids(hub) == [f"c{number}" for number in range(BATCHES)]


@pytest.mark.parametrize("at", range(BATCHES))
def test_after_a_batch_that_could_not_be_loaded_it_goes_on_with_that_one(hub: Hub, at: int) -> None:
    source = Numbered()
    assert carried(hub, source, failing_at=at) == (1, {"next": BATCHES})
    assert source.asked.count(at) == 2  # what was fetched ahead of it is fetched again as well
    assert ids(hub) == [f"c{number}" for number in range(BATCHES)]


@pytest.mark.parametrize("at", range(BATCHES))
def test_after_a_batch_that_could_not_be_prepared_it_goes_on_with_that_one(hub: Hub, at: int) -> None:
    source = Numbered()
    assert carried(hub, source, unmapped=at) == (1, {"next": BATCHES})
    assert source.asked.count(at) == 2
    assert ids(hub) == [f"c{number}" for number in range(BATCHES)]


@pytest.mark.parametrize("at", range(BATCHES))
def test_a_batch_that_could_not_be_fetched_ahead_is_fetched_again(hub: Hub, at: int) -> None:
    source = Numbered(failing_at=at)
    assert carried(hub, source) == (1, {"next": BATCHES})
    assert source.asked.count(at) == 2
    assert ids(hub) == [f"c{number}" for number in range(BATCHES)]
