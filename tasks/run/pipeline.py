"""A run's session, its lanes, and a lane's pipeline: the stages one after the other.

While one batch is mapped, checked and loaded, the next is already fetched; while it is loaded into a database
server, the next is mapped and checked as well. Plain code that knows nothing of Prefect.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tasks.core.batch import Batch, MappedBatch, Position, Tally
from tasks.hub.engine import Hub
from tasks.hub.ledger import Cursor, Run
from tasks.load.mirror import load, settled
from tasks.mapping.checks.checks import Checker
from tasks.mapping.language import Mapping as MappingFile
from tasks.mapping.meaning import meaning
from tasks.mapping.transform.apply import Mapper
from tasks.streams import mirror_of
from tasks.vendors.protocols import Connection, MirrorMapping, Reader, Source


class Progress(Protocol):
    """Where a run tells how far it is."""

    async def show(self, done: int, total: int | None) -> None:
        """So many are done, of so many where that is known."""

    async def finish(self, done: int) -> None:
        """All are done."""


class CarryAll(Protocol):
    """Carries batch after batch until there is no more; each is tried again as its error's type allows."""

    async def __call__(self, pipeline: Carrier, what: str = "batch") -> None:
        """Carry all of them.

        Args:
            what: What is done to them, for people.
        """


@dataclass(slots=True)
class Session:
    """Everything a run works with, checked and opened.

    Attributes:
        lanes: One for each mapping of the run, in the order in which they are carried.
        plans: By id, what the run told of its plans.
    """

    hub: Hub
    connection: Connection
    run: Run
    progress: Progress
    carry_all: CarryAll
    lanes: list[Lane] = field(default_factory=list, init=False)
    plans: dict[str, dict[str, Any]] = field(default_factory=dict, init=False)

    def open_lane(self, mapper: Mapper, checker: Checker) -> Lane:
        """A lane of this session, carried after those that it has."""
        lane = Lane(self, mapper, checker)
        self.lanes.append(lane)
        return lane


@dataclass(frozen=True, slots=True)
class Lane:
    """One stream that a run touches: what maps and checks its records, and where it stands."""

    session: Session
    mapper: Mapper
    checker: Checker

    @property
    def mapping(self) -> MappingFile:
        """What its records are mapped by."""
        return self.mapper.mapping

    @property
    def target(self) -> str:
        """The stream that the mapping fills."""
        return self.mapping.target

    @property
    def reader(self) -> Reader:
        """What reads the mapping's source from the vendor."""
        return self.session.connection.reader(self.mapping.source)

    @property
    def records(self) -> str:
        """What the records of the mirror are called, for people: ``contacts``."""
        return mirror_of(self.target)[1].table

    @property
    def synced_by(self) -> str:
        """The automation that keeps the mirror up to date."""
        return mirror_of(self.target)[1].synced_by

    def cursor(self, scope: str) -> Cursor:
        """The automation's cursor for a scope; another mapping, or a changed one, has its own."""
        run, mapped_by = self.session.run, f"{self.mapping.name}@{self.mapping.digest[:12]}"
        return Cursor(run.location_id, run.automation, f"{scope} · {mapped_by}")

    async def position(self, cursor: Cursor) -> Position | None:
        """Where the cursor stands; None when nothing was begun."""

        def read() -> Position | None:
            with self.session.hub.read() as connection:
                return cursor.read(connection)

        return await asyncio.to_thread(read)

    async def move(self, cursor: Cursor, position: Position | None) -> None:
        """Set the cursor, or with None forget it, so that the next run begins at the beginning."""

        def write() -> None:
            with self.session.hub.write() as connection:
                if position is None:
                    cursor.clear(connection)
                else:
                    cursor.move(connection, position, self.session.run.id)

        await asyncio.to_thread(write)


class Carrier(Protocol):
    """What works in batches."""

    @property
    def done(self) -> bool:
        """Whether there is no more to do."""

    async def carry(self) -> Tally | Mapping[str, int]:
        """Do one batch's work; what was done."""

    async def close(self) -> None:
        """Give up what was prepared."""


class Sink(Protocol):
    """Where checked batches go."""

    step: str
    """What it is called where seconds are told."""

    def settled(self, marks: Mapping[str, str]) -> Collection[str]:
        """Of records, by id the fingerprints of their texts, those that it has and that need no mapping."""

    def take(self, batch: MappedBatch, position: Position) -> Tally:
        """Keep a batch and where the source stands after it, all or nothing; what was done."""


