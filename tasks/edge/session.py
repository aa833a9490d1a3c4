"""Opening what a run needs, refusing what is wrong before anything is written, and telling its end."""

from __future__ import annotations

import asyncio
import gc
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from functools import cache
from typing import Any

from prefect.context import FlowRunContext

from tasks.core.errors import BadConfigurationError, LushaConnectError
from tasks.core.settings import Settings
from tasks.edge import report
from tasks.edge.connections import settings_for
from tasks.edge.connectors import connected
from tasks.edge.task import carry_all
from tasks.hub import ownership, plans, schema
from tasks.hub.connections import ITSELF
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run, beating, was_carried
from tasks.hub.tables import MIRRORS
from tasks.mapping.checks.checks import Checker
from tasks.mapping.language import MAPPINGS, find_mapping, load_mapping
from tasks.mapping.language import Mapping as MappingFile
from tasks.mapping.transform.apply import Mapper
from tasks.mapping.transform.compile import compile_mapping
from tasks.run import leasing
from tasks.run.pipeline import Session
from tasks.streams import mirror_of
from tasks.vendors.protocols import Connection

GC_THRESHOLDS = (10_000, 10, 10)
"""New objects after which the garbage collector looks for cycles; a batch is ten thousand without any."""


@asynccontextmanager
async def open_session(
    automation: str,
    *,
    connection: str,
    mapping: str | Sequence[str | MappingFile],
    may_stop: bool = True,
    switching: bool = False,
    exclusive: str | None = None,
    **parameters: Any,
) -> AsyncIterator[Session]:
    """Open what a run needs, refuse what is wrong before anything is written, and report the end.

    Args:
        automation: The flow's name.
        connection: Name of a connection; "" for the environment.
        mapping: Name or file of the mapping, or what one says; several for as many lanes, which have targets
            of their own.
        may_stop: Off, the mapping's ``stop_when`` does not count: for records that are known to be bad.
        switching: Whether the mirror that the mapping writes may have been another mapping's.
        exclusive: What one run of the automation at a time does for a location; None where any number may.
        parameters: What else the run was asked to do, for the ledger.

    Raises:
        AlreadyRunningError: Another run does it for the location; nothing was asked.
        RefusedError: Configuration, mapping, credential or hub schema: found before anything was written, or
            in the ``with`` body, where the error says what was done before.
        StoppedError: The run began and could not go on.
    """
    settings = await settings_for(connection)
    location_id = settings.location()
    report.begin(settings, location_id)
    stages = await asyncio.to_thread(_compiled, mapping, may_stop=may_stop)
    found = [mapper.mapping for mapper, _ in stages]
    mirrors = [one for one in found if one.target in MIRRORS]
    _spare_the_libraries()
    async with AsyncExitStack() as stack:
        hub = stack.enter_context(closing(Hub(settings.hub_url)))
        await asyncio.to_thread(schema.require_current, hub)
        await asyncio.to_thread(_probe, hub, automation, location_id, stages)
        for one in () if switching else mirrors:
            await asyncio.to_thread(ownership.check, hub, location_id, one.target, one.name)
        if exclusive is not None:
            await stack.enter_async_context(leasing.exclusive(hub, automation, location_id, exclusive))
        opened = await stack.enter_async_context(connected(settings, hub))
        await opened.check()
        asked = parameters if connection in ITSELF else parameters | {"connection": connection}
        run = Run(automation, location_id, *_named(found), asked, flow_run_id=_flow_run_id())
        for one in mirrors:
            await asyncio.to_thread(ownership.claim, hub, run, one.target, one.name, switching=switching)
        await stack.enter_async_context(_ledger(hub, run, opened))
        progress = report.ProgressReport(automation, location_id)
        session = Session(hub, opened, run, progress, carry_all)
        for mapper, checker in stages:
            session.open_lane(mapper, checker)
        yield session


