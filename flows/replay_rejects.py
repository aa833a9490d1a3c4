"""Replay rejects: the raw records that failed, through the mapping as it is now."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import Annotated, Any, Literal

from prefect import flow
from pydantic import Field

from tasks.edge import approval
from tasks.edge.connections import settings_for
from tasks.edge.session import open_session
from tasks.extract.rejects import RejectSource, mappings_of
from tasks.hub.engine import Hub
from tasks.run import applying, planning
from tasks.run.pipeline import Lane, MirrorSink, Pipeline
from tasks.run.planning import Recheck
from tasks.streams import SOURCES

NAME = "replay_rejects"


@flow(name=NAME, flow_run_name="replay {stream}, dry run {dry_run}", persist_result=False)
async def replay_rejects(
    stream: Literal["highlevel.contact", "file.contact", "hub.contact"],
    mapping: str = "",
    dry_run: bool = False,
    approve: bool = False,
    system: str = "",
    recheck: Recheck = "each record",
    approval_hours: Annotated[int, Field(ge=1, le=24 * 30)] = 24,
    connection: str = "",
    batch_size: Annotated[int, Field(ge=1, le=5000)] = 2500,
) -> dict[str, Any]:
    """Try rejected records again, after the mapping or its checks were mended.

    Args:
        stream: Where the records came from.
        mapping: Name of the mapping in `mappings/`, or a file, for all of the stream's rejects; empty for
            those of the mapping that rejected them, the first by name where there are several.
        dry_run: On, nothing is written to HighLevel: the plan is made and shown.
        approve: On, the run waits until a person has seen the plan and says go.
        system: Whose ids the records have, as it was given when they were imported.
        recheck: How to notice what somebody changes meanwhile, as in import_contacts.
        approval_hours: How long to wait for a person.
        connection: Name of a connection, the hub's or a Prefect block; empty for the environment's.
        batch_size: Records in a batch.

    Returns:
        Counts; where HighLevel is the target, the plan's id and its bill.
    """
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
