"""The documented traps of HighLevel's API, each as the story of somebody who would fall into it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tasks.core.change import State
from tasks.streams import operation_of
from tests import operations

BOTH = pytest.mark.parametrize("recheck", ["each record", "by search"])


def by_kind(office: Any, plan: Any) -> dict[str, Any]:
    return {operation_of(change): change for change in office.changes(plan)}


def test_tags_are_added_beside_those_that_a_person_gave_meanwhile(office: Any) -> None:
    one = office.known(1, tags=True)[0]
    plan = office.only_plan([{"id": "1", "email": one["email"], "city": "Springfield", "tags": ["fair"]}])
    office.vendor.edit(kind="contacts", id=one["id"], set={"tags": [*one["tags"], "by hand"]})
    office.apply(plan)
    now = office.contact(one["id"])
    assert (now["city"], set(now["tags"])) == ("Springfield", {*one["tags"], "by hand", "fair"})


def test_a_further_address_finds_its_contact_and_stays_a_further_one(office: Any) -> None:
    one = office.known(1, additionalEmails=True)[0]
    further = one["additionalEmails"][0]["email"]
    office.load([{"id": "1", "email": further, "company": "Acme", "city": "Springfield"}])
    now = office.contact(one["id"])
    assert (now["companyName"], now["city"]) == ("Acme", "Springfield")
    assert (now["email"], now["additionalEmails"]) == (one["email"], one["additionalEmails"])


def test_a_contact_that_came_after_the_plan_is_updated_by_a_plan_that_follows_up(office: Any) -> None:
    record = {
        "id": "1",
        "email": "new@trap.example",
        "first_name": "New",
        "city": "Springfield",
        "note": "Hi",
    }
    plan = office.only_plan([record])
    async_made = office.vendor.edit(
        kind="contacts", create={"email": "new@trap.example", "firstName": "New by hand"}
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tasks.run.applying.refresh", nothing)  # the search does not show it yet
        made = office.apply(plan)
    assert [one.kind for one in made] == ["import", "follow-up"]
    assert by_kind(office, plan)[operations.CREATE].state is State.STALE
    [now] = [one for one in office.vendor.records("contacts") if one.get("email") == "new@trap.example"]
    assert (now["id"], now["city"]) == (async_made["record"]["id"], "Springfield")
    assert now["firstName"] == "New by hand"  # newer than the record
    assert [note["body"] for note in office.vendor.records("notes")] == ["Hi"]


async def nothing(_mirror: Any) -> None:
    pass


def test_an_upsert_never_goes_by_keys_of_two_contacts(office: Any) -> None:
    one = office.known(1, phone=False)[0]
    other = office.known(1, phone=True)[0]
    office.load([{"id": "1", "email": one["email"]}])
    office.load([{"id": "1", "email": one["email"], "phone": other["phone"], "company": "Acme"}])
    now = office.contact(one["id"])
    assert (now["companyName"], now.get("phone")) == ("Acme", None)
    assert office.contact(other["id"]) == other


def test_a_company_is_not_written_by_an_address_that_leads_elsewhere(office: Any) -> None:
    """Where duplicates are allowed, the contact's own address may be another's further one."""
    one, other = office.known(2, additionalEmails=False)
    office.load([{"id": "1", "email": one["email"]}])
    office.vendor.edit(kind="contacts", id=other["id"], set={"additionalEmails": [{"email": one["email"]}]})
    before = office.contact(other["id"])
    office.load([{"id": "1", "company": "Acme", "city": "Springfield"}])
    assert office.contact(one["id"])["city"] == "Springfield"
    assert office.contact(other["id"]) == before


def test_a_company_of_somebody_without_any_address_stops_nothing(office: Any) -> None:
    office.load([{"id": "1", "first_name": "Nameless", "last_name": "Only"}])
    records = [{"id": "1", "company": "Acme"}, {"id": "2", "email": "next@trap.example"}]
    office.load(records)
    assert [
        one["email"] for one in office.vendor.records("contacts") if one.get("email") == "next@trap.example"
    ]
    before = office.writes()
    office.load(records)
    assert office.writes() == before


@BOTH
def test_a_hand_edit_after_the_plan_stays_and_is_planned_anew(
    recheck: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(recheck=recheck)
    one = office.known(1)[0]
    plan = office.only_plan(
        [{"id": "1", "email": one["email"], "city": "Springfield", "website": "https://a.example"}]
    )
    office.vendor.edit(kind="contacts", id=one["id"], set={"city": "By hand"})
    _, follow_up = office.apply(plan)
    now = office.contact(one["id"])
    assert (now["city"], now["website"]) == ("By hand", "https://a.example")
    assert [kept.field for kept in by_kind(office, follow_up)[operations.UPDATE].kept] == ["city"]


def test_a_business_that_a_person_gave_after_the_plan_stays(office: Any) -> None:
    one = office.known(1, businessId=False)[0]
    ours, theirs = (business["id"] for business in office.vendor.records("businesses")[:2])
    plan = office.only_plan([{"id": "1", "email": one["email"], "tags": ["fair"], "business": ours}])
    office.vendor.edit(kind="contacts", id=one["id"], set={"businessId": theirs})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tasks.run.applying.refresh", nothing)
        office.apply(plan)
    assert office.contact(one["id"])["businessId"] == theirs
    assert "fair" in office.contact(one["id"])["tags"]


@BOTH
def test_what_a_person_did_already_is_not_done_again(recheck: str, make_office: Callable[..., Any]) -> None:
    office = make_office(recheck=recheck)
    one, other = office.known(2)
    plan = office.only_plan(
        [
            {"id": "1", "email": one["email"], "city": "Springfield"},
            {"id": "2", "email": other["email"], "city": "Springfield"},
        ]
    )
    office.vendor.edit(kind="contacts", id=one["id"], set={"city": "Springfield"})
    before = office.writes()
    office.apply(plan)
    assert office.writes() == before + 1
    assert {change.state for change in office.changes(plan)} == {State.DONE}


def test_the_echo_of_our_own_write_is_no_hand_edit_and_a_real_one_is(office: Any) -> None:
    one = office.known(1)[0]
    record = {
        "id": "1",
        "email": one["email"],
        "first_name": f"{one['firstName']} Maria",
        "city": "Springfield",
        "tags": ["fair"],
        "nickname": "Ace",
    }
    new = {"id": "2", "email": "echo@trap.example", "first_name": "Echo", "city": "Springfield"}
    office.load([record, new])
    office.scheduled_sync()
    made = office.called("Echo")[0]
    for contact in (one, made):
        said = office.origins(contact["id"])
        assert {said.pop(name) for name in ("first_name", "city")} == {"file"}
        assert "name" not in said
    office.vendor.edit(kind="contacts", id=one["id"], set={"city": "By hand"})
    office.scheduled_sync()
    assert office.origins(one["id"])["city"] == "highlevel"
    assert office.origins(one["id"])["first_name"] == "file"


def test_a_linked_record_finds_its_contact_by_whatever_address(office: Any) -> None:
    one = office.known(1)[0]
    office.load([{"id": "1", "email": one["email"]}])
    number = len(office.vendor.records("contacts"))
    office.load([{"id": "1", "email": "moved@trap.example", "city": "Springfield"}])
    assert len(office.vendor.records("contacts")) == number
    now = office.contact(one["id"])
    assert (now["email"], now["city"]) == (one["email"], "Springfield")


@BOTH
def test_what_highlevel_drops_is_not_sent_again_and_again(
    recheck: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(recheck=recheck)
    one = office.known(1)[0]
    records = [
        {"id": "1", "email": one["email"], "owner": "nobodyHereHasThisId0"},
        {"id": "2", "email": "new@trap.example", "owner": "nobodyHereHasThisId0"},
    ]
    [plan] = office.load(records)
    assert {tuple(change.result["dropped"]) for change in office.changes(plan)} == {("assignedTo",)}
    before = office.writes()
    office.load(records)
    assert office.writes() == before


@BOTH
def test_many_join_a_business_though_one_of_them_is_gone(
    recheck: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(recheck=recheck)
    people = office.known(5)
    business = office.vendor.records("businesses")[0]["id"]
    plan = office.only_plan(
        [{"id": one["id"], "email": one["email"], "business": business} for one in people]
    )
    gone = people[2]["id"]
    office.vendor.edit(kind="contacts", id=gone, delete=True)
    office.apply(plan)
    for one in people:
        assert one["id"] == gone or office.contact(one["id"])["businessId"] == business
    states = {change.target_id: change.state for change in office.changes(plan)}
    assert states.pop(gone) in (State.LEFT, State.FAILED)
    assert set(states.values()) == {State.DONE}


def test_many_get_a_tag_though_one_of_them_is_gone(office: Any) -> None:
    people = office.known(3)
    plan = office.only_plan([{"id": one["id"], "email": one["email"], "tags": ["fair"]} for one in people])
    gone = people[1]["id"]
    office.vendor.edit(kind="contacts", id=gone, delete=True)
    office.apply(plan)
    states = {change.target_id: (change.state, change.error) for change in office.changes(plan)}
    assert states.pop(gone) == (State.LEFT, "contact is deleted")
    assert {state for state, _ in states.values()} == {State.DONE}
    assert all("fair" in office.contact(id_)["tags"] for id_ in states)


def test_what_highlevel_did_not_take_is_known_though_the_second_half_of_an_update_is_refused(
    office: Any,
) -> None:
    """The company goes by a request of its own: it takes effect, and its answer says that it was refused."""
    one = office.known(1, assignedTo=False, companyName=False)[0]
    office.vendor.set_faults([{"operation": "POST /contacts/upsert", "fault": "422_after"}])
    record = {
        "id": "1",
        "email": one["email"],
        "city": "Graz",
        "company": "Acme",
        "owner": "nobodyHereHasThisId0",
    }
    [plan] = office.load([record])
    [change] = office.changes(plan)
    assert (change.state, change.result["dropped"]) == (State.DONE, ["assignedTo"])
    assert {field.field for field in change.effect} == {"city", "companyName"}


@pytest.mark.parametrize(
    "operation", ["POST /contacts/bulk/tags/update/{type}", "POST /contacts/bulk/business"]
)
def test_a_group_that_is_refused_stops_nothing_and_what_took_effect_is_known(
    operation: str, office: Any
) -> None:
    one = office.known(1, businessId=False)[0]
    business = office.vendor.records("businesses")[0]["id"]
    office.vendor.set_faults([{"operation": operation, "fault": "422_after"}])
    [plan] = office.load(
        [{"id": "1", "email": one["email"], "tags": ["fair"], "business": business, "note": "Hi"}]
    )
    assert {change.state for change in office.changes(plan)} == {State.DONE}
    office.vendor.set_faults([])
    office.scheduled_sync()
    assert {office.origins(one["id"])[name] for name in ("tags", "business_id")} == {"file"}
