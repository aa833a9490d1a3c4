"""Plans in the hub: found by what a person calls them, sealed by a hash, each change with its end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tasks.core.change import Change, FieldChange, State
from tasks.core.errors import BadConfigurationError
from tasks.hub import plans
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
from tasks.hub.plans import Plan
from tasks.streams import Operation
from tests import operations

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def plan(id_: str, minutes: int = 0, run: str = "", location: str = "loc") -> Plan:
    at = NOON + timedelta(minutes=minutes)
    return Plan(run or f"run-{id_}", "import_contacts", location, "import", "a file", {}, id=id_, made_at=at)


def keep(hub: Hub, *found: Plan) -> None:
    with hub.write() as connection:
        for one in found:
            plans.insert(connection, one)


def change(record: str, kind: Operation = operations.UPDATE, **more: Any) -> Change:
    return operations.change(
        kind, record, "c1", "Ada", [FieldChange("city", "Graz", "Wien", "overwrite")], **more
    )


def add(hub: Hub, *made: Change, first: int = 0) -> int:
    with hub.write() as connection:
        return plans.add(connection, "p1", first, made)


def held(hub: Hub, **asked: Any) -> list[Change]:
    with hub.read() as connection:
        return plans.some(connection, "p1", **asked)


def digest(hub: Hub) -> str:
    with hub.read() as connection:
        return plans.digest(connection, "p1")


def ran(hub: Hub, id_: str, flow_run: str, **parameters: str) -> None:
    run = Run("import_contacts", "loc", "file_contact", "digest", parameters, flow_run, id=id_)
    run.open(hub)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("abc1", "abc1"),
        ("abc", "abc1"),
        ("bc", "abc1"),
        ("d2", "abd2"),
        (" abc1 ", "abc1"),
        ("r3", "fff3"),
        ("last", "fff3"),
    ],
)
def test_a_plan_is_found_by_its_id_a_part_of_it_its_run_or_as_the_last(
    hub: Hub, word: str, found: str
) -> None:
    keep(hub, plan("abc1"), plan("abd2", 1), plan("fff3", 2, run="r3"))
    assert plans.find(hub, word).id == found


def test_a_plan_is_found_by_prefect_s_run_that_made_it_and_by_one_that_applied_it(hub: Hub) -> None:
    made, applied = "0199-aaaa-1111", "0199-bbbb-2222"
    ran(hub, "r1", made, file="people.csv")
    ran(hub, "r2", applied, plan="abc1")
    keep(hub, plan("abc1", run="r1"), plan("abd2", 1))
    for word in (made, "aaaa", applied, "bbbb", "99-bbbb-2"):
        assert plans.find(hub, word).id == "abc1"
    with pytest.raises(BadConfigurationError, match="There is no plan '0199-cccc'"):
        plans.find(hub, "0199-cccc")


def test_a_part_of_several_runs_is_no_plan(hub: Hub) -> None:
    ran(hub, "r1", "0199-aaaa-1111")
    ran(hub, "r2", "0199-aaaa-2222")
    keep(hub, plan("abc1", run="r1"), plan("abd2", 1, run="r2"))
    with pytest.raises(BadConfigurationError, match="Several plans match '0199-aaaa'"):
        plans.find(hub, "0199-aaaa")


def test_of_a_run_s_plans_the_newest_is_meant(hub: Hub) -> None:
    keep(hub, plan("abc1", run="r1"), plan("abd2", 1, run="r1"))
    assert plans.find(hub, "r1").id == "abd2"


def test_a_whole_id_that_is_another_s_beginning_is_no_doubt(hub: Hub) -> None:
    keep(hub, plan("abc"), plan("abcd", 1))
    assert plans.find(hub, "abc").id == "abc"


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("ab", r"Several plans match 'ab': abd2 \(a file, planning, .*\); abc1 \(.*\)\.\n.*more of the id"),
        ("abc12", "There is no plan 'abc12'.\n.*Did you mean `abc1`\\? .*plans list"),
        ("", "There is no plan ''"),
        ("zz", "There is no plan 'zz'"),
        ("%", "There is no plan '%'"),
        ("___", "There is no plan '___'"),
    ],
)
def test_a_plan_is_never_guessed(hub: Hub, word: str, message: str) -> None:
    keep(hub, plan("abc1"), plan("abd2", 1))
    with pytest.raises(BadConfigurationError, match=message):
        plans.find(hub, word)


def test_another_location_s_plans_are_not_meant(hub: Hub) -> None:
    keep(hub, plan("abc1"), plan("abd2", 1, location="elsewhere"))
    assert plans.find(hub, "last", "loc").id == plans.find(hub, "ab", "loc").id == "abc1"
    assert [one.id for one in plans.newest(hub, 9, "loc")] == ["abc1"]
    assert [one.id for one in plans.newest(hub, 9)] == ["abd2", "abc1"]
    assert len(plans.newest(hub, 1)) == 1
    with pytest.raises(BadConfigurationError, match="There is no plan"):
        plans.find(hub, "last", "nowhere")


def test_a_plan_comes_back_as_it_was_kept(hub: Hub) -> None:
    one = plan("p1")
    one.counts, one.bill, one.approved_by = {"create": 2}, {"requests": 2, "seconds": None}, "me"
    keep(hub, one)
    with hub.write() as connection:
        plans.update(connection, "p1", state="applied", applied_at=NOON)
        one.state, one.applied_at = "applied", NOON
    assert plans.find(hub, "p1") == one


def test_a_change_comes_back_as_it_was_kept_with_plain_values(hub: Hub) -> None:
    wanted = {"id": "r1", "asOf": NOON, "dateOfBirth": date(1990, 2, 3), "tags": ["a"], "task": {"a": 1}}
    kept = [FieldChange("name", None, ["x", {"y": 1}], "never")]
    one = change("r1", wanted=wanted, kept=kept, why="known link")
    add(hub, one)
    [found] = held(hub)
    one.wanted = wanted | {"asOf": "2026-06-01T12:00:00+00:00", "dateOfBirth": "1990-02-03"}
    assert found == one


def test_changes_are_numbered_on_and_told_in_order(hub: Hub) -> None:
    following = add(hub, change("r1"), change("r2", operations.CREATE))
    assert following == 2
    assert add(hub, change("r3"), first=following) == 3
    assert add(hub, first=3) == 3
    assert [(one.n, one.record_id) for one in held(hub)] == [(0, "r1"), (1, "r2"), (2, "r3")]
    assert [one.n for one in held(hub, operations=[operations.UPDATE])] == [0, 2]
    assert [one.n for one in held(hub, operations=[operations.UPDATE], after=0)] == [2]
    assert [one.n for one in held(hub, limit=2)] == [0, 1]
    assert held(hub, states=[State.DONE]) == []


def test_a_record_s_changes_can_be_forgotten(hub: Hub) -> None:
    add(hub, change("r1"), change("r1", operations.TAG_ADD), change("r2"))
    with hub.write() as connection:
        plans.forget(connection, "another", ["r2"])
        plans.forget(connection, "p1", ["r1", "r9"])
    assert [one.record_id for one in held(hub)] == ["r2"]


def test_changes_are_counted_by_kind_and_state(hub: Hub) -> None:
    add(hub, change("r1"), change("r2"), change("r3", operations.CREATE))
    with hub.write() as connection:
        plans.mark_sending(connection, "p1", [0])
        found = plans.counted(connection, "p1")
    assert found == {
        (operations.UPDATE, State.PLANNED): 1,
        (operations.UPDATE, State.SENDING): 1,
        (operations.CREATE, State.PLANNED): 1,
    }


def test_the_hash_is_of_what_a_plan_does_whatever_became_of_it(hub: Hub) -> None:
    add(hub, change("r1"), change("r2"))
    before = digest(hub)
    with hub.write() as connection:
        plans.mark_sending(connection, "p1", [0])
        ended = change("r1", plan_id="p1", n=0, state=State.DONE, result={"id": "c1"})
        plans.end(connection, [ended])
    assert digest(hub) == before
    add(hub, change("r3"), first=2)
    assert digest(hub) != before


def test_the_hash_sees_every_value(hub: Hub) -> None:
    add(hub, change("r1"))
    before = digest(hub)
    with hub.write() as connection:
        plans.forget(connection, "p1", ["r1"])
    add(
        hub,
        operations.change(
            operations.UPDATE, "r1", "c1", "Ada", [FieldChange("city", "Graz", "Linz", "overwrite")]
        ),
    )
    assert digest(hub) != before


def test_a_change_is_marked_before_its_request_and_unmarked_if_none_left(hub: Hub) -> None:
    keep(hub, plan("p1"))
    add(hub, change("r1"), change("r2"))
    with hub.write() as connection:
        at, marked = plans.mark_sending(connection, "p1", [0, 1])
    assert marked == {0, 1}
    assert [(one.state, one.sent_at) for one in held(hub)] == [(State.SENDING, at)] * 2
    assert plans.interrupted(hub, "loc") == ["p1"]
    assert plans.interrupted(hub, "elsewhere") == []
    with hub.write() as connection:
        plans.unmark(connection, "p1", [1])
    assert [(one.state, one.sent_at) for one in held(hub)] == [(State.SENDING, at), (State.PLANNED, None)]


def test_only_what_is_planned_may_be_sent_and_an_end_is_never_replaced(hub: Hub) -> None:
    keep(hub, plan("p1"))
    add(hub, change("r1"), change("r2"))
    with hub.write() as connection:
        plans.mark_sending(connection, "p1", [0])
        first, _ = plans.some(connection, "p1")
        first.state, first.target_id = State.DONE, "made"
        plans.end(connection, [first])
        _, marked = plans.mark_sending(connection, "p1", [0, 1])
        first.state, first.target_id = State.LEFT, "another"
        plans.end(connection, [first])
    assert marked == {1}
    assert [(one.state, one.target_id) for one in held(hub)] == [(State.DONE, "made"), (State.SENDING, "c1")]


def test_the_end_of_a_change_stays_and_is_not_unmarked(hub: Hub) -> None:
    keep(hub, plan("p1"))
    add(hub, change("r1"), change("r2"))
    with hub.write() as connection:
        plans.mark_sending(connection, "p1", [0, 1])
        first, second = plans.some(connection, "p1")
        first.state, first.target_id, first.result = State.DONE, "made", {"id": "made", "dropped": ["x"]}
        second.state, second.error = State.FAILED, "HighLevel refuses it"
        plans.end(connection, [first, second])
        plans.end(connection, [])
        plans.unmark(connection, "p1", [0, 1])
    found = held(hub)
    assert [(one.state, one.target_id, one.error, one.result) for one in found] == [
        (State.DONE, "made", None, {"id": "made", "dropped": ["x"]}),
        (State.FAILED, "c1", "HighLevel refuses it", {}),
    ]
    assert plans.interrupted(hub, "loc") == []
