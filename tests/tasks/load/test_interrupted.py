"""What becomes of a plan whose engine died, or whose answers were lost, in the cases that look alike."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tasks.core.change import State
from tasks.core.errors import BadCredentialError, HubUnavailableError, VendorFailedError
from tasks.hub import plans
from tasks.load import applier as apply
from tasks.load import bookkeeping
from tasks.load.rolling import BLOCK

LOST = ("timeout_after", "reset_after", "truncated_json", "422_after")
CREATE, TAGS = "POST /contacts/", "POST /contacts/bulk/tags/update/{type}"
WHO = {
    "e-mail": {"email": "lost@trap.example", "first_name": "Lost"},
    "phone": {"phone": "+16502531234", "first_name": "Lost"},
    "name": {"first_name": "Lost", "last_name": "Only", "owner": "nobodyHereHasThisId0", "nickname": "Ace"},
    "whole name": {"name": "Lost Only", "tags": ["fair"]},
}


def lost(office: Any, operation: str, fault: str, times: int = 1) -> None:
    office.vendor.set_faults([{"operation": operation, "fault": fault, "seconds": 0.3, "times": times}])


def dies(office: Any, records: list[dict[str, Any]], of: str, at: int, *, after: bool) -> None:
    assert office.attempt(partial(office.load, records), of, at, after=after) == "died"


def number_of(office: Any, of: str, doing: Callable[[], Any]) -> int:
    """How many writes or requests something takes."""
    doing()
    return int(office.hub.seen[of])


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("who", WHO)
def test_a_create_whose_answer_is_lost_is_found_and_not_repeated(
    who: str, fault: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(timeout=0.15)
    before = len(office.vendor.records("contacts"))
    lost(office, CREATE, fault)
    [plan] = office.load([{"id": "1", **WHO[who], "note": "Hi"}])
    assert len(office.called("Lost")) == len(office.vendor.records("contacts")) - before == 1
    assert {change.state for change in office.changes(plan)} == {State.DONE}
    assert len(office.vendor.records("notes")) == 1
    writes = office.writes()
    office.load([{"id": "1", **WHO[who], "note": "Hi"}])
    assert office.writes() == writes


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize(
    ("kind", "content"),
    [("notes", {"note": "Hi"}), ("tasks", {"task": {"title": "Call", "dueDate": "2027-01-01T00:00:00Z"}})],
)
def test_a_note_or_task_whose_answer_is_lost_is_found_and_not_repeated(
    kind: str, content: dict[str, Any], fault: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(timeout=0.15)
    one = office.known(1)[0]
    lost(office, f"POST /contacts/{{contactId}}/{kind}", fault)
    [plan] = office.load([{"id": "1", "email": one["email"], **content}])
    assert len(office.vendor.records(kind)) == 1
    assert {change.state for change in office.changes(plan)} == {State.DONE}


def test_two_people_of_one_name_are_two_contacts_however_the_answers_are_lost(
    make_office: Callable[..., Any],
) -> None:
    records = [{"id": str(n), "name": "Same Name", "note": f"of {n}"} for n in range(3)]
    for fault in LOST:
        office = make_office(timeout=0.15)
        lost(office, CREATE, fault, times=2)
        office.load(records)
        assert len(office.called("Same")) == 3
        assert len({note["contactId"] for note in office.vendor.records("notes")}) == 3


def test_two_people_of_one_name_are_two_contacts_wherever_it_dies(make_office: Callable[..., Any]) -> None:
    records = [{"id": "1", "name": "Same Name"}, {"id": "2", "name": "Same Name", "city": "Springfield"}]
    office = make_office()
    most = number_of(office, "request", lambda: office.load(records))
    for at in range(1, most + 1):
        for after in (False, True):
            office = make_office()
            dies(office, records, "request", at, after=after)
            office.load(records)
            assert sorted(str(one.get("city")) for one in office.called("Same")) == ["None", "Springfield"]


def test_an_old_plan_that_is_resumed_late_makes_nothing_twice(office: Any) -> None:
    one = office.known(1)[0]
    task = {"title": "Call", "dueDate": "2027-01-01T00:00:00Z"}
    records = [
        {"id": "1", "email": one["email"], "note": "Hi", "task": task, "tags": ["fair"]},
        {"id": "2", "email": "new@trap.example", "note": "Hi", "task": task},
    ]
    plan = office.only_plan(records)
    office.load(records)
    before = office.writes()
    office.apply(plan)
    assert len(office.vendor.records("notes")) == len(office.vendor.records("tasks")) == 2
    assert office.writes() == before + 1  # tags may be given again without harm


def test_an_update_that_died_before_its_record_is_ours_for_a_sync_that_comes_first(office: Any) -> None:
    one = office.known(1)[0]
    records = [{"id": "1", "email": one["email"], "city": "Springfield"}]
    dies(office, records, "request", death_of_the_update(office), after=True)
    assert office.contact(one["id"])["city"] == "Springfield"
    office.scheduled_sync()
    assert office.origins(one["id"]) in ({}, {"date_updated": "highlevel"})
    office.sync()
    assert office.origins(one["id"])["city"] == "file"


def death_of_the_update(office: Any) -> int:
    """The request that writes in an import of one record for a contact that is there: the last one."""
    other = office.known(2)[1]
    return number_of(
        office, "request", lambda: office.load([{"id": "o", "email": other["email"], "city": "X"}])
    )


@pytest.mark.parametrize("after", [False, True])
def test_the_company_is_written_though_it_died_between_update_and_upsert(after: bool, office: Any) -> None:
    """The first half makes the contact look changed just now; that is no newer word on the other half."""
    one = office.known(1, companyName=True)[0]
    records = [{"id": "1", "email": one["email"], "city": "Springfield", "company": "Acme"}]
    at = death_of_the_update(office) + (0 if after else 1)
    dies(office, records, "request", at, after=after)
    now = office.contact(one["id"])
    assert (now["city"], now["companyName"]) == ("Springfield", one["companyName"])
    office.load(records)
    assert office.contact(one["id"])["companyName"] == "Acme"


def test_a_try_that_failed_leaves_who_said_what_is_there(office: Any) -> None:
    one = office.known(1)[0]
    told = {"city": "By hand", "dateUpdated": "2026-11-10T10:00:00.000Z"}
    office.vendor.edit(kind="contacts", id=one["id"], set=told)
    office.scheduled_sync()
    lost(office, "PUT /contacts/{contactId}", "500", times=100)
    with pytest.raises(VendorFailedError):
        office.load([{"id": "1", "email": one["email"], "city": "Springfield"}])
    office.vendor.set_faults([])
    office.sync()
    assert office.origins(one["id"])["city"] == "highlevel"
    office.load([{"id": "1", "email": one["email"], "city": "Older", "updated_at": "2026-11-09T10:00:00Z"}])
    assert office.contact(one["id"])["city"] == "By hand"


def test_no_change_stays_under_way_when_another_plan_takes_over(office: Any) -> None:
    one = office.known(1, businessId=False)[0]
    business = office.vendor.records("businesses")[0]["id"]
    records = [
        {"id": "1", "email": one["email"], "city": "Springfield", "tags": ["fair"], "business": business}
    ]
    most = number_of(
        office,
        "write",
        lambda: office.load([{**records[0], "id": "o", "email": office.known(2)[1]["email"]}]),
    )
    for at in range(most - 8, most + 1):
        office.attempt(partial(office.load, records), "write", at, after=True)
    office.load(records)
    with office.hub.read() as connection:
        under_way = connection.exec_driver_sql("SELECT verb FROM changes WHERE state = 'sending'").all()
    assert under_way == []


def test_no_more_is_sent_when_the_hub_keeps_no_record(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [{"id": str(n), "email": f"new{n}@trap.example", "first_name": "Made"} for n in range(150)]

    def failing(*_: Any, **__: Any) -> None:
        raise HubUnavailableError("disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(bookkeeping, "record", failing)
        with pytest.raises(HubUnavailableError):
            office.load(records)
    assert BLOCK <= len(office.called("Made")) < 2 * BLOCK + apply.AT_ONCE
    office.load(records)
    assert len(office.called("Made")) == len(records)


def test_what_is_under_way_when_the_token_is_revoked_is_recorded_and_nothing_more_leaves(office: Any) -> None:
    """Each contact has a tag of its own, so that each is a request of its own."""
    known = office.known(24)
    tags = {one["id"]: f"t{one['id']}".lower() for one in known}
    records = [{"id": one["id"], "email": one["email"], "tags": [tags[one["id"]]]} for one in known]
    refused = {"operation": TAGS, "fault": "401", "record": known[0]["id"]}
    office.vendor.set_faults([refused, {"operation": TAGS, "fault": "slow", "seconds": 0.5}])

    def tagged() -> set[str]:
        return {id_ for id_, tag in tags.items() if tag in office.contact(id_).get("tags", [])}

    with pytest.raises(BadCredentialError):
        office.load(records)
    time.sleep(1)  # whatever has left takes its effect
    ended = office.changes(plans.find(office.hub, "last"))
    assert {change.target_id for change in ended if change.state is State.DONE} == tagged()
    assert 0 < len(tagged()) < len(known) / 2
    office.vendor.set_faults([])
    office.load(records)
    assert tagged() == set(tags)
