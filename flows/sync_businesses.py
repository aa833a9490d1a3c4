"""Sync: HighLevel's businesses into the hub; deletions by a periodic full pass.

HighLevel lists businesses by no date: every run reads all of them, and writes what differs.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from flows.parameters import BatchSize, Connection, MappingName
from flows.run_names import named_sync
from tasks.edge.ending import automation
from tasks.edge.session import open_session
from tasks.run.refresh import refresh

NAME = "sync_businesses"


@automation(NAME, lambda asked: named_sync("businesses", asked), tells_status=True)
async def sync_businesses(
    full_pass: Literal["when due", "now", "never"] = "when due",  # noqa: S107 - no password
    full_pass_hours: Annotated[int, Field(ge=1, le=24 * 90)] = 24,
    max_deleted_share: Annotated[float, Field(ge=0, le=1)] = 0.2,
    mapping: MappingName = "highlevel_business",
    connection: Connection = "",
    batch_size: BatchSize = 2500,
) -> dict[str, int]:
    """Bring the hub's businesses up to HighLevel's; skipped while another run does so for the same location.

    Args:
        full_pass: Notice deletions: when it is due, now, or never. Now is also how another mapping takes over
            the hub's businesses.
        full_pass_hours: Hours after which a full pass is due.
        max_deleted_share: Share of the hub's businesses that a full pass may mark as deleted; more stops it.

    Returns:
        Counts: read, mapped, rejected, created, updated, unchanged, deleted, requests.
    """
    switching = full_pass == "now"  # noqa: S105 - all is read again, so that the mapping may take over
    opening = open_session(
        NAME, connection=connection, mapping=mapping, switching=switching, exclusive="", full_pass=full_pass
    )
    async with opening as session:
        [lane] = session.lanes
        await refresh(
            lane,
            full_pass=full_pass,
            full_pass_hours=full_pass_hours,
            max_deleted_share=max_deleted_share,
            size=batch_size,
        )
        await session.progress.finish(session.run.tally.read)
    return session.run.tally.counts()
