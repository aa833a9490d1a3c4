"""What both automations with leads do: find, price, show, buy, plan, show, apply; each step remembered.

    leads → which contact? → bill of credits → (approval) → search, reveal → plan → bill of requests →
    (approval) → apply → out of the source

Nothing is bought that the bill does not hold, nothing is written that a plan does not hold.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from prefect.exceptions import FlowPauseTimeout

from tasks.core.batch import canonical_json, fingerprint
from tasks.core.errors import StoppedError
from tasks.core.settings import Settings
from tasks.edge import approval, report
from tasks.edge import credits as credit_page
from tasks.edge.connections import settings_for
from tasks.edge.connectors import leads_connected
from tasks.edge.lead_bill import Bill
from tasks.edge.lead_page import page_of
from tasks.edge.session import open_session
from tasks.hub.credits import Caps
from tasks.mapping.checks.checks import Checker
from tasks.mapping.language import MAPPINGS, find_mapping, load_mapping
from tasks.mapping.language import Mapping as MappingFile
from tasks.mapping.transform.compile import compile_mapping
from tasks.run import applying, lead_rows, planning
from tasks.run.lead_fields import prepared
from tasks.run.lead_links import link_contacts
from tasks.run.lead_rows import RecordSource
from tasks.run.lead_sources import LeadSource
from tasks.run.leads import LeadRun
from tasks.run.pipeline import Lane, Session
from tasks.run.planning import Recheck
from tasks.run.refresh import mirror_lane, refresh
from tasks.run.spending import Spender
from tasks.streams import HIGHLEVEL_BUSINESS, HIGHLEVEL_CONTACT, HUB_LEAD
from tasks.streams.lead import LUSHA
from tasks.vendors.leads import Datapoint

LEAD_MAPPING = "lusha_lead"
COMPANY_MAPPING = "lusha_company_to_business"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run was asked to do; the flows' parameters say more.

    Args:
        source: Of the leads, for the ledger.
        mapping: From a lead to a contact.
        reveal: What is bought where a contact lacks it: ``emails``, ``phones``.
        businesses: Whether the companies of people are linked, and made where there are none.
        make_field: Whether the custom field that holds the vendor's id is made where there is none.
    """

    source: str
    mapping: str
    reveal: Sequence[str]
    max_credits: float | None
    businesses: bool
    make_field: bool
    dry_run: bool
    approve_spending: bool
    approve: bool
    recheck: Recheck
    approval_hours: int
    connection: str
    batch_size: int

    def plain(self) -> dict[str, Any]:
        """For the ledger."""
        names = ("source", "max_credits", "dry_run", "approve_spending", "approve")
        told = {name: getattr(self, name) for name in names}
        return told | {"reveal": list(self.reveal), "contacts_by": self.mapping}


OpenSource = Callable[[LeadRun, Settings], Awaitable[LeadSource]]
"""Opens the source of a run's leads; free."""


async def run_leads(automation: str, asked: Asked, open_source: OpenSource) -> dict[str, Any]:
    """Bring leads into HighLevel, and report.

    Returns:
        Counts, what was spent, the plans' ids and their bills.

    Raises:
        BadConfigurationError: A setting, the source or a mapping is wrong; nothing was spent or written.
        StoppedError: The run began and could not go on; what was bought is kept.
    """
    if kept := await approval.asked_before(asked.connection):  # a plan: what is left to do is found anew
        await approval.apply_kept(
            automation,
            kept,
            connection=asked.connection,
            recheck=asked.recheck,
            hours=asked.approval_hours,
        )
    settings = await settings_for(asked.connection)
    opening = open_session(
        automation,
        connection=asked.connection,
        mapping=[LEAD_MAPPING, COMPANY_MAPPING],
        may_stop=False,
        exclusive="",
        **asked.plain(),
    )
    async with opening as session, leads_connected(settings, session.hub) as leads:
        lane = _lane(session, HUB_LEAD.name)
        usage = await leads.usage()
        caps = Caps.of(settings, asked.max_credits)
        spender = Spender(lane, leads, caps, usage.prices)
        again_after = timedelta(days=settings.lusha_ask_again_days)
        run = LeadRun(lane, spender, [Datapoint(one) for one in asked.reveal], again_after)
        working = _Working(session, asked, run, await open_source(run, settings), usage.remaining)
        try:
            await working.carry_out()
        finally:
            session.run.tally.more |= working.tell()
            await credit_page.publish(session.hub, session.run, usage)
    if (stopped := spender.spent.error) is not None:  # what was bought before is kept and written
        raise stopped
    return session.run.tally.counts() | session.run.tally.more


