"""Plans that belong together, and what they did: for whoever takes them back.

What changed while a plan was applied goes on in a plan that follows it up. All of them are one import to the
person who asked for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from tasks.core.change import RESTING, Change, State
from tasks.hub import plans
from tasks.hub.engine import Hub
from tasks.hub.plans import Plan
from tasks.hub.tables import changes
from tasks.hub.tables import plans as table
from tasks.hub.upsert import among

_WROTE = (
    changes.c.verb.not_in([verb.value for verb in RESTING]),
    sa.or_(
        changes.c.state.in_([State.DONE.value, State.UNKNOWN.value]),
        sa.type_coerce(changes.c.result, sa.Text).contains('"written":["'),
    ),
)
"""A change that has come to its end, or of which a part has, or of which nobody knows."""


def chain(hub: Hub, plan: Plan) -> list[Plan]:
    """The plan that a plan goes back to, and all that followed it up, in the order of their making."""
    first = plan
    with hub.read() as connection:
        while first.kind == "follow-up":
            query = sa.select(table).where(table.c.id == first.parent_id)
            parent = connection.execute(query).mappings().one_or_none()
            if parent is None:  # old plans are not kept for ever
                break
            first = Plan(**parent)
    return [first, *sorted(plans.follow_ups(hub, first.id), key=lambda one: one.made_at)]


def undone_by(hub: Hub, of: Sequence[Plan]) -> list[Plan]:
    """The plans that took these back, those that took that back, and so on, in the order of their making."""
    found: list[Plan] = []
    with hub.read() as connection:
        parents = [plan.id for plan in of]
        while parents:
            mine = (table.c.parent_id.in_(parents), table.c.kind == plans.UNDO)
            rows = connection.execute(sa.select(table).where(*mine).order_by(table.c.made_at)).mappings()
            children = [Plan(**row) for row in rows]
            found += children
            parents = [child.id for child in children]
    return found


def wrote(connection: sa.Connection, of: Sequence[Plan]) -> bool:
    """Whether these plans have written anything, or may have."""
    effect = sa.or_(changes.c.state == State.SENDING.value, sa.and_(*_WROTE))
    query = sa.select(changes.c.n).where(changes.c.plan_id.in_([plan.id for plan in of]), effect)
    return connection.execute(query.limit(1)).first() is not None


def effects(connection: sa.Connection, of: Sequence[Plan]) -> list[Change]:
    """What plans wrote, whatever became of the rest of a change, in the order in which it was sent."""
    made_at = {plan.id: plan.made_at for plan in of}
    query = sa.select(changes).where(changes.c.plan_id.in_(list(made_at)), *_WROTE)
    found = [plans.change_of(row) for row in connection.execute(query).mappings()]
    return sorted(found, key=lambda one: (one.sent_at or made_at[one.plan_id], made_at[one.plan_id], one.n))


def others(
    connection: sa.Connection, location_id: str, target_ids: Sequence[str], besides: Sequence[Plan]
) -> list[Change]:
    """What other plans wrote to contacts, in the order in which it was sent."""
    if not target_ids:
        return []
    query = (
        sa.select(changes)
        .join_from(changes, table, changes.c.plan_id == table.c.id)
        .where(
            table.c.location_id == location_id,
            table.c.id.not_in([plan.id for plan in besides]),
            among(connection, changes.c.target_id, target_ids),
            *_WROTE,
        )
        .order_by(changes.c.sent_at, table.c.made_at, changes.c.n)
    )
    return [plans.change_of(row) for row in connection.execute(query).mappings()]


def origins(connection: sa.Connection, plan_ids: Iterable[str]) -> dict[str, tuple[str, bool]]:
    """For plans: the first of the plans that each belongs to, and whether it takes that back."""
    parents: dict[str, tuple[str | None, str]] = {}
    asked = set(plan_ids)
    while asked:
        query = sa.select(table.c.id, table.c.parent_id, table.c.kind).where(table.c.id.in_(asked))
        found = {id_: (parent, kind) for id_, parent, kind in connection.execute(query)}
        parents |= found
        asked = {parent for parent, _ in found.values() if parent} - parents.keys()
    return {id_: _origin(id_, parents) for id_ in plan_ids}


def _origin(id_: str, parents: dict[str, tuple[str | None, str]]) -> tuple[str, bool]:
    back = False
    while (parent := parents.get(id_, (None, ""))[0]) is not None:
        back ^= parents[id_][1] == plans.UNDO  # what takes an undo back does it again
        id_ = parent
    return id_, back
