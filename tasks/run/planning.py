"""From a source to a plan: what is to be written is known, counted and kept before anything is.

``tasks/run/applying.py`` carries it out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from tasks.core.batch import MappedBatch, Position, Row, Tally, canonical_json
from tasks.core.change import Verb
from tasks.core.errors import BadConfigurationError
from tasks.core.words import counted, nearest
from tasks.hub import chains, plans
from tasks.hub.budget import announced
from tasks.hub.plans import Plan
from tasks.hub.spec import PlanSpec
from tasks.mapping.language import Mapping as MappingFile
from tasks.mapping.transform.normalise import normalise_domain
from tasks.plan.closing import Keep, finish, keep_nothing
from tasks.plan.planner import Planner
from tasks.plan.references import Named, References
from tasks.plan.spec import spec_of
from tasks.plan.take_back import take_back
from tasks.run.columns import as_its_columns_are
from tasks.run.pipeline import Lane, Pipeline, Session
from tasks.run.refresh import RowReader
from tasks.streams import CUSTOM, RULES, SOURCES, STREAMS
from tasks.streams.custom_field import CustomField
from tasks.vendors.protocols import Source

log = logging.getLogger(__name__)

Recheck = Literal["each record", "by search"]
"""How it is made sure that nobody changed a record since it was planned: each one is read again right
before it is written, or all that changed is read again now and then (few requests, some seconds blind)."""

HandEdits = Literal["keep", "by age"]
"""What becomes of a value that somebody edited in HighLevel, where a record does not say how old its own is:
it stays, or it is overwritten where it is older than the whole source."""


@dataclass(slots=True)
class Work:
    """Everything that planning and applying take.

    Args:
        lane: The automation's: what is planned.
        mirror: The mirror's lane: its mapping reads contacts back after a write.
        refreshed: When the mirror was brought up to date last, by the monotonic clock.
    """

    lane: Lane
    mirror: Lane
    refreshed: float = float("-inf")
    read_row: RowReader = field(init=False)

    def __post_init__(self) -> None:
        """Read contacts as the mirror does."""
        self.read_row = RowReader(self.mirror)

    def reader(self, plan: Plan) -> RowReader:
        """What reads the records that a plan writes; one that removes values has to see where they are."""
        return RowReader(self.mirror, marked=True) if plan.kind == plans.OPT_OUT else self.read_row

    @property
    def session(self) -> Session:
        """The automation's session."""
        return self.lane.session

    @property
    def location_id(self) -> str:
        """The location that is written to."""
        return self.session.run.location_id


async def make(
    work: Work,
    source: Source,
    *,
    system: str,
    as_of: datetime,
    about: str,
    size: int,
    recheck: Recheck,
    hand_edits: HandEdits = "by age",
    told: Mapping[str, Row] = MappingProxyType({}),
    keeping: Keep = keep_nothing,
    suggests: bool = False,
    files_rejects: bool = True,
) -> Plan:
    """Plan what a source's records are to change; nothing is written to HighLevel.

    Args:
        system: Whose ids the records have, e.g. ``file``: links are kept under it.
        as_of: How old the source's word is by HighLevel's clock, where a record does not say itself.
        about: What the plan is made from, for people.
        hand_edits: What becomes of a person's edits where a record does not say how old it is.
        told: By record id, what a row tells besides its fields, e.g. what made it.
        keeping: Keeps, in the transaction that closes the plan, what belongs to it.
        suggests: Whether a new record that is called almost as one that is there waits for a person.
        files_rejects: Whether what is rejected is filed, and what is not leaves the list.

    Raises:
        BadMappingError: A custom field is unknown, or the mirror does not have a field.
        StoppedError: The source, a check or the hub failed.
    """
    session, mapping = work.session, work.lane.mapping
    _require_mirrored(mapping, work.mirror.mapping)
    custom = await _custom_fields(work, mapping)
    spec = spec_of(
        mapping,
        location_id=work.location_id,
        system=system,
        source=SOURCES[mapping.source].system,
        as_of=as_of,
        now=session.connection.now(),
        keeps_hand_edits=hand_edits == "keep",
        suggests=suggests,
        custom={key: field.id for key, field in custom.items()},
    )
    kind = RULES if spec.source == RULES else "import"
    planner = await _planner(work, _new_plan(work, kind, about, spec))
    planner.keeping, planner.files_rejects = keeping, files_rejects
    lane = await as_its_columns_are(work.lane, source, size, custom)
    sink = _PlanSink(planner, session, told)
    await session.carry_all(Pipeline(lane, source, sink, size=size), "plan")
    return await asyncio.to_thread(_finish, work, planner, sink.tally, recheck)


