"""By what a lead is looked for, and that the ways to write one person are one person."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.mapping.lead_identity import key, keys, wanted
from tasks.vendors.leads import Wanted

LINKED_IN = {"socialLinks": {"linkedin": "https://www.linkedin.com/in/ada"}}
ACME = {"name": "Acme", "domain": "www.Acme.example"}


def mails(*told: tuple[str, str]) -> dict[str, Any]:
    return {"emails": [{"email": address, "type": kind} for address, kind in told]}


@pytest.mark.parametrize(
    ("record", "asked"),
    [
        ({"id": 4389064704}, {"id": "4389064704"}),
        (LINKED_IN, {"linkedin": "https://www.linkedin.com/in/ada"}),
        (
            {"socialLinks": {"linkedin": "uk.linkedin.com/in/ada/?x"}},
            {"linkedin": "https://www.linkedin.com/in/ada"},
        ),
        ({"socialLinks": {"linkedin": "https://www.linkedin.com/company/acme"}}, {}),
        ({"socialLinks": {"linkedin": "N/A"}, "id": "-"}, {}),
        (mails(("A@home.example", "private"), (" B@Acme.example", "work")), {"email": "b@acme.example"}),
        (mails(("noemail@acme.example", "work"), ("a@home.example", "private")), {"email": "a@home.example"}),
        (mails(("nobody", "work"), ("a@home.example", "private")), {"email": "a@home.example"}),
        (
            {"firstName": "Ada", "lastName": "Test", "company": ACME} | mails(("a@home.example", "private")),
            {"first_name": "Ada", "last_name": "Test", "company": "Acme", "domain": "acme.example"},
        ),
        ({"fullName": "Ada van Test"}, {"first_name": "Ada", "last_name": "van Test"}),
        ({"firstName": "Null", "lastName": "Na"}, {"first_name": "Null", "last_name": "Na"}),
        ({"fullName": "Test, Ada"}, {"first_name": "Ada", "last_name": "Test"}),
        ({"firstName": "Ada", "fullName": "Ada"}, {"first_name": "Ada"}),
        ({"emails": "a@acme.example", "company": "Acme", "firstName": ["Ada"], "socialLinks": []}, {}),
    ],
)
def test_by_what_a_person_is_looked_for(record: dict[str, Any], asked: dict[str, str]) -> None:
    assert wanted(record, "r") == Wanted("r", **asked)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {"linkedin": "https://www.linkedin.com/in/ada"},
            {"linkedin": "http://uk.linkedin.com/in/Ada/?trk=x"},
        ),
        ({"linkedin": "linkedin.com/in/j%C3%B6rg"}, {"linkedin": "https://linkedin.com/in/jörg"}),
        ({"email": "ADA@acme.example"}, {"email": "ada@acme.example "}),
        (
            {"first_name": "Ada", "last_name": "Test", "company": "Acme, Inc."},
            {"first_name": "ADA ", "last_name": "test", "company": "ACME"},
        ),
        (
            {"first_name": "Ada", "last_name": "Test", "domain": "www.acme.example"},
            {"first_name": "Ada", "last_name": "Test", "domain": "Acme.example", "company": "Acme"},
        ),
    ],
)
def test_one_person_in_two_ways_has_one_key(one: dict[str, str], other: dict[str, str]) -> None:
    assert key(Wanted("1", **one)) == key(Wanted("2", **other)) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"linkedin": "linkedin.com/in/ada"}, {"linkedin": "linkedin.com/in/ada-2"}),
        ({"id": "ada@acme.example"}, {"email": "ada@acme.example"}),
        (
            {"first_name": "Ada", "last_name": "Test", "company": "Acme"},
            {"first_name": "Ada", "last_name": "Test", "company": "Other"},
        ),
    ],
)
def test_two_people_have_two_keys(one: dict[str, str], other: dict[str, str]) -> None:
    assert key(Wanted("1", **one)) != key(Wanted("1", **other))


def test_what_tells_most_of_a_person_comes_first() -> None:
    both = Wanted("r", linkedin="linkedin.com/in/ada", email="ada@acme.example")
    assert keys(both) == [key(Wanted("r", linkedin=both.linkedin)), key(Wanted("r", email=both.email))]


def test_nobody_has_no_key() -> None:
    assert key(Wanted("r", first_name="Ada", company="Acme")) == ""


def test_a_key_tells_nothing_of_the_person() -> None:
    assert "ada" not in key(Wanted("r", email="ada@acme.example"))
