"""What came of changes, and its record: change, link, mirror and provenance in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from tasks.core.batch import Row, Tally
from tasks.core.change import Change, Scope, State, Verb
from tasks.hub import journal, links, plans, provenance
from tasks.hub.engine import Hub
from tasks.hub.journal import Entry
from tasks.hub.ledger import Run
from tasks.hub.plans import Plan
from tasks.hub.spec import PlanSpec, child_id_of, child_scope
from tasks.hub.tables import MIRRORS
from tasks.hub.upsert import among
from tasks.load import noted, refused_records
from tasks.load.mirror import mirror_told
from tasks.load.versions import GONE, PARTIAL, PARTIAL_PATCHED, PATCHED, RESOLUTION
from tasks.vendors.protocols import Effect, Told

_PASSED = (State.DONE, State.LEFT)


def record(
    hub: Hub,
    run: Run,
    plan: Plan,
    spec: PlanSpec,
    effects: Sequence[Effect],
    now: datetime | None = None,
    *,
    from_source: bool = True,
) -> None:
    """Keep what came of changes, all of it or nothing.

    A record whose change is done is no reject any more; one that the vendor refuses becomes one.

    Args:
        plan: The changes' plan.
        spec: How it was made.
        from_source: The changes are what the source's records ask for, not what takes it back.
        now: When the last of their answers was there, by HighLevel's clock; ours where that is not known.

    Raises:
        HubUnavailableError: Nothing was kept; the changes stay as they were marked.
    """
    stamp = {"location_id": run.location_id, "run_id": run.id, "synced_at": datetime.now(UTC)}
    tally, mirror = _tally(spec, effects), spec.mirror
    with hub.write() as connection:
        _keep_origins(connection, run, mirror, effects)
        entries: list[Entry] = []
        for partial in (False, True):
            told = [
                effect.row for effect in effects if isinstance(effect.row, Told) and effect.partial is partial
            ]
            entries += mirror_told(connection, mirror, told, stamp, partial=partial, plan_id=plan.id)
        entries += _patch(connection, mirror, stamp, effects, now or datetime.now(UTC))
        _keep_links(connection, spec, effects)
        if from_source:
            refused_records.take_off(connection, plan, spec, _records(effects, _PASSED))
            tally.add(refused_records.file(connection, run, plan, spec, _failed(effects)))
        plans.end(connection, [effect.change for effect in effects])
        run.record(connection, tally)
        journal.write(connection, stamp, entries)
    run.tally.add(tally)


def _records(effects: Sequence[Effect], states: Sequence[State]) -> list[str]:
    return [one.change.record_id for one in effects if one.change.state in states]


def _failed(effects: Sequence[Effect]) -> list[Change]:
    return [one.change for one in effects if one.change.state is State.FAILED]


def _keep_origins(connection: sa.Connection, run: Run, mirror: str, effects: Sequence[Effect]) -> None:
    entries = [
        (effect.change.target_id, name, origin)
        for effect in effects
        if effect.change.target_id
        for name, origin in effect.origins
    ]
    provenance.keep(connection, run.location_id, mirror, entries, run.id)


def _patch(
    connection: sa.Connection, mirror: str, stamp: Row, effects: Sequence[Effect], now: datetime
) -> list[Entry]:
    """Note what is known of records that no answer told whole; what the journal is to say of it."""
    table = MIRRORS[mirror]
    held = _held(connection, table, stamp["location_id"], effects)
    entries: list[Entry] = []
    unread = table.c.fingerprint.in_([PARTIAL, PARTIAL_PATCHED])
    for effect in effects:
        values: dict[str, Any] = dict(effect.patch)
        if effect.gone:
            values = {"deleted_at": stamp["synced_at"], "fingerprint": GONE}
        elif values:
            values["fingerprint"] = sa.case((unread, PARTIAL_PATCHED), else_=PATCHED)
        if values and effect.change.target_id:
            one = (table.c.location_id == stamp["location_id"], table.c.id == effect.change.target_id)
            # What was read meanwhile knows of more than this write.
            behind = sa.or_(table.c.known_at.is_(None), table.c.known_at <= now + RESOLUTION)
            kept = {"run_id": stamp["run_id"], "synced_at": stamp["synced_at"], "known_at": now}
            which = one if effect.gone else (*one, behind)
            if connection.execute(sa.update(table).where(*which).values(values | kept)).rowcount:
                before = held[effect.change.target_id]
                entries += _noted(mirror, before, effect, now)
                before.update(effect.patch)
    return entries


def _held(
    connection: sa.Connection, table: sa.Table, location_id: str, effects: Sequence[Effect]
) -> dict[str, Row]:
    """The mirror's rows of the records of which something new is known."""
    ids = [one.change.target_id for one in effects if one.change.target_id and (one.patch or one.gone)]
    if not ids:
        return {}
    mine = (table.c.location_id == location_id, among(connection, table.c.id, ids))
    return {row["id"]: dict(row) for row in connection.execute(sa.select(table).where(*mine)).mappings()}


def _noted(mirror: str, before: Row, effect: Effect, now: datetime) -> Iterator[Entry]:
    change = effect.change
    if effect.gone:
        if before["deleted_at"] is None:
            is_ours = change.verb is Verb.DELETE and change.state is State.DONE
            yield noted.deleted(mirror, change.target_id, now, change.plan_id if is_ours else None)
    elif entry := noted.patched(mirror, before, effect.patch, now, change.plan_id):
        yield entry


def _keep_links(connection: sa.Connection, spec: PlanSpec, effects: Sequence[Effect]) -> None:
    made: dict[tuple[Scope, str, str], list[tuple[str, str]]] = {}
    for effect in effects:
        if effect.change.state is State.UNKNOWN:
            _keep_unknown(connection, spec, effect.change)
        link = effect.link if effect.change.state in _PASSED else _refused_link(spec, effect.change)
        if link is None:
            continue
        scope, record_id, target_id = link
        by = "create" if effect.change.verb is Verb.CREATE else "match"
        if not target_id:
            links.drop(connection, scope, record_id, effect.change.target_id)
        else:
            made.setdefault((scope, by, effect.change.plan_id), []).append((record_id, target_id))
    for (scope, by, plan_id), pairs in made.items():
        links.keep(connection, scope, pairs, made_by=by, plan_id=plan_id)


def _keep_unknown(connection: sa.Connection, spec: PlanSpec, change: Change) -> None:
    """Keep that nobody knows whether it was made, so that a later import does not make it again."""
    if change.verb is Verb.CREATE and change.stream != spec.target:
        scope, pair = child_scope(spec, change.stream), (child_id_of(change), "")
        links.keep(connection, scope, [pair], made_by="unknown", plan_id=change.plan_id)


def _refused_link(spec: PlanSpec, change: Change) -> tuple[Scope, str, str] | None:
    """HighLevel may refuse what is to be written: the contact is the record's counterpart all the same."""
    refused = change.state is State.FAILED and change.verb is Verb.UPDATE and not change.part
    return (spec.scope, change.record_id, change.target_id) if refused else None


def _tally(spec: PlanSpec, effects: Sequence[Effect]) -> Tally:
    done = Counter(
        effect.change.verb
        for effect in effects
        if effect.change.state is State.DONE
        and effect.change.stream == spec.target
        and not effect.change.part
        and "adopted" not in effect.change.result
    )
    return Tally(created=done[Verb.CREATE], updated=done[Verb.UPDATE], deleted=done[Verb.DELETE])
