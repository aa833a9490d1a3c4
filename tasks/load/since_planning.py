"""What the hub has learnt since a plan was made: which records are there now, and what other plans did."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from tasks.core.batch import Row
from tasks.core.change import Change, Verb
from tasks.hub import links
from tasks.hub.spec import PlanSpec, child_id_of, child_scope
from tasks.hub.tables import MIRRORS
from tasks.hub.upsert import among
from tasks.streams import STREAMS
from tasks.vendors.protocols import WriteContext


def give_targets(connection: sa.Connection, spec: PlanSpec, found: Sequence[Change]) -> None:
    """Tell changes their record, or the one that they hang on, where an earlier change made it."""
    missing = [change for change in found if not _counterpart(spec, change) and not _makes_it(spec, change)]
    if not missing:
        return
    made = links.targets(connection, spec.scope, [change.record_id for change in missing])
    for change in missing:
        if change.stream == spec.target:
            change.target_id = made.get(change.record_id, "")
        else:
            change.parent_id = made.get(change.record_id, "")


def has_counterpart(spec: PlanSpec, change: Change) -> bool:
    """Whether the record is there that a change is about, or is made by it."""
    return bool(_counterpart(spec, change)) or _makes_it(spec, change)


def _counterpart(spec: PlanSpec, change: Change) -> str:
    return change.target_id if change.stream == spec.target else change.parent_id


def _makes_it(spec: PlanSpec, change: Change) -> bool:
    return change.stream == spec.target and change.verb is Verb.CREATE


def fresh_rows(connection: sa.Connection, context: WriteContext, found: Sequence[Change]) -> dict[str, Row]:
    """Records that need not be read again, where the mirror was just brought up to date.

    Args:
        found: Changes of one operation.
    """
    if not context.from_mirror or not context.spec.is_rechecked(found[0]):
        return {}
    table = MIRRORS[context.spec.mirror]
    mine = (table.c.location_id == context.spec.location_id, table.c.deleted_at.is_(None))
    columns = [table.c[name] for name in STREAMS[context.spec.mirror].fields]
    ids = [change.target_id for change in found]
    query = sa.select(*columns).where(*mine, among(connection, table.c.id, ids))
    return {row["id"]: dict(row) for row in connection.execute(query).mappings()}


def made(connection: sa.Connection, spec: PlanSpec, taken: Sequence[Change], *, undoing: bool) -> set[int]:
    """What another plan did of the same record with what hangs on its counterpart, by number.

    Args:
        taken: Changes of one operation.
        undoing: They take back what was done.
    """
    if undoing or not taken or taken[0].stream == spec.target:
        return set()
    if taken[0].verb not in (Verb.CREATE, Verb.DELETE):
        return set()
    ids = {change.n: child_id_of(change) for change in taken}
    known = links.targets(connection, child_scope(spec, taken[0].stream), list(ids.values()))
    return {n for n, id_ in ids.items() if id_ in known}
