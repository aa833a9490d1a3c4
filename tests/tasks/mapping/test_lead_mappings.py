"""The shipped mappings of leads: what of a person goes into the hub, what into HighLevel, and what never."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tasks.mapping.language import MAPPINGS, load_mapping
from tasks.mapping.transform.apply import Mapper
from tasks.mapping.transform.compile import compile_mapping
from tasks.streams import Policy

FULL = {
    "id": "v1.abc",
    "_contactId": "c1",
    "firstName": " Ada ",
    "lastName": "Lovelace",
    "jobTitle": {"title": "CTO", "departments": ["Engineering & Technical"], "seniority": "Director"},
    "location": {"country": "France", "countryIso2": "FR", "city": "Lyon", "isEuContact": True},
    "emails": [
        {"email": "ada@home.example", "type": "private", "confidence": None},
        {"email": "Ada@Acme.example", "type": "work", "confidence": "A+"},
    ],
    "phones": [
        {"number": "+14155551234", "type": "direct", "doNotCall": True},
        {"number": "06 12 34 56 78", "type": "mobile", "doNotCall": False},
    ],
    "company": {"name": "Acme", "domain": "www.Acme.example"},
    "updateDate": "2026-05-01",
    "revealed": ["emails", "phones"],
    "jobChange": {"previousCompany": {"name": "Old", "domain": "www.old.example"}, "at": "2026-04-01"},
}


@pytest.fixture(scope="module")
def to_hub() -> Mapper:
    return compile_mapping(load_mapping(MAPPINGS / "lusha_lead.yaml"))


@pytest.fixture(scope="module")
def to_contact() -> Mapper:
    return compile_mapping(load_mapping(MAPPINGS / "lusha_lead_to_contact.yaml"))


def values(mapper: Mapper, **record: Any) -> Any:
    return mapper.rows([{"id": "v1.abc", **record}])[0]


def phone(number: str, kind: str | None = "work", **more: Any) -> dict[str, Any]:
    return {"number": number, "type": kind, "doNotCall": False} | more


def test_the_hub_keeps_all_that_was_told(to_hub: Mapper) -> None:
    row = values(to_hub, **FULL)
    assert {name: value for name, value in row.items() if value is not None} == {
        "id": "v1.abc",
        "contact_id": "c1",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "name": "Ada Lovelace",
        "email": "ada@acme.example",
        "emails": ["ada@home.example", "ada@acme.example"],
        "phone": "+33612345678",
        "phones": ["+14155551234", "+33612345678"],
        "phones_not_to_call": ["+14155551234"],
        "job_title": "CTO",
        "seniority": "director",
        "departments": ["Engineering & Technical"],
        "company_name": "Acme",
        "company_domain": "acme.example",
        "city": "Lyon",
        "country": "FR",
        "in_eu": True,
        "revealed": ["emails", "phones"],
        "previous_company_name": "Old",
        "previous_company_domain": "old.example",
        "job_changed_at": datetime(2026, 4, 1, tzinfo=UTC),
        "date_updated": datetime(2026, 5, 1, tzinfo=UTC),
    }


@pytest.mark.parametrize(
    "record",
    [{}, {"emails": [], "phones": []}, {"company": None, "jobTitle": None, "location": {"country": "?"}}],
)
def test_a_person_of_whom_little_is_told_is_kept(to_hub: Mapper, to_contact: Mapper, record: Any) -> None:
    assert values(to_hub, **record)["id"] == values(to_contact, **record)["id"] == "v1.abc"


def test_an_id_that_is_a_number_is_the_same_as_its_digits(to_hub: Mapper, to_contact: Mapper) -> None:
    for mapper in (to_hub, to_contact):
        assert values(mapper, id=4_389_064_704) == values(mapper, id="4389064704")


def test_drifts_of_case_and_www_make_no_other_value(to_hub: Mapper) -> None:
    one = values(to_hub, company={"domain": "www.acme.example"}, jobTitle={"seniority": "Director"})
    assert one == values(to_hub, company={"domain": "Acme.example"}, jobTitle={"seniority": "director"})


def test_a_contact_is_made_of_the_work_address_and_a_number_that_may_be_called(to_contact: Mapper) -> None:
    row = values(to_contact, **FULL)
    assert {name: value for name, value in row.items() if value is not None} == {
        "id": "v1.abc",
        "asOf": datetime(2026, 5, 1, tzinfo=UTC),
        "firstName": "Ada",
        "lastName": "Lovelace",
        "email": "ada@acme.example",
        "phone": "+33612345678",
        "companyName": "Acme",
        "website": "acme.example",
        "city": "Lyon",
        "country": "FR",
        "source": "Lusha",
        "tags": ["lusha"],
    }


@pytest.mark.parametrize(
    ("phones", "number"),
    [
        (["work", "mobile", "direct"], "+33472000102"),
        (["work", "mobile"], "+33472000101"),
        (["unknown", None, "work"], "+33472000102"),
        ([None, "unknown"], "+33472000100"),
    ],
)
def test_direct_comes_before_mobile_before_work(to_contact: Mapper, phones: list[Any], number: str) -> None:
    told = [phone(f"+33 4 72 00 01 0{at}", kind) for at, kind in enumerate(phones)]
    assert values(to_contact, phones=told)["phone"] == number


def test_a_number_that_cannot_be_read_gives_way_to_the_next(to_contact: Mapper) -> None:
    told = [phone("n/a", "direct"), phone("+1 415-555-1234", "mobile")]
    assert values(to_contact, phones=told)["phone"] == "+14155551234"


def test_a_number_that_must_not_be_called_is_never_written(to_contact: Mapper) -> None:
    told = [phone("+14155551234", "direct", doNotCall=True)]
    assert values(to_contact, phones=told)["phone"] is None


def test_nor_is_it_where_it_is_told_twice(to_contact: Mapper) -> None:
    told = [phone("(415) 555-1234"), phone("+14155551234", "direct", doNotCall=True), phone("+14155551235")]
    assert values(to_contact, phones=told, location={"countryIso2": "US"})["phone"] == "+14155551235"


@pytest.mark.parametrize(
    ("may_not", "told"),
    [
        ([True], True),
        ([True, True], True),
        ([True, False], None),
        ([False], None),
        ([True, None], None),
        ([], None),
    ],
)
def test_calls_are_forbidden_only_where_no_number_may_be_called(
    to_contact: Mapper, may_not: list[Any], told: bool | None
) -> None:
    phones = [phone(f"+1415555123{at}", doNotCall=one) for at, one in enumerate(may_not)]
    assert values(to_contact, phones=phones)["dndCalls"] is told


def test_of_somebody_without_numbers_nothing_is_said_about_calls(to_contact: Mapper) -> None:
    assert values(to_contact)["dndCalls"] is None


def test_a_private_address_alone_is_not_written_but_kept(to_hub: Mapper, to_contact: Mapper) -> None:
    told = {"emails": [{"email": "ada@home.example", "type": "private"}]}
    assert values(to_contact, **told)["email"] is None
    assert values(to_hub, **told)["email"] == "ada@home.example"


def test_nothing_replaces_what_is_there() -> None:
    fields = load_mapping(MAPPINGS / "lusha_lead_to_contact.yaml").fields
    protecting = {"id", "asOf", "dndCalls"}
    assert {field.policy for name, field in fields.items() if name not in protecting} == {
        Policy.FILL_EMPTY,
        Policy.ADD,
    }
