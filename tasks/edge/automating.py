"""What every automation with rules does: judge, plan, show, wait for a person where one is asked, and apply.

Nothing is written that a plan does not hold, and the plan stays: to look at, to go on with, to undo.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tasks.core.settings import APP_URL
from tasks.edge import approval, notifying, report
from tasks.edge.names import Names
from tasks.edge.session import open_session
from tasks.hub.plans import Plan
from tasks.mapping.checks.checks import Checker
from tasks.mapping.language import MAPPINGS, find_mapping, load_mapping
from tasks.mapping.rules.compile import Rules, compile_rules
from tasks.mapping.rules.language import load_rules
from tasks.mapping.rules.moments import At
from tasks.mapping.transform.compile import compile_mapping
from tasks.plan.closing import keep_nothing
from tasks.run import applying, planning
from tasks.run.automating import Automating
from tasks.run.companies import Companies
from tasks.run.pipeline import Lane, Session
from tasks.run.planning import Recheck
from tasks.run.rule_rows import known_targets
from tasks.streams import HIGHLEVEL_BUSINESS, RULES, mirror_of

Scope = Literal["new", "all"]
"""What an automation works on: what changed since it ran last, or every record."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run was asked to do; the flows' parameters say more.

    Args:
        rules: Name of a rules file in ``mappings/``, or a file.
        ids: Of single records, instead of a scope.
    """

    rules: str
    scope: Scope
    ids: Sequence[str]
    dry_run: bool
    approve: bool
    recheck: Recheck
    approval_hours: int
    connection: str
    batch_size: int

    def plain(self) -> dict[str, Any]:
        """For the ledger."""
        return {name: getattr(self, name) for name in ("scope", "ids", "dry_run", "approve")}


async def run_rules(automation: str, asked: Asked) -> dict[str, Any]:
    """Let a rules file do what it says, and report.

    Returns:
        Counts, what each rule did, the plans' ids and their bills.

    Raises:
        BadConfigurationError: The file, a name in it or a setting is wrong; nothing was written.
        StoppedError: The run began and could not go on.
    """
    rules = read_rules(asked.rules)
    told: dict[str, Any] = {}
    if kept := await approval.asked_before(asked.connection):
        told = await approval.apply_kept(
            automation,
            kept,
            connection=asked.connection,
            recheck=asked.recheck,
            hours=asked.approval_hours,
        )
        if len(known_targets(rules)) == 1:
            return told
    opening = open_session(
        automation,
        connection=asked.connection,
        mapping=[rules.mapping(target) for target in known_targets(rules)],
        may_stop=False,
        exclusive="",
        rules=rules.name,
        **asked.plain(),
    )
    async with opening as session:
        await _carry_out(session, rules, asked)
    return session.run.tally.counts() | session.run.tally.more


def read_rules(name: str) -> Rules:
    """A rules file, understood.

    Raises:
        BadMappingError: It is not there, or does not say what it means.
    """
    return compile_rules(load_rules(find_mapping(name, MAPPINGS, what="rules file")))


async def _carry_out(session: Session, rules: Rules, asked: Asked) -> None:
    names = await Names.of(session.connection, rules)
    names.check(rules)
    companies = Companies(session.hub, session.run.location_id, rules)
    contexts = names.contexts(rules, session.run.location_id, companies.enrich)
    at = names.at(rules, session.connection.now())
    working = Automating(session, rules, contexts, at, names.resolved)
    if not asked.dry_run:
        for plan in await asyncio.to_thread(working.left_open):
            await _go_on(session, plan, asked)
    await working.freshen()
    await companies.load()
    await working.judge(asked.scope, asked.ids)
    targets = working.targets if working.judged.firings else []
    try:
        if rules.tells:
            await asyncio.to_thread(working.make_notices, _contact_page(session))
        for target in targets:
            await _one_target(session, working, companies, target, asked)
        if rules.tells:
            await _tell(working, at, asked, remembered=bool(targets))
        elif not targets and not asked.dry_run:
            await asyncio.to_thread(working.remember_alone)
    finally:
        session.run.tally.more |= working.tell()


async def _tell(working: Automating, at: At, asked: Asked, *, remembered: bool) -> None:
    """Show the notices, have them approved where a person is asked and no plan was, and send them."""
    page = await notifying.show(working) if working.notices else ""
    if asked.dry_run:
        return
    if not remembered:
        if asked.approve and working.notices:
            await notifying.ask(working, page, asked.approval_hours)
        await asyncio.to_thread(working.remember_alone)
    await notifying.send(working, at)


def _contact_page(session: Session) -> str:
    """Address of a contact's page in HighLevel, with ``{}`` for its id."""
    settings = report.told_here().settings
    app = settings.highlevel_app_url if settings is not None else APP_URL
    return f"{app.rstrip('/')}/v2/location/{session.run.location_id}/contacts/detail/{{}}"


async def _one_target(
    session: Session, working: Automating, companies: Companies, target: str, asked: Asked
) -> None:
    """Plan what the rules want of one kind of record, and carry it out."""
    await companies.find_businesses()
    source = working.source(target)
    async with applying.begin(_lane(session, target)) as work:
        plan = await planning.make(
            work,
            source,
            system=RULES,
            as_of=session.connection.now(),
            about=working.about,
            size=asked.batch_size,
            recheck=asked.recheck,
            suggests=target == HIGHLEVEL_BUSINESS.name,
            told=source.told,
            keeping=keep_nothing if asked.dry_run else working.remember,
            files_rejects=not asked.dry_run,
        )
        await approval.carry_out(
            work,
            plan,
            dry_run=asked.dry_run,
            approve=asked.approve,
            recheck=asked.recheck,
            hours=asked.approval_hours,
        )


async def _go_on(session: Session, plan: Plan, asked: Asked) -> None:
    """Carry out what an earlier run planned and did not come to; the rules may be other ones by now."""
    async with applying.begin(await asyncio.to_thread(_lane_of, session, plan)) as work:
        await approval.carry_out(
            work,
            plan,
            dry_run=False,
            approve=asked.approve,
            approved=plan.approved_by is not None,
            recheck=asked.recheck,
            hours=asked.approval_hours,
        )


def _lane(session: Session, target: str) -> Lane:
    return next(lane for lane in session.lanes if lane.target == target)


def _lane_of(session: Session, plan: Plan) -> Lane:
    """The lane of a plan; where the rules write no such records any more, one by the mirror's mapping."""
    for lane in session.lanes:
        if lane.target == plan.target:
            return lane
    mapping = load_mapping(find_mapping(mirror_of(plan.target)[1].mapping, MAPPINGS))
    return session.open_lane(compile_mapping(mapping), Checker(mapping))
