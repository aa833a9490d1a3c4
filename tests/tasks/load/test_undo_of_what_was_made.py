"""What a plan made goes on request alone, and only where nobody has worked on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.core.change import State
from tasks.hub.tables import changes
from tests import operations
from tests.tasks.load.undoing import (
    ACTIVITIES,
    BOTH,
    CREATE,
    LOST,
    MADE,
    TASK,
    WHO,
    a_minute_ago,
    dies,
    ended,
    everything,
    fault,
    now,
    undo_all,
)


@pytest.mark.parametrize("lost", [*LOST, "422_after", "died"])
@pytest.mark.parametrize("who", WHO)
def test_what_was_made_and_found_again_is_deleted_with_what_was_made(
    lost: str, who: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(timeout=0.15)
    before = everything(office)
    records = [{"id": "1", **WHO[who], "tags": ["fair"], "note": "Hi", "task": TASK}]
    if lost == "died":
        dies(office, partial(office.load, records), CREATE, after=True)
    else:
        fault(office, CREATE, lost)
    office.load(records)
    assert len(office.called("Made")) == 1
    undo_all(office)
    assert everything(office) == before


WORK = {
    "a field": {"kind": "contacts", "set": {"city": "By hand"}},
    "a tag": {"kind": "contacts", "set": {"tags": ["fair", "by hand"]}},
    "a follower": {"kind": "contacts", "set": {"followers": ["someUser000000000001"]}},
    "a further address": {"kind": "contacts", "set": {"additionalEmails": [{"email": "b@undo.example"}]}},
    "an emptied field": {"kind": "contacts", "unset": ["companyName"]},
    "a note": {"kind": "notes", "create": {"body": "By hand"}},
    "a task": {"kind": "tasks", "create": {"title": "By hand"}},
    "an appointment": {"kind": "appointments", "create": {"title": "By hand"}},
}
TOLD = {
    "a field": "city",
    "a tag": "tags",
    "a follower": "followers",
    "a further address": "additionalEmails",
    "an emptied field": "companyName",
    "a note": "a note",
    "a task": "a task",
    "an appointment": "an appointment",
}


@pytest.mark.parametrize("found_again", [False, True])
@pytest.mark.parametrize("work", WORK)
def test_a_contact_that_somebody_has_worked_on_is_not_deleted(
    work: str, found_again: bool, make_office: Callable[..., Any]
) -> None:
    office = make_office()
    if found_again:
        fault(office, CREATE, "reset_after")
    [plan] = office.load([MADE])
    [one] = office.called("Made")
    edit = WORK[work]
    if edit["kind"] == "contacts":
        office.vendor.edit(id=one["id"], **edit)
    else:
        office.vendor.edit(kind=edit["kind"], create=edit["create"] | {"contactId": one["id"]})
    made = office.undo(plan)
    assert ended(office, made, operations.DELETE)[0] is State.LEFT
    assert TOLD[work] in ended(office, made, operations.DELETE)[1]
    assert len(office.called("Made")) == 1
    by_hand = 1 if work in ("a note", "a task") else 0
    assert len(office.vendor.records("notes")) + len(office.vendor.records("tasks")) == by_hand


@pytest.mark.parametrize("lost", ["500", "reset_before"])
@pytest.mark.parametrize("work", ["a field", "a note"])
def test_a_contact_that_somebody_works_on_between_two_tries_of_its_deletion_stays(
    work: str, lost: str, office: Any
) -> None:
    [plan] = office.load([MADE])
    [one] = office.called("Made")
    edit = WORK[work] | ({"id": one["id"]} if work == "a field" else {})
    if work == "a note":
        edit["create"] = edit["create"] | {"contactId": one["id"]}
    office.vendor.set_faults(
        [{"operation": "DELETE /contacts/{contactId}", "fault": lost, "times": 1, "then": edit}]
    )
    made = office.undo(plan)
    assert ended(office, made, operations.DELETE)[0] is State.LEFT
    assert TOLD[work] in ended(office, made, operations.DELETE)[1]
    assert len(office.called("Made")) == 1


@pytest.mark.parametrize(("kind", "edit"), [("notes", {"body": "More"}), ("tasks", {"completed": True})])
def test_a_note_or_task_that_somebody_works_on_between_two_tries_of_its_deletion_stays(
    kind: str, edit: dict[str, Any], office: Any
) -> None:
    one = office.known(1)[0]
    [plan] = office.load([{"id": "1", "email": one["email"], **ACTIVITIES[kind][0]}])
    [made] = office.vendor.records(kind)
    then = {"kind": kind, "id": made["id"], "set": edit}
    operations = ("DELETE /contacts/{contactId}/notes/{id}", "DELETE /contacts/{contactId}/tasks/{taskId}")
    failing = [{"operation": one, "fault": "500", "times": 1, "then": then} for one in operations]
    office.vendor.set_faults(failing)
    office.undo(plan)
    assert len(office.vendor.records(kind)) == 1


@BOTH
@pytest.mark.parametrize("version", ["2021-07-28", "v3"])
def test_a_contact_that_nobody_has_worked_on_is_deleted(
    recheck: str, version: str, make_office: Callable[..., Any]
) -> None:
    """Another date alone, or our own business and tags, are nobody's work."""
    office = make_office(recheck=recheck, version=version)
    before = everything(office)
    business = office.vendor.records("businesses")[0]["id"]
    [plan] = office.load([{**MADE, "business": business, "nickname": "Ace", "owner": "nobodyHereHasThisId0"}])
    [one] = office.called("Made")
    office.vendor.edit(kind="contacts", id=one["id"], set={"dateUpdated": "2026-12-01T10:00:00.000Z"})
    office.undo(plan, delete_created=False)
    assert len(office.called("Made")) == 1
    office.undo(plan)
    assert everything(office) == before


