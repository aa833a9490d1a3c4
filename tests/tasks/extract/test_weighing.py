"""Header and values together say what a column is."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.extract.columns import guess_columns
from tasks.extract.headers import COMPANIES
from tests.tasks.extract.test_columns import PEOPLE, guess, names, one


@pytest.mark.parametrize(
    ("header", "values", "name"),
    [
        ("Contact Number", ["9876543210", "+91 98765 43211"], "phone"),
        ("Contact Number", ["9876543210", "9876543211"], "phone"),
        ("Contact No.", [9876543210, 9876543211], "phone"),
        ("Customer Number", ["+49 30 901820", "(030) 901821"], "phone"),
        ("ID", ["+49 30 901820", "030/901821"], "phone"),
        ("Number", ["2125550101", "2125550172"], "phone"),
        ("Contact Number", ["9876543210", "N/A", "-", ""], "phone"),
        ("Contact Number", ["1001", "1002"], "id"),
        ("Contact Number", ["10000001", "10000002", "10000005"], "id"),
        ("Contact Number", ["CT-1", "CT-2"], "id"),
        ("Contact Number", [], "id"),
        ("Record ID", ["12125550101", "12125550102"], "id"),
        ("Customer Number", ["4711000815", "4711000816"], "id"),
        ("Number", ["1", "2"], "number"),
        ("Mobile No", ["9876543210"], "phone"),
        ("Phone No.", ["9876543210"], "phone"),
        ("Tel. No", ["1"], "phone"),
        ("WhatsApp Number", ["1"], "phone"),
        ("Handy-Nr.", ["1"], "phone"),
        ("Phone", ["ada@x.com", "bob@x.com"], "email"),
        ("E-mail", ["+1 212 555 0101", "(212) 555-0102"], "phone"),
        ("E-mail", ["yes", "no", "yes"], "e_mail"),
        ("Mobile", ["Yes", "No"], "mobile"),
        ("Birth Day", ["28", "1"], "birth_day"),
        ("Phones", [{"number": "1"}], "phones"),
        ("URL", ["https://www.linkedin.com/in/ada", "https://linkedin.com/in/bob"], "url"),
        ("URL", ["https://ada.example.com", "www.bob.example"], "website"),
    ],
)
def test_values_decide_with_the_header(header: str, values: list[Any], name: str) -> None:
    assert one(header, values).name == name


def test_another_thing_s_id_is_none() -> None:
    assert names(["Business ID", "Email"]) == ["business_id", "email"]
    assert names(["Company ID", "Customer ID"]) == ["company_id", "id"]


def test_a_company_s_phone_and_a_fax_are_no_person_s() -> None:
    headers = ["Company Phone", "Corporate Phone", "Assistant Phone", "Business Fax"]
    assert not any(column.recognised for column in guess(headers))


def test_a_company_s_phone_is_its_own_in_a_file_of_companies() -> None:
    headers = ["Company Name", "Company Phone", "Corporate Email", "Company Website", "Account City"]
    columns = guess_columns(headers, [], {}, "firms.csv", COMPANIES)
    assert [column.name for column in columns] == ["company", "phone", "email", "website", "city"]


def test_an_owner_is_the_person_where_nobody_else_is() -> None:
    assert names(["Owner", "Phone", "City"], ["Ada Test", "2125550101", "NY"]) == ["name", "phone", "city"]
    assert names(["Owner 1 First Name", "Owner 1 Last Name", "Owner 2 First Name", "Owner Phone"]) == [
        "first_name",
        "last_name",
        "owner_2_first_name",
        "phone",
    ]


def test_an_owner_beside_names_or_of_many_records_is_who_looks_after_them() -> None:
    assert names(["Name", "Owner", "Owner Email"])[1:] == ["assigned_to", "owner_email"]
    assert names(["Email", "Owner"], *([f"{who}@x.com", "Sam"] for who in PEOPLE)) == ["email", "assigned_to"]


def test_who_looks_after_a_record_lends_it_no_address() -> None:
    columns = guess(["Email", "Owner", "Owner Email"], ["", "Sam", "sam@x.com"])
    assert [column.field for column in columns if column.field == "email"] == ["email"]


def test_calling_codes_are_known_by_their_values() -> None:
    columns = guess_columns(["Country Code", "Phone"], [["+49", "030 901820"], ["1", "2125550101"]], {}, "x")
    assert [column.field for column in columns] == ["calling_code", "phone"]
    assert columns[0].why == "by its values (calling codes)"
