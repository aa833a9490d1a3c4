"""Backfill: every contact of a HighLevel location, or those of a window, into the hub.

Killed at any point and started again, it continues from the last committed batch.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flows.parameters import BatchSize, Connection, MappingName
from flows.run_names import placed
from tasks.core.clocks import days
from tasks.core.errors import BadConfigurationError
from tasks.edge.ending import automation
from tasks.edge.session import open_session
from tasks.run.pipeline import Lane, MirrorSink, Pipeline
from tasks.vendors.protocols import WindowSource

NAME = "backfill_contacts"


def _run_name(asked: dict[str, Any]) -> str:
    since, until = asked.get("added_from"), asked.get("added_until")
    window = f", {since or 'the beginning'} to {until or 'today'}" if since or until else ""
    return f"{placed('backfill contacts', asked)}{window}"


@automation(NAME, _run_name)
async def backfill_contacts(
    added_from: date | None = None,
    added_until: date | None = None,
    mapping: MappingName = "highlevel_contact",
    connection: Connection = "",
    batch_size: BatchSize = 2500,
    restart: bool = False,
) -> dict[str, int]:
    """Read a location's contacts into the hub, oldest first; skipped while another run reads the same ones.

    Args:
        added_from: First day (UTC) on which the contacts were added; empty for the very first.
        added_until: Last day (UTC) on which they were added; empty for today.
        restart: Start from the beginning even if an earlier run of the same window was interrupted.

    Returns:
        Counts: read, mapped, rejected, created, updated, unchanged, deleted, requests.
    """
    if added_from and added_until and added_from > added_until:
        raise BadConfigurationError(
            f"added_from, {added_from}, is after added_until, {added_until}: no contact was added then.",
            remedy="Give the first day as added_from and the last as added_until.",
        )
    since, until = days(added_from, added_until)
    asked: dict[str, Any] = {
        "added_from": str(added_from),
        "added_until": str(added_until),
        "restart": restart,
    }
    window = f"{added_from or ''}…{added_until or ''}"
    async with open_session(
        NAME, connection=connection, mapping=mapping, exclusive=window, **asked
    ) as session:
        for lane in session.lanes:
            await _backfill(lane, lane.reader.added(since, until), restart=restart, size=batch_size)
        await session.progress.finish(session.run.tally.read)
    return session.run.tally.counts()


async def _backfill(lane: Lane, source: WindowSource, *, restart: bool, size: int) -> None:
    cursor = lane.cursor(source.scope)
    start = None if restart else await lane.position(cursor)
    pipeline = Pipeline(lane, source, MirrorSink(lane, cursor), start=start, size=size)
    await lane.session.carry_all(pipeline)
    await lane.move(cursor, None)
