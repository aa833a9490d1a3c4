"""Finding a record's contact: link, foreign id, e-mail, phone; two answers are a conflict, never a guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.hub import links
from tasks.hub.spec import PlanSpec
from tasks.plan.match import Match, Matcher


def match(stage: Any, *records: dict[str, Any], spec: PlanSpec | None = None) -> list[Match]:
    with stage.hub.read() as connection:
        found = Matcher(spec or stage.spec).match(connection, stage.batch(records).rows)
    return list(found)


def matching(stage: Any, *keys: str) -> PlanSpec:
    return replace(stage.spec, match=("link", *keys))


@pytest.fixture
def people(stage: Any) -> Any:
    """Ada with two addresses and numbers, Bob, and Cy and Di who share a number."""
    stage.mirror(
        {
            "id": "ada",
            "email": "ada@a.example",
            "additional_emails": ["ada@home.example"],
            "phone": "+15550000001",
            "additional_phones": ["+15550000002"],
            "custom": {"cfLead": "L1", "other": "L2"},
        },
        {"id": "bob", "email": "bob@a.example", "custom": {"cfLead": 7}},
        {"id": "cy", "email": "cy@a.example", "phone": "+15550000003"},
        {"id": "di", "phone": "+15550000003"},
    )
    return stage


@pytest.mark.parametrize(
    ("record", "target", "why"),
    [
        ({"email": "ada@a.example"}, "ada", "e-mail ada@a.example"),
        ({"email": "ada@home.example"}, "ada", "e-mail ada@home.example"),
        ({"phone": "+15550000001"}, "ada", "phone +15550000001"),
        ({"phone": "+15550000002"}, "ada", "phone +15550000002"),
        ({"custom.lead_id": "L1"}, "ada", "custom.lead_id L1"),
        ({"custom.lead_id": "7"}, "bob", "custom.lead_id 7"),
        ({"custom.lead_id": 7}, "bob", "custom.lead_id 7"),
        ({"custom.lead_id": "L2"}, "", "new"),
        ({"email": "new@a.example", "phone": "+15550000001"}, "ada", "phone +15550000001"),
        ({"email": "new@a.example"}, "", "new"),
        ({"firstName": "Ada"}, "", "new"),
    ],
)
def test_a_contact_is_found_by_any_of_its_keys(people: Any, record: Any, target: str, why: str) -> None:
    [found] = match(people, {"id": "r", **record})
    assert (found.target_id, found.why, found.conflict) == (target, why, "")


def test_several_keys_that_agree_are_all_told(people: Any) -> None:
    [found] = match(people, {"id": "r", "email": "ada@a.example", "custom.lead_id": "L1"})
    assert (found.target_id, found.why) == ("ada", "custom.lead_id L1, e-mail ada@a.example")


def test_keys_of_different_contacts_are_a_conflict(people: Any) -> None:
    [found] = match(people, {"id": "r", "email": "bob@a.example", "phone": "+15550000001"})
    assert found.target_id == ""
    assert (
        found.conflict
        == "its keys lead to different contacts: e-mail bob@a.example → bob, phone +15550000001 → ada"
    )


def test_a_key_that_several_contacts_share_is_a_conflict_even_if_another_is_clear(people: Any) -> None:
    [found] = match(people, {"id": "r", "email": "cy@a.example", "phone": "+15550000003"})
    assert found.target_id == ""
    assert found.conflict == "phone +15550000003 is shared by 2 contacts"


def test_one_contact_s_first_address_is_another_s_further_one(people: Any) -> None:
    people.mirror({"id": "eve", "email": "ada@home.example"})
    [found] = match(people, {"id": "r", "email": "ada@home.example"})
    assert found.conflict == "e-mail ada@home.example is shared by 2 contacts"


def test_an_address_listed_twice_by_one_contact_is_no_conflict(people: Any) -> None:
    people.mirror({"id": "fay", "email": "fay@a.example", "additional_emails": ["fay@a.example"]})
    assert match(people, {"id": "r", "email": "fay@a.example"})[0].target_id == "fay"


def test_a_link_decides_alone_and_survives_a_changed_address(people: Any) -> None:
    people.link("r", "bob")
    people.mirror({"id": "bob", "email": "robert@b.example"})
    [found] = match(people, {"id": "r", "email": "ada@a.example", "phone": "+15550000003"})
    assert (found.target_id, found.why, found.linked) == ("bob", "known link", True)


def test_links_are_kept_apart_by_system_and_location(people: Any) -> None:
    for scope in (
        replace(people.spec.scope, system="hub"),
        replace(people.spec.scope, location_id="elsewhere"),
        replace(people.spec.scope, stream="highlevel.note"),
    ):
        people.link("r", "bob", scope)
    assert match(people, {"id": "r", "email": "ada@a.example"})[0].target_id == "ada"


def test_a_link_to_a_contact_that_is_gone_is_a_conflict_with_whom_its_keys_lead_to(people: Any) -> None:
    people.link("r", "bob")
    people.delete("bob")
    [found] = match(people, {"id": "r", "email": "ada@a.example"})
    assert found.target_id == ""
    assert found.conflict == "the contact it was linked to (bob) is gone from HighLevel, or among the rejects"
    assert [(hit.label, hit.ids) for hit in found.hits] == [("e-mail ada@a.example", ("ada",))]


@pytest.mark.parametrize(
    "record", [{"email": "bob@a.example"}, {"custom.lead_id": "7"}, {"email": "bob@home.example"}]
)
def test_deleted_contacts_and_those_of_other_locations_are_not_found(people: Any, record: Any) -> None:
    people.mirror({"id": "bob", "additional_emails": ["bob@home.example"], **_bob()})
    people.delete("bob")
    people.mirror({"id": "bob2", **_bob()}, location="elsewhere")
    assert match(people, {"id": "r", **record})[0] == Match()


def _bob() -> dict[str, Any]:
    return {"email": "bob@a.example", "custom": {"cfLead": "7"}}


def test_a_record_that_a_person_split_off_is_nobody_s_but_says_what_it_met(people: Any) -> None:
    people.link("r", links.SPLIT)
    [found] = match(people, {"id": "r", "email": "ada@a.example"})
    assert (found.target_id, found.conflict, found.split) == ("", "", True)
    assert found.hits[0].ids == ("ada",)


@pytest.mark.parametrize(("keys", "target"), [(("email",), ""), (("phone",), "ada"), ((), "")])
def test_only_the_keys_of_the_mapping_are_asked(people: Any, keys: Sequence[str], target: str) -> None:
    record = {"id": "r", "email": "nobody@a.example", "phone": "+15550000001", "custom.lead_id": "7"}
    assert match(people, record, spec=matching(people, *keys))[0].target_id == target


def test_many_records_are_matched_with_a_handful_of_indexed_queries(stage: Any) -> None:
    stage.mirror(*({"id": f"c{n}", "email": f"p{n}@a.example"} for n in range(1500)))
    statements: list[str] = []
    sa.event.listen(stage.hub.engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    records = [{"id": f"r{n}", "email": f"p{n}@a.example"} for n in range(1500)]
    found = match(stage, *records, spec=matching(stage, "email", "phone"))
    assert [one.target_id for one in found] == [f"c{n}" for n in range(1500)]
    assert len([text for text in statements if text.startswith("SELECT")]) <= 4


@pytest.mark.parametrize("hub_url", ["sqlite"], indirect=True)  # PostgreSQL reads a small table whole
def test_looking_up_uses_the_indexes(stage: Any) -> None:
    seen: list[Any] = []
    sa.event.listen(stage.hub.engine, "before_cursor_execute", lambda *event: seen.append(event[2:4]))
    match(stage, {"id": "r", "email": "a@a.example", "phone": "+1"}, spec=matching(stage, "email", "phone"))
    selects = [one for one in seen if one[0].startswith("SELECT")]
    with stage.hub.read() as connection:
        for statement, parameters in selects:
            steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            scans = [text for *_, text in steps if text.startswith("SCAN")]
            assert all("VIRTUAL TABLE" in text for text in scans), steps  # the list of asked values
    assert len(selects) == 6
