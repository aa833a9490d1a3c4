"""Rejects while a plan is carried out: what passes is none any more, what the vendor refuses becomes one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from tasks.core.batch import Reason, Reject, Tally
from tasks.core.change import Change
from tasks.hub import plans, rejects
from tasks.hub.ledger import Run
from tasks.hub.plans import Plan
from tasks.hub.spec import PlanSpec
from tasks.streams import SOURCES

RULE = "highlevel"
"""The rule of a reject that the vendor refused; its writers give the same to what they refuse beforehand."""


def take_off(connection: sa.Connection, plan: Plan, spec: PlanSpec, record_ids: Sequence[str]) -> None:
    """Take records off the list that passed, and of which the vendor refused nothing else."""
    source = {"location_id": spec.location_id, "stream": spec.records}
    records = {filed: id_ for id_ in record_ids for filed in rejects.filed_as(id_)}
    if listed := rejects.among_them(connection, source, list(records)):
        ids = [records[filed] for filed in listed]
        refused, raws = plans.failed(connection, plan.id, ids), plans.raws(connection, plan.id, ids)
        passed = {filed: raws.get(records[filed], "") for filed in listed if records[filed] not in refused}
        rejects.resolve(connection, source, list(passed), run_id=plan.run_id, raws=passed)


def file(connection: sa.Connection, run: Run, plan: Plan, spec: PlanSpec, failed: Sequence[Change]) -> Tally:
    """Put records on the list of which the vendor refused a change, each with the source's record.

    Returns:
        What that changes in the counts of the run that read them: they were taken for mapped.
    """
    raws = plans.raws(connection, plan.id, [change.record_id for change in failed]) if failed else {}
    found: dict[str, Reject] = {}
    for change in failed:
        if (raw := raws.get(change.record_id)) is not None:
            reject = found.setdefault(change.record_id, Reject(change.record_id, [], raw))
            reject.reasons.append(
                Reason(RULE, _field(change), change.error or "refused", "HighLevel refused it")
            )
    if not found:
        return Tally()
    source = {"location_id": spec.location_id, "stream": spec.records}
    new = found.keys() - rejects.among_them(connection, source, list(found))
    stamp = {"run_id": run.id, "synced_at": datetime.now(UTC), "as_of": spec.as_of}
    mapping = spec.mapping or SOURCES[spec.records].mapping
    rejects.replace(connection, source | stamp, list(found.values()), mapping)
    tally = Tally(rejected=len(new), mapped=-len(new)) if run.id == plan.run_id else Tally()
    for reject in found.values():
        tally.reasons.update({reason.kind for reason in reject.reasons})
    return tally


def _field(change: Change) -> str:
    """The field that the vendor complains of; empty where it names none of those that it was sent."""
    words = set(re.findall(r"\w+", change.error or ""))
    return next((one.field for one in change.fields if one.field in words), "")
