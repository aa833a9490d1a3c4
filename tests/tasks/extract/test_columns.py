"""Which column of a file is taken for which field, and why."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.core.errors import BadConfigurationError
from tasks.extract.columns import Column, guess_columns

PEOPLE = ["ada", "bob", "cy", "dee", "eve", "fay", "gus", "hal", "ida", "jo", "kim", "lee"]


def guess(headers: list[str], *rows: list[Any], **given: str) -> tuple[Column, ...]:
    return guess_columns(headers, rows, given, "people.csv")


def names(headers: list[str], *rows: list[Any], **given: str) -> list[str]:
    return [column.name for column in guess(headers, *rows, **given)]


def one(header: str, values: list[Any]) -> Column:
    return guess([header], *([value] for value in values))[0]


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        pytest.param(
            "Contact Id,First Name,Last Name,Phone,Email,Business Name,Street Address,Postal Code,"
            "Tags,Source",
            "id,first_name,last_name,phone,email,company,address,postal_code,tags,source",
            id="HighLevel",
        ),
        pytest.param(
            "Record ID - Contact,First Name,Email,Phone Number,Contact owner,Associated Company,State/Region",
            "id,first_name,email,phone,assigned_to,company,state",
            id="HubSpot",
        ),
        pytest.param(
            "Account Name,Mailing Street,Mailing City,Mailing State/Province,Mailing Zip/Postal Code,"
            "Mailing Country,Birthdate,Lead Source,Description,Last Modified Date",
            "company,address,city,state,postal_code,country,date_of_birth,source,note,updated_at",
            id="Salesforce",
        ),
        pytest.param(
            "Person - ID,Person - Name,Person - Email - Work,Person - Phone - Work,Person - Organization,"
            "Person - Owner,Person - Label,Person - Update time",
            "id,name,email,phone,company,assigned_to,tags,updated_at",
            id="Pipedrive",
        ),
        pytest.param(
            "First Name,Last Name,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Value,"
            "Address 1 - Street,Address 1 - City,Organization Name,Website 1 - Value,Birthday,Notes",
            "first_name,last_name,tags,e_mail_1_label,email,phone,address,city,company,website,"
            "date_of_birth,note",
            id="Google",
        ),
        pytest.param(
            "First Name,Company,Business Street,Business Country/Region,E-mail Address,Categories,Web Page",
            "first_name,company,address,country,email,tags,website",
            id="Outlook",
        ),
        pytest.param(
            "Kunden-Nr.,Vorname,Nachname,E-Mail-Adresse,Telefonnummer,Firma,Straße,PLZ,Ort,Land,"
            "Geburtsdatum,Geschlecht,Schlagwörter,Bemerkungen,Zuständig,Geändert am",
            "id,first_name,last_name,email,phone,company,address,postal_code,city,country,"
            "date_of_birth,gender,tags,note,assigned_to,updated_at",
            id="German",
        ),
        pytest.param(
            "Prénom,Nom,Courriel,Téléphone,Société,Rue,Code postal,Ville,Pays,Date de naissance,Étiquettes",
            "first_name,last_name,email,phone,company,address,postal_code,city,country,date_of_birth,tags",
            id="French",
        ),
        pytest.param(
            "Nombre,Apellidos,Correo electrónico,Teléfono,Empresa,Dirección,Código postal,Ciudad,País,Género",
            "first_name,last_name,email,phone,company,address,postal_code,city,country,gender",
            id="Spanish",
        ),
        pytest.param("firstName,E_MAIL,  zip ,timeZone", "first_name,email,postal_code,timezone", id="code"),
    ],
)
def test_headers_of_the_exports_people_have(headers: str, fields: str) -> None:
    columns = guess(headers.split(","))
    assert [column.name for column in columns] == fields.split(",")
    assert all(column.recognised == (column.why == "by its name") for column in columns)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Lead Score", "lead_score"),
        ("Lead Status", "lead_status"),
        ("Phone 1 - Label", "phone_1_label"),
        ("Company Phone", "company_phone"),
        ("Größe (cm)", "grosse_cm"),
        ("電話", "電話"),
        ("", "column_1"),
        ("???", "column_1"),
    ],
)
def test_a_column_nobody_recognises_is_named_after_its_header(header: str, name: str) -> None:
    assert one(header, ["x"]) == Column(header, name, recognised=False, why="not recognised", examples=("x",))


def test_of_two_e_mail_columns_the_first_is_the_address() -> None:
    columns = guess(["Email", "Name", "Work e-mail", "E-mail 3"], ["a@x.com", "Ada", "b@x.com", "c@x.com"])
    assert [column.name for column in columns] == ["email", "name", "email_2", "email_3"]
    assert [column.why for column in columns[2:]] == ["a second e-mail column", "a further e-mail column"]
    assert [column.field for column in columns] == ["email", "name", "email", "email"]


def test_a_primary_address_comes_before_the_others_and_a_secondary_one_after_them() -> None:
    assert names(["Secondary Email", "Work Email", "Primary Email"]) == ["email_3", "email_2", "email"]


def test_of_two_columns_that_cannot_fill_in_for_each_other_the_one_with_values_counts() -> None:
    assert names(["ID", "Record ID"], ["", "7"]) == ["id_2", "id"]
    assert names(["First name", "Given name"], ["", "Ada"]) == ["first_name_2", "first_name"]


def test_a_name_beside_first_names_is_the_last_name() -> None:
    assert names(["Vorname", "Name"]) == ["first_name", "last_name"]
    assert names(["First Name", "Last Name", "Name"]) == ["first_name", "last_name", "name"]
    assert names(["Name"]) == ["name"]


@pytest.mark.parametrize(
    ("values", "name", "why"),
    [
        (["a@x.com", "b@x.com", "", "c@x.co.uk"], "email", "by its values (100 % e-mail addresses)"),
        (
            ["a@x.com", "b@x.com", "c@x.com", "d@x.com", "ask Sam"],
            "email",
            "by its values (80 % e-mail addresses)",
        ),
        (["+49 30 901820", "030/901821", "(212) 555-0123"], "phone", "by its values (100 % phone numbers)"),
        (["https://x.com.example", "www.y.example/z"], "website", "by its values (100 % web addresses)"),
        (["a@x.com", "b@x.com", "ask Sam"], "k_1", "not recognised"),
        (["10000001", "10000002"], "k_1", "not recognised"),
        (["2024-01-31", "31.01.2024", "1/31/2024"], "k_1", "not recognised"),
        (["192.168.100.10", "1234567.89", "123-45-6789"], "k_1", "not recognised"),
        (["https://www.linkedin.com/in/ada", "https://x.com/bob"], "k_1", "not recognised"),
        (["", " "], "k_1", "not recognised"),
        ([True, 1.5, None], "k_1", "not recognised"),
    ],
)
def test_a_column_without_a_telling_name_is_known_by_its_values(
    values: list[Any], name: str, why: str
) -> None:
    column = one("K 1", values)
    assert (column.name, column.why, column.recognised) == (name, why, name != "k_1")


def test_values_speak_only_for_a_field_that_no_header_names() -> None:
    rows = [["ada@x.com", "bob@x.com"], ["cy@x.com", "dee@x.com"]]
    assert names(["Referred by", "Email"], *rows) == ["referred_by", "email"]


def test_the_same_few_addresses_again_and_again_are_not_the_contacts_own() -> None:
    assert names(["Created by"], *([f"{who}@x.com"] for who in PEOPLE)) == ["email"]
    assert names(["Created by"], *(["boss@x.com"] for _ in PEOPLE)) == ["created_by"]


def test_an_id_that_repeats_tells_no_contact_from_another() -> None:
    column = one("Customer ID", ["7"] * len(PEOPLE))
    assert (column.name, column.why) == ("customer_id", "not recognised: its values repeat")
    assert one("ID", ["7"] * len(PEOPLE)).name == "id_2"


def test_examples_are_the_first_values_that_are_not_empty() -> None:
    assert one("City", ["", None, " Rom ", "Ulm", 7, "Bonn"]).examples == ("Rom", "Ulm", "7")


def test_what_is_given_is_not_guessed() -> None:
    columns = guess_columns(
        ["Mail", "Login", "Memo", ""],
        [["a@x.com", "b@x.com", "m", "c"]],
        {"Login": "email", "Memo": "", "column_4": "city"},
        "people.csv",
    )
    assert [(column.name, column.why, column.recognised) for column in columns] == [
        ("email_2", "a second e-mail column", True),
        ("email", "given", True),
        ("", "left out, as given", False),
        ("city", "given", True),
    ]


def test_a_column_left_out_changes_nothing_for_the_others() -> None:
    assert names(["Memo", "Score", "Score"], Memo="") == ["", "score", "score_2"]


@pytest.mark.parametrize(
    ("headers", "given", "problem", "remedy"),
    [
        (["Vorname", "Ort"], {"Vornahme": "first_name"}, "no column `Vornahme`", "Did you mean `Vorname`?"),
        (["A", "B"], {"A": "First name"}, "`First name`, given for the column `A`", "first_name"),
        (["A", "B"], {"A": "_row"}, "is no field name", "first_name"),
        (["A", "B"], {"A": "id", "B": "id"}, "Two columns are given as `id`", "leave it out"),
    ],
)
def test_what_does_not_fit_is_refused(
    headers: list[str], given: dict[str, str], problem: str, remedy: str
) -> None:
    with pytest.raises(BadConfigurationError, match=problem) as caught:
        guess_columns(headers, [], given, "people.csv")
    assert remedy in caught.value.remedy