def only_shown(work: Work, plan: Plan) -> None:
    """Keep anybody from applying a plan that was made before all was known that it is to hold."""
    plan.state = "declined"
    with work.session.hub.write() as connection:
        plans.update(connection, plan.id, state=plan.state)


def require_ready(plan: Plan) -> None:
    """Refuse a plan that nobody may apply.

    Raises:
        BadConfigurationError: It was never finished, or a person declined it.
    """
    if plan.state in ("planning", "declined"):
        why = "was never finished" if plan.state == "planning" else "was declined"
        raise BadConfigurationError(f"Plan {plan.id} {why}.", remedy="Make a new one: run the import again.")


async def make_undo(work: Work, plan: Plan, *, delete_created: bool) -> Plan:
    """Plan to take back what a plan did, with the plan that it followed up and all that followed that.

    Args:
        delete_created: Whether records, notes and tasks that it made are deleted.

    Raises:
        BadConfigurationError: It removed values whose owners opted out.
    """
    hub = work.session.hub

    def made() -> Plan:
        chain = chains.chain(hub, plan)
        _require_undoable(chain)
        before = chains.undone_by(hub, chain)
        with hub.read() as connection:
            back = take_back(connection, chain, before, delete_created=delete_created)
        spec = PlanSpec.read(chain[0].spec)
        found = _new_plan(work, plans.UNDO, f"undoing {_named(chain)}", spec, chain[0].id)
        with hub.write() as connection:
            plans.insert(connection, found)
            plans.add(connection, found.id, 0, back)
        unchanged = sum(change.verb is Verb.UNCHANGED for change in back)
        tally = Tally(read=len(back), mapped=len(back), unchanged=unchanged)
        work.session.run.tally.add(tally)
        return finish(hub, found, tally, announced(hub, work.session.connection.account), recheck=True)

    return await asyncio.to_thread(made)


def _require_undoable(chain: Sequence[Plan]) -> None:
    if any(plan.kind == plans.OPT_OUT for plan in chain):
        raise BadConfigurationError(
            f"Plan {chain[0].id} removed values whose owners opted out: nobody has them any more.",
            remedy="There is nothing to undo.",
        )


def _named(chain: Sequence[Plan]) -> str:
    """Plans that are taken back, for people."""
    first, *later = chain
    told = f"plan {first.id} ({first.about})"
    return f"{told}, and what followed it: {', '.join(one.id for one in later)}" if later else told


class _PlanSink:
    """Plans batches.

    Attributes:
        tally: Of this plan's batches; the run's counts those of its other plans, too.
    """

    step = "plan"

    def __init__(self, planner: Planner, session: Session, told: Mapping[str, Row]) -> None:
        self._planner = planner
        self._run = session.run
        self._told = told
        self.tally = Tally()

    def settled(self, _marks: Mapping[str, str]) -> Collection[str]:
        """None: a plan compares every record with its counterpart."""
        return ()

    def take(self, batch: MappedBatch, _position: Position) -> Tally:
        """Plan a batch."""
        for row in batch.rows if self._told else ():
            row.update(self._told.get(row["id"], {}))
        tally = self._planner.plan(batch, self._run.id)
        self.tally.add(tally)
        self._run.tally.add(tally)
        return tally


