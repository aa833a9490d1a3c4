"""Opening what a run needs, refusing what is wrong before anything is written, and telling its end."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from functools import cache
from typing import Any

from prefect.context import FlowRunContext

from tasks.core.errors import LushaConnectError
from tasks.core.settings import Settings
from tasks.edge import report
from tasks.edge.blocks import settings_for
from tasks.edge.connectors import connected
from tasks.edge.task import carry_all
from tasks.hub import ownership, schema
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run, beating
from tasks.hub.tables import MIRRORS
from tasks.mapping.checks.checks import compile_checks
from tasks.mapping.language import MAPPINGS, find_mapping, load_mapping
from tasks.mapping.transform.compile import compile_mapping
from tasks.run.pipeline import Session
from tasks.vendors.protocols import Connection


@asynccontextmanager
async def open_session(
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
        async with connected(settings, hub) as opened:
            await opened.check()
            run = Run(
                automation,
                opened.location_id,
                found.name,
                found.digest,
                parameters,
                flow_run_id=_flow_run_id(),
            )
            if mirrors:
                await asyncio.to_thread(ownership.claim, hub, run, found.target, switching=switching)
            async with _ledger(hub, run, opened):
                yield Session(
                    hub,
                    opened,
                    mapper,
                    checker,
                    run,
                    report.ProgressReport(automation),
                    found.target,
                    carry_all,
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
async def _ledger(hub: Hub, run: Run, opened: Connection | None = None) -> AsyncIterator[None]:
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
        run.tally.requests = opened.requests if opened is not None else 0
        await asyncio.to_thread(run.close, hub, error)
        await report.publish(run.automation, run.location_id, run.tally, error or "completed")


def _flow_run_id() -> str | None:
    context = FlowRunContext.get()
    return str(context.flow_run.id) if context and context.flow_run else None
