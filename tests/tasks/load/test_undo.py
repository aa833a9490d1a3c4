"""Undo is the whole inverse of what plans did, and takes nothing that a person did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sandbox import process
from sandbox.auth import LOCATION_ID
from sandbox.process import RunningSandbox
from tasks.core.change import Scope, State
from tasks.hub import links, schema
from tasks.hub.plans import Plan
from tasks.hub.tables import changes, plans
from tasks.run import applying, planning
from tasks.run.planning import Work
from tasks.streams import Operation, operation_of
from tests import operations
from tests.tasks.load.conftest import Office, hurry

BOTH = pytest.mark.parametrize("recheck", ["each record", "by search"])
LOST = ("timeout_after", "reset_after", "truncated_json")
CREATE, UPDATE, UPSERT = "POST /contacts/", "PUT /contacts/{id}", "POST /contacts/upsert"
TAGS = "POST /contacts/bulk/tags/update/{type}"
SCOPE = Scope(LOCATION_ID, "file", "highlevel.contact")
TASK = {"title": "Call", "dueDate": "2027-01-01T00:00:00.000Z"}
ACTIVITIES = {
    "notes": ({"note": "Hi"}, {"body": "Hi"}),
    "tasks": ({"task": TASK}, {**TASK, "completed": False}),
}
WHO = {
    "e-mail": {"email": "made@undo.example", "first_name": "Made"},
    "phone": {"phone": "+16502531234", "first_name": "Made"},
    "name": {"first_name": "Made", "last_name": "Only"},
}


def fault(office: Any, operation: str, kind: str, times: int = 1) -> None:
    office.vendor.set_faults([{"operation": operation, "fault": kind, "seconds": 0.3, "times": times}])


def dies(office: Any, doing: Callable[..., Any], operation: str, *, after: bool) -> None:
    """Do something and die at the first request of an operation, before it leaves or after it took effect."""
    assert office.attempt(doing, operation, 1, after=after) == "died"


def now() -> str:
    return ago(timedelta(0))


def a_minute_ago() -> str:
    return ago(timedelta(minutes=1))


def ago(age: timedelta) -> str:
    moment = datetime.now(UTC) - age
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def undo_all(office: Any) -> None:
    """Take back every plan, the newest first.

    A plan that waited while another was made and applied may have written to what the other made. Then the
    other's contact stays, and is told to, until that plan is taken back: it is taken back once more.
    """
    office.vendor.set_faults([])
    query = sa.select(plans).where(plans.c.kind != "undo").order_by(plans.c.made_at.desc())
    with office.hub.read() as connection:
        found = [Plan(**row) for row in connection.execute(query).mappings()]
    for plan in [plan for plan in found if waits_for_another(office, office.undo(plan))]:
        office.undo(plan)


def waits_for_another(office: Any, undone: Sequence[Plan]) -> bool:
    """Whether an undo left a contact only because another plan has written to it."""
    left = [one for plan in undone for one in office.changes(plan) if one.state is State.LEFT]
    return any("has written to it" in (one.error or "") for one in left)


def everything(office: Any) -> dict[str, Any]:
    """All that HighLevel holds, but for when a contact was changed last."""
    found = {}
    for one in office.vendor.records("contacts"):
        kept = {key: value for key, value in one.items() if key != "dateUpdated"}
        found[one["id"]] = kept | {"tags": sorted(kept.get("tags", []))}
    return found | {kind: office.vendor.records(kind) for kind in ("notes", "tasks", "appointments")}


def ended(office: Any, made: Sequence[Plan], kind: Operation) -> tuple[State, str]:
    """How the one change of a kind ended, and why."""
    [change] = [one for one in office.changes(made[0]) if operation_of(one) is kind]
    return change.state, change.error or ""


@BOTH
def test_a_plan_that_waited_for_another_is_taken_back_with_it(
    recheck: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(recheck=recheck)
    records = [{**MADE, "business": office.vendor.records("businesses")[0]["id"]}]
    before = everything(office)
    waiting = office.only_plan(records)
    fault(office, "POST /contacts/bulk/business", "500", 100)
    assert office.attempt(partial(office.load, records), "write", 0, after=False) != "through"
    office.vendor.set_faults([])
    office.apply(waiting)
    undo_all(office)
    assert everything(office) == before


@BOTH
def test_the_last_plan_is_taken_back_with_the_plan_that_it_followed(
    recheck: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(recheck=recheck)
    before = everything(office)
    one, other = office.known(2)
    made = changed_meanwhile(office, one, other)
    inverse = office.undo(made[-1])[0]
    assert inverse.parent_id == made[0].id
    assert all(plan.id in inverse.about for plan in made)
    person = {"website": "https://by-hand.example"}
    assert everything(office) == before | {one["id"]: before[one["id"]] | person}


def changed_meanwhile(office: Any, one: dict[str, Any], other: dict[str, Any]) -> list[Plan]:
    """A plan of which one record was changed by hand before it was applied, and the plan that followed."""
    records = [
        {
            "id": "1",
            "email": one["email"],
            "city": "Springfield",
            "website": "https://a.example",
            "tags": ["fair"],
        },
        {"id": "2", "email": other["email"], "city": "Springfield"},
        {"id": "3", "email": "made@undo.example", "note": "Hi", "task": TASK},
    ]
    plan = office.only_plan(records)
    office.vendor.edit(kind="contacts", id=one["id"], set={"website": "https://by-hand.example"})
    made: list[Plan] = office.apply(plan)
    assert [plan.kind for plan in made] == ["import", "follow-up"]
    return made


@BOTH
@pytest.mark.parametrize("after", [False, True])
def test_what_half_an_update_wrote_is_taken_back(
    recheck: str, after: bool, make_office: Callable[..., Any]
) -> None:
    office = make_office(recheck=recheck)
    one = office.known(1, companyName=True)[0]
    before = everything(office)
    records = [{"id": "1", "email": one["email"], "city": "Springfield", "company": "Acme"}]
    if after:
        dies(office, partial(office.load, records), UPDATE, after=True)
    else:
        dies(office, partial(office.load, records), UPSERT, after=False)
    assert office.contact(one["id"])["city"] == "Springfield"
    office.load(records)
    assert office.contact(one["id"])["companyName"] == "Acme"
    undo_all(office)
    assert everything(office) == before


def test_what_half_an_update_wrote_is_taken_back_though_a_person_changed_the_other_half(office: Any) -> None:
    one = office.known(1, companyName=True)[0]
    before = everything(office)
    records = [{"id": "1", "email": one["email"], "city": "Springfield", "company": "Acme"}]
    plan = office.only_plan(records)
    dies(office, partial(office.apply, plan), UPSERT, after=False)
    office.vendor.edit(kind="contacts", id=one["id"], set={"companyName": "By hand"})
    made = office.apply(plan)
    assert ended(office, made, operations.UPDATE)[0] is State.STALE
    undo_all(office)
    assert everything(office) == before | {one["id"]: before[one["id"]] | {"companyName": "By hand"}}


@BOTH
def test_what_a_person_had_done_already_is_not_taken_back(
    recheck: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(recheck=recheck)
    one = office.known(1, businessId=False)[0]
    business = office.vendor.records("businesses")[0]["id"]
    plan = office.only_plan(
        [
            {
                "id": "1",
                "email": one["email"],
                "city": "Springfield",
                "website": "https://a.example",
                "business": business,
            }
        ]
    )
    office.vendor.edit(kind="contacts", id=one["id"], set={"city": "Springfield", "businessId": business})
    office.apply(plan)
    office.undo(plan)
    now = office.contact(one["id"])
    assert (now["city"], now["businessId"]) == ("Springfield", business)
    assert now.get("website") == one.get("website")


@BOTH
def test_a_whole_name_is_taken_back_as_it_was_split(recheck: str, make_office: Callable[..., Any]) -> None:
    office = make_office(recheck=recheck)
    office.fields = office.fields.replace("clean: text, policy: never", "clean: text, policy: overwrite")
    one, other = office.known(2, lastName=True)
    office.vendor.edit(kind="contacts", id=one["id"], set={"firstName": "Anna Maria", "lastName": "Lopez"})
    before = everything(office)
    office.load(
        [
            {"id": "1", "email": one["email"], "name": "Anna Lopez", "updated_at": now()},
            {"id": "2", "email": other["email"], "name": other["firstName"], "updated_at": now()},
        ]
    )
    assert (office.contact(one["id"])["firstName"], office.contact(other["id"]).get("lastName")) == (
        "Anna",
        None,
    )
    undo_all(office)
    assert everything(office) == before


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("policy", ["add", "overwrite"])
def test_tags_are_taken_back_though_the_answer_to_them_was_lost(
    lost: str, policy: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(tags=policy, timeout=0.15)
    people = [office.known(1, tags=True)[0], office.known(1, tags=False)[0]]
    before = everything(office)
    fault(office, TAGS, lost)
    office.load([{"id": one["id"], "email": one["email"], "tags": ["fair", "Vip Two"]} for one in people])
    for one in people:
        assert {"fair", "vip two"} <= set(office.contact(one["id"])["tags"])
    undo_all(office)
    assert everything(office) == before


@pytest.mark.parametrize("policy", ["add", "overwrite"])
def test_tags_are_taken_back_though_it_died_over_them(policy: str, make_office: Callable[..., Any]) -> None:
    office = make_office(tags=policy)
    one = office.known(1, tags=True)[0]
    before = everything(office)
    for way in ("add", "remove"):
        records = [{"id": "1", "email": one["email"], "tags": ["fair"]}]
        operation = f"POST /contacts/bulk/tags/update/{way}"
        if office.attempt(partial(office.load, records), operation, 1, after=True) == "died":
            office.load(records)
    undo_all(office)
    assert everything(office) == before


@pytest.mark.parametrize("lost", ["reset_before", "reset_after"])
def test_a_tag_that_a_person_gave_before_a_lost_request_stays(
    lost: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(timeout=0.15)
    one = office.known(1, tags=True)[0]
    plan = office.only_plan([{"id": "1", "email": one["email"], "tags": ["fair"]}])
    office.vendor.edit(kind="contacts", id=one["id"], set={"tags": [*one["tags"], "fair"]})
    fault(office, TAGS, lost)
    office.apply(plan)
    office.vendor.set_faults([])
    office.undo(plan)
    assert office.contact(one["id"])["tags"] == [*one["tags"], "fair"]


@BOTH
def test_a_further_address_is_the_contacts_already_and_replaces_no_first_one(
    recheck: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(recheck=recheck)
    office.fields = office.fields.replace(
        "clean: email, policy: fill_empty", "clean: email, policy: overwrite"
    )
    one = office.known(1, additionalEmails=True)[0]
    before = everything(office)
    further = one["additionalEmails"][0]["email"]
    [plan] = office.load([{"id": "1", "email": further, "city": "Springfield"}])
    [change] = office.changes(plan)
    assert [(kept.field, kept.why) for kept in change.kept] == [("email", "it is a further address of it")]
    assert (office.contact(one["id"])["email"], office.contact(one["id"])["city"]) == (
        one["email"],
        "Springfield",
    )
    undo_all(office)
    assert everything(office) == before


@BOTH
def test_an_address_that_became_a_further_one_meanwhile_replaces_no_first_one(
    recheck: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(recheck=recheck)
    office.fields = office.fields.replace(
        "clean: email, policy: fill_empty", "clean: email, policy: overwrite"
    )
    one = office.known(1, additionalEmails=False)[0]
    office.load([{"id": "1", "email": one["email"]}])
    plan = office.only_plan([{"id": "1", "email": "new@undo.example"}])
    office.vendor.edit(
        kind="contacts", id=one["id"], set={"additionalEmails": [{"email": "new@undo.example"}]}
    )
    office.apply(plan)
    assert office.contact(one["id"])["email"] == one["email"]


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
MADE = {
    "id": "1",
    "email": "made@undo.example",
    "first_name": "Made",
    "company": "Acme",
    "tags": ["fair"],
    "note": "Hi",
    "task": TASK,
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


def test_an_update_is_taken_back_whole_where_nothing_but_its_own_address_leads_to_the_contact(
    office: Any,
) -> None:
    """The company can only be written by an address: as long as the contact has one."""
    office.load([{"id": "1", "first_name": "Made", "last_name": "Only"}])
    [one] = office.called("Made")
    office.sync()
    [plan] = office.load([{"id": "1", "email": "new@undo.example", "company": "Acme"}])
    assert office.contact(one["id"])["companyName"] == "Acme"
    office.undo(plan)
    now = office.contact(one["id"])
    assert (now.get("email"), now.get("companyName")) == (None, None)


@pytest.mark.parametrize("what", ["a field", "a business", "a tag"])
def test_what_a_person_did_before_a_request_that_never_left_is_not_taken_back(what: str, office: Any) -> None:
    one = office.known(1, businessId=False, tags=True)[0]
    business = office.vendor.records("businesses")[0]["id"]
    asked, edit, operation = {
        "a field": ({"city": "Springfield"}, {"city": "Springfield"}, UPDATE),
        "a business": ({"business": business}, {"businessId": business}, "POST /contacts/bulk/business"),
        "a tag": (
            {"tags": ["fair"]},
            {"tags": [*one["tags"], "fair"]},
            "POST /contacts/bulk/tags/update/add",
        ),
    }[what]
    records = [{"id": "1", "email": one["email"], **asked}]
    plan = office.only_plan(records)
    office.vendor.edit(kind="contacts", id=one["id"], set=edit)
    before = everything(office)
    office.attempt(partial(office.apply, plan), operation, 1, after=False)
    office.apply(plan)
    office.load(records)
    undo_all(office)
    assert everything(office) == before


def test_a_business_given_between_two_tries_of_taking_ours_back_stays(office: Any) -> None:
    one = office.known(1, businessId=False)[0]
    ours, theirs = (business["id"] for business in office.vendor.records("businesses")[:2])
    [plan] = office.load([{"id": "1", "email": one["email"], "business": ours}])
    edit = {"kind": "contacts", "id": one["id"], "set": {"businessId": theirs}}
    office.vendor.set_faults(
        [{"operation": "POST /contacts/bulk/business", "fault": "500", "times": 1, "then": edit}]
    )
    office.undo(plan)
    assert office.contact(one["id"])["businessId"] == theirs


def test_what_a_person_does_after_an_undo_is_not_taken_back_by_another(office: Any) -> None:
    one = office.known(1, tags=True)[0]
    [plan] = office.load([{"id": "1", "email": one["email"], "city": "Springfield", "tags": ["fair"]}])
    office.undo(plan)
    by_hand = {"city": "Springfield", "tags": [*one["tags"], "fair"]}
    office.vendor.edit(kind="contacts", id=one["id"], set=by_hand)
    before = everything(office)
    [inverse] = office.undo(plan)
    assert office.changes(inverse) == []
    assert everything(office) == before


def test_taking_back_what_was_taken_back_and_made_again_leaves_the_new_one(office: Any) -> None:
    [plan] = office.load([MADE])
    office.undo(plan)
    office.load([MADE])
    before = everything(office)
    office.undo(plan)
    assert everything(office) == before
    writes = office.writes()
    office.load([MADE])  # its record still knows its contact, its note and its task
    assert office.writes() == writes


def test_taking_back_does_not_lead_a_record_back_to_another_contact(office: Any) -> None:
    one = office.known(1)[0]
    records = [{"id": "1", "first_name": "Made", "last_name": "Only", "city": "Springfield"}]
    with office.hub.write() as connection:
        links.keep(connection, SCOPE, [("1", one["id"])], made_by="review", plan_id="")
    [plan] = office.load(records)
    with office.hub.write() as connection:
        links.keep(connection, SCOPE, [("1", links.SPLIT)], made_by="review", plan_id="")
    office.load(records)
    office.undo(plan)
    assert office.contact(one["id"]).get("city") == one.get("city")
    writes = office.writes()
    office.load(records)
    assert (len(office.called("Made")), office.writes()) == (1, writes)


def test_the_bill_of_an_undo_is_what_it_takes(office: Any) -> None:
    one = office.known(1, companyName=True)[0]
    business = office.vendor.records("businesses")[0]["id"]
    known = {"id": "2", "email": one["email"], "city": "Springfield", "company": "Acme", "note": "Hi"}
    [plan] = office.load([MADE, {**known, "tags": ["fair"], "business": business}])

    async def counted(work: Work) -> tuple[Plan, int]:
        inverse = await planning.make_undo(work, plan, delete_created=True)
        before = work.session.connection.requests
        await applying.apply(work, inverse, office.recheck, follow_up=True)
        return inverse, work.session.connection.requests - before

    inverse, requests = office.act(counted)
    assert inverse.bill["requests"] == requests


@pytest.fixture(scope="module", params=[-600, 600], ids=["behind", "ahead"])
def apart(request: pytest.FixtureRequest) -> Iterator[RunningSandbox]:
    """A HighLevel whose clock is ten minutes behind ours, or ahead."""
    with process.start(contacts=20, seed=7, quota="off", clock_ahead=request.param) as running:
        yield running


def test_what_was_found_again_is_taken_back_though_our_clock_is_wrong(
    apart: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    apart.reset()
    office = Office(apart, tmp_path, f"sqlite:///{tmp_path / 'hub.db'}", timeout=0.3)
    schema.upgrade(office.hub)
    office.sync()
    before = everything(office)
    activities = [f"POST /contacts/{{contactId}}/{kind}" for kind in ACTIVITIES]
    lost = [{"operation": one, "fault": "reset_after", "times": 1} for one in (CREATE, TAGS, *activities)]
    office.vendor.set_faults(lost)
    office.load([MADE, {"id": "2", "email": office.known(1)[0]["email"], "tags": ["fair"]}])
    undo_all(office)
    assert everything(office) == before
    office.hub.close()


@BOTH
def test_an_undo_that_is_interrupted_anywhere_goes_on(recheck: str, make_office: Callable[..., Any]) -> None:
    for after in (False, True):
        at = 0
        while True:
            office = make_office(recheck=recheck)
            before = everything(office)
            one = office.known(1, companyName=True)[0]
            [plan] = office.load(
                [
                    MADE,
                    {
                        "id": "2",
                        "email": one["email"],
                        "city": "X",
                        "company": "Y",
                        "tags": ["fair"],
                        "note": "A",
                    },
                ]
            )
            at += 5
            if office.attempt(partial(office.undo, plan), "request", at, after=after) == "through":
                break
            office.undo(plan)
            assert everything(office) == before