async def kept_plan(connection: str, plan: str) -> tuple[str, str]:
    """The id of a plan, and the mapping of the mirror of what it writes, by which records are read back.

    Args:
        plan: As ``plans.find`` takes it.

    Raises:
        BadConfigurationError: There is no such plan.
        HubSchemaError: The hub is another version's.
    """
    settings = await settings_for(connection)

    def found() -> tuple[str, str]:
        with closing(Hub(settings.hub_url)) as hub:
            schema.require_current(hub)
            kept = plans.find(hub, plan, settings.location())
            return kept.id, mirror_of(kept.target)[1].mapping

    return await asyncio.to_thread(found)


def _compiled(mapping: str | Sequence[str | MappingFile], *, may_stop: bool) -> list[tuple[Mapper, Checker]]:
    """What maps and checks the records of each mapping.

    Raises:
        BadMappingError: A mapping is not there or does not say what it means.
        BadConfigurationError: Two of them fill the same stream.
    """
    names = [mapping] if isinstance(mapping, str) else mapping
    stages: dict[str, tuple[Mapper, Checker]] = {}
    for name in names:
        found = load_mapping(find_mapping(name, MAPPINGS)) if isinstance(name, str) else name
        if not may_stop:
            found = found.model_copy(update={"stop_when": None})
        if found.target in stages:
            other = stages[found.target][0].mapping.name
            raise BadConfigurationError(
                f"Mappings {other} and {found.name} both fill {found.target}.",
                remedy="Give one mapping for each stream.",
            )
        stages[found.target] = compile_mapping(found), Checker(found)
    return list(stages.values())


def _probe(hub: Hub, automation: str, location_id: str, stages: Sequence[tuple[Mapper, Checker]]) -> None:
    """See to it that the checks work, before anything is read.

    Great Expectations takes longer to import than most runs take. So the checks of a mapping with which a run
    was completed are not tried again here; they are at the first rows that are to be judged.

    Raises:
        BadMappingError: A check is not right.
    """
    _, digest = _named([mapper.mapping for mapper, _ in stages])
    if not was_carried(hub, automation, location_id, digest):
        for _, checker in stages:
            checker.probe()


def _named(found: Sequence[MappingFile]) -> tuple[str, str]:
    """How the ledger names the mappings of a run: their names, and a digest of what they mean."""
    digests = [one.digest for one in found]
    whole = digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
    return ", ".join(one.name for one in found), whole


@cache
def _spare_the_libraries() -> None:
    """What the libraries made at import stays: the garbage collector need not look through it again.

    A fifth of the whole time otherwise, as batches come and go. Once in a process, and before a session opens
    anything: what is frozen is never collected, so that a worker would keep a piece of every run. What the
    imports left behind is frozen with it: to look for that takes longer than it is worth.
    """
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


@asynccontextmanager
async def hub_session(
    automation: str, settings: Settings, **parameters: Any
) -> AsyncIterator[tuple[Hub, Run]]:
    """Open the hub alone, for what asks HighLevel nothing, and report the end; one at a time for a location.

    Args:
        automation: The flow's name.
        parameters: What the run was asked to do, for the ledger.

    Raises:
        AlreadyRunningError: Another run does it for the location.
        RefusedError: Configuration or hub schema; nothing was written.
        StoppedError: The run began and could not go on.
    """
    run = Run(automation, settings.location(), "", "", parameters, flow_run_id=_flow_run_id())
    report.begin(settings, run.location_id)
    with closing(Hub(settings.hub_url)) as hub:
        await asyncio.to_thread(schema.require_current, hub)
        async with leasing.exclusive(hub, automation, run.location_id), _ledger(hub, run):
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
        if not run.waits:
            error = str(caught) or type(caught).__name__
        raise
    finally:
        run.tally.requests = opened.requests if opened is not None else 0
        await asyncio.to_thread(run.close, hub, error)
        ended = "waits for approval" if run.waits else error or "completed"
        await report.publish(run.automation, run.location_id, run.tally, ended)


def _flow_run_id() -> str | None:
    context = FlowRunContext.get()
    return str(context.flow_run.id) if context and context.flow_run else None
