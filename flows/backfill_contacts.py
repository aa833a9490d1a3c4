"""Backfill: every contact of a HighLevel location, or those of a window, into the hub.

Killed at any point and started again, it continues from the last committed batch.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from prefect import flow
from prefect.runtime import flow_run

from flows.parameters import BatchSize, Connection, MappingName
from tasks.core.clocks import days
from tasks.edge.session import open_session
from tasks.run.pipeline import MirrorSink, Pipeline

NAME = "backfill_contacts"


def _run_name() -> str:
    asked = flow_run.parameters
    since, until = asked.get("added_from"), asked.get("added_until")
    return f"backfill {since or 'the beginning'} to {until or 'today'}"


@flow(name=NAME, flow_run_name=_run_name, persist_result=False)
async def backfill_contacts(
    added_from: date | None = None,
    added_until: date | None = None,
    mapping: MappingName = "highlevel_contact",
    connection: Connection = "",
    batch_size: BatchSize = 2500,
    restart: bool = False,
) -> dict[str, int]:
    """Read a location's contacts into the hub, oldest first.

    Args:
        added_from: First day (UTC) on which the contacts were added; empty for the very first.
        added_until: Last day (UTC) on which they were added; empty for today.
        restart: Start from the beginning even if an earlier run of the same window was interrupted.

    Returns:
        Counts: read, mapped, rejected, created, updated, unchanged, deleted, requests.
    """
    since, until = days(added_from, added_until)
    asked: dict[str, Any] = {
        "added_from": str(added_from),
        "added_until": str(added_until),
        "restart": restart,
    }
    async with open_session(NAME, connection=connection, mapping=mapping, **asked) as session:
        source = session.reader.added(since, until)
        cursor = session.cursor(source.scope)
        start = None if restart else await session.position(cursor)
        sink = MirrorSink(session, cursor)
        await session.carry_all(Pipeline(session, source, sink, start=start, size=batch_size))
        await session.move(cursor, None)
        await session.progress.finish(session.run.tally.read)
    return session.run.tally.counts()
