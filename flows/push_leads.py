"""Automation: a new lead in Lusha creates or updates the contact in HighLevel; what is known is not bought.

Nothing is bought that the bill does not hold, nothing is written that the plan does not hold.
"""

from __future__ import annotations

from typing import Any

from flows.parameters import (
    ApprovalHours,
    Approve,
    ApproveSpending,
    BatchSize,
    Businesses,
    Columns,
    Connection,
    Delimiter,
    DryRun,
    Encoding,
    LeadFile,
    LeadSearchName,
    LeadSource,
    LeadTable,
    MakeField,
    MappingName,
    MaxCredits,
    Recheck,
    Reveal,
    Sheet,
)
from flows.run_names import named
from tasks.edge.ending import automation
from tasks.edge.lead_sources import Source
from tasks.edge.leads import Asked, run_leads

NAME = "push_leads"


@automation(NAME, lambda asked: named("push leads", asked))
async def push_leads(
    file: LeadFile = "",
    source: LeadSource = "",
    table: LeadTable = "HighLevel",
    search: LeadSearchName = "lead_search",
    reveal: Reveal = ("emails", "phones"),
    max_credits: MaxCredits = None,
    dry_run: DryRun = False,
    approve_spending: ApproveSpending = False,
    approve: Approve = False,
    mapping: MappingName = "lusha_lead_to_contact",
    businesses: Businesses = True,
    make_field: MakeField = False,
    columns: Columns = {},  # noqa: B006 - the form shows it; nobody changes it
    sheet: Sheet = "",
    encoding: Encoding = "",
    delimiter: Delimiter = "",
    recheck: Recheck = "each record",
    approval_hours: ApprovalHours = 24,
    connection: Connection = "",
    batch_size: BatchSize = 2500,
) -> dict[str, Any]:
    """Bring leads into HighLevel: what a contact lacks is bought, once, and nothing that it has.

    Returns:
        Counts, what was spent, the plans' ids and their bills.
    """
    how = {"columns": columns, "sheet": sheet, "encoding": encoding, "delimiter": delimiter}
    leads = Source(file=file, source=source, table=table, search=search, how=how)
    asked = Asked(
        source=leads.named,
        mapping=mapping,
        reveal=reveal,
        max_credits=max_credits,
        businesses=businesses,
        make_field=make_field,
        dry_run=dry_run,
        approve_spending=approve_spending,
        approve=approve,
        recheck=recheck,
        approval_hours=approval_hours,
        connection=connection,
        batch_size=batch_size,
    )
    return await run_leads(NAME, asked, leads.open)
