"""Leases that are held for as long as something takes, and runs that exclude each other.

Two runs exclude each other that do the same work for the same location, in whatever process. What may be
waited for waits (``tasks/run/applying.py``); what is on a schedule is skipped, because the run that is under
way does it. Another location's run is never in the way.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tasks.core.errors import AlreadyRunningError, HubUnavailableError, LeaseLostError
from tasks.hub.engine import Hub
from tasks.hub.leases import Lease

log = logging.getLogger(__name__)


@asynccontextmanager
async def exclusive(hub: Hub, automation: str, location_id: str, work: str = "") -> AsyncIterator[None]:
    """Be the only run of an automation that does this work for this location.

    Args:
        work: What of the automation's work, where it has several kinds that may go side by side.

    Raises:
        AlreadyRunningError: Another run does it; nothing was done.
        HubUnavailableError: The hub cannot be asked.
    """
    what = f"{automation} {work}".strip()
    lease = Lease(f"run {what} · {location_id}", what)
    if await asyncio.to_thread(lease.take, hub):
        raise AlreadyRunningError(f"Another run of {what} is under way for location {location_id}.")
    renewing = asyncio.create_task(renew(hub, lease))
    try:
        yield
    finally:
        await give_back(hub, lease, renewing)


async def renew(hub: Hub, lease: Lease) -> None:
    """Renew a lease until it is lost or this is cancelled; a hub that fails is asked again."""
    with suppress(LeaseLostError):
        while True:
            await asyncio.sleep(lease.renew_every)
            while True:
                try:
                    await asyncio.to_thread(lease.renew, hub)
                    break
                except HubUnavailableError as error:
                    log.warning("the lease of %s cannot be renewed yet: %s", lease.name, error.what)
                    await asyncio.sleep(lease.renew_every / 10)


async def give_back(hub: Hub, lease: Lease, renewing: asyncio.Task[None]) -> None:
    """End a lease that is being renewed."""
    renewing.cancel()
    await asyncio.gather(renewing, return_exceptions=True)
    with suppress(HubUnavailableError):  # it ends by itself
        await asyncio.to_thread(lease.release, hub)
