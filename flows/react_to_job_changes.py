"""Automation: who has a new job gets a task for the owner and a tag, by rules; each change once.

Nothing is written that the plan does not hold, and the plan stays: to look at, to go on with, to undo.
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

NAME = "react_to_job_changes"


@automation(NAME, lambda asked: named("react to job changes", asked))
async def react_to_job_changes(
    rules: RulesName = "job_changes",
    scope: Scope = "new",
    ids: Ids = (),
    dry_run: DryRun = False,
    approve: Approve = False,
    recheck: Recheck = "each record",
    approval_hours: ApprovalHours = 24,
    connection: Connection = "",
    batch_size: BatchSize = 2500,
) -> dict[str, Any]:
    """Answer changes of job that `sync_job_changes` or the receiver brought into the hub, each once.

    Returns:
        Counts, what each rule did, the plan's id and its bill.
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
