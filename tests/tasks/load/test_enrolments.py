"""Workflows are joined at most once, whatever becomes of answers, runs and plans; what nobody knows is told.

HighLevel starts a workflow anew for a contact that is put into it again, and tells nobody who is in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tasks.core.change import State
from tasks.core.errors import BadCredentialError
from tasks.hub import plans
from tasks.load.applier import AT_ONCE
from tasks.streams import operation_of
from tests import operations
from tests.tasks.load.conftest import ALIVE, Death

JOIN = "POST /contacts/{contactId}/workflow/{workflowId}"
LEAVE = "DELETE /contacts/{contactId}/workflow/{workflowId}"
ASKED = "look there yourself"
WITHOUT_EFFECT = ("429", "reset_before", "timeout_before")
AFTER_EFFECT = ("timeout_after", "reset_after", "truncated_json")
IN_DOUBT = ("500", "502_html", *WITHOUT_EFFECT[1:], *AFTER_EFFECT)
"""Faults after which nobody can tell whether the contact is in the workflow."""


def workflow(office: Any, at: int = 0) -> dict[str, Any]:
    found = office.vendor.records("workflows")[at]
    return {"id": found["id"], "name": found["name"]}


def records(office: Any, count: int = 1, **more: Any) -> list[dict[str, Any]]:
    """Rows for contacts that are there, which join a workflow."""
    joins = {"joins": workflow(office)}
    return [{"id": one["id"], "email": one["email"], **(more or joins)} for one in office.known(count)]


def joined(office: Any) -> dict[str, int]:
    """By contact, how often it was put into the first workflow; who is not in it is not there."""
    into = workflow(office)["id"]
    some = [one for one in office.vendor.records("enrolments") if one["into"] == into]
    return {one["contactId"]: one["times"] for one in some}


def fault(office: Any, operation: str, kind: str, times: int = 1) -> None:
    office.vendor.set_faults([{"operation": operation, "fault": kind, "seconds": 0.3, "times": times}])


def states(office: Any, plan: Any) -> list[tuple[str, State]]:
    return [(operation_of(one).name, one.state) for one in office.changes(plan) if operation_of(one).writes]


def test_a_contact_joins_once_however_often_it_is_asked_for(office: Any) -> None:
    rows = records(office)
    waiting = office.only_plan(rows)
    [plan] = office.load(rows)
    assert states(office, plan) == [("join_workflow", State.DONE)]
    office.apply(plan)
    office.apply(waiting)
    assert states(office, waiting) == [("join_workflow", State.LEFT)]
    office.load(rows)
    renamed = {**rows[0], "joins": {**rows[0]["joins"], "name": "Renamed"}}
    office.load([renamed])
    assert joined(office) == {rows[0]["id"]: 1}
    assert office.calls(JOIN) == 1


def test_a_new_contact_joins_once_it_was_made(office: Any) -> None:
    office.load([{"id": "1", "email": "new@join.example", "note": "Hi", "joins": workflow(office)}])
    [made] = [one for one in office.vendor.records("contacts") if one.get("email") == "new@join.example"]
    assert joined(office) == {made["id"]: 1}


@pytest.mark.parametrize("kind", IN_DOUBT)
def test_a_lost_answer_is_told_as_unknown_and_never_sent_again(
    kind: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(timeout=0.15)
    rows = records(office, 3)
    fault(office, JOIN, kind)
    [plan] = office.load(rows)
    ended = sorted(state.value for _, state in states(office, plan))
    assert ended == ["done", "done", "unknown"]
    [lost] = [one for one in office.changes(plan) if one.state is State.UNKNOWN]
    assert ASKED in (lost.error or "")
    office.vendor.set_faults([])
    before = joined(office)
    office.apply(plan)
    office.load(rows)
    assert joined(office) == before
    assert set(before.values()) == {1}
    assert len(before) == (3 if kind in AFTER_EFFECT else 2)


def test_what_was_refused_for_now_is_sent_again_by_the_same_run(office: Any) -> None:
    rows = records(office)
    fault(office, JOIN, "429")
    [plan] = office.load(rows)
    assert states(office, plan) == [("join_workflow", State.DONE)]
    assert joined(office) == {rows[0]["id"]: 1}


def test_what_surely_had_no_effect_stays_planned_for_the_next_run(office: Any) -> None:
    rows = records(office, 12)
    fault(office, JOIN, "401", times=100)
    with pytest.raises(BadCredentialError):
        office.load(rows)
    office.vendor.set_faults([])
    office.load(rows)
    assert joined(office) == {row["id"]: 1 for row in rows}


@pytest.mark.parametrize("after", [False, True])
def test_a_run_that_died_leaves_few_unknown_and_the_next_does_the_rest(after: bool, office: Any) -> None:
    rows = records(office, 30)
    path = "POST /contacts/{id}/workflow/" + workflow(office)["id"]
    assert office.attempt(partial(office.load, rows), path, 12, after=after) == "died"
    office.sync()
    plan = plans.find(office.hub, "last")
    office.load(rows)
    office.apply(plan)
    ended = Counter(state for _, state in states(office, plan))
    assert 1 <= ended[State.UNKNOWN] <= 2 * AT_ONCE
    assert set(joined(office).values()) == {1}
    assert len(joined(office)) >= len(rows) - ended[State.UNKNOWN]


def test_wherever_a_run_dies_nobody_joins_twice(make_office: Callable[..., Any]) -> None:
    office = make_office()
    rows = records(office, 2)
    office.load(rows)
    most = office.hub.seen["write"]
    for at in range(1, most + 1):
        for after in (False, True):
            office = make_office()
            office.attempt(partial(office.load, rows), "write", at, after=after)
            office.load(rows)
            assert set(joined(office).values()) <= {1}
            assert office.calls(JOIN) <= 2


def test_a_contact_that_is_gone_by_then_is_left_and_a_workflow_that_is_gone_fails(office: Any) -> None:
    gone, other = records(office, 2)
    other["joins"] = {"id": "00000000-0000-4000-8000-000000000000", "name": "Deleted"}

    def deleted() -> None:
        office.vendor.edit(kind="contacts", id=gone["id"], delete=True)

    plan = office.wait_and_apply([gone, other], deleted)
    told = {one.record_id: (one.state, one.error) for one in office.changes(plan)}
    assert told[gone["id"]] == (State.LEFT, f"contact {gone['id']} is gone from HighLevel")
    assert told[other["id"]][0] is State.FAILED
    assert "has no workflow" in (told[other["id"]][1] or "")


# --- leaving


def leaving(office: Any) -> list[dict[str, Any]]:
    """A contact is in the workflow, put there by hand, and is to leave it."""
    rows = records(office, leaves=workflow(office))
    key = {"contactId": rows[0]["id"], "into": workflow(office)["id"], "times": 1}
    office.vendor.edit(kind="enrolments", create={"id": f"{key['contactId']} {key['into']}", **key})
    assert joined(office) == {rows[0]["id"]: 1}
    return rows


@pytest.mark.parametrize("kind", ["", "429", "500", *AFTER_EFFECT])
def test_a_contact_leaves_whatever_becomes_of_the_answer(kind: str, make_office: Callable[..., Any]) -> None:
    office = make_office(timeout=0.15)
    rows = leaving(office)
    if kind:
        fault(office, LEAVE, kind)
    [plan] = office.load(rows)
    assert states(office, plan) == [("leave_workflow", State.DONE)]
    assert joined(office) == {}


def test_who_died_over_a_leave_sends_it_again(office: Any) -> None:
    rows = leaving(office)
    path = "DELETE /contacts/{id}/workflow/" + workflow(office)["id"]
    assert office.attempt(partial(office.load, rows), path, 1, after=False) == "died"
    office.load(rows)
    assert joined(office) == {}


def test_who_was_put_back_by_hand_stays_in(office: Any) -> None:
    rows = records(office, leaves=workflow(office))
    waiting = office.only_plan(rows)
    office.load(rows)
    leaving(office)  # put there by hand
    office.load(rows)
    office.apply(waiting)
    assert joined(office) == {rows[0]["id"]: 1}


# --- taking back


def undone(office: Any, plan: Any, death: Death = ALIVE) -> Any:
    [inverse] = office.undo(plan, death, delete_created=False)
    return inverse


def test_taking_a_join_back_takes_the_contact_out_and_it_may_join_again(office: Any) -> None:
    rows = records(office)
    [plan] = office.load(rows)
    inverse = undone(office, plan)
    assert states(office, inverse) == [("leave_workflow", State.DONE)]
    assert joined(office) == {}
    assert [operation_of(one).writes for one in office.changes(undone(office, plan))] == []
    office.load(rows)
    assert joined(office) == {rows[0]["id"]: 1}


def test_a_leave_cannot_be_taken_back_and_that_is_told(office: Any) -> None:
    [plan] = office.load(leaving(office))
    [change] = office.changes(undone(office, plan))
    assert operation_of(change) is operations.UNCHANGED
    assert "do it in HighLevel" in change.kept[0].why
    assert joined(office) == {}


def test_an_undo_that_died_is_gone_on_with(office: Any) -> None:
    rows = records(office, 2)
    [plan] = office.load(rows)
    path = "DELETE /contacts/{id}/workflow/" + workflow(office)["id"]
    back = partial(office.undo, plan, delete_created=False)
    assert office.attempt(back, path, 1, after=True) == "died"
    office.undo(plan, delete_created=False)
    assert joined(office) == {}


def test_a_new_contact_that_is_taken_back_leaves_first(office: Any) -> None:
    before = len(office.vendor.records("contacts"))
    [plan] = office.load([{"id": "1", "email": "new@join.example", "joins": workflow(office)}])
    [inverse] = office.undo(plan)
    assert {state for _, state in states(office, inverse)} == {State.DONE}
    assert (joined(office), len(office.vendor.records("contacts"))) == ({}, before)


def test_what_nobody_knows_about_is_told_and_not_taken_back(make_office: Callable[..., Any]) -> None:
    office = make_office(timeout=0.15)
    fault(office, JOIN, "timeout_after")
    rows = records(office)
    [plan] = office.load(rows)
    [change] = office.changes(undone(office, plan))
    assert operation_of(change) is operations.UNCHANGED
    assert {one.why for one in change.kept} == {"nobody knows whether it took effect: look in HighLevel"}
    assert joined(office) == {rows[0]["id"]: 1}
