"""Automation: contacts are grouped by company and linked with its business, which is made if there is none.

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

NAME = "link_businesses"


@automation(NAME, lambda asked: named("link businesses", asked))
async def link_businesses(
    rules: RulesName = "businesses",
    scope: Scope = "new",
    ids: Ids = (),
    dry_run: DryRun = False,
    approve: Approve = False,
    recheck: Recheck = "each record",
    approval_hours: ApprovalHours = 24,
    connection: Connection = "",
    batch_size: BatchSize = 2500,
) -> dict[str, Any]:
    """Link contacts with the business of their company; what is in doubt is left for review.

    Returns:
        Counts, what each rule did, the plans' ids and their bills.
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
