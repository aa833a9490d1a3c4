"""The Prefect edge: a session around a run, and the one task that carries a batch.

One Prefect task for each batch, never for each record: a server records a few dozen task runs a second
whatever the client does. Inside it the stages follow each other as plain code; while one batch is
mapped, checked and loaded, the next is already being fetched.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas import TaskRun
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.tasks import Task

import mappings
from tasks import report
from tasks.batch import Batch, MappedBatch, Position, Tally
from tasks.blocks import settings_for
from tasks.errors import LushaConnectError, Recovery
from tasks.highlevel.client import HighLevel, connect
from tasks.highlevel.contacts import search
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.hub.ledger import Cursor, Run
from tasks.load.mirror import load
from tasks.mapping import find_mapping, load_mapping
from tasks.quality.checks import Checker, compile_checks
from tasks.transform.apply import Mapper
from tasks.transform.compile import compile_mapping

log = logging.getLogger(__name__)

MAPPINGS = Path(mappings.__file__).parent
"""Where a mapping that is given by name is looked for."""


class Source(Protocol):
    """Where batches come from."""

    total: int | None

    async def read(self, position: Position | None, size: int) -> Batch:
        """The batch after ``position``."""


@dataclass(slots=True)
class Session:
    """Everything a run works with, checked and opened."""

    hub: Hub
    highlevel: HighLevel
    mapper: Mapper
    checker: Checker
    run: Run
    progress: report.ProgressReport
    target: str

    def cursor(self, scope: str) -> Cursor:
        """The automation's cursor for a scope; another mapping, or a changed one, has its own."""
        mapped_by = f"{self.run.mapping}@{self.run.mapping_digest[:12]}"
        return Cursor(self.run.location_id, self.run.automation, f"{scope} · {mapped_by}")

    async def position(self, cursor: Cursor) -> Position | None:
        """Where the cursor stands; None when nothing was begun."""

        def read() -> Position | None:
            with self.hub.read() as connection:
                return cursor.read(connection)

        return await asyncio.to_thread(read)

    async def move(self, cursor: Cursor, position: Position | None) -> None:
        """Set the cursor, or with None forget it, so that the next run begins at the beginning."""

        def write() -> None:
            with self.hub.write() as connection:
                if position is None:
                    cursor.clear(connection)
                else:
                    cursor.move(connection, position, self.run.id)

        await asyncio.to_thread(write)


@asynccontextmanager
async def session(
    automation: str, *, connection: str, mapping: str, **parameters: Any
) -> AsyncIterator[Session]:
    """Open what a run needs, refuse what is wrong before anything is read or written, and report the end.

    Args:
        automation: The flow's name.
        connection: Name of a connection block; "" for the environment.
        mapping: Name or file of the mapping.
        parameters: What else the run was asked to do, for the ledger.

    Raises:
        RefusedError: Configuration, mapping, credential or hub schema; nothing was written.
        StoppedError: The run began and could not go on.
    """
    settings = await settings_for(connection)
    found = load_mapping(find_mapping(mapping, MAPPINGS))
    mapper, checker = compile_mapping(found), await asyncio.to_thread(compile_checks, found)
    hub = Hub(settings.hub_url)
    try:
        await asyncio.to_thread(schema.require_current, hub)
        async with connect(settings, hub) as highlevel:
            await search(highlevel, limit=1, sort="dateAdded")  # refuses token, scope or location
            run = Run(
                automation,
                highlevel.location_id,
                found.name,
                found.digest,
                parameters,
                flow_run_id=_flow_run_id(),
            )
            # What the libraries made at import stays: the garbage collector need not look through it
            # again each time a batch comes and goes. A fifth of the whole time otherwise.
            gc.collect()
            gc.freeze()
            async with _ledger(hub, run, highlevel):
                yield Session(
                    hub, highlevel, mapper, checker, run, report.ProgressReport(automation), found.target
                )
    finally:
        hub.close()


