"""Closing a plan: what was made is counted, billed and sealed, and is what will be applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import sqlalchemy as sa

from tasks.core.batch import Tally
from tasks.core.change import SLICE, Change, Verb
from tasks.hub import plans
from tasks.hub.budget import Quota
from tasks.hub.engine import Hub
from tasks.hub.plans import Plan
from tasks.hub.spec import PlanSpec
from tasks.plan.bill import bill_of

Keep = Callable[[sa.Connection, Plan], None]
"""Keeps, in the transaction that closes a plan, what belongs to it."""


def keep_nothing(_connection: sa.Connection, _plan: Plan) -> None:
    """Nothing: the plan stands alone."""


def finish(
    hub: Hub,
    plan: Plan,
    tally: Tally,
    quota: Quota | None,
    *,
    recheck: bool,
    follows: Sequence[Change] = (),
    keeping: Keep = keep_nothing,
) -> Plan:
    """Close a plan: count it, bill it, seal it; in one transaction with what it goes on with.

    Args:
        keeping: Keeps in the same transaction what belongs to the plan, e.g. where its automation stands.
    """
    with hub.write() as connection:
        spec = PlanSpec.read(plan.spec)
        named = Counter(dict.fromkeys((operation.name for operation in spec.operations), 0))
        for (operation, _), number in plans.counted(connection, plan.id).items():
            named[operation.name] += number
        plan.counts |= {"read": tally.read, "mapped": tally.mapped, "rejected": tally.rejected}
        plan.counts |= dict(named) | {"unchanged": tally.unchanged}
        rechecked = _rechecked(spec, undoes=plan.kind == plans.UNDO) if recheck else _never
        bill = bill_of(_slices(connection, plan.id, spec), quota, rechecked=rechecked)
        plan.bill = bill.plain()
        plan.digest, plan.state = plans.digest(connection, plan.id), "ready"
        known = {name: getattr(plan, name) for name in ("counts", "bill", "digest", "state")}
        plans.update(connection, plan.id, **known)
        plans.note_follow_up(connection, follows, plan.id)
        keeping(connection, plan)
    return plan


def _rechecked(spec: PlanSpec, *, undoes: bool) -> Callable[[Change], bool]:
    """Whether a change's record is read again; members of a set that an undo moves are ours."""

    def of(change: Change) -> bool:
        return spec.is_rechecked(change) and not (undoes and change.verb in (Verb.ADD, Verb.REMOVE))

    return of


def _never(_change: Change) -> bool:
    return False


def _slices(connection: sa.Connection, plan_id: str, spec: PlanSpec) -> Iterator[list[Change]]:
    for operation in spec.operations:
        after = -1
        while operation.writes and (
            some := plans.some(connection, plan_id, operations=[operation], after=after, limit=SLICE)
        ):
            yield some
            after = some[-1].n
