"""Automation: a contact that was created or updated gets the tasks of its playbook, each once.

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

NAME = "create_first_tasks"


@automation(NAME, lambda asked: named("create first tasks", asked))
async def create_first_tasks(
    rules: RulesName = "first_tasks",
    scope: Scope = "new",
    ids: Ids = (),
    dry_run: DryRun = False,
    approve: Approve = False,
    recheck: Recheck = "each record",
    approval_hours: ApprovalHours = 24,
    connection: Connection = "",
    batch_size: BatchSize = 2500,
) -> dict[str, Any]:
    """Give contacts their first tasks: a contact that had a rule's task once, open or done, gets no other.

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