@asynccontextmanager
async def _ledger(hub: Hub, run: Run, highlevel: HighLevel) -> AsyncIterator[None]:
    """Enter the run's begin and end into the ledger, and publish its summary."""
    await asyncio.to_thread(run.open, hub)
    error: str | None = None
    try:
        yield
    except BaseException as caught:
        error = str(caught) or type(caught).__name__
        raise
    finally:
        run.tally.requests = highlevel.requests
        await asyncio.to_thread(run.close, hub, error)
        await report.publish(run.automation, run.location_id, run.tally, error or "completed")


class Pipeline:
    """Carries batches from a source through mapping and checks into the hub, from a position on.

    Args:
        cursor: Moves to each batch's position in that batch's transaction.
        observe: Called with each batch as it came.

    Attributes:
        done: True when the source has no more.
    """

    def __init__(
        self,
        session: Session,
        source: Source,
        cursor: Cursor,
        *,
        start: Position | None,
        size: int,
        observe: Callable[[Batch], None] = lambda _batch: None,
    ) -> None:
        self._session = session
        self._source = source
        self._cursor = cursor
        self._position = start
        self._size = size
        self._observe = observe
        self._ahead: asyncio.Task[Batch] | None = None
        self.done = False

    async def carry(self) -> Tally:
        """Carry one batch; after a failure the next call begins at the last committed position."""
        ahead, self._ahead = self._ahead, None
        batch = await (ahead or self._fetch(self._position))
        if not batch.last:
            self._ahead = asyncio.create_task(self._fetch(batch.position))
        self._observe(batch)
        try:
            tally = await asyncio.to_thread(self._process, batch)
        except BaseException:
            await self.close()
            raise
        self._position, self.done = batch.position, batch.last
        await self._session.progress.show(self._session.run.tally.read, self._source.total)
        return tally

    async def close(self) -> None:
        """Give up the batch that is being fetched ahead."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)

    async def _fetch(self, position: Position | None) -> Batch:
        return await self._source.read(position, self._size)

    def _process(self, batch: Batch) -> Tally:
        session, seconds = self._session, Tally(seconds={"extract": batch.seconds})
        with seconds.timed("transform"):
            mapped: MappedBatch = session.mapper.apply(batch)
            batch.records = []  # most of the memory; rows and raws hold what follows needs
        with seconds.timed("check"):
            checked = session.checker.check(mapped)
        session.run.tally.add(seconds)
        with seconds.timed("load"):
            tally = load(session.hub, session.run, checked, self._cursor, batch.position)
        session.run.tally.add(Tally(seconds={"load": seconds.seconds["load"]}))
        return tally


def _worth_a_retry(_task: Task[Any, Any], _run: TaskRun, state: State[Any]) -> bool:
    """Prefect's retry condition, by the same rule as the client's: the error's type.

    What the client gave up on is not tried again here; only a failure that is nobody's rule is.
    """
    error = state.data if isinstance(state.data, BaseException) else getattr(state.data, "exception", None)
    return not isinstance(error, LushaConnectError) or error.recovery is Recovery.RETRY


@task(
    name="carry batch",
    task_run_name="batch {number}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=_worth_a_retry,
    cache_policy=NO_CACHE,
    persist_result=False,
)
async def carry_batch(pipeline: Pipeline, number: int) -> dict[str, int]:
    """Fetch, map, check and load one batch.

    Args:
        number: Its number in the run, from 1.

    Returns:
        The batch's counts.
    """
    tally = await pipeline.carry()
    log.info(
        "batch %d: %s",
        number,
        ", ".join(f"{count} {name}" for name, count in tally.counts().items() if count),
    )
    return tally.counts()


async def carry_all(pipeline: Pipeline) -> None:
    """Carry batch after batch until the source has no more."""
    number = 0
    try:
        while not pipeline.done:
            number += 1
            await carry_batch(pipeline, number)
    finally:
        await pipeline.close()


def _flow_run_id() -> str | None:
    context = FlowRunContext.get()
    return str(context.flow_run.id) if context and context.flow_run else None