class MirrorSink:
    """Loads batches into the hub's mirror.

    Args:
        cursor: Moves to each batch's position in that batch's transaction.

    Attributes:
        doubtful: Ids of records of which a search does not tell whether it knows of our last write.
    """

    step = "load"

    def __init__(self, lane: Lane, cursor: Cursor) -> None:
        self._session = lane.session
        self._cursor = cursor
        self._target = lane.target
        self._mapping = mirror_mapping(lane.mapper)
        self._meaning = meaning(lane.mapping) if lane.checker.by_row else None
        self.doubtful: set[str] = set()

    def settled(self, marks: Mapping[str, str]) -> Collection[str]:
        """What the mirror has, made of the same text in the same way, and there was nothing to tell of it."""
        if self._meaning is None:
            return ()
        run, target = self._session.run, self._target
        return settled(self._session.hub, target, self._mapping.source, run.location_id, marks, self._meaning)

    def take(self, batch: MappedBatch, position: Position) -> Tally:
        """Load a batch into mirror, raw records, rejects and ledger."""
        session = self._session
        return load(
            session.hub,
            session.run,
            batch,
            self._cursor,
            position,
            self._mapping,
            doubtful=self.doubtful,
            meaning=self._meaning,
        )


def mirror_mapping(mapper: Mapper) -> MirrorMapping:
    """A mapping as the mirror's rows name it."""
    return MirrorMapping(mapper.mapping.digest, mapper.mapping.source, mapper.rows)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A batch that is ready to be loaded, and what preparing it took."""

    batch: Batch
    checked: MappedBatch
    seconds: Tally


class Pipeline:
    """Carries batches from a source through mapping and checks into a sink, from a position on.

    Args:
        observe: Called with each batch before it is loaded.

    Attributes:
        done: True when the source has no more.
    """

    def __init__(
        self,
        lane: Lane,
        source: Source,
        sink: Sink,
        *,
        start: Position | None = None,
        size: int,
        observe: Callable[[MappedBatch], None] = lambda _batch: None,
    ) -> None:
        self._lane = lane
        self._session = lane.session
        self._source = source
        self._sink = sink
        self._before = lane.session.run.tally.read
        self._position = start
        self._size = size
        self._observe = observe
        self._fetching: asyncio.Task[Batch] | None = None
        self._ahead: asyncio.Task[_Prepared] | None = None
        # Python's SQLite driver gives up the interpreter lock at every row; with another thread at work
        # it waits for it as often, and loading takes twice as long. A server is waited for in peace.
        self._overlapping = not lane.session.hub.is_sqlite
        self.done = False

    async def carry(self) -> Tally:
        """Carry one batch; after a failure the next call begins at the last committed position."""
        ahead, self._ahead = self._ahead, None
        try:
            ready = await (ahead or self._prepare(self._position))
            if not ready.batch.last and self._overlapping:
                self._ahead = asyncio.create_task(self._prepare(ready.batch.position))
            tally = await asyncio.to_thread(self._load, ready)
        except BaseException:
            await self.close()
            raise
        self._position, self.done = ready.batch.position, ready.batch.last
        total = self._source.total
        await self._session.progress.show(
            self._session.run.tally.read, None if total is None else total + self._before
        )
        return tally

    async def close(self) -> None:
        """Give up the batches that are being prepared."""
        begun = [task for task in (self._ahead, self._fetching) if task is not None]
        self._ahead = self._fetching = None
        for task in begun:
            task.cancel()
        await asyncio.gather(*begun, return_exceptions=True)

    async def _prepare(self, position: Position | None) -> _Prepared:
        fetching, self._fetching = self._fetching, None
        batch = await (fetching or self._source.read(position, self._size))
        if not batch.last:
            self._fetching = asyncio.create_task(self._source.read(batch.position, self._size))
        ready = await asyncio.to_thread(self._map_and_check, batch)
        self._observe(ready.checked)
        return ready

    def _map_and_check(self, batch: Batch) -> _Prepared:
        seconds = Tally(seconds={"extract": batch.seconds})
        with seconds.timed("transform"):
            mapped = self._lane.mapper.apply(batch, self._sink.settled)
            batch.records = []  # most of the memory; rows and raws hold what follows needs
        with seconds.timed("check"):
            checked = self._lane.checker.check(mapped)
        return _Prepared(batch, checked, seconds)

    def _load(self, ready: _Prepared) -> Tally:
        session, seconds = self._session, ready.seconds
        with seconds.timed(self._sink.step):
            tally = self._sink.take(ready.checked, ready.batch.position)
        session.run.tally.add(seconds)
        return tally
