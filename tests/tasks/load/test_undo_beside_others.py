"""Undo beside people, other plans, wrong clocks and its own death."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sandbox import process
from sandbox.process import RunningSandbox
from tasks.hub import links, schema
from tasks.hub.plans import Plan
from tasks.run import applying, planning
from tasks.run.planning import Work
from tests.tasks.load.conftest import Office, hurry
from tests.tasks.load.undoing import (
    ACTIVITIES,
    BOTH,
    CREATE,
    MADE,
    SCOPE,
    TAGS,
    UPDATE,
    everything,
    undo_all,
)


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
