"""Apply plan: carries out a plan that is kept in the hub, from a dry run or where an earlier run stopped."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from prefect import flow
from pydantic import Field

from tasks.edge import approval
from tasks.edge.session import open_session
from tasks.hub import plans
from tasks.run import applying, planning
from tasks.run.planning import Recheck
from tasks.streams import HUB_CONTACT, mirror_of

NAME = "apply_plan"
MIRROR_MAPPING = mirror_of(HUB_CONTACT.name)[1].mapping


@flow(name=NAME, flow_run_name="apply {plan}, dry run {dry_run}", persist_result=False)
async def apply_plan(
    plan: str,
    dry_run: bool = False,
    approve: bool = False,
    retry_failed: bool = False,
    recheck: Recheck = "each record",
    approval_hours: Annotated[int, Field(ge=1, le=24 * 30)] = 24,
    connection: str = "",
) -> dict[str, Any]:
    """Write to HighLevel exactly what a plan holds; what was written already is not written again.

    Args:
        plan: The plan's id or its beginning, the id of the run that made it, or `last`.
        dry_run: On, the plan is only shown.
        approve: On, the run waits until a person has seen the plan and says go.
        retry_failed: On, what failed before is taken up again.
        recheck: How to notice what somebody changes meanwhile: read each record again right before it is
            written, or search for changes now and then (half the requests, some seconds blind).
        approval_hours: How long to wait for a person.
        connection: Name of a connection, the hub's or a Prefect block; empty for the environment's.

    Returns:
        Counts, the plan's id and its bill.
    """
    asked: dict[str, Any] = {
        "plan": plan,
        "dry_run": dry_run,
        "approve": approve,
        "retry_failed": retry_failed,
    }
    async with open_session(NAME, connection=connection, mapping=MIRROR_MAPPING, **asked) as session:
        found = await asyncio.to_thread(plans.find, session.hub, plan, session.run.location_id)
        planning.require_ready(found)
        if retry_failed and not dry_run:
            await asyncio.to_thread(plans.retry_failed, session.hub, found.id)
        async with applying.begin(session.lanes[0]) as work:
            await approval.carry_out(
                work, found, dry_run=dry_run, approve=approve, recheck=recheck, hours=approval_hours
            )
    return session.run.tally.counts() | session.run.tally.more
