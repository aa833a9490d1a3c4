"""Who a record is: its own id before all, and no shared key that another key or the name contradicts."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.core.batch import NOT_KEYS
from tasks.hub import reviews
from tests import operations

BOB = {
    "id": "bob",
    "first_name": "Bob",
    "last_name": "Front",
    "email": "bob@a.example",
    "additional_emails": ["bob@home.example"],
    "phone": "+12125550103",
}
ALICE = {"id": "r1", "firstName": "Alice", "lastName": "Extension", "email": "alice@a.example"}
PHONE = {"phone": "+12125550103"}


def kept(change: Any) -> dict[str, Any]:
    return {one.field: one.new for one in change.kept}


# --- a key that another one contradicts


@pytest.mark.parametrize("name", [{}, {"firstName": "Bob"}, {"lastName": "FRONT"}])
@pytest.mark.parametrize("mine", [{}, {"email": "bob@home.example"}])
def test_a_key_is_believed_where_nothing_contradicts_it(stage: Any, name: Any, mine: Any) -> None:
    stage.mirror(BOB)
    made = stage.plan({"id": "r1", **PHONE, **name, **mine, "city": "Graz"})
    assert made.only("r1", operations.UPDATE).target_id == "bob"


def test_a_contradicting_key_and_another_name_are_left_for_review(stage: Any) -> None:
    stage.mirror(BOB)
    made = stage.plan({**ALICE, **PHONE})
    why = made.only("r1", operations.CONFLICT).why
    assert why == (
        "phone +12125550103 leads to contact bob, but the e-mail contradicts: alice@a.example here,"
        " bob@a.example, bob@home.example there; and Alice Extension is another name than Bob Front"
    )
    [review] = stage.reviews()
    assert [(one.id, one.label, one.by) for one in review.candidates] == [
        ("bob", "Bob Front", "phone +12125550103")
    ]
    assert [one for one in operations.ALL if made.plan.counts[one.name]] == [operations.CONFLICT]


def test_it_is_the_same_the_other_way_round(stage: Any) -> None:
    stage.mirror(BOB)
    made = stage.plan({**ALICE, "email": "bob@a.example", "phone": "+12125550199"})
    assert "the phone contradicts" in made.only("r1", operations.CONFLICT).why


def test_with_the_same_name_it_matches_and_tells_the_address_that_is_left_over(stage: Any) -> None:
    stage.mirror(BOB)
    spec = stage.with_policy("email", "fill_empty")
    made = stage.plan(
        {"id": "r1", "firstName": "Front", "lastName": "Bob", "email": "new@a.example", **PHONE}, spec=spec
    )
    assert made.plan.counts["address_left_over"] == 1
    change = made.of("r1")[0]
    assert (change.target_id, kept(change)["email"]) == ("bob", "new@a.example")


@pytest.mark.parametrize("key", [{"email": "bob@a.example"}, PHONE])
def test_an_address_alone_gives_nobody_another_given_name(stage: Any, key: Any) -> None:
    stage.mirror(BOB)
    made = stage.plan({"id": "r1", "firstName": "Jane", "lastName": "Front", **key})
    assert "Jane Front is another name than Bob Front" in made.only("r1", operations.CONFLICT).why


def test_two_addresses_that_agree_do(stage: Any) -> None:
    stage.mirror(BOB)
    made = stage.plan({"id": "r1", "firstName": "Robert", "email": "bob@a.example", **PHONE})
    assert made.only("r1", operations.UPDATE).value("firstName") == "Robert"


def test_so_does_an_id_of_the_source(stage: Any) -> None:
    stage.mirror({**BOB, "custom": {"cfLead": "L1"}})
    made = stage.plan(
        {"id": "r1", "firstName": "Robert", "custom.lead_id": "L1"},
        {"id": "r2", "firstName": "Rob", "custom.lead_id": "L1", "email": "moved@a.example"},
    )
    assert made.only("r1", operations.UPDATE).value("firstName") == "Rob"


def test_what_a_person_decides_of_it_holds(stage: Any) -> None:
    stage.mirror(BOB)
    stage.plan({**ALICE, **PHONE})
    reviews.split(stage.hub, "r1")
    made = stage.plan({**ALICE, **PHONE}).only("r1", operations.CREATE)
    assert made.value("email") == "alice@a.example"
    assert kept(made) == {"phone": "+12125550103"}
    stage.plan({**ALICE, "id": "r2", **PHONE})
    reviews.accept(stage.hub, "r2", "bob")
    assert stage.plan({**ALICE, "id": "r2", **PHONE}).only("r2", operations.UPDATE).target_id == "bob"


def test_a_link_of_a_source_s_own_id_is_not_doubted(stage: Any) -> None:
    stage.mirror(BOB)
    stage.link("42", "bob")
    made = stage.plan({**ALICE, "id": "42", **PHONE})
    assert made.only("42", operations.UPDATE).target_id == "bob"


def test_an_id_that_is_made_of_an_address_is_whose_name_it_is(stage: Any) -> None:
    """A couple's address: what is known of Jane is not known of John."""
    stage.mirror({"id": "john", "first_name": "John", "last_name": "Doe", "email": "jd@a.example"})
    id_ = "email:jd@a.example"
    his, hers = f"{id_} john doe", f"{id_} jane doe"
    stage.link(his, "john")
    john = {"id": id_, "firstName": "John", "lastName": "Doe", "email": "jd@a.example", "city": "Graz"}
    jane = {**john, "firstName": "Jane"}
    assert stage.plan(jane).only(hers, operations.CONFLICT)
    assert stage.plan(john).only(his, operations.UPDATE).target_id == "john"
    reviews.split(stage.hub, hers)
    assert stage.plan(jane).only(hers, operations.CREATE).value("firstName") == "Jane"
    stage.mirror({"id": "jane", "first_name": "Jane", "last_name": "Doe"})
    stage.link(hers, "jane")
    assert stage.plan(jane).only(hers, operations.UPDATE).target_id == "jane"
    assert stage.plan(john).only(his, operations.UPDATE).target_id == "john"


