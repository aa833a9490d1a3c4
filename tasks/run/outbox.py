"""Sending what waits in the outbox: planned like a file, applied at once, and told row by row."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from tasks.core.change import State, Verb
from tasks.extract.outbox import OutboxSource
from tasks.hub import outbox, plans
from tasks.hub.plans import Plan
from tasks.hub.tables import OUTBOXES, rejects
from tasks.run import applying, planning
from tasks.run.pipeline import Lane, Session
from tasks.run.planning import Work

MAPPINGS = ("file_to_note", "file_to_crm_task", "file_to_appointment")
"""What maps the rows of the outboxes."""

SYSTEM = "outbox"
"""Under which name the links of its rows are kept."""


async def send(session: Session, *, size: int) -> None:
    """Bring what waits into HighLevel; the run's tally tells what became of it, by kind of record."""
    for lane in session.lanes:
        if lane.target in OUTBOXES:
            source = await asyncio.to_thread(_source, lane)
            if source.total:
                await _send(lane, source, size)


def _source(lane: Lane) -> OutboxSource:
    session = lane.session
    return OutboxSource(session.hub, lane.mapping.source, lane.target, session.run.location_id)


async def _send(lane: Lane, source: OutboxSource, size: int) -> None:
    async with applying.begin(lane) as work:
        plan = await planning.make(
            work,
            source,
            system=SYSTEM,
            as_of=work.session.connection.theirs(source.as_of),
            about="the outbox",
            size=size,
            recheck="each record",
        )
        made = await applying.apply(work, plan, "each record", follow_up=True)
        await asyncio.to_thread(_note, work, source, made)
        told = lane.session.run.tally.more.setdefault(SYSTEM, {})
        for ended, number in applying.ended(work, made).items():
            told[ended] = told.get(ended, 0) + number


def _note(work: Work, source: OutboxSource, made: Sequence[Plan]) -> None:
    """Tell each row what became of it: one that a person must mend or decide about goes on waiting."""
    session, target = work.session, work.lane.target
    errors: dict[str, str] = {}
    with session.hub.write() as connection:
        waits = _rejected(connection, work)
        for plan in made:
            for change in plans.some(connection, plan.id):
                if change.verb is Verb.CONFLICT:
                    waits[change.record_id] = f"for review: {change.why}"
                elif change.error and change.state is not State.STALE:
                    errors[change.record_id] = change.error
        done = {id_: row for id_, row in source.read_as.items() if id_ not in waits}
        location_id, now = session.run.location_id, datetime.now(UTC)
        outbox.note(connection, location_id, target, done=done, at=now, errors=errors | waits)


def _rejected(connection: sa.Connection, work: Work) -> dict[str, str]:
    """By id, why rows were rejected in this run."""
    run, source = work.session.run, work.lane.mapping.source
    mine = (rejects.c.location_id == run.location_id, rejects.c.stream == source, rejects.c.run_id == run.id)
    found = connection.execute(sa.select(rejects.c.id, rejects.c.reasons).where(*mine))
    return {
        id_: "; ".join(f"{one['field']}: {one['message']}".strip(": ") for one in reasons)
        for id_, reasons in found
    }
