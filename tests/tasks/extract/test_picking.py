"""Of several columns that hold one field each row has its own; what is not taken is counted."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasks.extract.files import open_file
from tests.tasks.extract.reading import records

Write = Callable[[str, str | bytes], Path]


def rows(write: Write, text: str, *fields: str) -> list[list[Any]]:
    """The fields of each row of a CSV file."""
    return [[one.get(field) for field in fields] for one in records(write("people.csv", text))]


def left_over(write: Write, text: str) -> dict[str, int]:
    reading = open_file(write("people.csv", text)).reading
    return {one.header: one.left_over for one in reading.columns if one.left_over}


def test_a_row_whose_first_column_is_empty_has_the_next_one(write: Write) -> None:
    text = (
        "Name,Email,Email,Phone,Phone\n"
        "Ada Test,,ada@example.com,,+12125550101\n"
        "Bea Test,bea@example.com,bea2@example.com,+12125550102,+12125550103\n"
    )
    assert rows(write, text, "email", "phone", "id") == [
        ["ada@example.com", "+12125550101", "email:ada@example.com"],
        ["bea@example.com", "+12125550102", "email:bea@example.com"],
    ]
    assert left_over(write, text) == {"Email": 1, "Phone": 1}
    assert open_file(write("people.csv", text)).reading.sentences() == [
        "Column 3 `Email`: 1 of 2 values left over, where the row has another email.",
        "Column 5 `Phone`: 1 of 2 values left over, where the row has another phone.",
    ]


@pytest.mark.parametrize(
    ("headers", "phones"),
    [
        ("Name,Business Phone,Mobile Phone,Home Fax", [",+1 1000001,", "+1 1000002,+1 1000003,+1 1000009"]),
        ("Name,Person - Phone - Work,Person - Phone - Mobile,x", [",+1 1000001,", "+1 1000002,+1 1000003,"]),
        ("Name,Phone 1,Phone 2,x", [",+1 1000001,", "+1 1000002,+1 1000003,"]),
        ("Name,Mobile,Primary Phone,x", ["+1 1000001,,", "+1 1000003,+1 1000002,"]),
        (
            "Name,Other Phone,Work Direct Phone,Company Phone",
            ["+1 1000001,,+1 1000009", "+1 1000003,+1 1000002,+1 1000009"],
        ),
        ("Name,Telefon (privat),Mobiltelefon,x", ["+1 1000001,,", "+1 1000002,+1 1000003,"]),
        ("Name,Phones : home,Phones : mobile,x", [",+1 1000001,", "+1 1000002,+1 1000003,"]),
    ],
)
def test_phones_of_the_programs_people_export_from(write: Write, headers: str, phones: list[str]) -> None:
    text = "\n".join([headers, *(f"Ada,{cells}" for cells in phones)])
    assert rows(write, text, "phone") == [["+1 1000001"], ["+1 1000002"]]
    assert list(left_over(write, text).values()) == [1]


def test_what_says_nothing_gives_way_to_what_does(write: Write) -> None:
    text = (
        "Email,Work Email,Phone,Mobile,Company,Account Name,Home City,Business City\n"
        "N/A,a@x.com,see notes,+1 212 555 0123,-,Acme,none,Ulm\n"
        "none,,n/a,,-,,n/a,\n"
    )
    found = rows(write, text, "email", "phone", "company", "city")
    assert found == [["a@x.com", "+1 212 555 0123", "Acme", "Ulm"], ["none", "n/a", "-", "n/a"]]


def test_what_is_said_twice_is_not_left_over(write: Write) -> None:
    assert left_over(write, "Email,Work Email\nada@x.com,ADA@x.com\nbea@x.com,\ncy@x.com,N/A\n") == {}
    assert left_over(write, "Phone,Mobile\n+1 (212) 555-0123,+12125550123\n") == {}


def test_other_fields_are_filled_in_the_same_way(write: Write) -> None:
    text = "Email,Company,Account Name,Notes,Comments\na@x.com,,Acme,,met\nb@x.com,Globex,Acme,seen,met\n"
    assert rows(write, text, "company", "note") == [["Acme", "met"], ["Globex", "seen"]]
    assert left_over(write, text) == {"Account Name": 1, "Comments": 1}


PLACES = ("address", "city", "postal_code", "country")


def test_an_address_is_taken_whole(write: Write) -> None:
    text = (
        "Email,Home Street,Home City,Home Postal Code,Home Country/Region,"
        "Business Street,Business City,Business Postal Code,Business Country/Region\n"
        "a@x.com,1 Home St,,,,2 Work St,Worktown,222,US\n"
        "b@x.com,,,,,2 Work St,Worktown,,US\n"
        "c@x.com,,,,US,2 Work St,Worktown,222,CA\n"
        "d@x.com,,,,US,,,,\n"
        "e@x.com,,,,US,2 Work St,Worktown,,\n"
    )
    assert rows(write, text, *PLACES) == [
        ["1 Home St", None, None, None],
        ["2 Work St", "Worktown", None, "US"],
        ["2 Work St", "Worktown", "222", "CA"],
        [None, None, None, "US"],
        ["2 Work St", "Worktown", None, None],
    ]
    assert left_over(write, text) == {
        "Business Street": 1,
        "Business City": 1,
        "Business Postal Code": 1,
        "Business Country/Region": 1,
        "Home Country/Region": 2,
    }


@pytest.mark.parametrize(
    "headers",
    [
        "Address 1 - Street,Address 1 - City,Address 2 - Street,Address 2 - City",
        "Mailing Street,Mailing City,Other Street,Other City",
        "Home Street,Home City,Business Street,Business City",
        "Other Street,Other City,Street,City",
        "Straße privat,Ort privat,Straße geschäftlich,Ort geschäftlich",
    ],
)
def test_a_street_is_never_joined_with_another_city(write: Write, headers: str) -> None:
    text = f"Email,{headers}\na@x.com,One St,,Two St,Twotown\nb@x.com,,,Two St,Twotown\n"
    found = rows(write, text, "address", "city")
    assert found[0] in (["One St", None], ["Two St", "Twotown"])
    assert found[1] == ["Two St", "Twotown"]


def test_a_primary_address_comes_first(write: Write) -> None:
    text = "Email,Other Street,Other City,Primary Street,Primary City\na@x.com,1 O St,Otown,2 P St,Ptown\n"
    assert rows(write, text, "address", "city") == [["2 P St", "Ptown"]]


def test_lines_of_one_address_are_one_address(write: Write) -> None:
    text = "Email,Address 1,Address 2,City\na@x.com,1 St,Apt 4,Ulm\nb@x.com,,Apt 5,Bonn\n"
    assert rows(write, text, "address", "city") == [["1 St", "Ulm"], ["Apt 5", "Bonn"]]
    assert left_over(write, text) == {"Address 2": 1}


def test_a_home_address_with_a_city_that_says_no_more_is_one(write: Write) -> None:
    text = "Email,Home Address,Home Address 2,City,Zip\na@x.com,1 St,Apt 4,Ulm,89073\n"
    assert rows(write, text, "address", "city", "postal_code") == [["1 St", "Ulm", "89073"]]


def test_every_column_keeps_its_own_value_beside(write: Write) -> None:
    (ada, bea) = records(write("people.csv", "Name,Phone,Mobile\nAda,,+1 1\nBea,+1 2,+1 3\n"))
    assert (ada["phone"], ada["phone_2"]) == ("+1 1", "+1 1")
    assert (bea["phone"], bea["phone_2"]) == ("+1 2", "+1 3")


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        ("Country Code,Phone\n+49,0151 23456789\n49,151 23456789\n0049,0151-23456789\n", ["+49 "] * 3),
        ("Phone,Dial Code\n0151 23456789,49\n", ["+49 "]),
        ("Country Code,Mobile Number\n91,9876543210\n+91,+91 98765 43211\n91,919876543212\n", ["+91"] * 3),
        ("phones.primaryPhoneNumber,phones.primaryPhoneCallingCode\n2125550101,+1\n", ["+1 212"]),
        ("Country Code,Phone\nGermany (+49),0151 23456789\nDE +49,0151 1\n'+49,0151 2\n", ["+49 "] * 3),
        ("Country Code,Phone\n,0151 23456789\n+49,\n", ["0151", None]),
    ],
)
def test_a_calling_code_beside_a_number_belongs_to_it(
    write: Write, text: str, phones: list[str | None]
) -> None:
    found = [one.get("phone") for one in records(write("people.csv", text))]
    assert len(found) == len(phones)
    for phone, wanted in zip(found, phones, strict=True):
        assert phone is None if wanted is None else phone.startswith(wanted)
    digits = [re.sub(r"\D", "", phone) for phone in found if phone]
    assert not any(number.startswith(("4949", "9191")) for number in digits)


def test_each_number_has_the_calling_code_before_it(write: Write) -> None:
    text = "Phone Country Code,Phone,Mobile Country Code,Mobile\n49,30 901820,43,1 58858\n"
    (one,) = records(write("people.csv", text))
    assert (one["phone"], one["phone_2"]) == ("+49 30 901820", "+43 1 58858")


def test_a_country_code_of_letters_is_the_country(write: Write) -> None:
    assert rows(write, "Email,Country Code\na@x.com,DE\nb@x.com,at\n", "country") == [["DE"], ["at"]]


def test_a_cell_that_was_kept_from_being_a_formula_is_itself_again(write: Write) -> None:
    text = "First name,Phone,Notes\n'=1+1,'+12125550101,'tis so\n"
    assert rows(write, text, "first_name", "phone", "note") == [["=1+1", "+12125550101", "'tis so"]]
