"""Businesses as a whole stream: found by domain and name, made once, edited by nobody else unseen, undone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.core.change import State, Verb
from tasks.hub import reviews
from tasks.hub.tables import MIRRORS

COMPANIES = (Path(__file__).parent / "companies.yaml").read_text(encoding="utf-8")
CREATE, UPDATE = "POST /businesses/", "PUT /businesses/{businessId}"
NEW = {"id": "1", "name": "Newcomer", "website": "https://newcomer.example", "city": "Graz"}

Made = Callable[..., Any]


@pytest.fixture(params=["sqlite", "postgresql"])
def make_companies(request: pytest.FixtureRequest, make_office: Made) -> Made:
    """Makes offices that import businesses, on each kind of database."""

    def make(**more: Any) -> Any:
        office = make_office(kind=request.param, **more)
        office.fields = COMPANIES
        return office

    return make


@pytest.fixture
def office(make_companies: Made) -> Any:
    return make_companies()


def held(office: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.vendor.records("businesses")
    return found


def named(office: Any, name: str) -> list[dict[str, Any]]:
    return [one for one in held(office) if one.get("name") == name]


def told_apart(office: Any, n: int = 0) -> dict[str, Any]:
    """A business with a website, whose name no other has."""
    names = [one["name"].casefold() for one in held(office)]
    fit = [one for one in held(office) if one.get("website") and names.count(one["name"].casefold()) == 1]
    return fit[n]


def edit(office: Any, id_: str, **values: Any) -> None:
    office.vendor.edit(kind="businesses", id=id_, set=values)


def only(office: Any, plan: Any, verb: Verb) -> Any:
    [change] = [one for one in office.changes(plan) if one.verb is verb]
    return change


@pytest.mark.parametrize("version", ["2021-07-28", "v3"])
def test_new_ones_are_made_known_ones_updated_and_then_there_is_nothing_to_do(
    version: str, make_companies: Made
) -> None:
    office = make_companies(version=version)
    one, two = told_apart(office), told_apart(office, 1)
    records = [
        NEW,
        {"id": "2", "name": "Spelt otherwise", "website": one["website"]},
        {"id": "3", "name": two["name"].upper(), "description": "Found by its name"},
    ]
    before = len(held(office))
    [plan] = office.load(records)
    assert len(held(office)) == before + 1
    [made] = named(office, "Newcomer")
    assert (made["website"], made["city"]) == (NEW["website"], "Graz")
    assert [found["id"] for found in named(office, "Spelt otherwise")] == [one["id"]]
    assert next(b for b in held(office) if b["id"] == two["id"])["description"] == "Found by its name"
    assert (plan.counts["create"], plan.counts["update"]) == (1, 2)
    writes = office.writes()
    office.load(records)
    assert office.writes() == writes


def test_they_are_in_the_hub_with_their_domain(office: Any) -> None:
    office.load([NEW])
    table = MIRRORS["hub.business"]
    with office.hub.read() as connection:
        rows = connection.execute(sa.select(table.c.id, table.c.name, table.c.domain)).all()
    assert {row.id for row in rows} == {one["id"] for one in held(office)}
    assert ("Newcomer", "newcomer.example") in {(row.name, row.domain) for row in rows}


def test_where_domain_and_name_lead_apart_a_person_says_which_it_is(office: Any) -> None:
    one, two = told_apart(office), told_apart(office, 1)
    record = {"id": "1", "name": two["name"], "website": one["website"], "description": "?"}
    writes = office.writes()
    [plan] = office.load([record])
    assert office.writes() == writes
    assert "lead to different businesses" in only(office, plan, Verb.CONFLICT).why
    [review] = reviews.waiting(office.hub, 10)[0]
    assert {candidate.id for candidate in review.candidates} == {one["id"], two["id"]}
    reviews.accept(office.hub, review.record_id, one["id"])
    office.load([record])
    assert next(b for b in held(office) if b["id"] == one["id"])["description"] == "?"


def test_a_name_that_several_have_is_for_a_person(office: Any) -> None:
    office.vendor.edit(kind="businesses", create={"name": "Twin"})
    office.vendor.edit(kind="businesses", create={"name": "twin"})
    [plan] = office.load([{"id": "1", "name": "TWIN"}])
    assert "shared by 2 businesses" in only(office, plan, Verb.CONFLICT).why


def test_two_records_of_one_company_make_one(office: Any) -> None:
    [plan] = office.load([NEW, {"id": "2", "name": "NEWCOMER", "description": "From the second one"}])
    [made] = named(office, "Newcomer")
    assert (made["city"], made["description"]) == ("Graz", "From the second one")
    assert only(office, plan, Verb.MERGED).why == "record 2 is the same as record 1: name newcomer"


def test_two_companies_of_one_name_are_for_a_person(office: Any) -> None:
    office.load([NEW])
    other = {"id": "2", "name": "Newcomer", "website": "https://newcomer.test"}
    [plan] = office.load([other])
    assert "the domain contradicts" in only(office, plan, Verb.CONFLICT).why
    [plan] = office.load([NEW, other])
    assert "the domain contradicts" in only(office, plan, Verb.CONFLICT).why
    assert [made["website"] for made in named(office, "Newcomer")] == [NEW["website"]]


def test_one_without_a_name_is_rejected_and_the_others_go_on(office: Any) -> None:
    office.load([{"id": "1", "website": "https://nameless.example"}, {**NEW, "id": "2"}])
    assert len(named(office, "Newcomer")) == 1
    with office.hub.read() as connection:
        query = sa.text("SELECT id, reasons FROM rejects WHERE stream = 'file.business'")
        [(id_, reasons)] = connection.execute(query)
    assert (id_, "name" in reasons) == ("1", True)


@pytest.mark.parametrize("fault", ["timeout_after", "reset_after", "truncated_json", "422_after"])
def test_a_create_whose_answer_is_lost_is_found_and_not_repeated(fault: str, make_companies: Made) -> None:
    office = make_companies(timeout=0.3)
    office.sync()
    office.vendor.set_faults([{"operation": CREATE, "fault": fault, "seconds": 0.6, "times": 1}])
    [plan] = office.load([NEW])
    assert len(named(office, "Newcomer")) == 1
    assert only(office, plan, Verb.CREATE).state is State.DONE
    assert only(office, plan, Verb.CREATE).target_id == named(office, "Newcomer")[0]["id"]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("operation", [CREATE, "PUT /businesses/{id}"])
def test_whoever_dies_over_it_the_next_run_ends_it_once(
    operation: str,
    after: bool,
    office: Any,
) -> None:
    one = told_apart(office)
    records = [NEW, {"id": "2", "name": one["name"], "description": "Twice?"}]
    assert office.attempt(partial(office.load, records), operation, 1, after=after) == "died"
    office.load(records)
    assert len(named(office, "Newcomer")) == 1
    assert next(b for b in held(office) if b["id"] == one["id"])["description"] == "Twice?"
    writes = office.writes()
    office.load(records)
    assert office.writes() == writes


@pytest.mark.parametrize("recheck", ["each record", "by search"])
def test_what_somebody_edits_while_the_plan_waits_stays(recheck: str, make_companies: Made) -> None:
    office = make_companies(recheck=recheck)
    one = told_apart(office)
    edit(office, one["id"], city="")
    record = {"id": "1", "name": one["name"], "city": "Graz", "description": "Ours"}
    office.wait_and_apply([record], lambda: edit(office, one["id"], city="By hand"))
    now = next(b for b in held(office) if b["id"] == one["id"])
    assert (now["city"], now["description"]) == ("By hand", "Ours")


def test_one_that_was_deleted_in_highlevel_is_told_and_not_made_again(office: Any) -> None:
    office.load([NEW])
    [made] = named(office, "Newcomer")
    office.vendor.edit(kind="businesses", id=made["id"], delete=True)
    changed = {**NEW, "description": "Later"}
    office.load([changed])
    office.load([changed])
    assert named(office, "Newcomer") == []
    [review] = reviews.waiting(office.hub, 10)[0]
    assert f"the business it was linked to ({made['id']}) is gone" in review.why


def test_what_a_plan_did_is_taken_back(office: Any) -> None:
    one = told_apart(office)
    edit(office, one["id"], description="Before")
    before = {b["id"]: b for b in held(office)}
    [plan] = office.load([NEW, {"id": "2", "name": one["name"], "description": "After"}])
    office.undo(plan)
    now = {b["id"]: b for b in held(office)}
    assert now.keys() == before.keys()
    assert now[one["id"]]["description"] == "Before"


@pytest.mark.parametrize("how", ["edited", "joined", "kept"])
def test_what_somebody_has_worked_on_is_not_deleted(how: str, office: Any) -> None:
    [plan] = office.load([NEW])
    [made] = named(office, "Newcomer")
    if how == "edited":
        edit(office, made["id"], phone="+16502530000")
    if how == "joined":
        contact = office.vendor.records("contacts")[0]["id"]
        office.vendor.edit(kind="contacts", id=contact, set={"businessId": made["id"]})
    undone = office.undo(plan, delete_created=how != "kept")
    assert len(named(office, "Newcomer")) == 1
    if how != "kept":
        change = only(office, undone[0], Verb.DELETE)
        assert change.state is State.LEFT
        assert {"edited": "phone", "joined": "contacts belong to it"}[how] in change.error


@pytest.mark.parametrize("after", [False, True])
def test_a_deletion_over_which_somebody_dies_is_ended_by_the_next_run(
    after: bool,
    office: Any,
) -> None:
    [plan] = office.load([NEW])
    undo = partial(office.undo, plan)
    assert office.attempt(undo, "DELETE /businesses/{id}", 1, after=after) == "died"
    office.undo(plan)
    assert named(office, "Newcomer") == []
