"""A plan before a person: shown in the Prefect UI, approved there, and then carried out as it was shown."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Any

from prefect.context import FlowRunContext
from prefect.exceptions import FlowPauseTimeout, Pause
from prefect.flow_runs import apause_flow_run, asuspend_flow_run
from prefect.input import RunInput
from prefect.runtime import deployment
from pydantic import Field

from tasks.core.batch import Tally
from tasks.core.errors import StoppedError
from tasks.core.remedies import by_deployment
from tasks.edge import report
from tasks.edge.connections import settings_for
from tasks.edge.session import kept_plan, open_session
from tasks.hub import ledger, plans, schema
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
from tasks.hub.plans import Plan
from tasks.plan import preview
from tasks.run import applying, planning
from tasks.run.planning import Recheck, Work


class Approval(RunInput):
    """What a person is asked in the Prefect UI."""

    approve: bool = Field(
        default=False,
        description="On: exactly this plan is written to HighLevel. Off: it is declined; nothing is"
        " written, and the plan cannot be applied later.",
    )
    approved_by: str = Field(default="", description="Your name, kept with the plan.")


class SpendingApproval(Approval):
    """What a person is asked in the Prefect UI before credits are spent."""

    approve: bool = Field(
        default=False,
        description="On: what this bill holds may be bought, at most. Off: nothing is bought, and nothing is"
        " written.",
    )
    approved_by: str = Field(default="", description="Your name.")


async def asked_before(connection: str) -> str:
    """Id of the plan about which this flow run asked a person before it was resumed; empty for none."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None or not context.flow_run.run_count:  # its first start
        return ""
    settings, flow_run_id = await settings_for(connection), str(context.flow_run.id)

    def read() -> str:
        with closing(Hub(settings.hub_url)) as hub:
            schema.require_current(hub)
            with hub.read() as opened:
                return ledger.asked_about(opened, flow_run_id)

    return await asyncio.to_thread(read)


async def carry_out(
    work: Work,
    plan: Plan,
    *,
    dry_run: bool,
    approve: bool,
    recheck: Recheck,
    hours: int,
    approved: bool = False,
    about: str = "",
) -> None:
    """Show a plan, wait for a person where one is asked, and apply it; the run's tally tells the end.

    Args:
        hours: How long to wait for a person.
        approved: Whether a person said go before: they are not asked again.
        about: Markdown that the preview shows beside, e.g. how a file's columns were taken.

    Raises:
        StoppedError: It was not approved, or applying it could not go on.
    """
    made = [plan]
    page = await show(work, plan, about)
    tell(work, made)
    if dry_run:
        return
    if approve and not approved and plan.bill.get("writes"):
        await _approved(work, plan, page, hours)
    try:
        made = await applying.apply(work, plan, recheck, follow_up=not approve, waited=approve)
    finally:
        tell(work, made)
    for later in made[1:]:
        await show(work, later)


async def apply_kept(
    automation: str,
    plan: str,
    *,
    connection: str,
    recheck: Recheck,
    hours: int,
    dry_run: bool = False,
    approve: bool = True,
    retry_failed: bool = False,
) -> dict[str, Any]:
    """Carry out a plan that is kept in the hub.

    Args:
        plan: As ``plans.find`` takes it.
        hours: How long to wait for a person.
        retry_failed: Whether what failed before is taken up again.

    Returns:
        Counts, the plan's id and its bill.

    Raises:
        BadConfigurationError: There is no such plan, or nobody may apply it.
        StoppedError: It was not approved, or applying it could not go on.
    """
    plan_id, mapping = await kept_plan(connection, plan)
    asked: dict[str, Any] = {
        "plan": plan_id,
        "dry_run": dry_run,
        "approve": approve,
        "retry_failed": retry_failed,
    }
    async with open_session(automation, connection=connection, mapping=mapping, **asked) as session:
        found = await asyncio.to_thread(plans.find, session.hub, plan_id, session.run.location_id)
        planning.require_ready(found)
        if retry_failed and not dry_run:
            await asyncio.to_thread(plans.retry_failed, session.hub, found.id)
        async with applying.begin(session.lanes[0]) as work:
            await carry_out(work, found, dry_run=dry_run, approve=approve, recheck=recheck, hours=hours)
    return session.run.tally.counts() | session.run.tally.more


