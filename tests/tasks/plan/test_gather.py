"""Rows of one source that are one person are one record: nothing of them gets lost, and all are counted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tasks.core.batch import NOT_KEYS, Reason, Reject
from tasks.hub import reviews
from tasks.hub.spec import child_id, child_scope
from tasks.streams import NOTE
from tests import operations

UMA = {"firstName": "Uma", "lastName": "Twice"}
FIRST = {"id": "r1", **UMA, "email": "uma@a.example", "phone": "+12125550131", "tags": ["buyer"]}
SECOND = {"id": "r2", **UMA, "email": "uma@a.example", "companyName": "Globex", "tags": ["seller"]}
ADA = {"id": "ada", "first_name": "Ada", "email": "ada@a.example", "phone": "+12125550101"}


def planned(stage: Any, *records: Any, apart: bool = False, **how: Any) -> Any:
    """A plan of records in one batch, or in a batch each."""
    numbered = list(enumerate(records, 2))
    batches = []
    for some in [[one] for one in numbered] if apart else [numbered]:
        batch = stage.batch([record for _, record in some])
        batch.numbers = [number for number, _ in some]
        batches.append(batch)
    return stage.plan_all(batches, **how)


def left_over(change: Any) -> dict[str, tuple[Any, Any]]:
    return {one.field: (one.old, one.new) for one in change.kept}


both = pytest.mark.parametrize("apart", [False, True], ids=["within a batch", "across batches"])


@both
@pytest.mark.parametrize("mirrored", [False, True], ids=["to be made", "there already"])
def test_two_rows_of_one_person_are_one_with_what_both_say(stage: Any, apart: bool, mirrored: bool) -> None:
    if mirrored:
        stage.mirror({"id": "uma", "first_name": "Uma", "email": "uma@a.example"})
    made = planned(stage, FIRST, SECOND, apart=apart)
    assert (made.tally.read, made.tally.mapped, made.tally.merged) == (2, 1, 1)
    wanted = made.of("r1")[0].wanted
    assert (wanted["phone"], wanted["companyName"], wanted["tags"]) == (
        "+12125550131",
        "Globex",
        ["buyer", "seller"],
    )
    told = made.only("r2", operations.MERGED)
    assert (told.label, told.why) == ("Uma Twice", "row 3 is the same as row 2: e-mail uma@a.example")
    assert stage.reviews() == []


@both
@pytest.mark.parametrize(
    "key",
    [
        {"email": "ada@a.example"},
        {"phone": "+12125550101"},
        {"custom.lead_id": "L1"},
    ],
)
def test_one_key_is_enough(stage: Any, apart: bool, key: Any) -> None:
    made = planned(stage, {"id": "r1", **UMA, **key}, {"id": "r2", **UMA, "city": "Graz", **key}, apart=apart)
    assert made.only("r1", operations.CREATE).value("city") == "Graz"
    assert made.plan.counts["merged"] == 1


@both
def test_a_row_that_shares_an_id_and_a_key_is_merged_once(stage: Any, apart: bool) -> None:
    made = planned(stage, FIRST, {**SECOND, "id": "r1"}, {**SECOND, "id": "r1"}, apart=apart)
    assert (made.tally.read, made.tally.mapped, made.tally.merged) == (3, 1, 2)


@both
def test_an_id_is_a_key(stage: Any, apart: bool) -> None:
    made = planned(stage, {"id": "42", **UMA}, {"id": "42", "city": "Graz"}, apart=apart)
    assert made.of("42")[0].values() == {**UMA, "city": "Graz"}
    assert made.of("42")[1].why == "row 3 is the same as row 2: id 42"


@both
def test_two_spellings_of_one_number_are_one_key(stage: Any, apart: bool) -> None:
    one, other = {"phone": "+5511981234567"}, {"phone": "+551181234567"}
    made = planned(stage, {"id": "r1", **UMA, **one}, {"id": "r2", **UMA, **other}, apart=apart)
    assert made.only("r1", operations.CREATE).value("phone") == "+5511981234567"
    assert made.only("r2", operations.MERGED).kept == []


@both
def test_a_row_that_has_the_keys_of_two_makes_them_one(stage: Any, apart: bool) -> None:
    made = planned(
        stage,
        {"id": "r1", **UMA, "email": "uma@a.example"},
        {"id": "r2", **UMA, "phone": "+12125550131"},
        {"id": "r3", **UMA, "email": "uma@a.example", "phone": "+12125550131"},
        {"id": "r4", **UMA, "phone": "+12125550131", "city": "Graz"},
        apart=apart,
    )
    change = made.only("r1", operations.CREATE)
    assert (change.value("phone"), change.value("city")) == ("+12125550131", "Graz")
    assert (made.tally.read, made.tally.mapped, made.tally.merged) == (4, 1, 3)


def test_a_record_that_was_merged_away_is_taken_back_once(stage: Any) -> None:
    bad = {"id": "r1", "phone": "+12125550131", "country": "Austria"}
    made = planned(
        stage,
        bad,
        {"id": "r2", **UMA},
        {"id": "r2", "phone": "+12125550131", "country": "AT"},
        {"id": "r1", "city": "Graz"},
        apart=True,
    )
    assert (made.tally.read, made.tally.mapped, made.tally.rejected, made.tally.merged) == (4, 1, 0, 3)


@both
def test_rows_that_are_linked_to_one_contact_are_one(stage: Any, apart: bool) -> None:
    stage.mirror(ADA)
    stage.link("r1", "ada")
    stage.link("r2", "ada")
    made = planned(stage, {"id": "r1", "city": "Wien"}, {"id": "r2", "companyName": "Acme"}, apart=apart)
    assert made.only("r1", operations.UPDATE).values() == {"companyName": "Acme", "city": "Wien"}
    assert made.tally.merged == 1


@both
def test_a_row_that_is_linked_says_who_the_others_are(stage: Any, apart: bool) -> None:
    stage.mirror(ADA)
    stage.link("r2", "ada")
    rows = ({"id": f"r{n}", "firstName": "Ada", "email": "new@a.example", "city": "Graz"} for n in (1, 2))
    assert planned(stage, *rows, apart=apart).only("r1", operations.UPDATE).target_id == "ada"


@both
def test_contacts_that_highlevel_has_twice_stay_two(stage: Any, apart: bool) -> None:
    """Our own export of two contacts that share an address asks for nothing."""
    twin = {**ADA, "id": "ada2"}
    stage.mirror(ADA, twin)
    rows = [{"id": one["id"], "firstName": "Ada", "email": one["email"]} for one in (ADA, twin)]
    made = planned(stage, *rows, apart=apart)
    assert (made.tally.unchanged, made.tally.merged) == (2, 0)


# --- which value stays


@both
@pytest.mark.parametrize(
    ("policy", "stays", "gives_way"),
    [
        ("newest", "Two", "One"),
        ("overwrite", "Two", "One"),
        ("fill_empty", "One", "Two"),
        ("never", "One", "Two"),
    ],
)
def test_of_two_values_the_policy_says_which_stays_and_the_other_is_told(
    stage: Any, apart: bool, policy: str, stays: str, gives_way: str
) -> None:
    spec = stage.with_policy("city", policy)
    rows = ({"id": "r1", **UMA, "city": "One"}, {"id": "r1", **UMA, "city": "Two"})
    made = planned(stage, *rows, apart=apart, spec=spec)
    assert made.of("r1")[0].value("city") == stays
    assert left_over(made.of("r1")[1]) == {"city": (stays, gives_way)}


@both
def test_what_is_newer_stays_though_it_comes_first(stage: Any, apart: bool) -> None:
    new, old = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    rows = (
        {"id": "r1", "asOf": new, "lastName": "New", "city": "Graz"},
        {"id": "r1", "asOf": old, "lastName": "Old", "companyName": "Acme"},
    )
    made = planned(stage, *rows, apart=apart)
    assert made.of("r1")[0].values() == {"lastName": "New", "city": "Graz", "companyName": "Acme"}


def test_what_only_the_older_row_says_is_no_newer_by_that(stage: Any) -> None:
    stage.mirror({**ADA, "last_name": "By hand", "city": "By hand"}, at=datetime(2026, 4, 15, tzinfo=UTC))
    stage.link("r1", "ada")
    spec = stage.with_policy("city", "newest")
    rows = (
        {"id": "r1", "asOf": datetime(2026, 4, 1, tzinfo=UTC), "city": "Older"},
        {"id": "r1", "asOf": datetime(2026, 5, 1, tzinfo=UTC), "lastName": "Newer"},
    )
    for some in (rows, rows[::-1]):
        change = planned(stage, *some, spec=spec).of("r1")[0]
        assert change.values() == {"lastName": "Newer"}
        assert [one.field for one in change.kept] == ["city"]


@both
def test_notes_of_both_are_made_and_the_same_one_once(stage: Any, apart: bool) -> None:
    notes = ("met at a fair", "called back", "met at a fair")
    made = planned(stage, *({"id": "r1", **UMA, "note": note} for note in notes), apart=apart)
    bodies = [one.value("body") for one in made.of("r1") if one.stream == NOTE.name]
    assert bodies == ["met at a fair", "called back"]


def test_a_note_that_was_made_of_one_of_the_rows_before_is_not_made_again(stage: Any) -> None:
    stage.mirror({**ADA, "id": "uma"})
    stage.link("r1", "uma")
    stage.link("r2", "uma")
    stage.link(child_id(NOTE.name, "r2", "old"), "note1", child_scope(stage.spec, NOTE.name))
    made = planned(stage, {"id": "r1", "note": "new"}, {"id": "r2", "note": "old"})
    assert [one.value("body") for one in made.changes if one.stream == NOTE.name] == ["new"]


def test_a_number_that_is_no_key_stays_none(stage: Any) -> None:
    one = {"id": "r1", **UMA, "email": "uma@a.example"}
    other = {"id": "r1", **UMA, "phone": "+12125550101", NOT_KEYS: ["phone"]}
    stage.mirror(ADA)
    for rows in ((one, other), (other, one)):
        made = planned(stage, *rows)
        assert made.of("r1")[0].value("phone") is None
        assert made.of("r1")[0].target_id == ""


# --- rows that contradict each other


@both
@pytest.mark.parametrize("mirrored", [False, True], ids=["to be made", "there already"])
def test_a_couple_s_address_makes_nobody_the_other(stage: Any, apart: bool, mirrored: bool) -> None:
    if mirrored:
        stage.mirror({"id": "c1", "first_name": "John", "last_name": "Doe", "email": "jd@a.example"})
    john = {"id": "email:jd@a.example", "firstName": "John", "lastName": "Doe", "email": "jd@a.example"}
    jane = {**john, "firstName": "Jane", "city": "Graz"}
    made = planned(stage, john, jane, jane, apart=apart)
    his, hers = f"{john['id']} john doe", f"{john['id']} jane doe"
    assert made.of(his)[0].verb == ("unchanged" if mirrored else "create")
    assert operations.CONFLICT.name in [kind for record, kind in made.kinds() if record == hers]
    assert "Jane Doe is another name than John Doe" in stage.reviews()[0].why
    assert made.tally.merged == 1  # the row that says the same of her
    reviews.split(stage.hub, hers)
    again = planned(stage, john, jane, apart=apart).of(hers)[0]
    assert (again.verb, again.value("firstName"), again.value("email")) == ("create", "Jane", None)


@both
def test_one_phone_with_other_names_and_addresses_is_for_a_person(stage: Any, apart: bool) -> None:
    rows = [
        {"id": name, "firstName": name, "email": f"{name}@a.example", "phone": "+12125550131"}
        for name in ("ann", "bob", "cy")
    ]
    made = planned(stage, *rows, apart=apart)
    assert made.kinds() == [("ann", "create"), ("bob", "conflict"), ("cy", "conflict")]
    assert "phone +12125550131 leads to row 2, but the e-mail contradicts" in made.of("bob")[0].why


@both
def test_an_id_that_is_not_one_s_own_is_no_licence_to_mix_people(stage: Any, apart: bool) -> None:
    rows = [
        {"id": "household 7", "firstName": name, "email": f"{name}@a.example", "city": "Graz"}
        for name in ("ann", "bob")
    ]
    made = planned(stage, *rows, apart=apart)
    assert made.only("household 7", operations.CREATE).value("firstName") == "ann"
    assert made.only("household 7 bob", operations.CREATE).value("firstName") == "bob"


@both
def test_with_the_same_name_they_are_one_and_the_second_address_is_told(stage: Any, apart: bool) -> None:
    spec = stage.with_policy("email", "fill_empty")
    rows = [
        {"id": name, **UMA, "email": f"{name}@a.example", "phone": "+12125550131"} for name in ("r1", "r2")
    ]
    made = planned(stage, *rows, apart=apart, spec=spec)
    assert made.only("r1", operations.CREATE).value("email") == "r1@a.example"
    assert left_over(made.only("r2", operations.MERGED)) == {"email": ("r1@a.example", "r2@a.example")}


@both
def test_a_row_without_a_name_is_whoever_has_its_address(stage: Any, apart: bool) -> None:
    id_ = "email:uma@a.example"
    rows = [
        {"id": id_, **UMA, "email": "uma@a.example"},
        {"id": id_, "email": "uma@a.example", "city": "Graz"},
    ]
    for some in (rows, rows[::-1]):
        made = planned(stage, *some, apart=apart)
        assert (made.tally.mapped, made.tally.merged) == (1, 1)


# --- rejects


@both
def test_a_row_that_fails_is_a_reject_beside_the_good_one_of_its_id(stage: Any, apart: bool) -> None:
    bad = Reject("r1", [Reason("clean", "city", "no")], '{"n":1}')
    batches = [stage.batch([], [bad]), stage.batch([FIRST])] if apart else [stage.batch([FIRST], [bad])]
    made = stage.plan_all(batches)
    assert (made.tally.read, made.tally.mapped, made.tally.rejected) == (2, 1, 1)
    assert made.of("r1")[0].verb == "create"
    assert "r1" in stage.rejects()


@both
def test_two_rows_of_one_id_that_fail_are_both_kept(stage: Any, apart: bool) -> None:
    bad = [Reject("r1", [Reason("clean", "city", f"no {n}")], f'{{"n":{n}}}') for n in (1, 2)]
    made = stage.plan_all([stage.batch([], [one]) for one in bad] if apart else [stage.batch([], bad)])
    assert made.tally.rejected == 2
    assert [reason["message"] for reason in stage.rejects()["r1"]] == ["no 1", "no 2"]


@both
def test_what_highlevel_would_refuse_of_several_rows_is_one_reject_and_the_sum_holds(
    stage: Any, apart: bool
) -> None:
    made = planned(stage, FIRST, {**SECOND, "country": "Austria"}, apart=apart)
    assert (made.tally.read, made.tally.mapped, made.tally.rejected, made.tally.merged) == (2, 0, 1, 1)
    good = planned(stage, {**FIRST, "country": "Austria"}, {**SECOND, "country": "AT"}, apart=apart)
    assert (good.tally.mapped, good.tally.rejected, good.tally.merged) == (1, 0, 1)


def test_thousands_of_rows_apart_they_are_still_one(stage: Any) -> None:
    between = [{"id": f"x{n}", "email": f"x{n}@a.example"} for n in range(5000)]
    made = stage.plan_batches([[FIRST, *between[:2500]], between[2500:], [SECOND]])
    assert made.only("r1", operations.CREATE).value("companyName") == "Globex"
    assert (made.tally.read, made.tally.mapped, made.tally.merged) == (5002, 5001, 1)


# --- any rows, in any batches

PEOPLE = st.fixed_dictionaries(
    {"id": st.sampled_from(["1", "2", "email:a@a.example", "email:b@a.example", "ada"])},
    optional={
        "firstName": st.sampled_from(["Ann", "Ben", "A.", "Ann Maria"]),
        "lastName": st.sampled_from(["Doe", "Roe"]),
        "email": st.sampled_from(["a@a.example", "b@a.example", "ada@a.example"]),
        "phone": st.sampled_from(["+12125550101", "+12125550102"]),
        "city": st.sampled_from(["Graz", "Wien"]),
        "country": st.sampled_from(["AT", "Austria"]),
        "tags": st.lists(st.sampled_from(["x", "y"]), unique=True),
        NOT_KEYS: st.just(["phone"]),
    },
)


@pytest.mark.parametrize("hub_url", ["sqlite"], indirect=True)
@settings(
    phases=[Phase.generate],
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rows=st.lists(PEOPLE, min_size=1, max_size=7), sizes=st.lists(st.integers(1, 3), min_size=7, max_size=7)
)
def test_every_row_is_counted_once_and_batches_make_no_difference(
    stage: Any, rows: list[dict[str, Any]], sizes: list[int]
) -> None:
    stage.mirror(ADA)
    whole = planned(stage, *rows)
    batches, rest = [], list(rows)
    for size in sizes:
        some, rest = rest[:size], rest[size:]
        batches.append(some)
    parts = stage.plan_batches(batches)
    assert parts.tally.read == whole.tally.read == len(rows)
    assert parts.tally.merged == whole.tally.merged
