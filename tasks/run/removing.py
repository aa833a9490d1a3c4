"""From what HighLevel still has of values whose owners opted out to a plan that removes it.

What no operation can remove (a further address, a custom field, a text that quotes it) stands in the plan as
kept: it is for a person.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from tasks.core.batch import Row, Tally
from tasks.core.change import Change, FieldChange, Verb
from tasks.core.words import counted
from tasks.hub import opt_outs, plans, still_there
from tasks.hub.budget import announced
from tasks.hub.plans import Plan
from tasks.hub.spec import FieldRule, PlanSpec
from tasks.hub.still_there import Standing
from tasks.hub.suppressions import mark
from tasks.hub.tables import MIRRORS
from tasks.hub.upsert import among
from tasks.plan.closing import finish
from tasks.run.planning import Work
from tasks.streams import STREAMS, Policy, Written, target_of

SYSTEM = "opt_out"
"""The kind of system whose word it is that a value goes."""

BY_HAND = "HighLevel's API cannot remove it: do it there by hand"
OPTED_OUT = "its owner opted out"


async def make(work: Work) -> Plan | None:
    """Plan to remove from HighLevel what it still has; None where that is nothing.

    Args:
        work: Of the stream that is written, its mirror up to date.
    """
    return await asyncio.to_thread(_make, work)


def close(work: Work) -> dict[str, Any]:
    """Close the receipts of which nothing is left; how many are open, and what is left for a person."""
    with work.session.hub.write() as connection:
        still_open = opt_outs.finish(connection, datetime.now(UTC))
        left = still_there.read(connection, work.location_id)
    return {"opt_outs_open": still_open, "still_there": Counter(f"{one.stream}.{one.field}" for one in left)}


def _make(work: Work) -> Plan | None:
    hub, run = work.session.hub, work.session.run
    mirror, target = work.lane.target, _target(work.lane.target)
    with hub.read() as connection:
        standing = [one for one in still_there.read(connection, run.location_id) if one.stream == mirror]
        if not standing:
            return None
        rows = _rows(connection, run.location_id, mirror, standing)
    fields = _clearable(target)
    now = work.session.connection.now()
    spec = PlanSpec(
        run.location_id,
        SYSTEM,
        SYSTEM,
        now,
        (),
        tuple(FieldRule(name, Policy.OVERWRITE, target=target) for name in fields.values()),
        {},
        now=now,
        target=target,
    )
    changes = list(_changes(spec, fields, standing, rows))
    about = f"removing {counted(len(standing), 'value')} whose owners opted out"
    plan = Plan(run.id, run.automation, run.location_id, plans.OPT_OUT, about, spec.plain())
    with hub.write() as connection:
        plans.insert(connection, plan)
        plans.add(connection, plan.id, 0, changes)
        opt_outs.note_plan(connection, plan.id, {one.hash for one in standing})
    left = sum(change.verb is Verb.UNCHANGED for change in changes)
    tally = Tally(read=len(rows), mapped=len(rows), unchanged=left)
    run.tally.add(tally)
    return finish(hub, plan, tally, announced(hub, work.session.connection.account), recheck=True)


def _target(mirror: str) -> str:
    """What is written where a mirror's records are to change."""
    return next(
        one.name for one in STREAMS.values() if one.target is not None and one.target.mirror == mirror
    )


def _rows(
    connection: sa.Connection, location_id: str, mirror: str, standing: Sequence[Standing]
) -> dict[str, Row]:
    table = MIRRORS[mirror]
    ids = sorted({one.id for one in standing})
    mine = (table.c.location_id == location_id, among(connection, table.c.id, ids))
    query = sa.select(table).where(*mine, table.c.deleted_at.is_(None)).order_by(table.c.id)
    return {row["id"]: dict(row) for row in connection.execute(query).mappings()}


def _clearable(target: str) -> dict[str, str]:
    """By the mirror's column, the fields of which HighLevel takes null."""
    composed = target_of(target).composed
    return {
        field.mirror: name
        for name, field in STREAMS[target].fields.items()
        if field.clearable and field.written is Written.ALWAYS and field.mirror and name not in composed
    }


def _changes(
    spec: PlanSpec, fields: Mapping[str, str], standing: Sequence[Standing], rows: Mapping[str, Row]
) -> Iterator[Change]:
    """What is to become of each record that still has one."""
    by_record: dict[str, list[Standing]] = defaultdict(list)
    for one in standing:
        by_record[one.id].append(one)
    for id_, row in rows.items():
        gone, kept = [], []
        for one in by_record[id_]:
            told = mark(one.hash)
            if one.field in fields and row[one.field] is None:  # it was the whole value
                gone.append(FieldChange(fields[one.field], told, None, OPTED_OUT))
            else:
                kept.append(FieldChange(one.field, told, None, BY_HAND))
        verb = Verb.UPDATE if gone else Verb.UNCHANGED
        label = spec.label_of_mirrored(row)
        yield Change(
            spec.target, verb, id_, target_id=id_, label=label, fields=gone, kept=kept, why=OPTED_OUT
        )