def test_a_contact_whose_name_was_edited_by_hand_is_still_who_it_was(stage: Any) -> None:
    record = {"id": "email:bob@a.example", "firstName": "Robert", "email": "bob@a.example"}
    stage.mirror(BOB)
    stage.link("email:bob@a.example robert", "bob")
    made = stage.plan(record, {**record, "firstName": "Bob", "city": "Graz"})
    assert stage.reviews()[0].label == "Bob"
    assert made.of("email:bob@a.example robert")[0].target_id == "bob"


# --- what is no key


def test_a_number_that_is_no_key_finds_nobody_and_is_not_given_to_a_second_contact(stage: Any) -> None:
    stage.mirror(BOB)
    made = stage.plan({**ALICE, **PHONE, NOT_KEYS: ["phone"]}).only("r1", operations.CREATE)
    assert made.value("email") == "alice@a.example"
    assert made.value("phone") is None
    assert [one.why for one in made.kept] == ["contact bob has it"]


def test_two_new_ones_behind_one_switchboard_are_two_and_one_has_its_number(stage: Any) -> None:
    number = {"phone": "+12125550103", NOT_KEYS: ["phone"]}
    made = stage.plan({**ALICE, **number}, {"id": "r2", "firstName": "Cy", "email": "cy@a.example", **number})
    assert made.only("r1", operations.CREATE).value("phone") == "+12125550103"
    second = made.only("r2", operations.CREATE)
    assert second.value("phone") is None
    assert [one.why for one in second.kept] == ["record r1, a new contact, has it"]


def test_whoever_has_nothing_but_such_a_number_is_told_as_one_that_nothing_tells_apart(stage: Any) -> None:
    made = stage.plan({"id": "r1", "firstName": "Cy", **PHONE, NOT_KEYS: ["phone"]})
    assert made.plan.counts["create_without_key"] == 1


# --- two spellings of one number


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ("+5511981234567", "+551181234567"),
        ("+541123456789", "+5491123456789"),
        ("+5215512345678", "+525512345678"),
    ],
)
def test_two_spellings_of_one_number_are_one(stage: Any, held: str, said: str) -> None:
    for one, other in ((held, said), (said, held)):
        stage.mirror({"id": "bob", "first_name": "Bob", "phone": one})
        made = stage.plan({"id": "r1", "firstName": "Bob", "city": "Graz", "phone": other})
        change = made.only("r1", operations.UPDATE)
        assert (change.target_id, list(change.values()), change.kept) == ("bob", ["city"], [])
    stage.mirror({"id": "bob", "phone": None, "additional_phones": [held]})
    assert stage.plan({"id": "r1", "phone": said}).of("r1")[0].target_id == "bob"


# --- a contact's own id


def test_a_contact_s_own_id_is_found_before_any_other_key(stage: Any) -> None:
    stage.mirror(BOB, {"id": "bea", "first_name": "Bea"})
    made = stage.plan({"id": "bea", "firstName": "Bea", "lastName": "New", "email": "bob@a.example"})
    change = made.only("bea", operations.UPDATE)
    assert (change.target_id, change.why) == ("bea", "id of the contact")
    assert change.values() == {"lastName": "New"}
    assert kept(change) == {"email": "bob@a.example"}


def test_even_without_any_address_it_makes_no_second_one(stage: Any) -> None:
    stage.mirror({"id": "bea", "first_name": "Bea", "last_name": "NoAddress"})
    made = stage.plan({"id": "bea", "firstName": "Bea", "lastName": "NoAddress"})
    assert made.only("bea", operations.UNCHANGED).target_id == "bea"


@pytest.mark.parametrize("other", ["elsewhere", "stranger"])
def test_an_id_of_another_location_or_of_nobody_is_a_stranger_s(stage: Any, other: str) -> None:
    stage.mirror({"id": "elsewhere", "first_name": "Bea"}, location="loc2")
    assert stage.plan({"id": other, "firstName": "Bea"}).only(other, operations.CREATE)


def test_rows_that_slid_against_their_ids_overwrite_nobody(stage: Any) -> None:
    stage.mirror(BOB, {"id": "eve", "first_name": "Eve", "email": "eve@a.example"})
    made = stage.plan({"id": "bob", "firstName": "Eve", "email": "eve@a.example"})
    assert "its id leads to contact bob" in made.only("bob", operations.CONFLICT).why
    assert [one.id for one in stage.reviews()[0].candidates] == ["bob", "eve"]
    reviews.accept(stage.hub, "bob", "eve")
    made = stage.plan({"id": "bob", "firstName": "Eve", "email": "eve@a.example", "city": "Graz"})
    assert made.only("bob", operations.UPDATE).target_id == "eve"


def test_an_id_of_a_contact_that_is_gone_is_not_made_again_unasked(stage: Any) -> None:
    stage.mirror(BOB)
    stage.delete("bob")
    made = stage.plan({"id": "bob", "firstName": "Bob"})
    assert "the contact with its id (bob) is gone" in made.only("bob", operations.CONFLICT).why
