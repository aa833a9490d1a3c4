"""Automation: contacts that lack an e-mail address or a phone number get Lusha's, the newest first.

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
    Connection,
    DryRun,
    Ids,
    MakeField,
    MappingName,
    MaxContacts,
    MaxCredits,
    Recheck,
    Reveal,
)
from flows.run_names import named
from tasks.edge.ending import automation
from tasks.edge.lead_sources import gaps
from tasks.edge.leads import Asked, run_leads

NAME = "enrich_contacts"


@automation(NAME, lambda asked: named("enrich contacts", asked))
async def enrich_contacts(
    max_credits: MaxCredits = 100,
    max_contacts: MaxContacts = 1000,
    reveal: Reveal = ("emails", "phones"),
    ids: Ids = (),
    dry_run: DryRun = False,
    approve_spending: ApproveSpending = False,
    approve: Approve = False,
    mapping: MappingName = "lusha_lead_to_contact",
    businesses: Businesses = False,
    make_field: MakeField = False,
    recheck: Recheck = "each record",
    approval_hours: ApprovalHours = 24,
    connection: Connection = "",
    batch_size: BatchSize = 2500,
) -> dict[str, Any]:
    """Fill what contacts lack, under a cap; what they have stays as it is.

    Returns:
        Counts, what was spent, the plan's id and its bill.
    """
    asked = Asked(
        source="contacts with gaps",
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
    return await run_leads(NAME, asked, gaps(ids, max_contacts))
