"""Undo plan: takes back what a plan did, by the old values that it kept; itself a plan, shown and applied."""

from __future__ import annotations

import asyncio
from typing import Any

from flows.parameters import ApprovalHours, Approve, Connection, DryRun
from flows.run_names import named
from tasks.edge import approval
from tasks.edge.ending import automation
from tasks.edge.session import kept_plan, open_session
from tasks.hub import plans
from tasks.run import applying, planning

NAME = "undo_plan"


@automation(NAME, lambda asked: named(f"undo plan {asked['plan']}", asked))
async def undo_plan(
    plan: str,
    delete_created: bool = False,
    dry_run: DryRun = False,
    approve: Approve = False,
    approval_hours: ApprovalHours = 24,
    connection: Connection = "",
) -> dict[str, Any]:
    """Bring back in HighLevel what a plan changed; what somebody has edited since stays and is listed.

    Args:
        plan: The plan's id, the id of the run that made or applied it, a part of one of them that no other
            plan has, or `last`. The plan that it followed up, and all that followed that, are taken back with
            it.
        delete_created: On, records, notes and tasks that the plan made are deleted, unless somebody has
            worked on them.

    Returns:
        Counts, the inverse plan's id and its bill.
    """
    if inverse_id := await approval.asked_before(connection):
        return await approval.apply_kept(
            NAME, inverse_id, connection=connection, recheck="each record", hours=approval_hours
        )
    plan_id, mapping = await kept_plan(connection, plan)
    asked: dict[str, Any] = {"plan": plan_id, "delete_created": delete_created, "dry_run": dry_run}
    async with open_session(NAME, connection=connection, mapping=mapping, **asked) as session:
        found = await asyncio.to_thread(plans.find, session.hub, plan_id, session.run.location_id)
        async with applying.begin(session.lanes[0]) as work:
            inverse = await planning.make_undo(work, found, delete_created=delete_created)
            await approval.carry_out(
                work, inverse, dry_run=dry_run, approve=approve, recheck="each record", hours=approval_hours
            )
    return session.run.tally.counts() | session.run.tally.more
