"""Replay rejects: the raw records that failed, through the mapping as it is now."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import Any, Literal

from flows.parameters import ApprovalHours, Approve, BatchSize, Connection, DryRun, HandEdits, Recheck
from flows.run_names import named
from tasks.edge import approval
from tasks.edge.connections import settings_for
from tasks.edge.ending import automation
from tasks.edge.session import open_session
from tasks.extract.rejects import RejectSource, mappings_of
from tasks.hub.engine import Hub
from tasks.run import applying, planning
from tasks.run.pipeline import Lane, MirrorSink, Pipeline
from tasks.streams import SOURCES

NAME = "replay_rejects"


@automation(NAME, lambda asked: named(f"replay rejects of {asked['stream']}", asked))
async def replay_rejects(
    stream: Literal[
        "highlevel.contact",
        "file.contact",
        "hub.contact",
        "highlevel.business",
        "file.crm_task",
        "file.note",
        "file.appointment",
        "hub.crm_task",
        "hub.note",
        "hub.appointment",
        "highlevel.crm_task",
        "highlevel.note",
        "highlevel.appointment",
        "highlevel.user",
        "highlevel.calendar",
        "file.business",
        "hub.business",
    ],
    mapping: str = "",
    dry_run: DryRun = False,
    approve: Approve = False,
    system: str = "",
    hand_edits: HandEdits = "keep",
    recheck: Recheck = "each record",
    approval_hours: ApprovalHours = 24,
    connection: Connection = "",
    batch_size: BatchSize = 2500,
) -> dict[str, Any]:
    """Try rejected records again, after the mapping or its checks were corrected.

    Args:
        stream: Where the records came from.
        mapping: Name of the mapping in `mappings/`, or a file, for all of the stream's rejects; empty for
            those of the mapping that rejected them, the first by name where there are several.
        system: Whose ids the records have, as it was given when they were imported.

    Returns:
        Counts; where HighLevel is the target, the plan's id and its bill.
    """
    if kept := await approval.asked_before(connection):
        return await approval.apply_kept(
            NAME, kept, connection=connection, recheck=recheck, hours=approval_hours
        )
    theirs = "" if mapping else await _their_mapping(connection, stream)
    asked: dict[str, Any] = {"stream": stream, "dry_run": dry_run, "approve": approve}
    async with open_session(
        NAME, connection=connection, mapping=mapping or theirs, may_stop=False, **asked
    ) as session:
        location_id = session.run.location_id
        source = await asyncio.to_thread(RejectSource, session.hub, stream, location_id, theirs)
        [lane] = session.lanes
        if lane.target.startswith("hub."):
            await _load(lane, source, batch_size)
            return session.run.tally.counts()
        async with applying.begin(lane) as work:
            plan = await planning.make(
                work,
                source,
                system=system or stream.partition(".")[0],
                as_of=source.as_of,
                about=f"the rejects of {stream}",
                size=batch_size,
                recheck=recheck,
                hand_edits=hand_edits,
            )
            await approval.carry_out(
                work, plan, dry_run=dry_run, approve=approve, recheck=recheck, hours=approval_hours
            )
    return session.run.tally.counts() | session.run.tally.more


async def _load(lane: Lane, source: RejectSource, size: int) -> None:
    cursor = lane.cursor("rejects")
    await lane.session.carry_all(Pipeline(lane, source, MirrorSink(lane, cursor), size=size))
    await lane.move(cursor, None)


async def _their_mapping(connection: str, stream: str) -> str:
    """The mapping that rejected them; the stream's own where there are none."""
    settings = await settings_for(connection)

    def found() -> list[str]:
        with closing(Hub(settings.hub_url)) as hub:
            return mappings_of(hub, stream, settings.location())

    names = await asyncio.to_thread(found)
    return names[0] if names else SOURCES[stream].mapping
