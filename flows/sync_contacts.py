"""Sync: what changed in HighLevel since the last run, into the hub; deletions by a periodic full pass.

HighLevel's search lags by seconds and announces no deletion. So every run reads again what changed
shortly before the last one's end, and every so often all contacts are read and the missing looked up.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from flows.parameters import BatchSize, Connection, MappingName
from flows.run_names import named_sync
from tasks.edge.ending import automation
from tasks.edge.session import open_session
from tasks.run.refresh import refresh

NAME = "sync_contacts"


@automation(NAME, lambda asked: named_sync("contacts", asked), tells_status=True)
async def sync_contacts(
    overlap_seconds: Annotated[int, Field(ge=60, le=86_400)] = 120,
    full_pass: Literal["when due", "now", "never"] = "when due",  # noqa: S107 - no password
    full_pass_hours: Annotated[int, Field(ge=1, le=24 * 90)] = 24,
    max_deleted_share: Annotated[float, Field(ge=0, le=1)] = 0.2,
    mapping: MappingName = "highlevel_contact",
    connection: Connection = "",
    batch_size: BatchSize = 2500,
) -> dict[str, int]:
    """Bring the hub up to what HighLevel holds; skipped while another run does so for the same location.

    Args:
        overlap_seconds: How far before the last run's end to read again; HighLevel's search lags.
        full_pass: Read every contact and notice deletions: when it is due, now, or never. Now is also how
            another mapping takes over the hub's contacts.
        full_pass_hours: Hours after which a full pass is due.
        max_deleted_share: Share of the hub's contacts that a full pass may mark as deleted; more stops it.

    Returns:
        Counts: read, mapped, rejected, created, updated, unchanged, deleted, requests.
    """
    asked: dict[str, Any] = {"overlap_seconds": overlap_seconds, "full_pass": full_pass}
    switching = full_pass == "now"  # noqa: S105 - all is read anew, so that the mapping may take over
    async with open_session(
        NAME, connection=connection, mapping=mapping, switching=switching, exclusive="", **asked
    ) as session:
        for lane in session.lanes:
            await refresh(
                lane,
                overlap=timedelta(seconds=overlap_seconds),
                full_pass=full_pass,
                full_pass_hours=full_pass_hours,
                max_deleted_share=max_deleted_share,
                size=batch_size,
            )
        await session.progress.finish(session.run.tally.read)
    return session.run.tally.counts()
