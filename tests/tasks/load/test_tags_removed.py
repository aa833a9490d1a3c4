"""Tags that are taken away by name: what a person adds meanwhile stays; undo gives back what was taken."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tasks.core.change import State
from tests import operations
from tests.tasks.load.undoing import ended

BULK = "POST /contacts/bulk/tags/update/{type}"


@pytest.fixture
def ada(office: Any) -> dict[str, Any]:
    """A contact with tags."""
    one: dict[str, Any] = office.known(1)[0]
    office.vendor.edit(kind="contacts", id=one["id"], set={"tags": ["cold", "fair"]})
    return one


def tags(office: Any, one: dict[str, Any]) -> list[str]:
    return sorted(office.contact(one["id"]).get("tags", []))


def row(one: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return [{"id": one["id"], "email": one["email"], **more}]


@pytest.mark.parametrize("recheck", ["each record", "by search"])
def test_a_tag_that_a_person_adds_meanwhile_stays(recheck: Any, office: Any, ada: Any) -> None:
    office.recheck = recheck
    theirs = {"kind": "contacts", "id": ada["id"], "set": {"tags": ["cold", "fair", "by hand"]}}
    plan = office.wait_and_apply(row(ada, lose=["Cold"]), partial(office.vendor.edit, **theirs))
    assert ended(office, [plan], operations.TAG_REMOVE)[0] is State.DONE
    assert tags(office, ada) == ["by hand", "fair"]


def test_a_row_that_is_planned_anew_takes_the_tag_away(office: Any, ada: Any) -> None:
    theirs = {"kind": "contacts", "id": ada["id"], "set": {"city": "By hand", "tags": ["cold", "by hand"]}}
    office.wait_and_apply(
        row(ada, city="Springfield", lose=["cold"], tags=["new"]), partial(office.vendor.edit, **theirs)
    )
    assert tags(office, ada) == ["by hand", "new"]


def test_a_tag_that_is_gone_by_then_is_not_given_on_undo(office: Any, ada: Any) -> None:
    theirs = {"kind": "contacts", "id": ada["id"], "set": {"tags": ["fair"]}}
    plan = office.wait_and_apply(row(ada, lose=["cold"]), partial(office.vendor.edit, **theirs))
    office.undo(plan)
    assert tags(office, ada) == ["fair"]


@pytest.mark.parametrize("kind", ["", "429", "500", "reset_before", "timeout_after", "reset_after"])
def test_undo_gives_back_what_was_taken(kind: str, make_office: Any) -> None:
    office = make_office(timeout=0.15)
    one = office.known(1)[0]
    office.vendor.edit(kind="contacts", id=one["id"], set={"tags": ["cold", "fair"]})
    if kind:
        office.vendor.set_faults([{"operation": BULK, "fault": kind, "seconds": 0.3, "times": 1}])
    [plan] = office.load(row(one, lose=["cold", "never had"], tags=["new"]))
    assert tags(office, one) == ["fair", "new"]
    office.load(row(one, lose=["cold", "never had"], tags=["new"]))
    office.undo(plan)
    assert tags(office, one) == ["cold", "fair"]
