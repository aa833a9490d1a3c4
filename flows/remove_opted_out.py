"""Automation: values whose owners opted out are removed from HighLevel, through a plan.

The hub has none of them any more (``lusha-connect opt-outs``); this takes away what HighLevel still has.
"""

from __future__ import annotations

import asyncio
from typing import Any

from flows.parameters import ApprovalHours, Approve, Connection, DryRun
from flows.run_names import named
from tasks.edge import approval
from tasks.edge.ending import automation
from tasks.edge.session import open_session
from tasks.run import applying, removing
from tasks.streams import HUB_CONTACT, mirror_of

NAME = "remove_opted_out"


@automation(NAME, lambda asked: named("remove opted out", asked))
async def remove_opted_out(
    dry_run: DryRun = False,
    approve: Approve = False,
    approval_hours: ApprovalHours = 24,
    connection: Connection = "",
) -> dict[str, Any]:
    """Remove from HighLevel's contacts the e-mail addresses and phone numbers whose owners opted out.

    Returns:
        Counts, the plan's id and its bill; how many opt-outs are still open, and what HighLevel's API cannot
        remove, which is for a person.
    """
    if plan_id := await approval.asked_before(connection):
        return await approval.apply_kept(
            NAME, plan_id, connection=connection, recheck="each record", hours=approval_hours
        )
    mapping = mirror_of(HUB_CONTACT.name)[1].mapping
    async with (
        open_session(NAME, connection=connection, mapping=mapping, dry_run=dry_run) as session,
        applying.begin(session.lanes[0]) as work,
    ):
        plan = await removing.make(work)
        if plan is not None:
            await approval.carry_out(
                work, plan, dry_run=dry_run, approve=approve, recheck="each record", hours=approval_hours
            )
        session.run.tally.more |= await asyncio.to_thread(removing.close, work)
    return session.run.tally.counts() | session.run.tally.more
