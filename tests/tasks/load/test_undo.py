"""Undo is the whole inverse of what plans did, and takes nothing that a person did."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tasks.core.change import State
from tasks.hub.plans import Plan
from tests import operations
from tests.tasks.load.undoing import (
    BOTH,
    LOST,
    MADE,
    TAGS,
    TASK,
    UPDATE,
    UPSERT,
    dies,
    ended,
    everything,
    fault,
    now,
    undo_all,
)


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
