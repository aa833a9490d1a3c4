"""What the hub has learnt since a plan was made: contacts by now, and what other plans have done."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from tasks.core.batch import Row
from tasks.core.change import Change, Kind
from tasks.hub import links
from tasks.hub.spec import PlanSpec, activity_id, activity_scope
from tasks.hub.tables import MIRRORS
from tasks.hub.upsert import among
from tasks.streams import NOTE, STREAMS, TASK
from tasks.vendors.protocols import WriteContext

_ACTIVITIES = {Kind.CREATE_NOTE: ("note", NOTE), Kind.CREATE_TASK: ("task", TASK)}
"""The field of what is made for a contact, and what its link leads to."""


def give_targets(connection: sa.Connection, spec: PlanSpec, found: Sequence[Change]) -> None:
    """Tell changes their contact, where an earlier change made it."""
    missing = [change for change in found if not change.target_id and change.kind is not Kind.CREATE]
    if not missing:
        return
    made = links.targets(connection, spec.scope, [change.record_id for change in missing])
    for change in missing:
        change.target_id = made.get(change.record_id, "")


def fresh_rows(connection: sa.Connection, context: WriteContext, found: Sequence[Change]) -> dict[str, Row]:
    """Contacts that need not be read again, where the mirror was just brought up to date.

    Args:
        found: Changes of one kind.
    """
    if not context.from_mirror or not context.spec.is_rechecked(found[0]):
        return {}
    table = MIRRORS[context.spec.mirror]
    mine = (table.c.location_id == context.spec.location_id, table.c.deleted_at.is_(None))
    columns = [table.c[name] for name in STREAMS[context.spec.mirror].fields]
    ids = [change.target_id for change in found]
    query = sa.select(*columns).where(*mine, among(connection, table.c.id, ids))
    return {row["id"]: dict(row) for row in connection.execute(query).mappings()}


def made(connection: sa.Connection, spec: PlanSpec, taken: Sequence[Change]) -> set[int]:
    """The notes and tasks, by number, that another plan made from the same record.

    Args:
        taken: Changes of one kind.
    """
    if not taken or taken[0].kind not in _ACTIVITIES:
        return set()
    field, stream = _ACTIVITIES[taken[0].kind]
    ids = {change.n: activity_id(change.record_id, change.value(field)) for change in taken}
    known = links.targets(connection, activity_scope(spec, stream), list(ids.values()))
    return {n for n, id_ in ids.items() if id_ in known}
