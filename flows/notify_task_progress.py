"""Automation: a team is told in its channel what becomes of tasks.

A notice is kept in the hub until its channel has taken it; nothing is written to HighLevel.
"""

from __future__ import annotations

from typing import Any

from flows.parameters import (
    ApprovalHours,
    Approve,
    BatchSize,
    Connection,
    DryRun,
    Ids,
    Recheck,
    RulesName,
    Scope,
)
from flows.run_names import named
from tasks.edge.automating import Asked, run_rules
from tasks.edge.ending import automation

NAME = "notify_task_progress"


@automation(NAME, lambda asked: named("notify task progress", asked))
async def notify_task_progress(
    rules: RulesName = "channels",
    scope: Scope = "new",
    ids: Ids = (),
    dry_run: DryRun = False,
    approve: Approve = False,
    recheck: Recheck = "each record",
    approval_hours: ApprovalHours = 24,
    connection: Connection = "",
    batch_size: BatchSize = 2500,
) -> dict[str, Any]:
    """Tell teams of tasks that were created, completed, reopened, reassigned, or are overdue.

    Returns:
        Counts, what each rule did, and how many notices were sent, wait or failed.
    """
    asked = Asked(
        rules=rules,
        scope=scope,
        ids=ids,
        dry_run=dry_run,
        approve=approve,
        recheck=recheck,
        approval_hours=approval_hours,
        connection=connection,
        batch_size=batch_size,
    )
    return await run_rules(NAME, asked)