class _Working:
    """One run.

    Args:
        balance: Credits that the account has; None where its plan counts none.
    """

    def __init__(
        self, session: Session, asked: Asked, run: LeadRun, source: LeadSource, balance: float | None
    ) -> None:
        self._session = session
        self._asked = asked
        self._spender = run.spender
        self._source = source
        self._run = run
        self._balance = balance
        self._bill = Bill()
        self._removed = 0

    async def carry_out(self) -> None:
        """All of it."""
        session, asked = self._session, self._asked
        await self._freshen()
        if not asked.dry_run:
            await self._spender.settle()
        await self._run.add(await self._source.known())
        self._bill = await self._bill_now()
        mapping = load_mapping(find_mapping(asked.mapping, MAPPINGS))
        _, about = await prepared(session, mapping, wanted=asked.make_field, may_make=False)
        values = report.told_here().values
        page = page_of(self._run, self._source.about, self._bill, about, values=values)
        await report.publish_page(
            session.run.automation, session.run.location_id, "credits to spend", page, "what it costs"
        )
        if not asked.dry_run and self._bill.asks:
            if asked.approve_spending and self._bill.total:
                await self._ask(page)
            await self._run.add(await self._source.fetch())
            await self._run.search()
            await self._run.reveal()
        may_make = not asked.dry_run
        mapping, _ = await prepared(session, mapping, wanted=asked.make_field, may_make=may_make)
        await self._write(mapping)
        if not asked.dry_run:
            done = await asyncio.to_thread(link_contacts, self._run)
            self._removed = await self._source.finish(done)

    async def _bill_now(self) -> Bill:
        cost = self._run.cost(await self._source.unread())
        return Bill.of(
            cost,
            fetching=await self._source.cost(),
            free=len(self._run.leads) - len(self._run.buying),
            room=await self._spender.room(),
            balance=self._balance,
        )

    async def _freshen(self) -> None:
        """Bring the mirrors up to date that tell what HighLevel has."""
        streams = [HIGHLEVEL_BUSINESS.name, HIGHLEVEL_CONTACT.name]
        for stream in streams if self._asked.businesses else streams[1:]:
            async with mirror_lane(self._session, stream) as lane:
                await refresh(lane)

    async def _write(self, mapping: MappingFile) -> None:
        session, location_id = self._session, self._session.run.location_id
        leads = self._run.to_write
        expected = {one.reference for one in self._run.buying} if self._asked.dry_run else set()
        found: dict[str, str] = {}
        if self._asked.businesses:
            companies = lead_rows.companies(leads, location_id, expected)
            if companies.total:
                await self._plan(_lane(session, HIGHLEVEL_BUSINESS.name), companies, suggests=True)
            found = await asyncio.to_thread(lead_rows.businesses, session.hub, location_id, leads)
        people = lead_rows.people(leads, location_id, found, self._source.rejects, expected)
        if people.total:
            lane = session.open_lane(compile_mapping(mapping), Checker(mapping))
            await self._plan(lane, people)

    async def _plan(self, lane: Lane, source: RecordSource, *, suggests: bool = False) -> None:
        asked = self._asked
        async with applying.begin(lane) as work:
            plan = await planning.make(
                work,
                source,
                system=LUSHA,
                as_of=self._session.connection.now(),
                about=self._about,
                size=asked.batch_size,
                recheck=asked.recheck,
                hand_edits="keep",
                told=source.told,
                suggests=suggests,
                files_rejects=not asked.dry_run,
            )
            if asked.dry_run and self._bill.asks:
                await asyncio.to_thread(planning.only_shown, work, plan)
            await approval.carry_out(
                work,
                plan,
                dry_run=asked.dry_run,
                approve=asked.approve,
                recheck=asked.recheck,
                hours=asked.approval_hours,
            )

    @property
    def _about(self) -> str:
        before = self._asked.dry_run and self._bill.asks
        return f"{self._source.about}, before anything is bought" if before else self._source.about

    async def _ask(self, page: str) -> None:
        """Wait until a person says that exactly this may be spent.

        Raises:
            Pause: The run is suspended.
            StoppedError: They said no, or nobody came; nothing was spent.
        """
        wanted = {id_: sorted(costs) for id_, costs in self._run.to_reveal().items()}
        searched = sorted(one.reference for one in self._run.to_search)
        key = fingerprint(canonical_json([wanted, searched, self._bill.total]))
        hours = self._asked.approval_hours
        try:
            answer = await approval.ask(
                self._session.run, page, key=key, hours=hours, form=approval.SpendingApproval
            )
        except FlowPauseTimeout:
            raise StoppedError(f"Nobody approved the bill within {hours} hours; nothing was spent.") from None
        if not answer.approve:
            raise StoppedError("The bill was declined; nothing was spent.")

    def tell(self) -> dict[str, Any]:
        """What the run's tally tells of it."""
        spent = self._spender.spent
        told = {
            "bill": self._bill.plain(),
            "would_cost": self._bill.total,
            "spent": spent.total,
            "by_action": spent.by_action,
            "stopped": spent.stopped,
            "left": {"leads": len(self._run.buying), "credits": self._run.cost().total},
        }
        return {"credits": told, "leads": self._run.counts() | {"removed from the source": self._removed}}


def _lane(session: Session, target: str) -> Lane:
    return next(lane for lane in session.lanes if lane.target == target)
