"""The generated data: the same from the same seed, and as varied as a client must expect."""

from __future__ import annotations

import itertools
import unicodedata

import orjson
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.highlevel import account, people
from sandbox.highlevel.names import PHONE_BLOCKS
from sandbox.highlevel.shapes import Document, millis

COUNT = 3000


@pytest.fixture(scope="module")
def contacts() -> list[Document]:
    return list(people.contacts(1, COUNT))


@settings(deadline=None)
@given(seed=st.integers(0, 1000), count=st.integers(0, 40))
def test_same_seed_and_count_same_bytes(seed: int, count: int) -> None:
    first, second = (orjson.dumps(list(people.contacts(seed, count))) for _ in range(2))
    assert first == second
    assert account.businesses(seed) == account.businesses(seed)


def test_a_larger_count_begins_with_the_smaller_one(contacts: list[Document]) -> None:
    assert list(people.contacts(1, 10)) == contacts[:10]


def test_another_seed_gives_other_people(contacts: list[Document]) -> None:
    assert not {c["id"] for c in people.contacts(2, 100)} & {c["id"] for c in contacts}


def test_ids_emails_and_phones_are_unique(contacts: list[Document]) -> None:
    good = [c for place, c in enumerate(contacts) if place % 100 != 37]
    for key in ("id", "emailLowerCase", "phone"):
        values = [contact[key] for contact in good if key in contact]
        assert len(values) == len(set(values)), key
    assert all(len(contact["id"]) == 20 for contact in contacts)


def test_one_in_a_hundred_must_be_rejected(contacts: list[Document]) -> None:
    def usable(contact: Document) -> bool:
        email = contact.get("email", "a@b")
        return "@" in email and " " not in email and millis(contact.get("dateAdded")) > 0

    assert sum(not usable(contact) for contact in contacts) == COUNT // 100


def test_names_come_in_many_scripts(contacts: list[Document]) -> None:
    letters = set("".join(contact["firstName"] for contact in contacts))
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in letters}
    expected = {"LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "CJK", "HIRAGANA", "HANGUL", "DEVANAGARI"}
    assert expected <= scripts
    assert "GLOWING" in scripts  # an emoji


def test_phones_are_valid_e164_or_as_typed_in_an_old_import(contacts: list[Document]) -> None:
    typed = 0
    for contact in contacts:
        if (phone := contact.get("phone")) is None:
            continue
        typed += not phone.startswith("+")
        parsed = phonenumbers.parse(phone, contact["country"])
        assert phonenumbers.is_valid_number(parsed), phone
    assert 0 < typed < COUNT * 0.1


@pytest.mark.parametrize(("country", "prefix", "digits"), PHONE_BLOCKS)
def test_every_fictional_range_is_valid(country: str, prefix: str, digits: int) -> None:
    for number in (0, 10**digits - 1):
        parsed = phonenumbers.parse(f"{prefix}{number:0{digits}}")
        assert phonenumbers.is_valid_number(parsed)
        assert phonenumbers.country_code_for_region(country) == parsed.country_code


def test_dates_lie_in_three_years_up_to_a_fixed_instant(contacts: list[Document]) -> None:
    for contact in contacts:
        if added := millis(contact.get("dateAdded")):
            assert added >= account.LATEST - 3 * 365 * 86_400_000
            assert added <= millis(contact["dateUpdated"]) <= account.LATEST


@pytest.mark.parametrize(
    "key",
    ["lastName", "email", "phone", "additionalEmails", "tags", "dndSettings", "businessId", "companyName",
     "attributionSource", "lastActivity", "customFields", "dateOfBirth", "assignedTo", "address1"],
)  # fmt: skip
def test_some_have_it_and_some_do_not(contacts: list[Document], key: str) -> None:
    assert 0 < sum(key in contact for contact in contacts) < COUNT
    assert not any(contact.get(key, "filled") in (None, "", []) for contact in contacts)


def test_custom_fields_of_every_type_have_values(contacts: list[Document]) -> None:
    defined = {field["id"] for field in account.custom_fields() if field["name"] != "Lusha person id"}
    entries = itertools.chain.from_iterable(contact.get("customFields", []) for contact in contacts)
    assert {entry["id"] for entry in entries} == defined


def test_contacts_belong_to_businesses_that_exist(contacts: list[Document]) -> None:
    known = {business["id"]: business["name"] for business in account.businesses(1)}
    for contact in contacts:
        if "businessId" in contact:
            assert known[contact["businessId"]] == contact["companyName"]
