"""Who is to join or leave a workflow: once for each record that says so, whatever it is called by then."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.core.change import FieldChange
from tasks.hub.spec import child_id, child_id_of, child_scope
from tasks.plan import preview
from tasks.streams import ENROLMENT, operation_of
from tests import operations

ADA = {"id": "ada", "first_name": "Ada", "email": "ada@a.example"}
ROW = {"id": "ada", "email": "ada@a.example"}
WELCOME = {"id": "w1", "name": "Welcome"}
RENEWAL = {"id": "w2", "name": "Renewal"}


@pytest.fixture
def ada(stage: Any) -> Any:
    """A hub that knows one contact."""
    stage.mirror(ADA)
    stage.link("ada", "ada")
    return stage


def done(stage: Any, change: Any) -> None:
    """Note that a change was carried out."""
    stage.link(child_id_of(change), "there", child_scope(stage.spec, ENROLMENT.name))


def test_joining_and_leaving_are_told_in_words(ada: Any) -> None:
    made = ada.plan({**ROW, "workflows": [["f1", WELCOME]], "workflowsLeft": [["f1", RENEWAL]]})
    join, leave = made.changes
    assert join.fields == [
        FieldChange("workflow", None, "Welcome", "joins workflow Welcome"),
        FieldChange("workflowId", None, "w1", "joins workflow Welcome"),
    ]
    assert leave.fields[0] == FieldChange("workflow", "Renewal", None, "leaves workflow Renewal")
    assert (join.parent_id, leave.parent_id) == ("ada", "ada")
    page = preview.page(made.plan, made.changes)
    assert "| contacts put into a workflow | 1 |" in page
    assert "| contacts taken out of a workflow | 1 |" in page
    assert "joins workflow Welcome" in page
    assert made.plan.bill["requests"] == made.plan.bill["writes"] == 2


def test_a_value_alone_comes_with_its_row(ada: Any) -> None:
    change = ada.plan({**ROW, "workflows": WELCOME}).only("ada", operations.JOIN)
    assert child_id_of(change) == child_id(ENROLMENT.name, "ada", WELCOME)


@pytest.mark.parametrize("name", ["workflows", "workflowsLeft"])
def test_what_was_done_is_not_done_again_though_the_workflow_was_renamed(ada: Any, name: str) -> None:
    row = {**ROW, name: [["f1", WELCOME]]}
    [change] = ada.plan(row).changes
    done(ada, change)
    assert ada.plan(row).changes == []
    assert ada.plan({**ROW, name: [["f1", {"id": "w1", "name": "Hello"}]]}).changes == []
    assert ada.plan({**ROW, name: [["f1", {"id": "w1"}]]}).changes == []
    assert len(ada.plan({**ROW, name: [["f2", WELCOME]]}).changes) == 1
    assert len(ada.plan({**ROW, name: [["f1", RENEWAL]]}).changes) == 1


def test_one_firing_may_take_a_contact_out_and_put_it_in_anew(ada: Any) -> None:
    row = {**ROW, "workflows": [["f1", WELCOME]], "workflowsLeft": [["f1", WELCOME]]}
    made = ada.plan(row)
    assert [operation_of(change) for change in made.changes] == [operations.JOIN, operations.LEAVE]
    assert operations.LEAVE.order < operations.JOIN.order
    done(ada, made.changes[1])
    assert [operation_of(change) for change in ada.plan(row).changes] == [operations.JOIN]


def test_two_that_ask_for_the_same_workflow_get_it_once(ada: Any) -> None:
    asked = {**ROW, "workflows": [["f1", WELCOME], ["f2", {"id": "w1", "name": "Hello"}], ["f2", RENEWAL]]}
    made = ada.plan(asked)
    assert [change.value("workflowId") for change in made.changes] == ["w1", "w2"]
    done(ada, made.changes[0])
    assert [change.value("workflowId") for change in ada.plan(asked).changes] == ["w2"]


def test_it_is_enough_that_one_of_them_got_it_before(ada: Any) -> None:
    done(ada, ada.plan({**ROW, "workflows": [["f2", WELCOME]]}).changes[0])
    assert ada.plan({**ROW, "workflows": [["f1", WELCOME], ["f2", WELCOME]]}).changes == []


def test_a_new_contact_joins_and_has_nothing_to_leave(stage: Any) -> None:
    made = stage.plan({**ROW, "workflows": [["f1", WELCOME]], "workflowsLeft": [["f1", RENEWAL]]})
    assert [operation_of(change) for change in made.changes] == [operations.CREATE, operations.JOIN]


@pytest.mark.parametrize("name", ["workflows", "workflowsLeft"])
@pytest.mark.parametrize("value", [{"name": "Welcome"}, {"id": "", "name": "Welcome"}, {"id": 7}])
def test_what_names_no_workflow_is_rejected(ada: Any, name: str, value: Any) -> None:
    made = ada.plan({**ROW, name: [["f1", value]]})
    assert (made.changes, made.tally.rejected) == ([], 1)
    [[reason]] = ada.rejects().values()
    assert reason["field"] == "workflowId"