def test_a_contact_that_another_plan_changed_is_not_deleted_until_that_is_taken_back(office: Any) -> None:
    before = everything(office)
    [plan] = office.load([MADE])
    [later] = office.load([{**MADE, "city": "Springfield", "note": "Another"}])
    made = office.undo(plan)
    state, why = ended(office, made, operations.DELETE)
    assert state is State.LEFT
    assert later.id in why
    office.undo(later)
    office.undo(plan)
    assert everything(office) == before


def test_a_clock_that_was_put_right_between_two_requests_changes_no_order(office: Any) -> None:
    """HighLevel tells whole seconds: its time as we know it may go back by a part of one."""
    before = everything(office)
    business = office.vendor.records("businesses")[0]["id"]
    [plan] = office.load([{**MADE, "business": business}])
    with office.outside() as connection:
        made = changes.c.verb == "create"
        late = {"sent_at": datetime.now(UTC) + timedelta(seconds=1)}
        connection.execute(sa.update(changes).where(changes.c.plan_id == plan.id, made).values(late))
    office.undo(plan)
    assert everything(office) == before


@pytest.mark.parametrize("by_hand", [{"tags": ["by hand"]}, {"city": "By hand"}, {"lastName": "By Hand"}])
def test_what_a_person_did_is_theirs_again_when_the_plan_that_replaced_it_is_taken_back(
    by_hand: dict[str, Any], make_office: Callable[..., Any]
) -> None:
    """So the contact stays, though what made it is taken back as well."""
    office = make_office(tags="overwrite")
    record = {"id": "made", "email": "worked@undo.example", "first_name": "Made", "last_name": "First"}
    [plan] = office.load([{**record, "city": "Graz"}])
    [one] = office.called("Made")
    office.vendor.edit(kind="contacts", id=one["id"], set=by_hand)
    newer = {"city": "Springfield", "tags": ["ours"], "last_name": "Later", "updated_at": now()}
    [later] = office.load([record | newer])
    assert len(office.contact(one["id"])["tags"]) == 1
    office.undo(later)
    made = office.undo(plan)
    assert ended(office, made, operations.DELETE)[0] is State.LEFT
    assert by_hand.items() <= office.contact(one["id"]).items()


@BOTH
@pytest.mark.parametrize("kind", ACTIVITIES)
def test_a_persons_equal_note_or_task_is_not_taken_for_ours(
    recheck: str, kind: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(recheck=recheck)
    one = office.known(1)[0]
    record, shape = ACTIVITIES[kind]
    records = [{"id": "1", "email": one["email"], **record}]
    office.load([{"id": "1", "email": one["email"]}])  # known: what its contact has is not its own
    by_hand = {**shape, "contactId": one["id"], "dateAdded": a_minute_ago()}
    office.vendor.edit(kind=kind, create=by_hand)
    before = everything(office)
    dies(office, partial(office.load, records), f"POST /contacts/{{id}}/{kind}", after=False)
    office.load(records)
    assert len(office.vendor.records(kind)) == 2
    undo_all(office)
    assert everything(office) == before


@pytest.mark.parametrize("lost", [*LOST, "422_after"])
@pytest.mark.parametrize("kind", ACTIVITIES)
def test_a_note_or_task_that_was_found_again_is_taken_back(
    kind: str, lost: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(timeout=0.15)
    one = office.known(1)[0]
    before = everything(office)
    fault(office, f"POST /contacts/{{contactId}}/{kind}", lost)
    office.load([{"id": "1", "email": one["email"], **ACTIVITIES[kind][0]}])
    assert len(office.vendor.records(kind)) == 1
    undo_all(office)
    assert everything(office) == before


@pytest.mark.parametrize("reached", [False, True])
def test_a_task_of_which_nobody_can_tell_whose_it_is_is_not_made_twice_and_not_deleted(
    reached: bool, make_office: Callable[..., Any]
) -> None:
    office = make_office(token="pit-sandbox-no-task-search", timeout=0.15)
    one = office.known(1)[0]
    office.load([{"id": "1", "email": one["email"]}])
    if not reached:
        office.vendor.edit(kind="tasks", create={**TASK, "completed": False, "contactId": one["id"]})
    fault(office, "POST /contacts/{contactId}/tasks", "reset_after" if reached else "reset_before")
    [plan] = office.load([{"id": "1", "email": one["email"], "task": TASK}])
    [task] = office.vendor.records("tasks")
    assert office.changes(plan)[0].result["adopted"] == "unknown"
    office.undo(plan)
    assert office.vendor.records("tasks") == [task]


@pytest.mark.parametrize(
    ("kind", "edit"),
    [("notes", {"pinned": True}), ("tasks", {"completed": True}), ("notes", {"body": "More"})],
)
def test_a_note_or_task_that_somebody_has_worked_on_is_not_deleted(
    kind: str, edit: dict[str, Any], office: Any
) -> None:
    one = office.known(1)[0]
    [plan] = office.load([{"id": "1", "email": one["email"], **ACTIVITIES[kind][0]}])
    [made] = office.vendor.records(kind)
    office.vendor.edit(kind=kind, id=made["id"], set=edit)
    office.undo(plan)
    assert len(office.vendor.records(kind)) == 1


def test_a_note_of_a_merged_row_that_was_taken_back_may_be_made_again(office: Any) -> None:
    one = office.known(1)[0]
    rows = [{"id": id_, "email": one["email"], "note": f"of {id_}"} for id_ in ("1", "2")]
    [plan] = office.load(rows)
    office.undo(plan)
    assert office.vendor.records("notes") == []
    office.load(rows)
    assert len(office.vendor.records("notes")) == 2
