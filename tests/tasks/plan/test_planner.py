"""Planning batches: each record comes to exactly one thing, and a plan holds old, new and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.core.change import FieldChange
from tasks.core.errors import HubUnavailableError
from tasks.hub import links, plans, reviews
from tasks.hub.spec import child_id, child_scope
from tasks.streams import HUB_CONTACT, NOTE, TASK, operation_of
from tests import operations

ADA = {"id": "ada", "first_name": "Ada", "email": "ada@a.example", "phone": "+15550000001"}


def field(change: Any, name: str) -> FieldChange:
    [found] = [one for one in change.fields if one.field == name]
    return found


def kept(change: Any) -> dict[str, str]:
    return {one.field: one.why for one in change.kept}


# --- create, update, unchanged


def test_a_record_without_a_contact_becomes_one(stage: Any) -> None:
    made = stage.plan(
        {
            "id": "r1",
            "firstName": "Ada",
            "email": "ada@a.example",
            "companyName": "Acme",
            "gender": "female",
            "tags": ["a"],
            "custom.lead_id": 7,
            "note": "met at a fair",
            "task": {"title": "Call", "dueDate": "2026-07-01T09:00:00Z"},
            "business": "acme.example",
        },
        businesses=[stage.acme],
    )
    create, business, note, task = made.changes
    assert operation_of(create) is operations.CREATE
    assert (create.label, create.why, create.target_id) == ("Ada", "new", "")
    assert {one.field: (one.old, one.new) for one in create.fields} == {
        "firstName": (None, "Ada"),
        "email": (None, "ada@a.example"),
        "companyName": (None, "Acme"),
        "gender": (None, "female"),
        "tags": (None, ["a"]),
        "custom.lead_id": (None, 7),
    }
    assert (operation_of(business), business.value("business")) == (operations.LINK_BUSINESS, "biz1")
    assert (operation_of(note), note.value("body")) == (operations.CREATE_NOTE, "met at a fair")
    assert (operation_of(task), task.value("title")) == (operations.CREATE_TASK, "Call")


def test_an_update_has_only_the_fields_that_differ_with_old_new_and_why(stage: Any) -> None:
    stage.mirror({**ADA, "city": "Graz", "last_name": "Byron"})
    stage.link("r1", "ada")
    made = stage.plan(
        {"id": "r1", "firstName": "Ada", "lastName": "King", "city": "Wien", "phone": "+15559999999"}
    )
    change = made.only("r1", operations.UPDATE)
    assert change.target_id == "ada"
    assert [(one.field, one.old, one.new) for one in change.fields] == [
        ("lastName", "Byron", "King"),
        ("city", "Graz", "Wien"),
    ]
    assert field(change, "lastName").why == "newest: 2026-06-01 00:00 is newer"
    assert kept(change) == {"phone": "fill_empty: there is a value"}
    assert change.why == "known link"
    assert change.wanted["lastName"] == "King"


def test_what_is_the_same_is_unchanged_and_a_known_one_costs_no_row(stage: Any) -> None:
    stage.mirror(ADA)
    stage.link("r1", "ada")
    made = stage.plan({"id": "r1", "firstName": "Ada", "email": "ada@a.example"})
    assert made.tally.unchanged == 1
    assert made.changes == []


def test_a_new_match_that_changes_nothing_is_kept_for_its_link(stage: Any) -> None:
    stage.mirror(ADA)
    change = stage.plan({"id": "r1", "email": "ada@a.example"}).only("r1", operations.UNCHANGED)
    assert (change.target_id, change.why) == ("ada", "e-mail ada@a.example")


def test_unchanged_but_for_what_a_policy_kept_is_told(stage: Any) -> None:
    stage.mirror(ADA)
    stage.link("r1", "ada")
    change = stage.plan({"id": "r1", "name": "Lady Ada"}).only("r1", operations.UNCHANGED)
    assert kept(change) == {"name": "never: only when it is new"}


def test_tags_are_changes_of_their_own(stage: Any) -> None:
    stage.mirror({**ADA, "tags": ["a", "b"]})
    spec = stage.with_policy("tags", "overwrite")
    add, remove = stage.plan({"id": "r1", "email": "ada@a.example", "tags": ["b", "C"]}, spec=spec).changes
    assert (operation_of(add), add.fields[0]) == (
        operations.TAG_ADD,
        FieldChange("tags", ["a", "b"], ["a", "b", "c"], "add c"),
    )
    assert (operation_of(remove), remove.fields[0]) == (
        operations.TAG_REMOVE,
        FieldChange("tags", ["a", "b", "c"], ["b", "c"], "remove a"),
    )


def test_what_is_kept_is_told_even_where_only_a_tag_changes(stage: Any) -> None:
    stage.mirror(ADA)
    change = stage.plan({"id": "r1", "email": "ada@a.example", "name": "Ada B.", "tags": ["a"]}).only(
        "r1", operations.TAG_ADD
    )
    assert kept(change) == {"name": "never: only when it is new"}


def test_a_business_is_found_by_name_and_an_unknown_one_is_kept_back(stage: Any) -> None:
    stage.mirror(ADA, {"id": "bob", "business_id": "biz1"}, {"id": "cy"})
    for record, contact in (("r1", "ada"), ("r2", "bob"), ("r3", "cy")):
        stage.link(record, contact)
    made = stage.plan(
        {"id": "r1", "business": "ACME ltd"},
        {"id": "r2", "business": "acme.example"},
        {"id": "r3", "business": "Umbrella"},
        businesses=[stage.acme],
    )
    assert made.only("r1", operations.LINK_BUSINESS).fields == [
        FieldChange("business", None, "biz1", "was empty")
    ]
    assert made.of("r2") == []
    assert kept(made.only("r3", operations.UNCHANGED)) == {"business": "there is no such business"}


def test_a_hand_edit_in_highlevel_outlives_an_older_file_and_gives_way_to_a_newer_one(stage: Any) -> None:
    stage.mirror({**ADA, "city": "Graz"})
    edited = stage.as_of + timedelta(days=1)
    stage.mirror({**ADA, "city": "Linz"}, at=edited)
    stage.link("r1", "ada")
    change = stage.plan({"id": "r1", "city": "Wien"}).only("r1", operations.UNCHANGED)
    assert "edited in HighLevel on 2026-06-02" in kept(change)["city"]
    newer = stage.plan({"id": "r1", "city": "Wien", "asOf": edited + timedelta(days=1)})
    assert field(newer.only("r1", operations.UPDATE), "city").old == "Linz"


# --- notes and tasks


def test_notes_and_tasks_are_planned_once(stage: Any) -> None:
    stage.mirror(ADA)
    stage.link("r1", "ada")
    assert stage.plan({"id": "r1", "note": "hello"}).only("r1", operations.CREATE_NOTE).parent_id == "ada"
    stage.link(child_id(NOTE.name, "r1", "hello"), "note1", child_scope(stage.spec, NOTE.name))
    assert stage.plan({"id": "r1", "note": "hello"}).changes == []
    assert stage.plan({"id": "r1", "note": "another"}).kinds() == [("r1", "create_note")]


def test_a_task_with_other_keys_in_another_order_is_the_same_task(stage: Any) -> None:
    one = child_id(TASK.name, "r1", {"title": "Call", "dueDate": "2026-07-01T09:00:00Z"})
    assert one == child_id(TASK.name, "r1", {"dueDate": "2026-07-01T09:00:00Z", "title": "Call"})


# --- conflicts


def test_keys_of_different_contacts_are_left_for_review_with_both(stage: Any) -> None:
    stage.mirror(ADA, {"id": "bob", "first_name": "Bob", "email": "bob@a.example"})
    record = {"id": "r1", "firstName": "Ada", "email": "bob@a.example", "phone": "+15550000001"}
    made = stage.plan(record)
    change = made.only("r1", operations.CONFLICT)
    assert change.why.startswith("its keys lead to different contacts")
    [review] = stage.reviews()
    assert [(one.id, one.label, one.by) for one in review.candidates] == [
        ("bob", "Bob", "e-mail bob@a.example"),
        ("ada", "Ada", "phone +15550000001"),
    ]
    assert (review.record_id, review.why, review.plan_id) == ("r1", change.why, made.plan.id)


def test_a_shared_key_is_left_for_review(stage: Any) -> None:
    stage.mirror(ADA, {"id": "eve", "first_name": "Eve", "phone": "+15550000001"})
    stage.plan({"id": "r1", "phone": "+15550000001"}).only("r1", operations.CONFLICT)
    assert [one.label for one in stage.reviews()[0].candidates] == ["Ada", "Eve"]


def test_a_key_that_thousands_share_does_not_swell_the_review(stage: Any) -> None:
    stage.mirror(*({"id": f"c{n:03}", "phone": "+15550000000"} for n in range(300)))
    stage.plan({"id": "r1", "phone": "+15550000000"}).only("r1", operations.CONFLICT)
    assert len(stage.reviews()[0].candidates) == 50
    assert "shared by 300 contacts" in stage.reviews()[0].why


def test_a_deleted_contact_is_not_made_again_unasked(stage: Any) -> None:
    stage.mirror(ADA, {"id": "eve", "first_name": "Eve", "email": "eve@a.example"})
    stage.link("r1", "ada")
    stage.delete("ada")
    record = {"id": "r1", "firstName": "Ada", "email": "eve@a.example"}
    assert "gone from HighLevel" in stage.plan(record).only("r1", operations.CONFLICT).why
    assert [one.label for one in stage.reviews()[0].candidates] == ["Eve"]  # she may be merged into her
    reviews.split(stage.hub, "r1")
    assert stage.plan(record).only("r1", operations.CREATE).why == "a contact of its own, by review"


def test_an_accepted_review_is_followed_by_the_next_plan(stage: Any) -> None:
    stage.mirror(ADA, {"id": "bob", "email": "bob@a.example"})
    record = {"id": "r1", "firstName": "Bob", "email": "bob@a.example", "phone": "+15550000001"}
    stage.plan(record)
    reviews.accept(stage.hub, "r1", "bob")
    change = stage.plan(record).only("r1", operations.UPDATE)
    assert (change.target_id, change.why) == ("bob", "known link")
    assert kept(change) == {"phone": "contact ada has it"}
    assert stage.reviews() == []


def test_a_split_review_is_followed_by_the_next_plan_without_the_addresses_of_others(stage: Any) -> None:
    stage.mirror(ADA, {"id": "eve", "phone": "+15550000001"})
    record = {"id": "r1", "firstName": "Twin", "email": "twin@a.example", "phone": "+15550000001"}
    stage.plan(record)
    reviews.split(stage.hub, "r1")
    change = stage.plan(record).only("r1", operations.CREATE)
    assert change.values() == {"firstName": "Twin", "email": "twin@a.example"}
    assert kept(change) == {"phone": "contact ada has it"}


def test_two_new_records_of_one_address_are_both_made_once_a_person_has_split_them(stage: Any) -> None:
    records = [{"id": name, "firstName": name, "email": "office@a.example"} for name in ("r1", "r2")]
    stage.plan(*records)
    reviews.split(stage.hub, "r2")
    made = stage.plan(*records)
    assert made.only("r1", operations.CREATE).value("email") == "office@a.example"
    second = made.only("r2", operations.CREATE)
    assert second.values() == {"firstName": "r2"}
    assert kept(second) == {"email": "record r1 has it"}


def test_a_conflict_that_is_none_any_more_leaves_the_review_list(stage: Any) -> None:
    stage.mirror(ADA, {"id": "eve", "phone": "+15550000001"})
    record = {"id": "r1", "phone": "+15550000001"}
    stage.plan(record)
    assert len(stage.reviews()) == 1
    stage.delete("eve")
    stage.plan(record).only("r1", operations.UNCHANGED)
    assert stage.reviews() == []


def test_a_conflict_that_comes_again_stays_one_review(stage: Any) -> None:
    stage.mirror(ADA, {"id": "eve", "phone": "+15550000001"})
    stage.plan({"id": "r1", "phone": "+15550000001"})
    [before] = stage.reviews()
    made = stage.plan({"id": "r1", "firstName": "Ada", "phone": "+15550000001"})
    [after] = stage.reviews()
    assert (after.id, after.made_at) == (before.id, before.made_at)
    assert (after.label, after.plan_id) == ("Ada", made.plan.id)


# --- a hub that fails


def test_a_batch_that_fails_leaves_nothing_behind(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    planner = stage.begin()
    planner.plan(stage.batch([{"id": "r1", "email": "one@a.example"}]), "run")
    batch = stage.batch([{"id": "r1", "firstName": "X"}, {"id": "r2", "email": "two@a.example"}])

    def broken(*_: Any) -> int:
        raise sa.exc.OperationalError("insert", {}, Exception("disk is full"))

    with monkeypatch.context() as patched:
        patched.setattr(plans, "add", broken)
        with pytest.raises(HubUnavailableError):
            planner.plan(batch, "run")
    again = planner.plan(batch, "run")
    assert (again.read, again.mapped, again.merged) == (2, 1, 1)
    with stage.hub.read() as connection:
        found = plans.some(connection, planner.finish(again, None, recheck=True).id)
    assert [(change.n, change.record_id, operation_of(change)) for change in found] == [
        (1, "r1", operations.CREATE),
        (2, "r2", operations.CREATE),
        (3, "r1", operations.MERGED),
    ]
    assert found[0].values() == {"firstName": "X", "email": "one@a.example"}


# --- what HighLevel would refuse


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"firstName": "Ada", "country": "Austria"}, "country: String should match pattern '^[A-Z]{2}$'"),
        (
            {"city": "Wien"},
            "HighLevel needs at least one of firstName, lastName, name, email, phone, companyName",
        ),
        ({"firstName": "Ada", "task": {"title": "Call"}}, "dueDate: Field required"),
        (
            {"firstName": "Ada", "task": {"title": "x", "dueDate": "soon"}},
            "dueDate: Input should be a valid datetime or date, input is too short",
        ),
        (
            {"firstName": "A", "task": {"title": "x", "dueDate": "2026-07-01T09:00:00Z", "x": 1}},
            "x: Extra inputs are not permitted",
        ),
    ],
)
def test_what_highlevel_would_refuse_is_a_reject_before_anything_is_written(
    stage: Any, record: Any, reason: str
) -> None:
    made = stage.plan({"id": "r1", **record}, {"id": "r2", "firstName": "Bob"})
    assert made.kinds() == [("r2", "create")]
    assert (made.tally.rejected, made.tally.reasons) == (1, {reason: 1})
    assert list(stage.rejects()) == ["r1"]
    assert stage.plan({"id": "r1", "firstName": "Ada"}).tally.rejected == 0
    assert list(stage.rejects()) == ["r1"]  # until the plan is carried out


def test_a_bad_value_that_a_policy_keeps_out_is_no_reason_to_reject(stage: Any) -> None:
    stage.mirror({**ADA, "country": "AT"})
    stage.link("r1", "ada")
    spec = stage.with_policy("country", "fill_empty")
    made = stage.plan({"id": "r1", "country": "Austria", "city": "Wien"}, spec=spec)
    assert list(made.only("r1", operations.UPDATE).values()) == ["city"]


def test_a_rejected_record_does_not_stand_in_another_s_way(stage: Any) -> None:
    made = stage.plan(
        {"id": "r1", "firstName": "Ann", "email": "a@a.example", "country": "Austria"},
        {"id": "r2", "firstName": "Bob", "email": "a@a.example", "country": "AT"},
    )
    assert made.kinds() == [("r2", "create")]
    assert made.tally.rejected == 1


# --- addresses that others have, and the company that only an address can write


def test_an_address_that_another_contact_has_is_kept_back(stage: Any) -> None:
    stage.mirror(ADA, {"id": "bob", "first_name": "Bob", "additional_emails": ["b@home.example"]})
    stage.link("r2", "bob")
    stage.link("r1", "ada")
    made = stage.plan({"id": "r2", "email": "ada@a.example", "city": "Wien"})
    change = made.only("r2", operations.UPDATE)
    assert list(change.values()) == ["city"]
    assert kept(change) == {"email": "contact ada has it"}
    emptied = stage.plan({"id": "r1", "email": "b@home.example"}).only("r1", operations.UNCHANGED)
    assert kept(emptied) == {"email": "contact bob has it"}


def test_an_update_of_which_nothing_is_left_leaves_the_other_changes(stage: Any) -> None:
    stage.mirror(ADA, {"id": "bob", "first_name": "Bob"})
    stage.link("r1", "bob")
    change = stage.plan({"id": "r1", "email": "ada@a.example", "tags": ["a"]}).only("r1", operations.TAG_ADD)
    assert kept(change) == {"email": "contact ada has it"}


def test_an_address_that_a_new_contact_gets_is_not_given_to_another_too(stage: Any) -> None:
    stage.mirror({"id": "bob", "first_name": "Bob"})
    stage.link("r2", "bob")
    made = stage.plan(
        {"id": "r1", "firstName": "Ann", "email": "new@a.example"},
        {"id": "r2", "firstName": "Bob", "email": "new@a.example"},
    )
    assert made.only("r1", operations.CREATE).value("email") == "new@a.example"
    assert kept(made.only("r2", operations.UNCHANGED)) == {"email": "record r1, a new contact, has it"}


def test_a_new_contact_goes_without_an_address_that_is_not_matched_by_and_taken(stage: Any) -> None:
    stage.mirror(ADA)
    spec = replace(stage.spec, match=("link", "phone"))
    change = stage.plan({"id": "r1", "firstName": "A", "email": "ada@a.example"}, spec=spec).only(
        "r1", operations.CREATE
    )
    assert change.values() == {"firstName": "A"}
    assert kept(change) == {"email": "contact ada has it"}
    nothing_left = stage.plan({"id": "r2", "email": "ada@a.example"}, spec=spec)
    assert (nothing_left.changes, nothing_left.tally.rejected) == ([], 1)


@pytest.mark.parametrize(
    ("field", "further", "own"),
    [("email", "additional_emails", "ada@home.example"), ("phone", "additional_phones", "+15550000009")],
)
def test_a_further_address_of_its_own_never_replaces_the_first_one(
    stage: Any, field: str, further: str, own: str
) -> None:
    """HighLevel would lose the first one, and nothing could bring the further one back."""
    stage.mirror({**ADA, further: [own]})
    stage.link("r1", "ada")
    change = stage.plan({"id": "r1", field: own}).only("r1", operations.UNCHANGED)
    assert kept(change) == {field: "it is a further address of it"}


def test_a_company_is_written_by_the_contact_s_own_address(stage: Any) -> None:
    stage.mirror(ADA, {"id": "bob", "first_name": "Bob", "phone": "+15550000002"})
    stage.link("r1", "ada")
    stage.link("r2", "bob")
    made = stage.plan({"id": "r1", "companyName": "Acme"}, {"id": "r2", "companyName": "Acme"})
    assert [change.values() for change in made.changes] == [{"companyName": "Acme"}] * 2


def test_a_company_is_kept_back_where_there_is_no_address_to_write_it_by(stage: Any) -> None:
    stage.mirror({"id": "bob", "first_name": "Bob"})
    stage.link("r1", "bob")
    made = stage.plan({"id": "r1", "companyName": "Acme", "city": "Wien"})
    change = made.only("r1", operations.UPDATE)
    assert list(change.values()) == ["city"]
    assert kept(change) == {"companyName": "HighLevel writes it by e-mail or phone, and there is neither"}
    assert stage.plan({"id": "r1", "companyName": "Acme"}).only("r1", operations.UNCHANGED)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"email": "ada@a.example"}, "e-mail"),
        ({"additional_emails": ["ada@a.example"]}, "e-mail"),
        ({"phone": "+15550000001"}, ""),  # the e-mail is enough, and hers alone
    ],
)
def test_a_company_is_kept_back_where_the_address_is_several_contacts(
    stage: Any, other: Any, why: str
) -> None:
    stage.mirror(ADA, {"id": "eve", **other})
    stage.link("r1", "ada")
    [change] = stage.plan({"id": "r1", "companyName": "Acme"}).changes
    told = f"HighLevel writes it by {why}, and contact eve has the same"
    assert kept(change) == ({"companyName": told} if why else {})


def test_a_company_goes_with_the_address_that_the_same_update_brings(stage: Any) -> None:
    stage.mirror({"id": "bob", "first_name": "Bob"}, ADA)
    stage.link("r1", "bob")
    made = stage.plan({"id": "r1", "companyName": "Acme", "email": "bob@a.example"})
    assert made.only("r1", operations.UPDATE).values() == {"email": "bob@a.example", "companyName": "Acme"}
    taken = stage.plan({"id": "r1", "companyName": "Acme", "email": "ada@a.example"})
    assert set(kept(taken.only("r1", operations.UNCHANGED))) == {"companyName", "email"}


# --- the whole


def test_counts_bill_and_digest_are_those_of_the_changes(stage: Any) -> None:
    stage.mirror(ADA, {"id": "eve", "first_name": "Eve", "phone": "+15550000001"}, {"id": "bob"})
    stage.link("r2", "eve")
    stage.link("r3", "bob")
    made = stage.plan(
        {"id": "r1", "firstName": "New", "note": "hello"},
        {"id": "r2", "city": "Wien", "tags": ["a"]},
        {"id": "r3"},
        {"id": "r4", "phone": "+15550000001"},
        {"id": "r5", "firstName": "X", "country": "Austria"},
    )
    counts = {name: number for name, number in made.plan.counts.items() if number}
    assert counts == {
        "read": 5,
        "mapped": 4,
        "rejected": 1,
        "create": 1,
        "create_without_key": 1,
        "update": 1,
        "tag_add": 1,
        "create_note": 1,
        "unchanged": 1,
        "conflict": 1,
    }
    assert (made.plan.bill["requests"], made.plan.bill["writes"]) == (5, 4)
    assert made.plan.state == "ready"
    assert plans.find(stage.hub, made.plan.id) == made.plan
    with stage.hub.read() as connection:
        assert plans.digest(connection, made.plan.id) == made.plan.digest


def test_planning_touches_no_contact_and_no_link(stage: Any) -> None:
    stage.mirror(ADA)
    before = {name: rows(stage, name) for name in ("contacts", "links", "provenance", "aliases")}
    stage.plan({"id": "r1", "email": "ada@a.example", "city": "Wien"}, {"id": "r2", "firstName": "New"})
    assert {name: rows(stage, name) for name in before} == before


def rows(stage: Any, table: str) -> list[Any]:
    with stage.hub.read() as connection:
        return sorted(map(str, connection.execute(sa.text(f"SELECT * FROM {table}")).all()))


def test_unchanged_records_of_a_big_batch_write_nothing(stage: Any) -> None:
    stage.mirror(*({"id": f"c{n}", "first_name": "A"} for n in range(1000)))
    with stage.hub.write() as connection:
        pairs = [(f"r{n}", f"c{n}") for n in range(1000)]
        links.keep(connection, stage.spec.scope, pairs, made_by="match", plan_id="p")
    planner = stage.begin()
    statements: list[str] = []
    sa.event.listen(stage.hub.engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    batch = stage.batch([{"id": f"r{n}", "firstName": "A"} for n in range(1000)])
    assert planner.plan(batch, "run").unchanged == 1000
    assert [text for text in statements if text.startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_the_mirror_s_own_stream_is_what_is_matched_against(stage: Any) -> None:
    assert stage.begin().spec == stage.spec
    assert stage.spec.mirror == HUB_CONTACT.name
