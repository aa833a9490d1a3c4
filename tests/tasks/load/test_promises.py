"""What an import promises under odd circumstances, each as the story of somebody who would be hurt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tasks.core.change import State
from tasks.core.errors import HubUnavailableError, VendorFailedError
from tasks.hub import leases, plans
from tasks.hub.leases import Lease
from tasks.hub.plans import Plan
from tasks.load import bookkeeping
from tasks.load.applier import Applier
from tasks.run import applying
from tasks.run.planning import Work
from tasks.streams import Operation, operation_of
from tests import operations
from tests.tasks.load.conftest import AS_OF, nothing
from tests.tasks.load.disturbances import Ended

CREATE, UPDATE = "POST /contacts/", "PUT /contacts/{contactId}"
UPSERT, TAGS = "POST /contacts/upsert", "POST /contacts/bulk/tags/update/{type}"
BOTH = pytest.mark.parametrize("recheck", ["each record", "by search"])
LATER = "2036-01-01T00:00:00.000Z"


def faults(office: Any, *some: dict[str, Any]) -> None:
    office.vendor.set_faults([{"seconds": 0.3, **one} for one in some])


def state_of(office: Any, plan: Any, kind: Operation) -> set[State]:
    return {change.state for change in office.changes(plan) if operation_of(change) is kind}


def dies_at_its_last_request(office: Any, records: list[dict[str, Any]], *, before: int = 0) -> None:
    """Import in a process that dies once a request has taken effect, before its answer is read."""
    twins = [
        {**one, "id": f"twin {one['id']}", "first_name": "Twin"}
        | ({"email": f"twin-{one['email']}"} if "email" in one else {})
        for one in records
    ]
    twin = office.requests_of(twins)
    ended = office.attempt(partial(office.load, records), "request", twin - before, after=True)
    assert ended == "died"


def without_task(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "task"}


# A renewal that fails, a plan that waited, a record that always fails


def test_an_error_of_the_hub_in_a_renewal_is_no_error_of_the_plan(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "SECONDS", 0.4)
    renew, failures = Lease.renew, []

    def failing(lease: Lease, hub: Any) -> None:
        if len(failures) < 2:
            failures.append(1)
            raise HubUnavailableError("the hub restarts")
        renew(lease, hub)

    monkeypatch.setattr(Lease, "renew", failing)
    faults(office, {"operation": CREATE, "fault": "slow", "seconds": 0.4})
    records = [{"id": str(n), "email": f"renew{n}@trap.example"} for n in range(12)]
    [plan] = office.load(records)
    assert failures == [1, 1]
    assert state_of(office, plan, operations.CREATE) == {State.DONE}
    assert plans.find(office.hub, plan.id).state == "applied"
    assert Lease(f"write {office.vendor.location_id}", "the next").take(office.hub) == ""


@pytest.mark.parametrize("moment", ["commit", "committed"])
def test_a_hub_that_is_away_for_a_moment_is_waited_for(
    moment: str, make_office: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is restarted ends every connection, before a commit or before its answer is heard."""
    gone: list[str] = []

    def restarted(now: str) -> None:
        if now != moment or gone or not office.hub.seen[CREATE]:
            return
        gone.append(now)
        Ended(office, moment, 1, 0.0).strike()

    office = make_office(kind="postgresql", befall=restarted)
    monkeypatch.setattr(bookkeeping, "HUB_PATIENCE_SECONDS", 10.0)
    records = [{"id": str(n), "email": f"away{n}@trap.example", "first_name": "Away"} for n in range(12)]
    [plan] = office.load(records)
    assert gone == [moment]
    assert state_of(office, plan, operations.CREATE) == {State.DONE}
    assert len(office.called("Away")) == len(records)


