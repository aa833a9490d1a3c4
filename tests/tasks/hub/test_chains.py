"""Plans that belong together: found from any of them, with what they wrote and what took it back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.core.change import Change, FieldChange, State
from tasks.hub import chains, plans
from tasks.hub.engine import Hub
from tasks.hub.plans import Plan
from tasks.hub.tables import plans as table
from tasks.streams import Operation
from tests import operations

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def keep(hub: Hub) -> Any:
    """Keeps a plan, a minute after the one before."""
    kept: list[Plan] = []

    def keep(id_: str, kind: str = "import", parent: str | None = None, *made: Change, at: int = 0) -> Plan:
        plan = Plan("run", "import_contacts", "loc", kind, "a file", {}, parent, id_)
        plan.made_at = NOON + timedelta(minutes=at or len(kept))
        with hub.write() as connection:
            plans.insert(connection, plan)
            plans.add(connection, id_, 0, made)
            plans.mark_sending(connection, id_, [change.n for change in made if change.sent_at])
            plans.end(connection, made)
        kept.append(plan)
        return plan

    return keep


def change(
    state: State = State.DONE, kind: Operation = operations.UPDATE, target: str = "ada", **result: Any
) -> Change:
    fields = [FieldChange(name, "old", "new", "") for name in ("city", "website")]
    return operations.change(kind, "r1", target, fields=fields, state=state, result=result)


def ids(found: list[Plan]) -> list[str]:
    return [plan.id for plan in found]


def test_from_any_plan_of_it_a_chain_is_found_whole_and_in_order(hub: Hub, keep: Any) -> None:
    first = keep("first")
    second = keep("second", "follow-up", "first")
    third = keep("third", "follow-up", "second")
    late = keep("late", "follow-up", "first")  # the first one was gone on with
    keep("other")
    keep("other-second", "follow-up", "other")
    for plan in (first, second, third, late):
        assert ids(chains.chain(hub, plan)) == ["first", "second", "third", "late"]


def test_a_plan_that_takes_another_back_is_a_chain_of_its_own(hub: Hub, keep: Any) -> None:
    keep("first")
    assert ids(chains.chain(hub, keep("back", "undo", "first"))) == ["back"]


def test_a_chain_whose_first_plans_are_not_kept_any_more_begins_where_it_is(hub: Hub, keep: Any) -> None:
    keep("first")
    second = keep("second", "follow-up", "first")
    third = keep("third", "follow-up", "second")
    with hub.write() as connection:
        connection.execute(sa.delete(table).where(table.c.id == "first"))
    assert ids(chains.chain(hub, third)) == ids(chains.chain(hub, second)) == ["second", "third"]


def test_what_took_plans_back_is_found_with_what_took_that_back(hub: Hub, keep: Any) -> None:
    chain = [keep("first"), keep("second", "follow-up", "first")]
    keep("back", "undo", "first")
    keep("again", "undo", "back")
    keep("once more", "undo", "second")
    keep("other", "undo", "others")
    assert sorted(ids(chains.undone_by(hub, chain))) == ["again", "back", "once more"]


def test_what_was_written_is_told_by_its_parts_whatever_became_of_the_rest(hub: Hub, keep: Any) -> None:
    half = [
        change(state, written=["city"]) for state in (State.PLANNED, State.STALE, State.LEFT, State.FAILED)
    ]
    none = [change(State.STALE), change(State.FAILED, written=[]), change(State.PLANNED)]
    unchanged = change(kind=operations.UNCHANGED)
    plan = keep("first", "import", None, change(), *half, *none, unchanged)
    with hub.read() as connection:
        found = chains.effects(connection, [plan])
        assert chains.wrote(connection, [plan])
    assert [(one.state, [field.field for field in one.effect]) for one in found] == [
        (State.DONE, ["city", "website"]),
        *((one.state, ["city"]) for one in half),
    ]


@pytest.mark.parametrize("state", [State.PLANNED, State.LEFT, State.FAILED, State.STALE])
def test_a_plan_that_wrote_nothing_is_known_by_that(state: State, hub: Hub, keep: Any) -> None:
    plan = keep("first", "import", None, change(state), change(state, written=[]))
    with hub.read() as connection:
        assert not chains.wrote(connection, [plan])
        assert chains.effects(connection, [plan]) == []


def test_what_is_under_way_may_have_written(hub: Hub, keep: Any) -> None:
    plan = keep("first", "import", None, change(State.PLANNED))
    with hub.write() as connection:
        plans.mark_sending(connection, "first", [0])
    with hub.read() as connection:
        assert chains.wrote(connection, [plan])


def test_what_others_wrote_to_a_contact_is_told_in_its_order(hub: Hub, keep: Any) -> None:
    mine = keep("mine", "import", None, change())
    keep("earlier", "import", None, change())
    keep("later", "import", None, change(State.STALE, written=["city"]), change(target="bob"))
    keep("nothing", "import", None, change(State.LEFT), change(target="eve"))
    with hub.read() as connection:
        found = chains.others(connection, "loc", ["ada", "bob"], besides=[mine])
        assert chains.others(connection, "elsewhere", ["ada"], besides=[mine]) == []
        assert chains.others(connection, "loc", [], besides=[mine]) == []
    assert [(one.plan_id, one.target_id) for one in found] == [
        ("earlier", "ada"),
        ("later", "ada"),
        ("later", "bob"),
    ]


def test_every_plan_goes_back_to_a_first_one_and_takes_it_back_or_not(hub: Hub, keep: Any) -> None:
    keep("first")
    keep("second", "follow-up", "first")
    keep("back", "undo", "first")
    keep("again", "undo", "back")
    keep("back again", "undo", "again")
    keep("orphan", "undo", "gone")
    with hub.read() as connection:
        found = chains.origins(connection, ["second", "back", "again", "back again", "orphan", "unknown"])
    assert found == {
        "second": ("first", False),
        "back": ("first", True),
        "again": ("first", False),
        "back again": ("first", True),
        "orphan": ("gone", True),
        "unknown": ("unknown", False),
    }
