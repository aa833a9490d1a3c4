"""The Prefect edge: a session around a run, and the one task that carries a batch.

One Prefect task for each batch, never for each record: a server records a few dozen task runs a second
whatever the client does. And one for all the stages of a batch: Prefect keeps what a task returns until
the run ends, so a batch handed from task to task would never leave memory.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from functools import cache
from pathlib import Path
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas import TaskRun
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.tasks import Task

import mappings
from tasks.core.batch import Tally
from tasks.core.errors import LushaConnectError, Recovery
from tasks.core.settings import Settings
from tasks.edge import report
from tasks.edge.blocks import settings_for
from tasks.hub import ownership, schema
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run, beating
from tasks.hub.tables import MIRRORS
from tasks.mapping.checks.checks import compile_checks
from tasks.mapping.language import find_mapping, load_mapping
from tasks.mapping.transform.compile import compile_mapping
from tasks.run.pipeline import Carrier, Session
from tasks.vendors.highlevel.api.contacts import search
from tasks.vendors.highlevel.client import HighLevel, connect

log = logging.getLogger(__name__)

MAPPINGS = Path(mappings.__file__).parent
"""Where a mapping that is given by name is looked for."""


@asynccontextmanager
async def session(
    automation: str,
    *,
    connection: str,
    mapping: str,
    may_stop: bool = True,
    switching: bool = False,
    **parameters: Any,
) -> AsyncIterator[Session]:
    """Open what a run needs, refuse what is wrong before anything is written, and report the end.

    Args:
        automation: The flow's name.
        connection: Name of a connection block; "" for the environment.
        mapping: Name or file of the mapping.
        may_stop: Off, the mapping's ``stop_when`` does not count: for records that are known to be bad.
        switching: Whether the mirror that the mapping writes may have been another mapping's.
        parameters: What else the run was asked to do, for the ledger.

    Raises:
        RefusedError: Configuration, mapping, credential or hub schema: found before anything was written, or
            in the ``with`` body, where the error says what was done before.
        StoppedError: The run began and could not go on.
    """
    settings = await settings_for(connection)
    found = load_mapping(find_mapping(mapping, MAPPINGS))
    if not may_stop:
        found = found.model_copy(update={"stop_when": None})
    mapper, checker = compile_mapping(found), await asyncio.to_thread(compile_checks, found)
    _spare_the_libraries()
    hub = Hub(settings.hub_url)
    try:
        await asyncio.to_thread(schema.require_current, hub)
        mirrors = found.target in MIRRORS
        if mirrors and not switching:
            await asyncio.to_thread(ownership.check, hub, settings.location(), found.target, found.name)
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
            if mirrors:
                await asyncio.to_thread(ownership.claim, hub, run, found.target, switching=switching)
            async with _ledger(hub, run, highlevel):
                yield Session(
                    hub,
                    highlevel,
                    mapper,
                    checker,
                    run,
                    report.ProgressReport(automation),
                    found.target,
                )
    finally:
        hub.close()


@cache
def _spare_the_libraries() -> None:
    """What the libraries made at import stays: the garbage collector need not look through it again.

    A fifth of the whole time otherwise, as batches come and go. Once in a process, and before a session opens
    anything: what is frozen is never collected, so that a worker would keep a piece of every run.
    """
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def hub_session(
    automation: str, settings: Settings, **parameters: Any
) -> AsyncIterator[tuple[Hub, Run]]:
    """Open the hub alone, for what asks HighLevel nothing, and report the end.

    Args:
        automation: The flow's name.
        parameters: What the run was asked to do, for the ledger.

    Raises:
        RefusedError: Configuration or hub schema; nothing was written.
        StoppedError: The run began and could not go on.
    """
    run = Run(automation, settings.location(), "", "", parameters, flow_run_id=_flow_run_id())
    with closing(Hub(settings.hub_url)) as hub:
        await asyncio.to_thread(schema.require_current, hub)
        async with _ledger(hub, run):
            yield hub, run


@asynccontextmanager
async def _ledger(hub: Hub, run: Run, highlevel: HighLevel | None = None) -> AsyncIterator[None]:
    """Enter the run's begin and end into the ledger, and publish its summary."""
    await asyncio.to_thread(run.open, hub)
    error: str | None = None
    try:
        async with beating(hub, run):
            yield
    except BaseException as caught:
        if isinstance(caught, LushaConnectError):
            caught.note_done(run.tally.told())
        error = str(caught) or type(caught).__name__
        raise
    finally:
        run.tally.requests = highlevel.requests if highlevel is not None else 0
        await asyncio.to_thread(run.close, hub, error)
        await report.publish(run.automation, run.location_id, run.tally, error or "completed")


def _worth_a_retry(_task: Task[Any, Any], _run: TaskRun, state: State[Any]) -> bool:
    """Prefect's retry condition, by the same rule as the client's: the error's type.

    What the client gave up on is not tried again here; only a failure that is nobody's rule is.
    """
    error = state.data if isinstance(state.data, BaseException) else getattr(state.data, "exception", None)
    return not isinstance(error, LushaConnectError) or error.recovery is Recovery.RETRY


@task(
    name="carry batch",
    task_run_name="{what} {number}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=_worth_a_retry,
    cache_policy=NO_CACHE,
    persist_result=False,
)
async def carry_batch(pipeline: Carrier, number: int, what: str) -> dict[str, int]:
    """Fetch, map, check and load or plan one batch, or carry out the next changes of a plan.

    Args:
        number: Its number, from 1.
        what: What is done to it, for the run's name.

    Returns:
        The batch's counts.
    """
    done = await pipeline.carry()
    counts = done.counts() if isinstance(done, Tally) else dict(done)
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    log.info("%s %d: %s", what, number, told)
    return counts


async def carry_all(pipeline: Carrier, what: str = "batch") -> None:
    """Carry batch after batch until there is no more.

    Args:
        what: What is done to them, for the names of the task runs.
    """
    number = 0
    try:
        while not pipeline.done:
            number += 1
            await carry_batch(pipeline, number, what)
    finally:
        await pipeline.close()


def _flow_run_id() -> str | None:
    context = FlowRunContext.get()
    return str(context.flow_run.id) if context and context.flow_run else None
