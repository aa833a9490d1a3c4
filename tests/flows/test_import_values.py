"""Files with the cells that real ones have: what can be read comes in, what cannot is left out and told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sandbox.process import RunningSandbox
from tasks.core.errors import BadMappingError
from tasks.hub.engine import Hub
from tasks.hub.tables import MIRRORS

Run = Callable[..., Any]

CELLS = """\
First name|Email|Phone|Country|Birthday|Tags|Zip|Notes|Last modified
Anna|anna@values.example|000-000-0000|Turkey|28/02/1990|vip;lead|2108|n/a|yesterday
Bert|<mailto:bert@values.example>|07911 123456|UK|2/3/1990|["New York, NY"]|||2024-01-31
Cleo|cleo@values.example; c2@x.example|+1 212 555 0103 ext. 12|USA|0/0/00|* myContacts ::: Friends|2108|met|
Dora|\u200bdora@values.example|4915112345678|Deutschland|32932|-|1067||
Elif|elif@values.example|N/A|Narnia|--02-28|N/A|||
Null|null@values.example|-|NA|28-Feb-90||||
"""
"""A file, with another delimiter than any of its cells has."""

WANTED: dict[str, dict[str, Any]] = {
    "Anna": {"email": "anna@values.example", "country": "TR", "tags": ["vip", "lead"], "postalCode": "02108"},
    "Bert": {
        "email": "bert@values.example",
        "phone": "+447911123456",
        "country": "GB",
        "tags": ["new york, ny"],
    },
    "Cleo": {
        "email": "cleo@values.example",
        "phone": "+12125550103",
        "country": "US",
        "tags": ["mycontacts", "friends"],
        "postalCode": "02108",
    },
    "Dora": {
        "email": "dora@values.example",
        "phone": "+4915112345678",
        "country": "DE",
        "postalCode": "01067",
    },
    "Elif": {"email": "elif@values.example", "country": "US"},
    "Null": {"email": "null@values.example", "country": "NA"},
}
"""What becomes of each contact; HighLevel spells tags in small letters, and knows a country for everybody."""

BORN = {"Anna": "1990-02-28", "Bert": "1990-03-02", "Dora": "1990-02-28", "Null": "1990-02-28"}
"""Bert's day comes first because Anna's does."""

LEFT_OUT = {
    ("phone", "is a placeholder, no phone number"): 1,
    ("email", "is a further e-mail address"): 1,
    ("dateOfBirth", "is no day of the calendar"): 1,
    ("dateOfBirth", "has no year"): 1,
    ("country", "is no country of ISO 3166"): 1,
    ("asOf", "is no date"): 1,
}


@pytest.fixture
def people(tmp_path: Path) -> str:
    path = tmp_path / "people.csv"
    path.write_text(CELLS, encoding="utf-8")
    return str(path)


def made(vendor: RunningSandbox) -> dict[str, dict[str, Any]]:
    contacts = [one for one in vendor.records("contacts") if one.get("email", "").endswith("@values.example")]
    return {one["firstName"]: one for one in contacts}


def test_every_contact_comes_in_with_what_can_be_read_of_it(
    run: Run, vendor: RunningSandbox, people: str
) -> None:
    ended = run("import_contacts", file=people, delimiter="|")
    assert (ended.counts()["read"], ended.counts()["created"], ended.counts()["rejected"]) == (6, 6, 0)
    assert dict(ended.tally.dropped.counted) == LEFT_OUT
    assert ended.tally.notes == [
        (
            "dateOfBirth: dates such as 2/3/1990 are read as day/month,"
            " as 1 other value of the column can only be."
        )
    ]
    found = made(vendor)
    named = ("email", "phone", "country", "tags", "postalCode")
    assert {name: {key: one[key] for key in named if one.get(key)} for name, one in found.items()} == WANTED
    born = {name: one["dateOfBirth"][:10] for name, one in found.items() if one.get("dateOfBirth")}
    assert born == BORN
    notes = {note["contactId"]: note["body"] for note in vendor.records("notes")}
    assert notes == {found["Cleo"]["id"]: "Phone: +12125550103 ext. 12\nmet"}

    again = run("import_contacts", file=people, delimiter="|")
    assert (
        again.counts()["unchanged"],
        again.tally.more["planned"]["create"],
        again.tally.more["planned"]["update"],
    ) == (6, 0, 0)


def test_an_order_that_is_given_needs_no_proof(run: Run, vendor: RunningSandbox, tmp_path: Path) -> None:
    shipped = (Path(__file__).parents[2] / "mappings" / "file_to_contact.yaml").read_text(encoding="utf-8")
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        shipped.replace("[blank, birthday]", "[blank, {birthday: {order: mdy}}]"), encoding="utf-8"
    )
    file = tmp_path / "people.csv"
    file.write_text("First name,Email,Birthday\nAda,ada@values.example,2/3/1990\n", encoding="utf-8")
    left = run("import_contacts", file=str(file), dry_run=True).tally.dropped.plain()
    assert [(one["field"], "order: mdy" in one["problem"]) for one in left] == [("dateOfBirth", True)]
    run("import_contacts", file=str(file), mapping=str(mine))
    assert made(vendor)["Ada"]["dateOfBirth"] == "1990-02-03T00:00:00.000Z"


@pytest.mark.parametrize("born", ["1970-06-01", "1968-01-01", "1966-11-01", "1990-02-28"])
def test_a_birthday_in_milliseconds_is_the_day_that_the_file_says(
    run: Run, vendor: RunningSandbox, opened: Hub, tmp_path: Path, born: str
) -> None:
    document = {"firstName": "Born", "email": "born@values.example", "dateOfBirth": f"{born}T00:00:00.000Z"}
    vendor.edit(kind="contacts", create=document)
    file = tmp_path / "people.csv"
    file.write_text(f"First name,Email,Birthday\nBorn,born@values.example,{born}\n", encoding="utf-8")
    ended = run("import_contacts", file=str(file), dry_run=True)
    assert (ended.counts()["unchanged"], ended.tally.more["planned"]["create"]) == (1, 0)
    mirror = MIRRORS["hub.contact"]
    query = sa.select(mirror.c.date_of_birth).where(mirror.c.email == "born@values.example")
    with opened.read() as connection:
        assert connection.execute(query).scalar_one().isoformat() == born


CUSTOM = """\
source: file.contact
target: highlevel.contact
match: [link, email]
fields:
  id: {from: id}
  firstName: {from: first_name, clean: text}
  email: {from: email, clean: email}
  custom.renewal_date: {from: renewal, clean: date, on_failure: drop}
  custom.tier: {from: tier, clean: text, on_failure: drop}
  custom.interests: {from: interests, clean: tags, on_failure: drop}
  custom.annual_spend: {from: spend, clean: number, on_failure: drop}