async def show(work: Work, plan: Plan, about: str = "") -> str:
    """Leave a plan's preview in the Prefect UI; its page."""
    values = report.told_here().values
    told = "\n\n".join(filter(None, (about, preview.left_out(work.session.run.tally, values=values))))

    def read() -> str:
        with work.session.hub.read() as connection:
            return preview.page(plan, preview.first_changes(connection, plan), told, values=values)

    page = await asyncio.to_thread(read)
    await report.publish_page(
        work.session.run.automation, work.location_id, "plan", page, f"plan {plan.id}: {plan.about}"
    )
    return page


def tell(work: Work, made: Sequence[Plan]) -> None:
    """Put what plans come to and how they ended into the run's tally, beside those of before."""
    plan, session = made[0], work.session
    session.plans[plan.id] = {
        "planned": {kind: number for kind, number in plan.counts.items() if kind not in Tally.COUNTS},
        "plan": plan.id,
        "bill": plan.bill,
        "applied": applying.ended(work, made),
        "follow_ups": [later.id for later in made[1:]],
    }
    session.run.tally.more |= _together(list(session.plans.values()))


def _together(told: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What several plans come to: their counts add up, and the last is called the run's."""
    if len(told) == 1:
        return told[0]
    seconds = [one["bill"].get("seconds") for one in told]
    bill = {name: sum(one["bill"].get(name) or 0 for one in told) for name in told[-1]["bill"]}
    return {
        "planned": _sum(one["planned"] for one in told),
        "plan": told[-1]["plan"],
        "plans": [one["plan"] for one in told],
        "bill": bill | {"seconds": None if None in seconds else sum(seconds)},
        "applied": _sum(one["applied"] for one in told),
        "follow_ups": [later for one in told for later in one["follow_ups"]],
    }


def _sum(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for one in counts:
        found.update(one)  # which keeps those of which there are none
    return dict(found)


async def _approved(work: Work, plan: Plan, page: str, hours: int) -> None:
    """Wait until a person says go.

    A run of a deployment is suspended: its process ends, and when a person resumes the run, it is started
    anew, wherever a worker is, and comes by here again with the same plan. Other runs wait in their process.
    Prefect keeps an answer by the plan's id: none counts for another plan.

    Raises:
        Pause: The run is suspended.
        StoppedError: They said no, or nobody came.
    """
    nothing = "nothing was written" if plan.state == "ready" else "nothing more was written"
    await asyncio.to_thread(work.session.run.ask, work.session.hub, plan.id)
    try:
        answer = await ask(work.session.run, page, key=plan.id, hours=hours)
    except FlowPauseTimeout:
        raise StoppedError(
            f"Nobody approved plan {plan.id} within {hours} hours; {nothing}.",
            remedy=f"It is kept; {by_deployment('apply_plan', f'plans apply {plan.id}', plan=plan.id)}",
        ) from None
    if not answer.approve:
        _note(work, plan, state="declined", approved_by=None)
        raise StoppedError(f"Plan {plan.id} was declined; {nothing}.")
    _note(work, plan, state=plan.state, approved_by=answer.approved_by or "somebody in the Prefect UI")


async def ask(run: Run, page: str, *, key: str, hours: int, form: type[Approval] = Approval) -> Approval:
    """Show a page to a person, and wait for the answer.

    Args:
        page: Markdown.
        key: Prefect keeps the answer by it: none counts for another.
        form: What they are asked.

    Raises:
        Pause: The run is suspended.
        FlowPauseTimeout: Nobody came.
    """
    asking = form.with_initial_data(description=page)
    try:
        if deployment.id:
            return await asuspend_flow_run(asking, timeout=hours * 3600, key=key)
        return await apause_flow_run(asking, timeout=hours * 3600, poll_interval=2, key=key)
    except Pause:
        run.waits = True
        raise


def _note(work: Work, plan: Plan, *, state: str, approved_by: str | None) -> None:
    plan.state, plan.approved_by = state, approved_by
    with work.session.hub.write() as connection:
        plans.update(connection, plan.id, state=state, approved_by=approved_by)
