"""A plan before a person: shown in the Prefect UI, approved there, and then carried out as it was shown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from prefect.exceptions import FlowPauseTimeout
from prefect.flow_runs import apause_flow_run
from prefect.input import RunInput

from tasks.core.errors import StoppedError
from tasks.core.remedies import by_deployment
from tasks.edge import report
from tasks.hub import plans
from tasks.hub.plans import Plan
from tasks.plan import preview
from tasks.run import applying
from tasks.run.planning import Recheck, Work


class Approval(RunInput):
    """What a person is asked in the Prefect UI."""

    approve: bool = True
    approved_by: str = ""


async def carry_out(
    work: Work,
    plan: Plan,
    *,
    dry_run: bool,
    approve: bool,
    recheck: Recheck,
    hours: int,
    about: str = "",
) -> None:
    """Show a plan, wait for a person where one is asked, and apply it; the run's tally tells the end.

    Args:
        hours: How long to wait for a person.
        about: Markdown that the preview shows beside, e.g. how a file's columns were taken.

    Raises:
        StoppedError: It was not approved, or applying it could not go on.
    """
    made = [plan]
    page = await show(work, plan, about)
    tell(work, made)
    if dry_run:
        return
    if approve and plan.bill.get("writes"):
        await _approved(work, plan, page, hours)
    try:
        made = await applying.apply(work, plan, recheck, follow_up=not approve, waited=approve)
    finally:
        tell(work, made)
    for later in made[1:]:
        await show(work, later)


async def show(work: Work, plan: Plan, about: str = "") -> str:
    """Leave a plan's preview in the Prefect UI; its page."""

    def read() -> str:
        with work.session.hub.read() as connection:
            return preview.page(plan, preview.first_changes(connection, plan), about)

    page = await asyncio.to_thread(read)
    await report.publish_page(
        work.session.run.automation, work.location_id, "plan", page, f"plan {plan.id}: {plan.about}"
    )
    return page


def tell(work: Work, made: Sequence[Plan]) -> None:
    """Put what plans come to and how they ended into the run's tally."""
    plan = made[0]
    told = {
        kind: number for kind, number in plan.counts.items() if kind not in work.session.run.tally.counts()
    }
    work.session.run.tally.more |= {
        **told,
        "plan": plan.id,
        "bill": plan.bill,
        "applied": applying.ended(work, made),
        "follow_ups": [later.id for later in made[1:]],
    }


async def _approved(work: Work, plan: Plan, page: str, hours: int) -> None:
    """Wait until a person says go.

    Raises:
        StoppedError: They said no, or nobody came.
    """
    asking = Approval.with_initial_data(description=page, approve=True)
    nothing = "nothing was written" if plan.state == "ready" else "nothing more was written"
    try:
        answer = await apause_flow_run(wait_for_input=asking, timeout=hours * 3600, poll_interval=2)
    except FlowPauseTimeout:
        raise StoppedError(
            f"Nobody approved plan {plan.id} within {hours} hours; {nothing}.",
            remedy=f"It is kept; {by_deployment('apply_plan', f'plan apply {plan.id}', plan=plan.id)}",
        ) from None
    if not answer.approve:
        _note(work, plan, state="declined", approved_by=None)
        raise StoppedError(f"Plan {plan.id} was declined; {nothing}.")
    _note(work, plan, state=plan.state, approved_by=answer.approved_by or "somebody in the Prefect UI")


def _note(work: Work, plan: Plan, *, state: str, approved_by: str | None) -> None:
    plan.state, plan.approved_by = state, approved_by
    with work.session.hub.write() as connection:
        plans.update(connection, plan.id, state=state, approved_by=approved_by)