"""


def test_custom_fields_take_what_the_location_says_of_them(
    run: Run, vendor: RunningSandbox, tmp_path: Path
) -> None:
    mapping, file = tmp_path / "custom.yaml", tmp_path / "people.csv"
    mapping.write_text(CUSTOM, encoding="utf-8")
    file.write_text(
        "First name,Email,Renewal,Tier,Interests,Spend\n"
        "Ada,ada@values.example,01/31/2024,gold,gold; Silver,12.50\n"
        "Bea,bea@values.example,soon,platinum,Gold,$99\n",
        encoding="utf-8",
    )
    ended = run("import_contacts", file=str(file), mapping=str(mapping))
    assert ended.counts()["created"] == 2
    names = {one["id"]: one["name"] for one in vendor.records("customFields")}
    held = {
        person: {names[entry["id"]]: entry["value"] for entry in one.get("customFields", [])}
        for person, one in made(vendor).items()
    }
    assert held == {
        "Ada": {
            "Renewal date": "2024-01-31",
            "Tier": "Gold",
            "Interests": ["Gold", "Silver"],
            "Annual spend": 12.5,
        },
        "Bea": {"Interests": ["Gold"]},
    }
    assert dict(ended.tally.dropped.counted) == {
        ("custom.renewal_date", "is no date"): 1,
        ("custom.tier", "is none of its options: Gold, Silver, Bronze, Zażółć"): 1,
        ("custom.annual_spend", "is no number"): 1,
    }
    again = run("import_contacts", file=str(file), mapping=str(mapping))
    assert (again.counts()["unchanged"], again.tally.more["planned"]["update"]) == (2, 0)


def test_an_option_that_the_mapping_gives_itself_is_checked_before_anything_is_read(
    run: Run, vendor: RunningSandbox, tmp_path: Path
) -> None:
    mapping, file = tmp_path / "custom.yaml", tmp_path / "people.csv"
    mapping.write_text(
        CUSTOM.replace("{from: tier, clean: text, on_failure: drop}", "{value: Golt}"), encoding="utf-8"
    )
    file.write_text("First name,Email\nAda,ada@values.example\n", encoding="utf-8")
    error = run("import_contacts", file=str(file), mapping=str(mapping)).error
    assert isinstance(error, BadMappingError)
    assert "did you mean `Gold`" in str(error)
    assert made(vendor) == {}