@pytest.mark.parametrize("step", ["_begin", "_keep_links", "_finish"])
def test_a_hub_that_is_away_just_when_applying_begins_or_ends_is_waited_for(
    step: str, office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that was to be written is, so the run has not failed."""
    does, gone = getattr(Applier, step), []

    def restarted(applier: Applier, *more: Any) -> Any:
        if not gone:
            gone.append(step)
            raise HubUnavailableError("the hub restarts")
        return does(applier, *more)

    monkeypatch.setattr(Applier, step, restarted)
    [plan] = office.load([{"id": "1", "email": "away@trap.example", "first_name": "Away"}])
    assert gone == [step]
    assert state_of(office, plan, operations.CREATE) == {State.DONE}
    assert plans.find(office.hub, plan.id).state == "applied"


@BOTH
def test_what_came_while_a_plan_waited_is_read_before_its_first_write(
    recheck: str, make_office: Callable[..., Any]
) -> None:
    """Where a location allows duplicates, HighLevel itself would not stop a second contact."""
    office = make_office(recheck=recheck)
    by_hand = {"email": "waited@trap.example", "firstName": "By hand"}
    plan = office.wait_and_apply(
        [{"id": "1", "email": "waited@trap.example", "first_name": "Waited"}],
        meanwhile=lambda: office.vendor.edit(kind="contacts", create=by_hand),
    )
    assert office.calls(CREATE) == 0
    assert state_of(office, plan, operations.CREATE) == {State.STALE}


def test_what_by_search_finds_is_read_after_the_lease(make_office: Callable[..., Any]) -> None:
    """However young the plan: between its reading and the lease another import may have ended."""
    office = make_office(recheck="by search")

    async def planned_and_applied(work: Work) -> Plan:
        plan: Plan = await office.plan(work, [{"id": "1", "email": "young@trap.example", "city": "Graz"}])
        office.vendor.edit(kind="contacts", create={"email": "young@trap.example", "firstName": "By hand"})
        await applying.apply(work, plan, office.recheck, follow_up=True)
        return plan

    plan = office.act(planned_and_applied)
    assert office.calls(CREATE) == 0
    assert state_of(office, plan, operations.CREATE) == {State.STALE}


def test_a_record_that_always_fails_does_not_hold_up_the_others_for_ever(office: Any) -> None:
    """The second run does not meet it first again: it would end before most of the others had their turn."""
    one, *others = office.known(30)
    records = [{"id": o["id"], "email": o["email"], "city": "Springfield"} for o in (one, *others)]
    plan = office.only_plan(records)
    failing = {"operation": UPDATE, "fault": "500", "record": one["id"]}
    faults(office, failing, {"operation": UPDATE, "fault": "slow", "seconds": 0.5})
    for _ in range(2):
        with pytest.raises(VendorFailedError):
            office.apply(plan)
    assert {office.contact(o["id"])["city"] for o in others} == {"Springfield"}
    office.apply(plan)
    [failed] = [change for change in office.changes(plan) if change.state is State.FAILED]
    assert failed.target_id == one["id"]
    assert "HighLevel answers everything else" in str(failed.error)
    assert plans.find(office.hub, plan.id).state == "applied"
    faults(office)
    assert plans.retry_failed(office.hub, plan.id) == 1
    office.apply(plan)
    assert office.contact(one["id"])["city"] == "Springfield"


def test_a_record_that_always_fails_takes_none_of_its_group_along(office: Any) -> None:
    one, *others = office.known(4)
    plan = office.only_plan([{"id": o["id"], "email": o["email"], "tags": ["fair"]} for o in (one, *others)])
    faults(office, {"operation": TAGS, "fault": "500", "record": one["id"]})
    for _ in range(2):
        with pytest.raises(VendorFailedError):
            office.apply(plan)
    assert all("fair" in office.contact(o["id"])["tags"] for o in others)
    office.apply(plan)
    assert state_of(office, plan, operations.TAG_ADD) == {State.DONE, State.FAILED}
    assert plans.find(office.hub, plan.id).state == "applied"


def test_an_outage_of_highlevel_makes_no_change_fail(make_office: Callable[..., Any]) -> None:
    """One that begins with the very request of a change, run after run."""
    outage = [{"operation": "*", "fault": "500"}]

    def begins(moment: str) -> None:
        if moment == "request" and office.hub.seen["PUT /contacts/{id}"]:
            office.vendor.set_faults(outage)

    office = make_office(befall=begins)
    one = office.known(1)[0]
    plan = office.only_plan([{"id": "1", "email": one["email"], "city": "Springfield"}])
    for faults_before in ([], [], outage, [], [], []):
        office.vendor.set_faults(faults_before)
        with pytest.raises(VendorFailedError):
            office.apply(plan)
    office.befall = nothing
    office.vendor.set_faults([])
    office.apply(plan)
    assert office.contact(one["id"])["city"] == "Springfield"


def test_a_look_up_that_always_fails_blocks_no_import_for_ever(make_office: Callable[..., Any]) -> None:
    office = make_office(timeout=0.15)
    lost = [{"id": "1", "email": "lost@trap.example"}]
    dies_at_its_last_request(office, lost)
    faults(office, {"operation": "GET /contacts/search/duplicate", "fault": "500"})
    others = [{"id": "2", "first_name": "Nameless", "last_name": "Only"}]
    for _ in range(2):
        with pytest.raises(VendorFailedError):
            office.load(others)
    office.load(others)
    assert len(office.called("Nameless")) == 1


def test_a_duplicate_that_is_gone_again_stops_nothing(office: Any) -> None:
    """HighLevel refuses an address for a contact that it does not have any more."""
    one, other = office.known(2, phone=False)
    plan = office.only_plan([{"id": "1", "email": one["email"], "phone": "+16502531299"}])
    office.vendor.edit(kind="contacts", id=other["id"], set={"phone": "+16502531299"})
    faults(office, {"operation": "GET /contacts/{contactId}", "fault": "gone", "record": other["id"]})
    office.apply(plan)
    assert state_of(office, plan, operations.UPDATE) <= {State.STALE, State.LEFT, State.FAILED}


# A hand edit overwritten


@pytest.mark.parametrize("fault", ["500", "reset_before", "timeout_after", "429"])
@BOTH
def test_an_edit_between_two_tries_of_one_update_stays(
    recheck: str, fault: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(recheck=recheck, timeout=0.15)
    one = office.known(1)[0]
    edit = {"kind": "contacts", "id": one["id"], "set": {"city": "By hand", "dateUpdated": LATER}}
    faults(office, {"operation": UPDATE, "fault": fault, "times": 1, "then": edit})
    office.load([{"id": "1", "email": one["email"], "city": "Springfield", "website": "https://a.example"}])
    now = office.contact(one["id"])
    assert (now["city"], now["website"]) == ("By hand", "https://a.example")


@pytest.mark.parametrize("fault", ["500", "timeout_after"])
def test_an_edit_between_two_tries_of_one_upsert_stays(fault: str, make_office: Callable[..., Any]) -> None:
    """The company goes by a request of its own."""
    office = make_office(timeout=0.15)
    one = office.known(1, companyName=True)[0]
    edit = {"kind": "contacts", "id": one["id"], "set": {"companyName": "By hand", "dateUpdated": LATER}}
    faults(office, {"operation": UPSERT, "fault": fault, "times": 1, "then": edit})
    office.load([{"id": "1", "email": one["email"], "city": "Springfield", "company": "Acme"}])
    now = office.contact(one["id"])
    assert (now["city"], now["companyName"]) == ("Springfield", "By hand")


@BOTH
def test_a_business_given_between_two_tries_of_one_link_stays(
    recheck: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(recheck=recheck)
    one = office.known(1, businessId=False)[0]
    ours, theirs = (business["id"] for business in office.vendor.records("businesses")[:2])
    edit = {"kind": "contacts", "id": one["id"], "set": {"businessId": theirs}}
    faults(office, {"operation": "POST /contacts/bulk/business", "fault": "500", "times": 1, "then": edit})
    office.load([{"id": "1", "email": one["email"], "business": ours}])
    assert office.contact(one["id"])["businessId"] == theirs


def test_a_business_given_between_the_update_and_the_link_of_one_run_stays(office: Any) -> None:
    one = office.known(1, businessId=False)[0]
    ours, theirs = (business["id"] for business in office.vendor.records("businesses")[:2])
    edit = {"kind": "contacts", "id": one["id"], "set": {"businessId": theirs}}
    faults(office, {"operation": UPDATE, "fault": "slow", "seconds": 0, "times": 1, "then": edit})
    office.load([{"id": "1", "email": one["email"], "city": "Springfield", "business": ours}])
    now = office.contact(one["id"])
    assert (now["city"], now["businessId"]) == ("Springfield", theirs)


@pytest.mark.parametrize("who", ["e-mail", "name"])
def test_an_edit_of_a_contact_whose_create_was_lost_stays_and_nobody_is_made_twice(
    who: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(timeout=0.15)
    record = {"id": "1", "first_name": "Lost", "last_name": "Only", "city": "Springfield"}
    record |= {"email": "lost@trap.example"} if who == "e-mail" else {}
    dies_at_its_last_request(office, [record])
    [made] = office.called("Lost")
    office.vendor.edit(kind="contacts", id=made["id"], set={"city": "By hand", "dateUpdated": LATER})
    office.load([record])
    [now] = office.called("Lost")
    assert (now["id"], now["city"]) == (made["id"], "By hand")
    assert office.origins(made["id"])["city"] == "highlevel"
    office.load([record])
    assert office.called("Lost") == [now]


@BOTH
def test_tags_that_a_person_has_changed_since_the_plan_are_not_replaced(
    recheck: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(recheck=recheck, tags="overwrite")
    one = office.known(1, tags=True)[0]
    plan = office.only_plan([{"id": "1", "email": one["email"], "tags": ["fair"]}])
    told = {"tags": [*one["tags"], "by hand"], "dateUpdated": LATER}
    office.vendor.edit(kind="contacts", id=one["id"], set=told)
    office.apply(plan)
    assert set(office.contact(one["id"])["tags"]) == {*one["tags"], "by hand"}


@pytest.mark.parametrize("fault", ["500", "reset_before", "reset_after"])
@BOTH
def test_tags_that_a_person_changes_between_two_tries_are_not_replaced(
    recheck: str, fault: str, make_office: Callable[..., Any]
) -> None:
    office = make_office(recheck=recheck, tags="overwrite")
    one, other = office.known(2)
    for contact in (one, other):
        before = {"tags": ["old"], "dateUpdated": "2026-11-01T10:00:00.000Z"}
        office.vendor.edit(kind="contacts", id=contact["id"], set=before)
    by_hand = {"tags": ["old", "fair", "by hand"], "dateUpdated": LATER}
    edit = {"kind": "contacts", "id": one["id"], "set": by_hand}
    # Of the two requests the one that takes tags away: it names them.
    faults(office, {"operation": TAGS, "record": '"old"', "fault": fault, "times": 1, "then": edit})
    [plan, *_] = office.load([{"id": o["id"], "email": o["email"], "tags": ["fair"]} for o in (one, other)])
    assert office.contact(one["id"])["tags"] == by_hand["tags"]
    assert office.contact(other["id"])["tags"] == ["fair"]
    office.undo(plan)
    assert office.contact(other["id"])["tags"] == ["old"]


def test_a_replay_is_as_old_as_its_file(office: Any) -> None:
    """A person's edit that the import kept is not overwritten because the reject was read later."""
    one = office.known(1)[0]
    office.load([{"id": "1", "email": one["email"], "city": "Springfield", "task": {"title": "no date"}}])
    edited = {"city": "By hand", "dateUpdated": (AS_OF + timedelta(minutes=1)).isoformat()}
    office.vendor.edit(kind="contacts", id=one["id"], set=edited)
    office.mend_rejects(without_task)
    office.replay()
    assert office.contact(one["id"])["city"] == "By hand"


# Left undone


def test_a_record_with_nothing_but_a_note_for_its_contact_is_linked(office: Any) -> None:
    one = office.known(1)[0]
    office.load([{"id": "1", "email": one["email"], "note": "Hi"}])
    office.vendor.edit(kind="contacts", id=one["id"], set={"email": "moved@trap.example"})
    number = len(office.vendor.records("contacts"))
    office.load([{"id": "1", "email": one["email"], "city": "Springfield", "note": "Hi"}])
    assert len(office.vendor.records("contacts")) == number
    assert office.contact(one["id"])["city"] == "Springfield"
    assert len(office.vendor.records("notes")) == 1


def test_a_record_whose_update_is_refused_is_linked_too(office: Any) -> None:
    one = office.known(1)[0]
    faults(office, {"operation": UPDATE, "fault": "422_before"})
    office.load([{"id": "1", "email": one["email"], "city": "Springfield"}])
    faults(office)
    office.vendor.edit(kind="contacts", id=one["id"], set={"email": "moved@trap.example"})
    office.load([{"id": "1", "email": one["email"], "city": "Springfield"}])
    assert office.contact(one["id"])["city"] == "Springfield"


def test_what_newer_tags_replace_goes_though_it_died_between_adding_and_removing(
    make_office: Callable[..., Any],
) -> None:
    office = make_office(tags="newest")
    one = office.known(1, tags=True)[0]
    records = [{"id": "1", "email": one["email"], "tags": ["fair"]}]
    most = office.requests_of(
        [{"id": "o", "email": office.known(2, tags=True)[1]["email"], "tags": ["fair"]}]
    )
    office.attempt(partial(office.load, records), "request", most, after=False)
    assert set(office.contact(one["id"])["tags"]) == {*one["tags"], "fair"}
    office.load(records)
    assert office.contact(one["id"])["tags"] == ["fair"]


def test_what_changed_meanwhile_is_planned_anew_though_it_died_before_that(office: Any) -> None:
    one = office.known(1)[0]
    records = [{"id": "1", "email": one["email"], "city": "Springfield", "website": "https://a.example"}]
    plan = office.only_plan(records)
    edited = {"city": "By hand", "dateUpdated": LATER}
    office.vendor.edit(kind="contacts", id=one["id"], set=edited)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tasks.run.applying.plan_anew", never)
        office.apply(plan)
    assert plans.find(office.hub, plan.id).state == "applied"
    assert len(plans.to_plan_anew(office.hub, plan.id)) == 1
    office.apply(plan)
    assert office.contact(one["id"])["website"] == "https://a.example"
    assert plans.to_plan_anew(office.hub, plan.id) == []
    assert [later.kind for later in plans.follow_ups(office.hub, plan.id)] == ["follow-up"]


async def never(*_: Any) -> None:
    pass


def test_a_reject_stays_on_the_list_until_its_record_is_written(office: Any) -> None:
    bad = {"id": "1", "email": "replayed@trap.example", "first_name": "Replayed"}
    office.load([bad | {"task": {"title": "no date"}}])
    assert office.rejected() == {"1"}
    office.mend_rejects(without_task)
    office.replay(dry_run=True)
    assert office.rejected() == {"1"}
    ended = office.attempt(office.replay, "request", office.requests_of([]) + 1, after=False)
    assert (ended, office.rejected()) == ("died", {"1"})
    office.replay()
    assert office.rejected() == set()
    assert len(office.called("Replayed")) == 1


def test_a_reject_that_wants_nothing_any_more_leaves_the_list_when_it_is_replayed(office: Any) -> None:
    one = office.known(1)[0]
    office.load([{"id": "1", "email": one["email"]}])
    office.load([{"id": "1", "email": one["email"], "task": {"title": "no date"}}])
    office.mend_rejects(without_task)
    before = office.writes()
    office.replay()
    assert (office.rejected(), office.writes()) == (set(), before)


# How HighLevel tells things


def test_a_timezone_that_the_answer_to_a_create_leaves_out_is_neither_dropped_nor_edited(office: Any) -> None:
    record = {"id": "1", "email": "zone@trap.example", "first_name": "Zoned", "timezone": "Europe/Berlin"}
    [plan] = office.load([record])
    [change] = office.changes(plan)
    assert "dropped" not in change.result
    office.scheduled_sync()
    [made] = office.called("Zoned")
    assert made["timezone"] == "Europe/Berlin"
    assert office.origins(made["id"])["timezone"] == "file"


def test_a_tag_with_a_capital_is_neither_dropped_nor_made_twice(make_office: Callable[..., Any]) -> None:
    office = make_office(timeout=0.15)
    record = {"id": "1", "first_name": "Tagged", "last_name": "Only", "tags": ["Fair", "VIP Guest"]}
    faults(office, {"operation": CREATE, "fault": "timeout_after", "times": 1})
    [plan] = office.load([record])
    [change] = office.changes(plan)
    assert "dropped" not in change.result
    [made] = office.called("Tagged")
    assert made["tags"] == ["fair", "vip guest"]
    office.scheduled_sync()
    assert office.origins(made["id"])["tags"] == "file"
    before = office.writes()
    office.load([record])
    assert office.writes() == before


@BOTH
def test_a_company_never_goes_by_a_number_that_leads_to_nobody(
    recheck: str, make_office: Callable[..., Any]
) -> None:
    """HighLevel holds the number as somebody typed it; the mirror, and an upsert, as E.164."""
    office = make_office(recheck=recheck)
    typed = {"phone": "(650) 253-0000", "firstName": "Typed", "country": "US"}
    made = office.vendor.edit(kind="contacts", create=typed)["record"]
    number = len(office.vendor.records("contacts"))
    [plan] = office.load([{"id": "1", "phone": "+16502530000", "company": "Acme", "city": "Springfield"}])
    assert len(office.vendor.records("contacts")) == number
    now = office.contact(made["id"])
    assert (now["city"], now.get("companyName")) == ("Springfield", None)
    [change] = office.changes(plan)
    assert change.result["left"] == ["companyName"]
    assert "would make another one" in change.error


def test_a_company_goes_by_a_number_that_leads_to_its_contact(office: Any) -> None:
    one = office.known(1, phone=True)[0]
    office.load([{"id": "1", "phone": one["phone"]}])
    office.vendor.edit(kind="contacts", id=one["id"], unset=["email"])
    office.load([{"id": "1", "phone": one["phone"], "company": "Acme"}])
    assert office.contact(one["id"])["companyName"] == "Acme"


# A lost hub


def test_notes_and_tasks_that_are_there_are_not_made_again_for_a_new_hub(office: Any) -> None:
    one = office.known(1)[0]
    task = {"title": "Call", "dueDate": "2027-01-01T00:00:00Z"}
    records = [
        {"id": "1", "email": one["email"], "note": "Hi", "task": task},
        {"id": "2", "email": "new@trap.example", "note": "Hello", "task": task},
    ]
    office.load(records)
    office.lose_hub()
    [plan] = office.load(records)
    assert len(office.vendor.records("notes")) == len(office.vendor.records("tasks")) == 2
    assert plan.bill["requests"] >= 4
    before = office.writes()
    office.load(records)
    assert office.writes() == before


def test_the_preview_says_of_whom_it_cannot_be_known_whether_they_are_there(office: Any) -> None:
    plan = office.only_plan(
        [{"id": "1", "first_name": "Nameless"}, {"id": "2", "email": "known@trap.example"}]
    )
    assert plan.counts["create_without_key"] == 1
