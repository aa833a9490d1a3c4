"""Files of leads: all addresses are kept with their kind, and rows that cannot go on are told apart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasks.core.batch import UNREADABLE
from tasks.extract.files import open_file
from tasks.extract.lead_columns import lead_columns
from tasks.extract.lead_rows import LeadRows, as_read, lead_rows
from tasks.mapping.language import MAPPINGS, load_mapping
from tasks.mapping.transform.compile import compile_mapping

Write = Callable[[str, str | bytes], Path]
CASES = Path(__file__).parents[2] / "cases" / "files"


def read(path: Path, **columns: str) -> LeadRows:
    return asyncio.run(lead_rows(open_file(path, columns=columns, stream="lusha.contact")))


def only(path: Path, **columns: str) -> dict[str, Any]:
    found = read(path, **columns)
    assert not found.rejects
    [row] = found.people
    return row.record


def test_an_export_of_lusha_s_tells_a_person_as_lusha_does() -> None:
    found = read(CASES / "g_lusha.csv")
    assert [(row.number, row.record) for row in found.people] == [
        (
            2,
            {
                "firstName": "Ada",
                "lastName": "Test",
                "fullName": "Ada Test",
                "jobTitle": {"title": "CEO"},
                "company": {"name": "Acme", "domain": "acme.example.com", "industry": "Software"},
                "location": {"city": "New York", "country": "United States"},
                "socialLinks": {"linkedin": "https://www.linkedin.com/in/ada"},
                "emails": [
                    {"email": "ada@example.com", "type": "work"},
                    {"email": "ada.home@example.org", "type": "private"},
                ],
                "phones": [
                    {"number": "+1 212-555-0101", "type": "direct"},
                    {"number": "+1 212-555-0102", "type": "direct"},
                    {"number": "+1 212-555-0104", "type": "mobile"},
                ],
            },
        )
    ]


def test_what_a_file_says_becomes_a_contact_without_lusha(write: Write) -> None:
    mapper = compile_mapping(load_mapping(MAPPINGS / "lusha_lead_to_contact.yaml"))
    header = "Lusha ID,Contact Country ISO2,Mobile 1,Other Phone 2,WORK EMAIL"
    text = f"{header}\nv1.a,FR,06 12 34 56 78,x,A@acme.example\n"
    row = mapper.rows([only(write("leads.csv", text))])[0]
    assert isinstance(row, dict)
    assert (row["id"], row["phone"], row["email"]) == ("v1.a", "+33612345678", "a@acme.example")


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("CONTACT LINKEDIN URL", "linkedin"),
        ("Company LinkedIn URL", None),
        ("Email 2", "email"),
        ("E-Mail-Adresse", "email"),
        ("private email", "private_email"),
        ("Direct Phone 1", "direct_phone"),
        ("mobile_phone_2", "mobile_phone"),
        ("Contact Mobile 1", "mobile_phone"),
        ("Other Phone 1", "other_phone"),
        ("Company Phone", None),
        ("Job title", "job_title"),
        ("Seniority", "seniority"),
        ("Department", "departments"),
        ("Company Main Industry", "industry"),
        ("Lusha User", None),
        ("Country", None),
        ("", None),
    ],
)
def test_columns_are_known_in_any_case(header: str, key: str | None) -> None:
    assert lead_columns([header]).get(0) == key


def test_several_of_a_kind_and_a_column_that_is_given_are_all_kept(write: Write) -> None:
    text = (
        "LinkedIn,Handynr,Mobile 1,Mobile 1\nlinkedin.com/in/a,+4915112345671,+4915112345672,+4915112345673\n"
    )
    person = only(write("leads.csv", text), Handynr="mobile_phone")
    assert {phone["number"][-1] for phone in person["phones"]} == {"1", "2", "3"}
    assert {phone["type"] for phone in person["phones"]} == {"mobile"}


@pytest.mark.parametrize(("cell", "told"), [("yes", True), ("No", False), ("see list", True), ("", None)])
def test_a_column_that_forbids_calls_counts_for_every_number(
    write: Write, cell: str, told: bool | None
) -> None:
    text = f"LinkedIn,Mobile,Work Phone,DNC\nlinkedin.com/in/a,+12125550101,+12125550102,{cell}\n"
    person = only(write("leads.csv", text))
    assert [phone.get("doNotCall") for phone in person["phones"]] == [told, told]


ROWS = """First Name,Last Name,Company Name,Company Domain,LinkedIn URL,Email 1,Phone 1
Ada,Test,Acme,acme.example,https://www.linkedin.com/in/ada/,ada@acme.example,
Bea,Muster,,,,,+12125550101
Ada,T.,,,uk.linkedin.com/in/ADA?x=1,,
-,N/A,,,,n/a,
,,,,, ADA@ACME.example ,
Ada,Test,"Acme, Inc.",,,,
Cyd,Test,Acme,,,,
Cyd,Test,Other,,,,
,,,,linkedin.com/in/dan,info@acme.example,
,,,,linkedin.com/in/eve,info@acme.example,
"""


def test_rows_without_an_identifier_and_second_rows_of_a_person_are_told_apart(write: Write) -> None:
    found = read(write("leads.csv", ROWS))
    assert [row.number for row in found.people] == [2, 8, 9, 10, 11]
    told = [reason.message for reject in found.rejects for reason in reject.reasons]
    nobody = "names nobody: Lusha needs a LinkedIn URL, an e-mail address, or a full name with a company"
    assert told == [
        f"row 3 {nobody}",
        "row 4 is the same person as row 2",
        f"row 5 {nobody}",
        "row 6 is the same person as row 2",
        "row 7 is the same person as row 2",
    ]
    assert {reason.rule for reject in found.rejects for reason in reject.reasons} == {UNREADABLE}
    assert len({reject.record_id for reject in found.rejects}) == 5


def test_a_row_that_tells_more_of_a_person_of_before_is_that_person(write: Write) -> None:
    text = "LinkedIn,Email\n,ada@acme.example\nlinkedin.com/in/ada,ada@acme.example\n"
    found = read(write("leads.csv", text))
    assert ([row.number for row in found.people], len(found.rejects)) == ([2], 1)


def test_what_is_no_address_is_none(write: Write) -> None:
    text = (
        'LinkedIn,Work Email,Mobile,Contact Location\nlinkedin.com/in/a,see notes,-12,"Lyon, Rhône, France"\n'
    )
    person = only(write("leads.csv", text))
    assert person == {
        "socialLinks": {"linkedin": "linkedin.com/in/a"},
        "location": {"city": "Lyon", "country": "France"},
    }


def test_a_row_that_cannot_be_read_does_not_keep_the_others_out(write: Write) -> None:
    text = "LinkedIn,City\nlinkedin.com/in/a,\nlinkedin.com/in/b,x,y,z\nlinkedin.com/in/c,\n"
    found = read(write("leads.csv", text))
    assert (len(found.people), len(found.rejects)) == (2, 1)


def test_the_columns_that_are_of_no_use_are_told(write: Write) -> None:
    source = open_file(
        write("leads.csv", "LinkedIn,Mobile 1,Mobile 2,Lusha User\na,1,2,Kim\n"), stream="lusha.contact"
    )
    assert [one.header for one in as_read(source.reading).columns if not one.used] == ["Lusha User"]


def test_a_null_is_somebody_s_name(write: Write) -> None:
    person = only(write("leads.csv", "First Name,Last Name,Company\nJennifer,Null,Acme\n"))
    assert person == {"firstName": "Jennifer", "lastName": "Null", "company": {"name": "Acme"}}