async def plan_anew(work: Work, plan: Plan, recheck: Recheck) -> Plan | None:
    """A plan for the records that changed meanwhile; None where there are none."""
    stale = await asyncio.to_thread(plans.to_plan_anew, work.session.hub, plan.id)
    found = {change.record_id: change.wanted for change in stale}
    if not found:
        return None
    log.info("%d records changed meanwhile; they are planned anew", len(found))
    spec = PlanSpec.read(plan.spec)
    about = f"{counted(len(found), 'record')} that changed while plan {plan.id} was applied"
    planner = await _planner(work, _new_plan(work, "follow-up", about, spec, parent=plan.id))
    planner.follows = stale
    with work.session.hub.read() as connection:
        raws = plans.raws(connection, plan.id, list(found))
    batch = MappedBatch(
        stream=spec.target,
        source=spec.records,
        location_id=work.location_id,
        mapping=spec.mapping or work.lane.mapping.name,
        rows=[_row_again(wanted) for wanted in found.values() if wanted is not None],
        raws=[raws.get(id_) or canonical_json(wanted) for id_, wanted in found.items()],
    )
    tally = await asyncio.to_thread(planner.plan, batch, work.session.run.id)
    return await asyncio.to_thread(_finish, work, planner, tally, recheck)


def _row_again(wanted: Row) -> Row:
    """A row as the mapping made it, from what the plan kept."""
    said = wanted.get("asOf")
    return {**wanted, "asOf": datetime.fromisoformat(said)} if isinstance(said, str) else dict(wanted)


def _new_plan(work: Work, kind: str, about: str, spec: PlanSpec, parent: str | None = None) -> Plan:
    run = work.session.run
    return Plan(run.id, run.automation, run.location_id, kind, about, spec.plain(), parent)


async def _planner(work: Work, plan: Plan) -> Planner:
    def keep() -> None:
        with work.session.hub.write() as connection:
            plans.insert(connection, plan)

    await asyncio.to_thread(keep)
    known = await _references(work, PlanSpec.read(plan.spec))
    return Planner(work.session.hub, plan, work.session.connection.refusals, known)


def _finish(work: Work, planner: Planner, tally: Tally, recheck: Recheck) -> Plan:
    quota = announced(work.session.hub, work.session.connection.account)
    return planner.finish(tally, quota, recheck=recheck == "each record")


async def _references(work: Work, spec: PlanSpec) -> dict[str, References]:
    """The records that a plan's may name, by their stream."""
    streams = {rule.declared.refers_to for rule in spec.rules(lambda field: bool(field.refers_to))}
    found: dict[str, References] = {}
    for stream in streams:
        named = [
            Named(one.id, one.name, normalise_domain(one.website) or "", one.email.lower())
            async for one in work.session.connection.called(stream)
        ]
        found[stream] = References(named)
    return found


async def _custom_fields(work: Work, mapping: MappingFile) -> dict[str, CustomField]:
    """The location's custom fields by key; every one that the mapping names is there.

    Raises:
        BadMappingError: One is not.
    """
    named = [("fields", name) for name in mapping.fields] + [("match", name) for name in mapping.match]
    used = [(where, name) for where, name in named if name.startswith(CUSTOM)]
    if not used:
        return {}
    known = await work.session.connection.custom_fields()
    for where, name in used:
        key = name.removeprefix(CUSTOM)
        if key not in known:
            place: tuple[Any, ...] = (where, name) if where == "fields" else (where,)
            what = f"location {work.location_id} has no custom field `{key}`"
            raise mapping.error(what, place, nearest(key, known))
    return known


def _require_mirrored(mapping: MappingFile, mirror: MappingFile) -> None:
    """Refuse a field whose present value the hub cannot know: it would be overwritten unseen.

    Raises:
        BadMappingError: There is one.
    """
    for name in mapping.fields:
        declared = STREAMS[mapping.target].field(name)
        if declared is not None and declared.mirror and declared.mirror not in mirror.fields:
            raise mapping.error(
                f"`{name}` cannot be compared: {mirror.name} does not mirror `{declared.mirror}`",
                ("fields", name),
                f"add `{declared.mirror}` to {mirror.file}",
            )
