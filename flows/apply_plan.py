"""Apply plan: carries out a plan that is kept in the hub, from a dry run or where an earlier run stopped."""

from __future__ import annotations

import asyncio
from typing import Any

from prefect import flow

from flows.parameters import ApprovalHours, Approve, Connection, DryRun, PlanId, Recheck
from tasks.edge import approval
from tasks.edge.session import mapping_of_plan, open_session
from tasks.hub import plans
from tasks.run import applying, planning

NAME = "apply_plan"


@flow(name=NAME, flow_run_name="apply {plan}, dry run {dry_run}", persist_result=False)
async def apply_plan(
    plan: PlanId,
    dry_run: DryRun = False,
    approve: Approve = False,
    retry_failed: bool = False,
    recheck: Recheck = "each record",
    approval_hours: ApprovalHours = 24,
    connection: Connection = "",
) -> dict[str, Any]:
    """Write to HighLevel exactly what a plan holds; what was written already is not written again.

    Args:
        retry_failed: On, what failed before is taken up again.

    Returns:
        Counts, the plan's id and its bill.
    """
    asked: dict[str, Any] = {
        "plan": plan,
        "dry_run": dry_run,
        "approve": approve,
        "retry_failed": retry_failed,
    }
    mapping = await mapping_of_plan(connection, plan)
    async with open_session(NAME, connection=connection, mapping=mapping, **asked) as session:
        found = await asyncio.to_thread(plans.find, session.hub, plan, session.run.location_id)
        planning.require_ready(found)
        if retry_failed and not dry_run:
            await asyncio.to_thread(plans.retry_failed, session.hub, found.id)
        async with applying.begin(session.lanes[0]) as work:
            await approval.carry_out(
                work, found, dry_run=dry_run, approve=approve, recheck=recheck, hours=approval_hours
            )
    return session.run.tally.counts() | session.run.tally.more
