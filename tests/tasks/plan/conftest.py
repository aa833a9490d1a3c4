"""A hub with mirrored contacts, and records that are planned against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.core.batch import MappedBatch, Reject, Row, Tally, canonical_json
from tasks.core.change import Change, Scope
from tasks.hub import links, plans, reviews
from tasks.hub.engine import Hub
from tasks.hub.plans import Plan
from tasks.hub.reviews import Review
from tasks.hub.spec import FieldRule, PlanSpec
from tasks.hub.tables import MIRRORS
from tasks.hub.tables import rejects as rejects_table
from tasks.load.mirror import mirror_rows
from tasks.plan.planner import Planner
from tasks.plan.references import Named, References
from tasks.streams import HUB_CONTACT, Operation, Policy, operation_of
from tasks.vendors.highlevel.connection import refusals
from tests import operations

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
AS_OF = datetime(2026, 6, 1, tzinfo=UTC)

POLICIES = {
    "firstName": Policy.OVERWRITE,
    "lastName": Policy.NEWEST,
    "name": Policy.NEVER,
    "email": Policy.OVERWRITE,
    "phone": Policy.FILL_EMPTY,
    "companyName": Policy.OVERWRITE,
    "city": Policy.OVERWRITE,
    "country": Policy.OVERWRITE,
    "gender": Policy.OVERWRITE,
    "tags": Policy.ADD,
    "tagsRemoved": Policy.FILL_EMPTY,
    "business": Policy.OVERWRITE,
    "note": Policy.OVERWRITE,
    "task": Policy.OVERWRITE,
    "workflows": Policy.FILL_EMPTY,
    "workflowsLeft": Policy.FILL_EMPTY,
}

SPEC = PlanSpec(
    location_id="loc",
    system="file",
    source="file",
    as_of=AS_OF,
    match=("link", "custom.lead_id", "email", "phone"),
    fields=(
        *(FieldRule(name, policy) for name, policy in POLICIES.items()),
        FieldRule("custom.lead_id", Policy.OVERWRITE, "cfLead"),
    ),
    custom={"lead_id": "cfLead"},
)


@dataclass
class Made:
    """A finished plan and what it holds."""

    plan: Plan
    tally: Tally
    changes: list[Change]

    def of(self, record: str) -> list[Change]:
        return [change for change in self.changes if change.record_id == record]

    def kinds(self) -> list[tuple[str, str]]:
        return [(change.record_id, operation_of(change).name) for change in self.changes]

    def only(self, record: str, kind: Operation) -> Change:
        [change] = self.of(record)
        assert operation_of(change) is kind, change
        return change


class Stage:
    """Where contacts are mirrored and records planned."""

    spec = SPEC
    as_of = AS_OF
    acme = Named("biz1", "Acme Ltd", "acme.example")

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    def with_policy(self, name: str, policy: str) -> PlanSpec:
        rules = [replace(rule, policy=Policy(policy)) if rule.name == name else rule for rule in SPEC.fields]
        return replace(SPEC, fields=tuple(rules))

    def batch(self, records: Sequence[Row], rejects: Sequence[Reject] = ()) -> MappedBatch:
        names = ["id", "asOf", *POLICIES, "custom.lead_id"]
        rows = [dict.fromkeys(names) | record for record in records]
        raws = [canonical_json({"raw": record["id"]}) for record in records]
        return MappedBatch("highlevel.contact", "file.contact", "loc", "m", rows, raws, list(rejects))

    def mirror(self, *contacts: Row, at: datetime = LONG_AGO, location: str = "loc") -> None:
        rows = [dict.fromkeys(HUB_CONTACT.fields) | {"date_updated": at} | contact for contact in contacts]
        stamp = {"location_id": location, "run_id": "mirror", "synced_at": at}
        with self.hub.write() as connection:
            mirror_rows(connection, HUB_CONTACT.name, rows, stamp)

    def delete(self, contact: str) -> None:
        table = MIRRORS[HUB_CONTACT.name]
        with self.hub.write() as connection:
            connection.execute(sa.update(table).where(table.c.id == contact).values(deleted_at=AS_OF))

    def link(self, record: str, target: str, scope: Scope = SPEC.scope) -> None:
        with self.hub.write() as connection:
            links.keep(connection, scope, [(record, target)], made_by="match", plan_id="p")

    def begin(self, spec: PlanSpec = SPEC, *businesses: Named) -> Planner:
        plan = Plan("run", "import_contacts", "loc", "import", "a file", spec.plain())
        with self.hub.write() as connection:
            plans.insert(connection, plan)
        return Planner(self.hub, plan, refusals, {"highlevel.business": References(businesses)})

    def plan(self, *records: Row, spec: PlanSpec = SPEC, businesses: Sequence[Named] = ()) -> Made:
        return self.plan_batches([list(records)], spec=spec, businesses=businesses)

    def plan_batches(
        self, batches: Sequence[list[Row]], *, spec: PlanSpec = SPEC, businesses: Sequence[Named] = ()
    ) -> Made:
        return self.plan_all([self.batch(records) for records in batches], spec=spec, businesses=businesses)

    def plan_all(
        self, batches: Sequence[MappedBatch], *, spec: PlanSpec = SPEC, businesses: Sequence[Named] = ()
    ) -> Made:
        planner = self.begin(spec, *businesses)
        tally = Tally()
        for batch in batches:
            tally.add(planner.plan(batch, "run"))
        plan = planner.finish(tally, None, recheck=True)
        with self.hub.read() as connection:
            made = Made(plan, tally, plans.some(connection, plan.id))
        counts_add_up(made)
        return made

    def reviews(self) -> list[Review]:
        return reviews.waiting(self.hub, 100)[0]

    def rejects(self) -> dict[str, Any]:
        with self.hub.read() as connection:
            query = sa.select(rejects_table.c.id, rejects_table.c.reasons)
            return dict(connection.execute(query).all())


TALLIED = ("read", "mapped", "rejected", "merged", "unchanged")


def counts_add_up(made: Made) -> None:
    """Every record is in exactly one of: planned, unchanged, conflict, rejected, merged."""
    counts, tally = made.plan.counts, made.tally
    assert tally.read == tally.mapped + tally.rejected + tally.merged
    planned = {change.record_id for change in made.changes if operation_of(change).writes}
    conflicts = {change.record_id for change in made.changes if operation_of(change) is operations.CONFLICT}
    unchanged = {change.record_id for change in made.changes if operation_of(change) is operations.UNCHANGED}
    assert planned.isdisjoint(conflicts)
    assert unchanged.isdisjoint(planned | conflicts)
    assert tally.mapped == len(planned) + len(conflicts) + tally.unchanged
    assert len(unchanged) <= tally.unchanged
    assert {name: counts[name] for name in TALLIED} == {name: getattr(tally, name) for name in TALLIED}
    for one in operations.ALL:
        if one is not operations.UNCHANGED:
            assert counts[one.name] == sum(operation_of(change) is one for change in made.changes)


@pytest.fixture
def stage(hub: Hub) -> Stage:
    """A hub to mirror contacts in and to plan against."""
    return Stage(hub)
