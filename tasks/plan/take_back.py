"""From plans that are to be taken back to the changes that do it, by what the hub has kept of all plans."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from tasks.core.change import Change, Verb
from tasks.hub import chains
from tasks.hub.plans import Plan
from tasks.hub.spec import PlanSpec
from tasks.plan.undo import Inverse
from tasks.streams import operation_of

LONG_AGO = datetime.min.replace(tzinfo=UTC)


def take_back(
    connection: sa.Connection, chain: Sequence[Plan], before: Sequence[Plan], *, delete_created: bool
) -> list[Change]:
    """What takes plans back.

    Args:
        chain: The plans, in the order of their making.
        before: The plans that took them back before.
        delete_created: Whether records, notes and tasks that they made are deleted.
    """
    family = [*chain, *before]
    spec, ours = PlanSpec.read(chain[0].spec), {plan.id for plan in family}
    wrote = chains.effects(connection, family)
    made = [change.target_id for change in wrote if change.verb is Verb.CREATE and delete_created]
    others = chains.others(connection, spec.location_id, made, besides=family)
    known, changed_by = _told_apart(connection, others)
    inverse = Inverse(spec, delete_created=delete_created)
    for change in _in_order([*wrote, *known])[::-1]:
        if change.plan_id in ours:
            inverse.add(change)
        else:
            inverse.know(change)
    back = inverse.changes()
    for change in back:
        if change.verb is Verb.DELETE and change.target_id in changed_by:
            change.result["changed_by"] = changed_by[change.target_id]
    return back


def _in_order(changes: Sequence[Change]) -> list[Change]:
    """Changes in the order in which they were carried out.

    By when they were sent; of one record in one plan by operation, too: the vendor's time, as we know it, may
    go back by a part of a second from one request to the next.
    """
    when: dict[tuple[str, int], tuple[datetime, int]] = {}
    latest: dict[tuple[str, str], datetime] = {}
    for change in sorted(changes, key=lambda one: operation_of(one).order):
        whose, sent_at = (change.plan_id, change.record_id), change.sent_at or LONG_AGO
        latest[whose] = max(latest.get(whose, LONG_AGO), sent_at)
        when[change.plan_id, change.n] = latest[whose], operation_of(change).order
    return sorted(changes, key=lambda one: when[one.plan_id, one.n])


def _told_apart(connection: sa.Connection, others: Sequence[Change]) -> tuple[list[Change], dict[str, str]]:
    """What others did to contacts and was taken back, as far as it can be; for the rest, the last plan."""
    origins = chains.origins(connection, {change.plan_id for change in others})
    last: dict[tuple[str, str], Change] = {}  # of a contact, by the plan that it goes back to
    for change in others:
        last[change.target_id, origins[change.plan_id][0]] = change
    over = {key for key, change in last.items() if origins[change.plan_id][1]}
    known = [one for one in others if (one.target_id, origins[one.plan_id][0]) in over]
    standing = {id_: change.plan_id for (id_, first), change in last.items() if (id_, first) not in over}
    return known, standing
