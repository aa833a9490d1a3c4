"""Apply plan: carries out a plan that is kept in the hub, from a dry run or where an earlier run stopped."""

from __future__ import annotations

from typing import Any

from flows.parameters import ApprovalHours, Approve, Connection, DryRun, PlanId, Recheck
from flows.run_names import named
from tasks.edge import approval
from tasks.edge.ending import automation

NAME = "apply_plan"


@automation(NAME, lambda asked: named(f"apply plan {asked['plan']}", asked))
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
    return await approval.apply_kept(
        NAME,
        await approval.asked_before(connection) or plan,  # `last` may be another plan by now
        connection=connection,
        dry_run=dry_run,
        approve=approve,
        recheck=recheck,
        hours=approval_hours,
        retry_failed=retry_failed,
    )
